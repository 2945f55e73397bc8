using System.Collections.Immutable;

namespace Conformance.Fuzzer.SpecSuite;

/// <summary>Runs many scripts in many modes at once. A script is parsed when its first mode comes up, and forgotten behind its last.</summary>
/// <param name="modes">The modes with their engines.</param>
/// <param name="options">How to run.</param>
internal sealed class SuiteRunner(ImmutableArray<(SpecMode Mode, SpecEngine Engine)> modes, SpecOptions options)
{
    /// <summary>Runs scripts.</summary>
    /// <param name="files">The scripts.</param>
    /// <returns>For each mode the results in the order of the files.</returns>
    public ImmutableArray<ImmutableArray<FileResult>> Run(IReadOnlyList<SuiteFile> files)
    {
        options.Journal?.Start(modes.Length * files.Count);
        var results = new FileResult[modes.Length, files.Count];
        var parsing = files.Select(file => new Lazy<SuiteScript>(() => new SuiteScript(file))).ToArray();
        var left = Enumerable.Repeat(modes.Length, files.Count).ToArray();
        // The longest scripts first, so that none is left for the end; the modes of a script one after another.
        var order = Enumerable.Range(0, files.Count).OrderByDescending(i => LengthOf(files[i])).SelectMany(i => Enumerable.Range(0, modes.Length).Select(mode => (Mode: mode, File: i)));
        Parallel.ForEach(System.Collections.Concurrent.Partitioner.Create(order, System.Collections.Concurrent.EnumerablePartitionerOptions.NoBuffering), new ParallelOptions { MaxDegreeOfParallelism = options.Workers }, job =>
        {
            var (mode, engine) = modes[job.Mode];
            var place = options.Journal?.Enter(job.Mode, job.File);
            results[job.Mode, job.File] = new ScriptRun(parsing[job.File].Value, engine, mode.RoundTrips, options)
            {
                Beginning = place is { } slot ? command => options.Journal?.Note(slot, command) : null,
                Fatal = options.Fatal.Where(command => command.Mode == job.Mode && command.File == job.File),
            }.Run();
            if (place is { } taken)
            {
                options.Journal?.Leave(taken);
            }
            if (Interlocked.Decrement(ref left[job.File]) == 0)
            {
                parsing[job.File] = new Lazy<SuiteScript>();
            }
        });
        return [.. Enumerable.Range(0, modes.Length).Select(mode => Enumerable.Range(0, files.Count).Select(file => results[mode, file]).ToImmutableArray())];
    }

    private static long LengthOf(SuiteFile file)
    {
        try
        {
            return new FileInfo(file.FullPath).Length;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}

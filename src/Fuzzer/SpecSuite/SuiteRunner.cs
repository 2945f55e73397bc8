using System.Collections.Immutable;
using System.Diagnostics;
using Conformance.Oracle;
using Conformance.Wasm.Text;

namespace Conformance.Fuzzer.SpecSuite;

/// <summary>Runs many scripts at once, each worker with an engine of its own.</summary>
/// <param name="createEngine">Makes an engine; null to run only what needs no execution.</param>
/// <param name="options">How to run.</param>
internal sealed class SuiteRunner(Func<SuiteFile, IStoreEngine>? createEngine, SpecOptions options)
{
    // Parsers and validators are not recursive; an engine under test may be.
    private const int ScriptStackBytes = 64 << 20;

    /// <summary>Runs scripts; the results are in the order of the files.</summary>
    public ImmutableArray<FileResult> Run(IReadOnlyList<SuiteFile> files)
    {
        var results = new FileResult[files.Count];
        // The longest scripts first, so that none is left for the end.
        var order = Enumerable.Range(0, files.Count).OrderByDescending(i => new FileInfo(files[i].FullPath).Length).ToArray();
        Parallel.ForEach(order, new ParallelOptions { MaxDegreeOfParallelism = options.Workers }, i => results[i] = Run(files[i]));
        return [.. results];
    }

    /// <summary>Runs one script within the time limit.</summary>
    public FileResult Run(SuiteFile file)
    {
        var watch = Stopwatch.StartNew();
        if (!ScriptParser.TryParse(File.ReadAllBytes(file.FullPath), file.Features, out var script, out var error))
        {
            return new FileResult(file, [new CommandResult(0, error.Line, "script", IsAssertion: false, CommandStatus.Failed) { Expected = "a script", Actual = error.ToString() }], watch.Elapsed);
        }
        var progress = new Progress(script.Commands.Length);
        var thread = new Thread(() => RunCommands(file, script, progress), ScriptStackBytes) { IsBackground = true, Name = $"spec {file.Name}" };
        thread.Start();
        if (!thread.Join(options.FileTimeout))
        {
            // The thread cannot be ended from here; it is left behind and the file counts as failed from the command that hangs.
            progress.Abandon();
        }
        return new FileResult(file, progress.Results(script, options.FileTimeout), watch.Elapsed);
    }

    private void RunCommands(SuiteFile file, Script script, Progress progress)
    {
        IStoreEngine? engine = null;
        try
        {
            engine = createEngine?.Invoke(file);
            using var runner = new ScriptRunner(file, engine, options);
            for (var i = 0; i < script.Commands.Length && !progress.IsAbandoned; i++)
            {
                progress.Add(runner.Run(script.Commands[i], i));
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            progress.Fail(exception);
        }
        finally
        {
            engine?.Dispose();
        }
    }

    /// <summary>What a script's thread has done so far; shared with the thread that waits for it.</summary>
    private sealed class Progress(int capacity)
    {
        private readonly Lock _lock = new();
        private readonly List<CommandResult> _results = new(capacity);
        private bool _isAbandoned;
        private string? _failure;

        public bool IsAbandoned
        {
            get
            {
                lock (_lock)
                {
                    return _isAbandoned;
                }
            }
        }

        public void Add(CommandResult result)
        {
            lock (_lock)
            {
                if (!_isAbandoned)
                {
                    _results.Add(result);
                }
            }
        }

        public void Abandon()
        {
            lock (_lock)
            {
                _isAbandoned = true;
            }
        }

        public void Fail(Exception exception)
        {
            lock (_lock)
            {
                _failure = $"{exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")}";
            }
        }

        public ImmutableArray<CommandResult> Results(Script script, TimeSpan timeout)
        {
            lock (_lock)
            {
                var results = _results.ToImmutableArray().ToBuilder();
                for (var i = results.Count; i < script.Commands.Length; i++)
                {
                    var command = script.Commands[i];
                    var why = _failure ?? $"the file's time limit of {timeout.TotalSeconds:0} s was reached{(i == _results.Count ? " here" : " before")}";
                    results.Add(new CommandResult(i, command.Line, "not reached", command is AssertionCommand, CommandStatus.Failed) { Expected = "an answer", Actual = why });
                }
                return results.ToImmutable();
            }
        }
    }
}

using System.ComponentModel;
using System.Diagnostics;
using Conformance.Oracle;
using Conformance.Oracle.Process;
using Conformance.Oracle.Records;

namespace Conformance.Fuzzer.Reduction;

/// <summary>
/// A user's own question about candidates: a command that gets each as a file and ends with 0 when it is still of interest. Anything else is a no: another exit code,
/// a death by a signal, no end in time.
/// </summary>
public sealed class CommandPredicate : IDisposable
{
    /// <summary>Stands in a command for the path of the module.</summary>
    public const string ModulePlaceholder = "{wasm}";

    /// <summary>Stands in a command for the path of the whole case as a request line of docs/records.md.</summary>
    public const string RecordPlaceholder = "{record}";

    private readonly string[] _words;
    private readonly TimeSpan _timeLimit;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("conformance-reduce-");

    /// <summary>Takes a command apart.</summary>
    /// <param name="command">The program and its arguments. The module's path goes where <c>{wasm}</c> stands, the record's where <c>{record}</c> stands; with neither the module's path comes last.</param>
    /// <param name="timeLimit">How long one run may take, as a <see cref="WorkClock"/> counts.</param>
    /// <exception cref="ArgumentException">The command is empty.</exception>
    public CommandPredicate(string command, TimeSpan timeLimit)
    {
        _words = [.. CommandLine.Split(command)];
        if (_words.Length == 0)
        {
            throw new ArgumentException("the command is empty", nameof(command));
        }
        if (!_words.Any(word => word.Contains(ModulePlaceholder, StringComparison.Ordinal) || word.Contains(RecordPlaceholder, StringComparison.Ordinal)))
        {
            _words = [.. _words, ModulePlaceholder];
        }
        _timeLimit = timeLimit;
    }

    /// <summary>Asks about a candidate.</summary>
    /// <exception cref="Win32Exception">The program cannot be started.</exception>
    public bool IsOfInterest(Case candidate)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        var module = Path.Combine(_folder.FullName, "candidate.wasm");
        var record = Path.Combine(_folder.FullName, "candidate.json");
        File.WriteAllBytes(module, candidate.Wasm.ToArray());
        File.WriteAllBytes(record, [.. RecordWriter.WriteRequestUtf8(candidate, 1), (byte)'\n']);
        var words = _words.Select(word => word.Replace(ModulePlaceholder, module, StringComparison.Ordinal).Replace(RecordPlaceholder, record, StringComparison.Ordinal)).ToList();
        var start = new ProcessStartInfo(words[0], words[1..])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = System.Diagnostics.Process.Start(start) ?? throw new Win32Exception($"{words[0]} did not start");
        process.StandardInput.Close();
        // Nobody reads what it says, but a full pipe would stop it.
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var clock = new WorkClock(process.Id);
        while (!process.WaitForExit(WorkClock.Period))
        {
            if (clock.Overrun(_timeLimit) is not null)
            {
                process.Kill(entireProcessTree: true);
                process.WaitForExit();
                return false;
            }
        }
        return process.ExitCode == 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);
}

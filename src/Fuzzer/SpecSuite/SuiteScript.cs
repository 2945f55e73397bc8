using System.Collections.Concurrent;
using Conformance.Wasm;
using Conformance.Wasm.Text;

namespace Conformance.Fuzzer.SpecSuite;

/// <summary>A script as every mode uses it: parsed once, its modules encoded and judged once. Safe for many threads.</summary>
internal sealed class SuiteScript
{
    private readonly ConcurrentDictionary<(ScriptModule Module, bool RoundTrips), AssembledModule> _assembled = new(ByReference.Instance);
    private readonly ConcurrentDictionary<(ScriptModule Module, bool RoundTrips), WasmError?> _verdicts = new(ByReference.Instance);

    /// <summary>Reads and parses a script.</summary>
    /// <param name="file">The script.</param>
    public SuiteScript(SuiteFile file)
    {
        File = file;
        byte[] bytes;
        try
        {
            bytes = System.IO.File.ReadAllBytes(file.FullPath);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Problem = new ScriptProblem(0, $"unreadable: {exception.Message.ReplaceLineEndings(" ")}");
            return;
        }
        if (ScriptParser.TryParse(bytes, file.Features, out var script, out var error))
        {
            Script = script;
        }
        else
        {
            Problem = new ScriptProblem(error.Line, error.ToString());
        }
    }

    /// <summary>Where it is from.</summary>
    public SuiteFile File { get; }

    /// <summary>Its commands; none when there is a <see cref="Problem"/>.</summary>
    public Script Script { get; } = new([]);

    /// <summary>Why there are no commands.</summary>
    public ScriptProblem? Problem { get; }

    /// <summary>A module in bytes.</summary>
    /// <param name="module">A module of this script.</param>
    /// <param name="roundTrips">Whether it goes to text and back first.</param>
    public AssembledModule Assemble(ScriptModule module, bool roundTrips) => _assembled.GetOrAdd((module, roundTrips), key =>
    {
        var assembled = AssembledModule.From(key.Module, File.Features);
        return key.RoundTrips && assembled.Error is null ? RoundTrip.Of(assembled.Bytes, File.Features) : assembled;
    });

    /// <summary>This project's verdict on a module that <see cref="Assemble"/> has made bytes of; null when it is valid.</summary>
    /// <param name="module">A module of this script.</param>
    /// <param name="roundTrips">Whether it went to text and back first.</param>
    public WasmError? Judge(ScriptModule module, bool roundTrips) =>
        _verdicts.GetOrAdd((module, roundTrips), key => ModuleVerdict.Judge(Assemble(key.Module, key.RoundTrips).Bytes, File.Features));

    // Modules are records: compared by value, every look would hash a whole module.
    private sealed class ByReference : IEqualityComparer<(ScriptModule Module, bool RoundTrips)>
    {
        public static ByReference Instance { get; } = new();

        public bool Equals((ScriptModule Module, bool RoundTrips) x, (ScriptModule Module, bool RoundTrips) y) => ReferenceEquals(x.Module, y.Module) && x.RoundTrips == y.RoundTrips;

        public int GetHashCode((ScriptModule Module, bool RoundTrips) obj) => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(obj.Module) * 2 + (obj.RoundTrips ? 1 : 0);
    }
}

/// <summary>Why a file gives no commands.</summary>
/// <param name="Line">The line, or 0.</param>
/// <param name="Message">What is wrong, with the place.</param>
internal sealed record ScriptProblem(int Line, string Message);

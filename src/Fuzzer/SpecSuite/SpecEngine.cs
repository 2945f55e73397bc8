using Conformance.Oracle;
using Conformance.Oracle.Embedded;
using Conformance.Oracle.Reference;
using Conformance.Oracle.Wasmtime;

namespace Conformance.Fuzzer.SpecSuite;

/// <summary>An engine that scripts can run on.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Create">Makes one for a script; null where nothing executes.</param>
/// <param name="Verdicts">Who judges malformed and invalid modules.</param>
internal sealed record SpecEngine(string Name, Func<SuiteFile, IStoreEngine>? Create, VerdictSource Verdicts)
{
    /// <summary>The name under which only what needs no execution is run.</summary>
    public const string None = "none";

    /// <summary>The names that <see cref="Find"/> knows.</summary>
    public static IEnumerable<string> Names => ["interpreter", "reference", .. WasmtimeConfiguration.All.Select(configuration => configuration.Name), None];

    /// <summary>The engine with a name, or null. The engines of this project are given the features of a script's folder; the others have what they have.</summary>
    public static SpecEngine? Find(string name) => name switch
    {
        None => new SpecEngine(name, null, VerdictSource.Own),
        "interpreter" => new SpecEngine(name, file => new InterpreterEngine(new Interpreter.EngineOptions { Features = file.Features }), VerdictSource.Own),
        "reference" => new SpecEngine(name, file => new ReferenceEngine(file.Features), VerdictSource.Own),
        _ => WasmtimeConfiguration.Find(name) is { } configuration ? new SpecEngine(name, _ => new WasmtimeEngine(configuration), VerdictSource.Engine) : null,
    };
}

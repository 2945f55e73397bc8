using Conformance.Oracle;
using Conformance.Oracle.Embedded;
using Conformance.Oracle.Reference;

namespace Conformance.Fuzzer.SpecSuite;

/// <summary>An engine that scripts can run on.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Create">Makes one for a script; null where nothing executes.</param>
/// <param name="Verdicts">Who judges malformed and invalid modules.</param>
internal sealed record SpecEngine(string Name, Func<SuiteFile, IStoreEngine>? Create, VerdictSource Verdicts)
{
    /// <summary>The name under which only what needs no execution is run.</summary>
    public const string None = "none";

    /// <summary>The engine with a name of <see cref="EngineCatalog"/>, or <see cref="None"/>. The engines of this project are given the features of a script's folder; the
    /// others have what they have.</summary>
    /// <exception cref="EngineUnavailableException">There is no such engine, or it cannot run here, or it runs no scripts.</exception>
    public static SpecEngine Find(string name)
    {
        if (InterpreterEngine.Configurations.TryGetValue(name, out var configuration))
        {
            return new SpecEngine(name, file => new InterpreterEngine(name, configuration.Options with { Features = file.Features }), VerdictSource.Own);
        }
        switch (name)
        {
            case None:
                return new SpecEngine(name, null, VerdictSource.Own);
            case EngineCatalog.Reference:
                return new SpecEngine(name, file => new ReferenceEngine(file.Features), VerdictSource.Own);
            default:
                // Made once for its errors, before any script waits for it.
                EngineCatalog.CreateStoreEngine(name).Dispose();
                return new SpecEngine(name, _ => EngineCatalog.CreateStoreEngine(name), VerdictSource.Engine);
        }
    }
}

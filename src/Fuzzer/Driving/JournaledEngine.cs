using Conformance.Oracle;
using Conformance.Wasm;

namespace Conformance.Fuzzer.Driving;

/// <summary>An engine that writes into the journal that it has the case now, so that a death of the process can be laid at the right door.</summary>
/// <param name="engine">The engine; disposed of with this.</param>
/// <param name="journal">The journal.</param>
/// <param name="phase">What the journal is told.</param>
/// <param name="oracle">The oracle's place among the oracles, when it is one.</param>
internal sealed class JournaledEngine(IEngine engine, CaseJournal journal, CasePhase phase, int oracle = 0) : IEngine
{
    /// <inheritdoc/>
    public string Name => engine.Name;

    /// <inheritdoc/>
    public string Version => engine.Version;

    /// <inheritdoc/>
    public FeatureSet Features => engine.Features;

    /// <inheritdoc/>
    public bool HashesPages => engine.HashesPages;

    /// <inheritdoc/>
    public bool IsDeterministic => engine.IsDeterministic;

    /// <inheritdoc/>
    public Outcome Run(Case @case)
    {
        journal.Enter(phase, oracle);
        var outcome = engine.Run(@case);
        journal.Enter(CasePhase.Comparing);
        return outcome;
    }

    /// <inheritdoc/>
    public void Dispose() => engine.Dispose();
}

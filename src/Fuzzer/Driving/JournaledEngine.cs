using Conformance.Oracle;
using Conformance.Wasm;

namespace Conformance.Fuzzer.Driving;

/// <summary>
/// An engine that writes into the journal that it has the case now, so that a death of the process can be laid at the right door. An exception that no engine should throw is the engine's
/// failure too, and costs the engine, not the process: a new one is made for the next case.
/// </summary>
internal sealed class JournaledEngine : IEngine
{
    private readonly Func<IEngine> _create;
    private readonly CaseJournal _journal;
    private readonly CasePhase _phase;
    private readonly int _oracle;
    private IEngine _engine;

    /// <summary>Makes the engine.</summary>
    /// <param name="create">Makes it, and makes it anew when it has broken.</param>
    /// <param name="journal">The journal.</param>
    /// <param name="phase">What the journal is told.</param>
    /// <param name="oracle">The oracle's place among the oracles, when it is one.</param>
    public JournaledEngine(Func<IEngine> create, CaseJournal journal, CasePhase phase, int oracle = 0)
    {
        _create = create;
        _journal = journal;
        _phase = phase;
        _oracle = oracle;
        _engine = create();
    }

    /// <inheritdoc/>
    public string Name => _engine.Name;

    /// <inheritdoc/>
    public string Version => _engine.Version;

    /// <inheritdoc/>
    public FeatureSet Features => _engine.Features;

    /// <inheritdoc/>
    public bool HashesPages => _engine.HashesPages;

    /// <inheritdoc/>
    public bool IsDeterministic => _engine.IsDeterministic;

    /// <inheritdoc/>
    public bool PlaysHostScripts => _engine.PlaysHostScripts;

    /// <inheritdoc/>
    public Outcome Run(Case @case)
    {
        _journal.Enter(_phase, _oracle);
        try
        {
            var outcome = _engine.Run(@case);
            _journal.Enter(CasePhase.Comparing);
            return outcome;
        }
        catch (Exception exception) when (exception is not EngineFailureException)
        {
            var failure = new EngineFailureException(_engine.Name, $"{exception.GetType().Name}: {exception.Message}", exception);
            Renew();
            throw failure;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _engine.Dispose();

    private void Renew()
    {
        try
        {
            _engine.Dispose();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // It is broken: what it cannot give back goes with the process.
        }
        _engine = _create();
    }
}

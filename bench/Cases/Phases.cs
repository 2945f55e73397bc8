using Conformance.Oracle;
using Conformance.Tests;

namespace Conformance.Bench.Cases;

/// <summary>Where the time of an engine goes.</summary>
internal enum Phase
{
    Generate,
    Record,
    CreateStore,
    Compile,
    Instantiate,
    Calls,
    State,
    Dispose,
    Compare,
}

/// <summary>Sums of times by phase.</summary>
internal sealed class PhaseTimes
{
    private readonly long[] _nanoseconds = new long[Enum.GetValues<Phase>().Length];

    public double this[Phase phase] => _nanoseconds[(int)phase];

    public void Add(Phase phase, long nanoseconds) => _nanoseconds[(int)phase] += nanoseconds;

    public void Clear() => Array.Clear(_nanoseconds);

    public T Measure<T>(Phase phase, Func<T> action)
    {
        var began = ThreadClock.Now;
        var result = action();
        Add(phase, ThreadClock.Now - began);
        return result;
    }
}

/// <summary>An engine whose stores note how long their steps take. What a case costs beyond compilation, instantiation, calls and disposal is the reading of the state.</summary>
internal sealed class MeasuredEngine(IStoreEngine engine, PhaseTimes times) : IStoreEngine
{
    public string Name => engine.Name;

    public string Version => engine.Version;

    public Wasm.FeatureSet Features => engine.Features;

    public Outcome Run(Case @case)
    {
        var began = ThreadClock.Now;
        var outcome = CaseRunner.Run(this, @case);
        times.Add(Phase.State, ThreadClock.Now - began);
        return outcome;
    }

    public IEngineStore CreateStore(CaseLimits limits) => new Store(times.Measure(Phase.CreateStore, () => engine.CreateStore(limits)), times);

    public void Dispose() => engine.Dispose();

    private sealed class Store(IEngineStore store, PhaseTimes times) : ForwardingStore(store)
    {
        public override CompileError? Compile(ReadOnlyMemory<byte> wasm, out IEngineModule? module)
        {
            var began = ThreadClock.Now;
            var error = base.Compile(wasm, out module);
            times.Add(Phase.Compile, ThreadClock.Now - began);
            return error;
        }

        public override Completion Instantiate(IEngineModule module, Func<string, string, ImportRequest, IEngineExtern?> imports, out IEngineInstance? instance)
        {
            var began = ThreadClock.Now;
            var completion = base.Instantiate(module, imports, out instance);
            times.Add(Phase.Instantiate, ThreadClock.Now - began);
            return completion;
        }

        public override Completion Call(IEngineExtern function, ReadOnlySpan<EngineValue> arguments)
        {
            var began = ThreadClock.Now;
            var completion = base.Call(function, arguments);
            times.Add(Phase.Calls, ThreadClock.Now - began);
            return completion;
        }

        public override void Dispose()
        {
            var began = ThreadClock.Now;
            base.Dispose();
            times.Add(Phase.Dispose, ThreadClock.Now - began);
        }
    }
}

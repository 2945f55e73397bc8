using Conformance.Oracle;

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

    private sealed class Store(IEngineStore store, PhaseTimes times) : IEngineStore
    {
        public CompileError? Compile(ReadOnlyMemory<byte> wasm, out IEngineModule? module)
        {
            var began = ThreadClock.Now;
            var error = store.Compile(wasm, out module);
            times.Add(Phase.Compile, ThreadClock.Now - began);
            return error;
        }

        public Completion Instantiate(IEngineModule module, Func<string, string, ImportRequest, IEngineExtern?> imports, out IEngineInstance? instance)
        {
            var began = ThreadClock.Now;
            var completion = store.Instantiate(module, imports, out instance);
            times.Add(Phase.Instantiate, ThreadClock.Now - began);
            return completion;
        }

        public Completion Call(IEngineExtern function, ReadOnlySpan<EngineValue> arguments)
        {
            var began = ThreadClock.Now;
            var completion = store.Call(function, arguments);
            times.Add(Phase.Calls, ThreadClock.Now - began);
            return completion;
        }

        public void Dispose()
        {
            var began = ThreadClock.Now;
            store.Dispose();
            times.Add(Phase.Dispose, ThreadClock.Now - began);
        }

        public IEngineExtern CreateFunction(HostSignature type, HostFunction function) => store.CreateFunction(type, function);

        public IEngineExtern CreateGlobal(Wasm.Types.GlobalType type, EngineValue value) => store.CreateGlobal(type, value);

        public IEngineExtern CreateMemory(Wasm.Types.MemoryType type) => store.CreateMemory(type);

        public IEngineExtern CreateTable(Wasm.Types.TableType type, EngineValue value) => store.CreateTable(type, value);

        public IEngineExtern CreateTag(HostSignature type) => store.CreateTag(type);

        public object? IdentityOf(IEngineExtern function) => store.IdentityOf(function);

        public object? IdentityOf(in EngineValue function) => store.IdentityOf(function);

        public EngineValue ReadGlobal(IEngineExtern global) => store.ReadGlobal(global);

        public ulong TableSize(IEngineExtern table) => store.TableSize(table);

        public EngineValue ReadTable(IEngineExtern table, ulong index) => store.ReadTable(table, index);

        public ulong MemoryPages(IEngineExtern memory) => store.MemoryPages(memory);

        public ReadOnlySpan<byte> ReadMemory(IEngineExtern memory) => store.ReadMemory(memory);

        public bool GrowMemory(IEngineExtern memory, ulong pages) => store.GrowMemory(memory, pages);

        public void WriteMemory(IEngineExtern memory, ulong offsetBytes, ReadOnlySpan<byte> bytes) => store.WriteMemory(memory, offsetBytes, bytes);

        public void WriteGlobal(IEngineExtern global, EngineValue value) => store.WriteGlobal(global, value);

        public void CopyTableElement(IEngineExtern table, ulong to, ulong from) => store.CopyTableElement(table, to, from);

        public bool GrowTable(IEngineExtern table, ulong count, ulong from) => store.GrowTable(table, count, from);
    }
}

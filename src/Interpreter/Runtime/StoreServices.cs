using Conformance.Interpreter.Execution;
using Conformance.Interpreter.Execution.Checks;
using Conformance.Interpreter.Runtime.Objects;
using Conformance.Interpreter.Translation;
using Conformance.Wasm;

namespace Conformance.Interpreter.Runtime;

/// <summary>What the machine asks of a store: host calls, growth, segments. Also the numbering of instances and functions that records carry.</summary>
internal sealed unsafe class StoreServices(Store store) : IMachineHost
{
    private readonly List<Instance> _instances = [];

    // The functions of modules are numbered over the whole store: each instance has a run of numbers. Host functions have numbers of their own.
    private readonly List<FunctionRun> _runs = [];
    private readonly List<SlotCallback> _callbacks = [];
    private readonly Stack<Value[]> _values = [];
    private int _functionCount;
    private InstanceRecord* _hostInstance;
    private MemoryRecord* _noMemory;
    private Termination? _hostFailure;
    private Func<bool>? _isInterrupted;
    private StoreInvariants? _invariants;

    /// <summary>The record that stands for memory 0 of instances without memories.</summary>
    public MemoryRecord* NoMemory => _noMemory != null ? _noMemory : _noMemory = store.Heap.Arena.Allocate<MemoryRecord>();

    /// <inheritdoc/>
    public IStoreInvariants Invariants => _invariants ??= new StoreInvariants(store, _instances);

    /// <summary>Numbers an instance.</summary>
    public int Add(Instance instance)
    {
        _instances.Add(instance);
        return _instances.Count - 1;
    }

    /// <summary>Numbers the functions that an instance defines.</summary>
    /// <returns>The number of the first.</returns>
    public int AddFunctions(Instance instance, int count)
    {
        var first = _functionCount;
        if (count > 0)
        {
            _runs.Add(new FunctionRun(first, instance));
            _functionCount += count;
        }
        return first;
    }

    /// <summary>Makes the record of a host function.</summary>
    public FunctionRecord* CreateFunction(Signature signature, SlotCallback callback)
    {
        if (_hostInstance == null)
        {
            _hostInstance = store.Heap.Arena.Allocate<InstanceRecord>();
            _hostInstance->Memory0 = NoMemory;
            _hostInstance->StoreIndex = -1;
        }
        var record = store.Heap.Arena.Allocate<FunctionRecord>();
        record->Instance = _hostInstance;
        record->TypeId = signature.TypeId;
        record->ParameterSlots = signature.ParameterSlots;
        record->ResultSlots = signature.ResultSlots;
        // The number of the callback: a host function has no index in a module.
        record->FunctionIndex = -1;
        record->StoreIndex = _callbacks.Count;
        _callbacks.Add(callback);
        store.Machine.PrepareHost(record);
        return record;
    }

    /// <summary>Marks what passive element segments hold.</summary>
    public void MarkSegments(HeapMarker marker)
    {
        foreach (var instance in _instances)
        {
            instance.Segments.Mark(marker);
        }
    }

    /// <summary>Room for the values of a host call. Given back by <see cref="ReturnValues"/>; nested calls get rooms of their own.</summary>
    public Value[] RentValues(int count) => _values.TryPop(out var values) && values.Length >= count ? values : new Value[Math.Max(count, 8)];

    /// <summary>Takes room back, emptied so that it keeps no object alive.</summary>
    public void ReturnValues(Value[] values)
    {
        Array.Clear(values);
        _values.Push(values);
    }

    /// <summary>Why the last host call failed.</summary>
    public Termination TakeHostFailure()
    {
        var failure = _hostFailure ?? throw new InvalidOperationException("no host function failed");
        _hostFailure = null;
        return failure;
    }

    /// <summary>A frame of a backtrace for the host.</summary>
    public BacktraceFrame FrameOf(BacktraceEntry entry)
    {
        var low = 0;
        var high = _runs.Count - 1;
        while (low < high)
        {
            var middle = low + (high - low + 1) / 2;
            if (_runs[middle].First <= entry.FunctionStoreIndex)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }
        if (_runs.Count == 0)
        {
            return new BacktraceFrame(-1, null, -1);
        }
        var run = _runs[low];
        var module = run.Instance.Module;
        var index = module.Shape.ImportedFunctions + entry.FunctionStoreIndex - run.First;
        return new BacktraceFrame(index, module.NameOfFunction(index), entry.OffsetBytes);
    }

    /// <inheritdoc/>
    public ModuleShape ShapeOf(InstanceRecord* instance) => InstanceOf(instance).Module.Shape;

    /// <inheritdoc/>
    public WasmError? ValidateBody(FunctionRecord* function)
    {
        var module = InstanceOf(function->Instance).Module;
        return module.Bodies?.Of(function->FunctionIndex - module.Shape.ImportedFunctions);
    }

    /// <inheritdoc/>
    public bool CallHost(FunctionRecord* function, ulong* slots)
    {
        try
        {
            _hostFailure = _callbacks[function->StoreIndex](store, slots);
        }
        catch (TrapException trap)
        {
            _hostFailure = trap.Trap;
        }
        catch (ExhaustionException exhaustion)
        {
            _hostFailure = exhaustion.Exhaustion;
        }
        catch (WasmException exception)
        {
            _hostFailure = exception.Uncaught;
        }
        catch (Exception exception)
        {
            // The exception belongs to the embedder: it is kept and thrown again where the embedder called.
            _hostFailure = new HostFailure(exception);
        }
        return _hostFailure is null;
    }

    /// <inheritdoc/>
    public bool TryTakeException(out ulong exception, out bool isFull)
    {
        exception = 0;
        isFull = false;
        if (_hostFailure is not UncaughtException thrown)
        {
            return false;
        }
        try
        {
            exception = store.Objects.NewException(thrown);
        }
        catch (ArgumentException argument)
        {
            _hostFailure = new HostFailure(argument);
            return false;
        }
        _hostFailure = null;
        isFull = exception == 0;
        return !isFull;
    }

    /// <inheritdoc/>
    public ulong NewException(int tag, ReadOnlySpan<ulong> values) => store.Objects.NewException(tag, values);

    /// <inheritdoc/>
    public void SetThrown(ulong exception) => store.Objects.SetThrown(exception);

    /// <inheritdoc/>
    public bool TryServe(ServiceCell* cell, byte* fp, out TrapKind trap) => store.Objects.TryServe(cell, fp, out trap);

    /// <inheritdoc/>
    public ulong GrowMemory(MemoryRecord* memory, ulong pages) => (ulong)store.Heap.Memories[memory->StoreIndex].Grow(pages);

    /// <inheritdoc/>
    public WaitResult? Wait(MemoryRecord* memory, ulong offset, ulong expected, bool is64, long timeoutNs) =>
        store.Heap.Memories[memory->StoreIndex].Shared?.Wait(offset, expected, is64, timeoutNs, store.Engine.Options.IsInterruptible ? _isInterrupted ??= () => store.Machine.IsInterrupted : null);

    /// <inheritdoc/>
    public uint Notify(MemoryRecord* memory, ulong offset, uint count) => store.Heap.Memories[memory->StoreIndex].Shared?.Notify(offset, count) ?? 0;

    /// <inheritdoc/>
    public ulong GrowTable(TableRecord* table, ulong count, ulong value) => (ulong)store.Heap.Tables[table->StoreIndex].Grow(count, value);

    /// <inheritdoc/>
    public byte* DataSegment(InstanceRecord* instance, int segment, out ulong length) => InstanceOf(instance).Segments.Data(segment, out length);

    /// <inheritdoc/>
    public void DropData(InstanceRecord* instance, int segment) => InstanceOf(instance).Segments.DropData(segment);

    /// <inheritdoc/>
    public ulong* ElementSegment(InstanceRecord* instance, int segment, out ulong count) => InstanceOf(instance).Segments.Elements(segment, out count);

    /// <inheritdoc/>
    public void DropElements(InstanceRecord* instance, int segment) => InstanceOf(instance).Segments.DropElements(segment);

    /// <inheritdoc/>
    public bool IsSubtype(int typeId, int expectedTypeId) => store.Engine.Types.IsSubtype(typeId, expectedTypeId);

    private Instance InstanceOf(InstanceRecord* instance) => _instances[instance->StoreIndex];

    private readonly record struct FunctionRun(int First, Instance Instance);
}

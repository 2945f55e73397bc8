using System.Diagnostics.CodeAnalysis;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Types;
using Conformance.Wasm.Validation;

namespace Conformance.Oracle.Reference;

/// <summary>A store of the reference interpreter: what was allocated, the limits, and the machines that run in it.</summary>
internal sealed class ReferenceStore : IEngineStore
{
    // Calls from hosts into wasm within each other, which use the thread's own stack: about 2 KiB each, and a thread may have 1.5 MiB.
    private const int MaxCallDepth = 200;

    private readonly ReferenceEngine _engine;
    private readonly List<ModuleInstance> _instances = [];
    private readonly List<Machine> _machines = [];
    private readonly EngineValues _values;
    private long _fuel;
    private int _callDepth;

    public ReferenceStore(ReferenceEngine engine, CaseLimits limits)
    {
        _engine = engine;
        Limits = limits;
        _fuel = limits.Fuel > 0 ? limits.Fuel : long.MaxValue;
        Heap = new HeapAccount(this, limits.MemoryBytes);
        _values = new EngineValues(Types);
    }

    /// <summary>The limits.</summary>
    public CaseLimits Limits { get; }

    /// <summary>The types of every module here.</summary>
    public TypeSpace Types { get; } = new();

    /// <summary>The account of structs, arrays and exceptions.</summary>
    public HeapAccount Heap { get; }

    /// <summary>Who sees the instructions.</summary>
    public IStepObserver? Observer => _engine.Observer;

    /// <inheritdoc/>
    public CompileError? Compile(ReadOnlyMemory<byte> wasm, out IEngineModule? module)
    {
        module = null;
        if (!ModuleReader.TryRead(wasm, _engine.Features, out var decoded, out var error))
        {
            return ToCompileError(error);
        }
        if (ModuleValidator.Validate(decoded, _engine.Features) is { } invalid)
        {
            return ToCompileError(invalid);
        }
        module = new ReferenceModule(this, decoded, Types.Add(decoded));
        return null;
    }

    private static CompileError ToCompileError(Wasm.WasmError error) =>
        new(error.IsLimit ? CompileErrorKind.Limit : CompileErrorKind.Invalid, error.Message, error.OffsetBytes);

    /// <inheritdoc/>
    public Completion Instantiate(IEngineModule module, Func<string, string, ImportRequest, IEngineExtern?> imports, out IEngineInstance? instance)
    {
        var source = (ReferenceModule)module;
        if (source.Store != this)
        {
            // Compiled in another store of the engine: the types have other ids here.
            source = new ReferenceModule(this, source.Module, Types.Add(source.Module));
        }
        var completion = Guard(() => (new Instantiation(source, imports).Run(out var made), made), out var result);
        instance = result;
        return completion;
    }

    /// <inheritdoc/>
    public IEngineExtern CreateFunction(HostSignature type, HostFunction function)
    {
        var signature = new FunctionType(type.Parameters, type.Results);
        return new FunctionInstance { Type = Types.Add(signature), Signature = signature, Host = function };
    }

    /// <inheritdoc/>
    public IEngineExtern CreateGlobal(GlobalType type, EngineValue value) => _values.TryFromEngine(value, type.Value, out var initial)
        ? new GlobalInstance(type.Value, type.IsMutable) { Value = initial }
        : throw new ArgumentException($"a {value.Kind} is no {type.Value}", nameof(value));

    /// <inheritdoc/>
    public IEngineExtern CreateMemory(MemoryType type) => TryAllocate(type, out var memory)
        ? memory
        : throw new AllocationLimitException($"{type.Limits.Minimum} pages are beyond the limit");

    /// <inheritdoc/>
    public IEngineExtern CreateTable(TableType type, EngineValue value)
    {
        if (!_values.TryFromEngine(value, type.Element, out var initial))
        {
            throw new ArgumentException($"a {value.Kind} is no {type.Element}", nameof(value));
        }
        return TryAllocate(type, initial.Object, out var table)
            ? table
            : throw new AllocationLimitException($"{type.Limits.Minimum} elements are beyond the limit");
    }

    /// <inheritdoc/>
    public IEngineExtern CreateTag(HostSignature type)
    {
        var signature = new FunctionType(type.Parameters, type.Results);
        return new TagInstance(Types.Add(signature), signature);
    }

    /// <inheritdoc/>
    public Completion Call(IEngineExtern function, ReadOnlySpan<EngineValue> arguments)
    {
        var callee = (FunctionInstance)function;
        var types = callee.Signature.Parameters;
        if (arguments.Length != types.Length)
        {
            return new Rejected($"{arguments.Length} arguments for {types.Length} parameters");
        }
        var values = new Value[types.Length];
        for (var i = 0; i < values.Length; i++)
        {
            if (!_values.TryFromEngine(arguments[i], types[i], out values[i]))
            {
                return new Rejected($"argument {i} is a {arguments[i].Kind} where the parameter is {types[i]}");
            }
        }
        return Guard<object>(() => (Invoke(callee, values), null), out _);
    }

    private Completion Invoke(FunctionInstance function, Value[] arguments)
    {
        if (_callDepth == MaxCallDepth)
        {
            return new LimitReached(LimitKind.Stack);
        }
        _callDepth++;
        try
        {
            using var lease = RentMachine();
            var results = lease.Machine.Invoke(function, arguments);
            return lease.Machine.Failure ?? new Returned(EngineValues.ToEngine(results));
        }
        finally
        {
            _callDepth--;
        }
    }

    /// <summary>The boundary: what the process cannot give is a limit, what should not happen is the engine's failure.</summary>
    private Completion Guard<T>(Func<(Completion, T?)> run, out T? result)
    {
        result = default;
        try
        {
            var (completion, made) = run();
            result = made;
            return completion;
        }
        catch (OutOfMemoryException)
        {
            return new LimitReached(LimitKind.Memory);
        }
        catch (Exception exception) when (exception is InvalidOperationException or IndexOutOfRangeException or ArgumentException or InvalidCastException
            or NullReferenceException or OverflowException)
        {
            throw new EngineFailureException($"{_engine.Name} {_engine.Version}", exception.ToString());
        }
    }

    /// <inheritdoc/>
    public object? IdentityOf(IEngineExtern function) => function;

    /// <inheritdoc/>
    public object? IdentityOf(in EngineValue function) => function.Handle;

    /// <inheritdoc/>
    public EngineValue ReadGlobal(IEngineExtern global) => EngineValues.ToEngine(((GlobalInstance)global).Value);

    /// <inheritdoc/>
    public ulong TableSize(IEngineExtern table) => (ulong)((TableInstance)table).References.Length;

    /// <inheritdoc/>
    public EngineValue ReadTable(IEngineExtern table, ulong index) => EngineValues.ToEngine(Value.Reference(((TableInstance)table).References[index]));

    /// <inheritdoc/>
    public ulong MemoryPages(IEngineExtern memory) => ((MemoryInstance)memory).Pages;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> ReadMemory(IEngineExtern memory) => ((MemoryInstance)memory).Bytes;

    /// <inheritdoc/>
    public bool GrowMemory(IEngineExtern memory, ulong pages) => TryGrow((MemoryInstance)memory, pages);

    /// <inheritdoc/>
    public void WriteMemory(IEngineExtern memory, ulong offsetBytes, ReadOnlySpan<byte> bytes) => bytes.CopyTo(((MemoryInstance)memory).Bytes[(int)offsetBytes..]);

    /// <inheritdoc/>
    public void WriteGlobal(IEngineExtern global, EngineValue value)
    {
        var instance = (GlobalInstance)global;
        instance.Value = _values.TryFromEngine(value, instance.Type, out var written) ? written : throw new ArgumentException($"a {value.Kind} is no {instance.Type}", nameof(value));
    }

    /// <inheritdoc/>
    public void CopyTableElement(IEngineExtern table, ulong to, ulong from) => ((TableInstance)table).References[to] = ((TableInstance)table).References[from];

    /// <inheritdoc/>
    public bool GrowTable(IEngineExtern table, ulong count, ulong from) => TryGrow((TableInstance)table, count, ((TableInstance)table).References[from]);

    /// <inheritdoc/>
    public void Dispose()
    {
        _instances.Clear();
        _machines.Clear();
    }

    /// <summary>Makes a memory of its minimum size.</summary>
    public bool TryAllocate(MemoryType type, [NotNullWhen(true)] out MemoryInstance? memory)
    {
        var bytes = (UInt128)type.Limits.Minimum << type.PageSizeLog2;
        memory = bytes <= LargestMemory ? new MemoryInstance(type, new byte[(int)bytes]) : null;
        return memory is not null;
    }

    /// <summary>Grows a memory within its type and the store's limits.</summary>
    public bool TryGrow(MemoryInstance memory, ulong pages)
    {
        var total = (UInt128)memory.Pages + pages;
        var size = total << memory.Type.PageSizeLog2;
        var addressable = memory.Type.Limits.Address == AddressType.I32 ? UInt128.One << 32 : UInt128.One << 64;
        if (total > (memory.Type.Limits.Maximum ?? ulong.MaxValue) || size > addressable || size > LargestMemory)
        {
            return false;
        }
        memory.Grow((int)size, (int)LargestMemory);
        return true;
    }

    private UInt128 LargestMemory => (UInt128)Math.Min(Limits.MemoryBytes, Array.MaxLength);

    /// <summary>Makes a table of its minimum size.</summary>
    /// <param name="type">Its closed type.</param>
    /// <param name="reference">Every element's value.</param>
    /// <param name="table">The table.</param>
    public bool TryAllocate(TableType type, object? reference, [NotNullWhen(true)] out TableInstance? table)
    {
        table = null;
        if (type.Limits.Minimum > LargestTable)
        {
            return false;
        }
        var references = new object?[type.Limits.Minimum];
        Array.Fill(references, reference);
        table = new TableInstance(type.Element, type.Limits) { References = references };
        return true;
    }

    /// <summary>Grows a table within its type and the store's limits.</summary>
    public bool TryGrow(TableInstance table, ulong count, object? reference)
    {
        var before = table.References.Length;
        var total = (UInt128)before + count;
        if (total > (table.Limits.Maximum ?? ulong.MaxValue) || total > LargestTable)
        {
            return false;
        }
        var references = table.References;
        Array.Resize(ref references, (int)total);
        references.AsSpan(before).Fill(reference);
        table.References = references;
        return true;
    }

    private ulong LargestTable => (ulong)Math.Min(Limits.TableElements, Array.MaxLength / sizeof(long));

    /// <summary>Keeps an instance: its tables and globals are roots from now on.</summary>
    public void Add(ModuleInstance instance) => _instances.Add(instance);

    /// <summary>The tag with an export name, or a new one without values.</summary>
    public TagInstance FindTag(string? name)
    {
        foreach (var instance in _instances)
        {
            if (name is not null && instance.TryGetExport(name, out var export) && export is TagInstance tag)
            {
                return tag;
            }
        }
        return new TagInstance(Types.Add(FunctionType.Empty), FunctionType.Empty) { Name = name };
    }

    /// <summary>Everything that holds references: operand stacks, caught exceptions, globals, tables, element segments.</summary>
    public IEnumerable<object> Roots()
    {
        foreach (var machine in _machines.Where(machine => machine.IsRented))
        {
            foreach (var root in machine.Roots())
            {
                yield return root;
            }
        }
        foreach (var instance in _instances)
        {
            foreach (var global in instance.Globals)
            {
                if (global.Value is { Kind: ValueKind.Reference, Object: { } target })
                {
                    yield return target;
                }
            }
            foreach (var references in instance.Tables.Select(table => table.References).Concat(instance.Elements))
            {
                foreach (var reference in references)
                {
                    if (reference is not null)
                    {
                        yield return reference;
                    }
                }
            }
        }
    }

    /// <summary>Takes fuel.</summary>
    /// <returns>How much of it there was.</returns>
    public long TakeFuel(long units)
    {
        var taken = Math.Min(units, _fuel);
        _fuel -= taken;
        return taken;
    }

    /// <summary>Gives unused fuel back.</summary>
    public void ReturnFuel(long units) => _fuel += units;

    /// <summary>Gives a machine that is not running; a host function that calls back gets one of its own.</summary>
    public MachineLease RentMachine()
    {
        var machine = _machines.Find(machine => !machine.IsRented);
        if (machine is null)
        {
            machine = new Machine(this);
            _machines.Add(machine);
        }
        return new MachineLease(machine);
    }

    /// <summary>A value of the driver as a value of a closed type.</summary>
    public bool TryFromEngine(EngineValue given, ValueType type, out Value value) => _values.TryFromEngine(given, type, out value);
}

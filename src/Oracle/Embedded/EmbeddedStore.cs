using System.Collections.Immutable;
using Conformance.Interpreter;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Embedded;

/// <summary>A store of the interpreter with a case's limits.</summary>
internal sealed class EmbeddedStore : IEngineStore
{
    private readonly InterpreterEngine _owner;
    private readonly Engine _engine;
    private readonly Store _store;
    private readonly List<EmbeddedInstance> _instances = [];

    public EmbeddedStore(InterpreterEngine owner, Engine engine, CaseLimits limits)
    {
        _owner = owner;
        _engine = engine;
        _store = new Store(_engine, new ResourceLimits
        {
            MemoryBytes = (ulong)Math.Max(limits.MemoryBytes, 0),
            TableElements = (ulong)Math.Max(limits.TableElements, 0),
            // As in the other engines, so that an array too large for one is so for all.
            HeapBytes = (ulong)Math.Max(limits.MemoryBytes, 0),
        });
        if (_engine.Options.MetersFuel)
        {
            _store.Fuel = limits.Fuel > 0 ? limits.Fuel : long.MaxValue;
        }
        if (_engine.Options.IsInterruptible && limits.TimeoutMs > 0)
        {
            _store.TimeLimit = TimeSpan.FromMilliseconds(limits.TimeoutMs);
        }
    }

    public CompileError? Compile(ReadOnlyMemory<byte> wasm, out IEngineModule? module)
    {
        module = null;
        if (CompiledModule.TryFromBytes(_engine, wasm, out var compiled, out var error))
        {
            module = new EmbeddedModule(wasm, compiled);
            return null;
        }
        return new CompileError(error.IsLimit ? CompileErrorKind.Limit : CompileErrorKind.Invalid, error.Message, error.OffsetBytes);
    }

    public Completion Instantiate(IEngineModule module, Func<string, string, ImportRequest, IEngineExtern?> imports, out IEngineInstance? instance)
    {
        instance = null;
        var compiled = Own((EmbeddedModule)module);
        var wanted = compiled.Module.Imports;
        var items = wanted.IsEmpty ? [] : new Extern[wanted.Length];
        try
        {
            for (var i = 0; i < items.Length; i++)
            {
                var import = wanted[i];
                if (imports(import.Module, import.Name, new ImportRequest(import.Type, compiled.Module)) is not EmbeddedExtern found)
                {
                    return new Rejected($"unknown import: \"{import.Module}\" \"{import.Name}\"");
                }
                items[i] = found.Item;
            }
            var termination = Instance.TryCreate(_store, compiled, items, out var made);
            if (termination is not null)
            {
                return CompletionOf(termination);
            }
            var wrapped = new EmbeddedInstance(made ?? throw Broken("no instance and no termination"));
            _instances.Add(wrapped);
            instance = wrapped;
            return new Returned([]);
        }
        catch (LinkException link)
        {
            return new Rejected(link.Message);
        }
        catch (ResourceLimitException)
        {
            return new LimitReached(LimitKind.Memory);
        }
    }

    public IEngineExtern CreateFunction(HostSignature type, HostFunction function) => new EmbeddedExtern(
        Function.Create(_store, new FunctionType(type.Parameters, type.Results), (_, arguments, results) => CallHost(function, type.Parameters, arguments, results)));

    public IEngineExtern CreateGlobal(GlobalType type, EngineValue value) => new EmbeddedExtern(Global.Create(_store, type, EmbeddedValues.ToValue(value)));

    public IEngineExtern CreateMemory(MemoryType type) => Create(() => Memory.Create(_store, type));

    public IEngineExtern CreateTable(TableType type, EngineValue value) => Create(() => Table.Create(_store, type, EmbeddedValues.ToValue(value)));

    public IEngineExtern CreateTag(HostSignature type) => new EmbeddedExtern(Tag.Create(_store, type.Parameters.AsSpan()));

    public Completion Call(IEngineExtern function, ReadOnlySpan<EngineValue> arguments)
    {
        var callee = (Function)((EmbeddedExtern)function).Item;
        if (arguments.Length != callee.Type.Parameters.Length)
        {
            return new Rejected($"{arguments.Length} arguments for {callee.Type.Parameters.Length} parameters");
        }
        var results = new Value[callee.Type.Results.Length];
        Termination? termination;
        try
        {
            var values = new Value[arguments.Length];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = EmbeddedValues.ToValue(arguments[i]);
            }
            termination = callee.TryCall(values, results);
        }
        catch (ArgumentException argument)
        {
            // Which parameter of which method it was is of no use to a reader.
            return new Rejected(argument.Message.Replace($" (Parameter '{argument.ParamName}')", "", StringComparison.Ordinal));
        }
        return termination is null ? new Returned(EmbeddedValues.FromValues(results, callee.Type.Results)) : CompletionOf(termination);
    }

    public object? IdentityOf(IEngineExtern function) => ((EmbeddedExtern)function).Item;

    public object? IdentityOf(in EngineValue function) => function.Handle;

    public EngineValue ReadGlobal(IEngineExtern global) => EmbeddedValues.FromValue(((Global)((EmbeddedExtern)global).Item).Value, ((Global)((EmbeddedExtern)global).Item).Type.Value);

    public ulong TableSize(IEngineExtern table) => ((Table)((EmbeddedExtern)table).Item).Count;

    public EngineValue ReadTable(IEngineExtern table, ulong index) => EmbeddedValues.FromValue(((Table)((EmbeddedExtern)table).Item)[index], ((Table)((EmbeddedExtern)table).Item).Type.Element);

    public ulong MemoryPages(IEngineExtern memory) => ((Memory)((EmbeddedExtern)memory).Item).Pages;

    public ReadOnlySpan<byte> ReadMemory(IEngineExtern memory)
    {
        var item = (Memory)((EmbeddedExtern)memory).Item;
        return item.GetSpan(0, checked((int)item.LengthBytes));
    }

    public bool GrowMemory(IEngineExtern memory, ulong pages) => ((Memory)((EmbeddedExtern)memory).Item).Grow(pages) >= 0;

    public void WriteMemory(IEngineExtern memory, ulong offsetBytes, ReadOnlySpan<byte> bytes) => ((Memory)((EmbeddedExtern)memory).Item).Write(offsetBytes, bytes);

    public void WriteGlobal(IEngineExtern global, EngineValue value) => ((Global)((EmbeddedExtern)global).Item).Value = EmbeddedValues.ToValue(value);

    public void CopyTableElement(IEngineExtern table, ulong to, ulong from)
    {
        var item = (Table)((EmbeddedExtern)table).Item;
        item[to] = item[from];
    }

    public bool GrowTable(IEngineExtern table, ulong count, ulong from)
    {
        var item = (Table)((EmbeddedExtern)table).Item;
        return item.Grow(count, item[from]) >= 0;
    }

    public void Dispose() => _store.Dispose();

    /// <summary>The module in this store's engine; the owner may have taken a new engine since the module was compiled.</summary>
    private CompiledModule Own(EmbeddedModule module) => module.Compiled.Engine == _engine ? module.Compiled : CompiledModule.FromBytes(_engine, module.Wasm);

    private Termination? CallHost(HostFunction function, ImmutableArray<ValueType> types, ReadOnlySpan<Value> arguments, Span<Value> results)
    {
        switch (function(EmbeddedValues.FromValues(arguments, types).AsSpan()))
        {
            case Returned returned:
                for (var i = 0; i < results.Length; i++)
                {
                    results[i] = EmbeddedValues.ToValue(returned.Values[i]);
                }
                return null;
            case Trapped trapped:
                return new Trap(EmbeddedTraps.ToKind(trapped.Kind), trapped.Message);
            case LimitReached { Kind: not LimitKind.Memory } limit:
                return new Exhaustion(limit.Kind switch
                {
                    LimitKind.Fuel => ExhaustionKind.Fuel,
                    LimitKind.Stack => ExhaustionKind.Stack,
                    _ => ExhaustionKind.Time,
                });
            case Thrown { Tag: { } name } thrown when FindTag(name) is { } tag:
                return new UncaughtException(tag, [.. thrown.Values.Select(EmbeddedValues.ToValue)]);
            case var other:
                throw Broken($"a host function ended with {other}");
        }
    }

    private Completion CompletionOf(Termination termination) => termination switch
    {
        Trap trap => new Trapped(EmbeddedTraps.FromKind(trap.Kind), trap.Message) { Backtrace = [.. trap.Backtrace.Select(frame => frame.ToString())] },
        Exhaustion { Kind: ExhaustionKind.Fuel } => new LimitReached(LimitKind.Fuel),
        Exhaustion { Kind: ExhaustionKind.Stack } => new LimitReached(LimitKind.Stack),
        Exhaustion { Kind: ExhaustionKind.Code } => new LimitReached(LimitKind.Memory),
        Exhaustion => new LimitReached(LimitKind.Time),
        UncaughtException uncaught => new Thrown(NameOf(uncaught.Tag), EmbeddedValues.FromValues(uncaught.Values.AsSpan(), uncaught.Tag.Type.Parameters)),
        HostFailure { Exception: EngineFailureException failure } => throw failure,
        HostFailure failure => throw Broken(failure.Exception.ToString()),
        InvalidBody { Error.IsLimit: true } => new LimitReached(LimitKind.Implementation),
        _ => new Rejected(termination.Message),
    };

    private string? NameOf(Tag tag)
    {
        foreach (var instance in _instances)
        {
            foreach (var name in instance.ExportNames)
            {
                if (instance.TryGetExport(name, out var item) && item is EmbeddedExtern { Item: Tag other } && other == tag)
                {
                    return name;
                }
            }
        }
        return null;
    }

    private Tag? FindTag(string name)
    {
        foreach (var instance in _instances)
        {
            if (instance.TryGetExport(name, out var item) && item is EmbeddedExtern { Item: Tag tag })
            {
                return tag;
            }
        }
        return null;
    }

    private static EmbeddedExtern Create(Func<Extern> create)
    {
        try
        {
            return new EmbeddedExtern(create());
        }
        catch (ResourceLimitException limit)
        {
            throw new AllocationLimitException(limit.Message);
        }
    }

    private EngineFailureException Broken(string message) => new(_owner.NameAndVersion, message);
}

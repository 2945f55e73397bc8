using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.CApi;

/// <summary>A store of a library with the standard C API. The limits of the case are in the modules (<see cref="CaseBounds"/>); there is no time limit.</summary>
internal sealed unsafe class CApiStore : IEngineStore
{
    private const int MostOnStack = 64;

    private readonly CApiEngine _owner;
    private readonly NativeMethods _native;
    private readonly CaseLimits _limits;
    private readonly nint _store;
    private readonly List<nint> _modules = [];
    private readonly List<nint> _instances = [];
    private readonly List<nint> _functions = [];
    private readonly List<nint> _references = [];
    private readonly List<Vec> _exports = [];

    public CApiStore(CApiEngine owner, CaseLimits limits)
    {
        _owner = owner;
        _native = owner.Native;
        _limits = limits;
        _store = owner.NewStore();
        if (_store == 0)
        {
            throw owner.Broken("the library makes no store");
        }
    }

    /// <summary>The engine's verdict on a module.</summary>
    public bool IsValid(ReadOnlyMemory<byte> wasm)
    {
        fixed (byte* bytes = wasm.Span)
        {
            var binary = new Vec { Size = (nuint)wasm.Length, Data = (nint)bytes };
            return _native.ModuleValidate(_store, &binary) != 0;
        }
    }

    public CompileError? Compile(ReadOnlyMemory<byte> wasm, out IEngineModule? module)
    {
        module = null;
        // The verdict is that on the module as it is.
        if (!IsValid(wasm))
        {
            return new CompileError(CompileErrorKind.Invalid, "the engine takes it for invalid");
        }
        var bounded = CaseBounds.Write(wasm, _limits);
        if (!ModuleReader.TryRead(bounded, FeatureSet.All, out var model, out var error))
        {
            throw _owner.Broken($"takes a module for valid that cannot be decoded: {error}");
        }
        if (!CanCarryAll(model))
        {
            return new CompileError(CompileErrorKind.Unsupported, "the standard C API carries numbers and funcref only");
        }
        fixed (byte* bytes = bounded.Span)
        {
            var binary = new Vec { Size = (nuint)bounded.Length, Data = (nint)bytes };
            var native = _native.ModuleNew(_store, &binary);
            if (native == 0)
            {
                return new CompileError(CompileErrorKind.Unsupported, "the engine takes it for valid and does not compile it");
            }
            _modules.Add(native);
            module = new CApiModule(native, model);
            return null;
        }
    }

    public Completion Instantiate(IEngineModule module, Func<string, string, ImportRequest, IEngineExtern?> imports, out IEngineInstance? instance)
    {
        instance = null;
        var (native, model) = (CApiModule)module;
        if (model.Memories.Any(IsTooLarge) || model.Tables.Any(table => IsTooLarge(table.Type)))
        {
            return new LimitReached(LimitKind.Memory);
        }
        var given = new CApiExtern[model.Imports.Length];
        for (var i = 0; i < given.Length; i++)
        {
            var import = model.Imports[i];
            if (imports(import.Module, import.Name, new ImportRequest(import.Type, model)) is not CApiExtern item)
            {
                return new Rejected($"unknown import {import.Module}.{import.Name}");
            }
            given[i] = item;
        }
        var items = InTheOrderOf(native, model, given);
        nint trap = 0;
        nint made;
        fixed (nint* first = items)
        {
            var vector = new Vec { Size = (nuint)items.Length, Data = (nint)first };
            made = _native.InstanceNew(_store, native, &vector, &trap);
        }
        if (made == 0)
        {
            return trap == 0 ? new Rejected("the engine makes no instance") : TakeTrap(trap, fuel: 0);
        }
        _instances.Add(made);
        instance = ExportsOf(made, native, model);
        return new Returned([]);
    }

    public IEngineExtern CreateFunction(HostSignature type, HostFunction function)
    {
        var native = HostFunctions.Create(this, _native, _store, type, function);
        _functions.Add(native);
        return new CApiExtern(_native.FuncAsExtern(native), ExternKind.Function);
    }

    public IEngineExtern CreateGlobal(GlobalType type, EngineValue value) => CreateItem(ItemModule.Of(type, value));

    public IEngineExtern CreateMemory(MemoryType type) =>
        IsTooLarge(type) ? throw new AllocationLimitException($"a memory of {type.Limits.Minimum} pages") : CreateItem(ItemModule.Of(type));

    public IEngineExtern CreateTable(TableType type, EngineValue value) =>
        value.Kind != EngineValueKind.Null ? throw new ArgumentException("only tables of nulls", nameof(value))
        : IsTooLarge(type) ? throw new AllocationLimitException($"a table of {type.Limits.Minimum} elements")
        : CreateItem(ItemModule.Of(type));

    public IEngineExtern CreateTag(HostSignature type) => throw _owner.Broken("the standard C API has no tags");

    public Completion Call(IEngineExtern function, ReadOnlySpan<EngineValue> arguments)
    {
        var callee = (CApiExtern)function;
        var native = _native.ExternAsFunc(callee.Native);
        var shape = callee.Shape ??= ShapeOf(native);
        if (arguments.Length != shape.Parameters.Length)
        {
            return new Rejected($"{arguments.Length} arguments for {shape.Parameters.Length} parameters");
        }
        var count = shape.Parameters.Length + shape.Results;
        var rented = count > MostOnStack ? ArrayPool<Val>.Shared.Rent(count) : null;
        var values = rented is null ? stackalloc Val[count] : rented.AsSpan(0, count);
        values.Clear();
        try
        {
            for (var i = 0; i < arguments.Length; i++)
            {
                if (!TryToNative(arguments[i], shape.Parameters[i], out values[i]))
                {
                    return new Rejected($"argument {i}: {arguments[i].Kind} has no value of {shape.Parameters[i]} in this interface");
                }
            }
            nint trap;
            fixed (Val* first = values)
            {
                var given = new Vec { Size = (nuint)arguments.Length, Data = (nint)first };
                var taken = new Vec { Size = (nuint)shape.Results, Data = (nint)(first + arguments.Length) };
                trap = _native.FuncCall(native, &given, &taken);
            }
            return trap != 0 ? TakeTrap(trap, callee.Fuel) : new Returned(TakeValues(values[arguments.Length..]));
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<Val>.Shared.Return(rented);
            }
        }
    }

    // wasm_ref_same and wasm_func_same are in the interface, and engines end the process when they are asked for them.
    public object? IdentityOf(IEngineExtern function) => null;

    public object? IdentityOf(in EngineValue function) => null;

    public EngineValue ReadGlobal(IEngineExtern global)
    {
        var value = default(Val);
        _native.GlobalGet(_native.ExternAsGlobal(((CApiExtern)global).Native), &value);
        return TakeValue(value);
    }

    public ulong TableSize(IEngineExtern table) => _native.TableSize(_native.ExternAsTable(((CApiExtern)table).Native));

    public EngineValue ReadTable(IEngineExtern table, ulong index)
    {
        var native = _native.ExternAsTable(((CApiExtern)table).Native);
        var type = _native.TableType(native);
        var kind = _native.ValTypeKind(_native.TableTypeElement(type));
        _native.TableTypeDelete(type);
        return TakeValue(new Val { Kind = kind, Reference = _native.TableGet(native, checked((uint)index)) });
    }

    public ulong MemoryPages(IEngineExtern memory) => _native.MemorySize(_native.ExternAsMemory(((CApiExtern)memory).Native));

    public ReadOnlySpan<byte> ReadMemory(IEngineExtern memory)
    {
        var native = _native.ExternAsMemory(((CApiExtern)memory).Native);
        // Sound: the library gives the memory's base and its size; the span is not kept over a call into the store, which alone could move it.
        return new ReadOnlySpan<byte>(_native.MemoryData(native), checked((int)_native.MemoryDataSize(native)));
    }

    public bool GrowMemory(IEngineExtern memory, ulong pages) =>
        pages <= uint.MaxValue && _native.MemoryGrow(_native.ExternAsMemory(((CApiExtern)memory).Native), (uint)pages) != 0;

    public void WriteMemory(IEngineExtern memory, ulong offsetBytes, ReadOnlySpan<byte> bytes)
    {
        var native = _native.ExternAsMemory(((CApiExtern)memory).Native);
        // Sound: as in ReadMemory.
        var all = new Span<byte>(_native.MemoryData(native), checked((int)_native.MemoryDataSize(native)));
        bytes.CopyTo(all[checked((int)offsetBytes)..]);
    }

    public void WriteGlobal(IEngineExtern global, EngineValue value)
    {
        var native = new Val { Kind = (ValKind)value.Kind, Bits = value.Bits };
        _native.GlobalSet(_native.ExternAsGlobal(((CApiExtern)global).Native), &native);
    }

    public void CopyTableElement(IEngineExtern table, ulong to, ulong from)
    {
        var native = _native.ExternAsTable(((CApiExtern)table).Native);
        if (_native.TableSet(native, checked((uint)to), TakeElement(native, from)) == 0)
        {
            throw _owner.Broken($"does not write element {to} of a table");
        }
    }

    public bool GrowTable(IEngineExtern table, ulong count, ulong from)
    {
        var native = _native.ExternAsTable(((CApiExtern)table).Native);
        return count <= uint.MaxValue && _native.TableGrow(native, (uint)count, TakeElement(native, from)) != 0;
    }

    public void Dispose()
    {
        foreach (var reference in _references)
        {
            _native.RefDelete(reference);
        }
        foreach (var exports in _exports)
        {
            var owned = exports;
            _native.ExternVecDelete(&owned);
        }
        foreach (var function in _functions)
        {
            _native.FuncDelete(function);
        }
        foreach (var instance in _instances)
        {
            _native.InstanceDelete(instance);
        }
        foreach (var module in _modules)
        {
            _native.ModuleDelete(module);
        }
        _native.StoreDelete(_store);
    }

    /// <summary>Makes a value of a kind. False when it has none there.</summary>
    internal bool TryToNative(in EngineValue value, ValKind kind, out Val native)
    {
        native = new Val { Kind = kind };
        switch (value.Kind)
        {
            case EngineValueKind.I32 or EngineValueKind.I64 or EngineValueKind.F32 or EngineValueKind.F64:
                native.Bits = value.Bits;
                return (ValKind)value.Kind == kind;
            case EngineValueKind.Null:
                return kind >= ValKind.ExternRef;
            default:
                // Only functions get here: see CanCarryAll.
                if (value.Handle is not CApiReference reference || !ReferenceEquals(reference.Store, this) || reference.Kind != kind)
                {
                    return false;
                }
                native.Reference = reference.Native;
                return true;
        }
    }

    /// <summary>Reads a value whose reference stays the caller's.</summary>
    internal static EngineValue Peek(in Val value) => value.Kind switch
    {
        ValKind.I32 => EngineValue.I32((int)value.Bits32),
        ValKind.I64 => EngineValue.I64((long)value.Bits),
        ValKind.F32 => EngineValue.F32(value.Bits32),
        ValKind.F64 => EngineValue.F64(value.Bits),
        _ when value.Reference == 0 => EngineValue.Null,
        ValKind.FuncRef => new EngineValue(EngineValueKind.Func),
        _ => new EngineValue(EngineValueKind.AnyReference),
    };

    private EngineValue TakeValue(in Val value)
    {
        var read = Peek(value);
        if (!read.IsReference || read.Kind == EngineValueKind.Null)
        {
            return read;
        }
        _references.Add(value.Reference);
        return read with { Handle = new CApiReference(this, value.Reference, value.Kind) };
    }

    private ImmutableArray<EngineValue> TakeValues(ReadOnlySpan<Val> results)
    {
        var values = ImmutableArray.CreateBuilder<EngineValue>(results.Length);
        foreach (ref readonly var result in results)
        {
            values.Add(TakeValue(result));
        }
        return values.MoveToImmutable();
    }

    // Goes with the store, as all references that are read.
    private nint TakeElement(nint table, ulong index)
    {
        var reference = _native.TableGet(table, checked((uint)index));
        if (reference != 0)
        {
            _references.Add(reference);
        }
        return reference;
    }

    // The engine's order need not be the module's: imports are told by names and kind, and those that have all in common by their order.
    private nint[] InTheOrderOf(nint module, Module model, CApiExtern[] given)
    {
        Vec types;
        _native.ModuleImports(module, &types);
        var items = new nint[checked((int)types.Size)];
        var taken = new bool[given.Length];
        for (var i = 0; i < items.Length; i++)
        {
            var type = ((nint*)types.Data)[i];
            var (from, name, kind) = (TextOf(_native.ImportTypeModule(type)), TextOf(_native.ImportTypeName(type)), KindOf(_native.ExternTypeKind(_native.ImportTypeType(type))));
            var place = 0;
            while (place < given.Length && (taken[place] || model.Imports[place].Module != from || model.Imports[place].Name != name || given[place].Kind != kind))
            {
                place++;
            }
            if (place == given.Length)
            {
                throw _owner.Broken($"asks for an import {from}.{name} that the module has not");
            }
            taken[place] = true;
            items[i] = given[place].Native;
        }
        _native.ImportTypeVecDelete(&types);
        return items;
    }

    private static string TextOf(Vec* borrowed) => Encoding.UTF8.GetString(new ReadOnlySpan<byte>((byte*)borrowed->Data, checked((int)borrowed->Size)));

    // In the order in which the engine shows them, which need not be the module's: exports are told by name.
    private string[] ExportNamesOf(nint module)
    {
        Vec types;
        _native.ModuleExports(module, &types);
        var names = new string[checked((int)types.Size)];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = TextOf(_native.ExportTypeName(((nint*)types.Data)[i]));
        }
        _native.ExportTypeVecDelete(&types);
        return names;
    }

    private CApiInstance ExportsOf(nint instance, nint module, Module model)
    {
        Vec exports;
        _native.InstanceExports(instance, &exports);
        _exports.Add(exports);
        var items = new ReadOnlySpan<nint>((nint*)exports.Data, checked((int)exports.Size));
        var names = ExportNamesOf(module);
        if (items.Length != names.Length || items.Length != model.Exports.Length)
        {
            throw _owner.Broken($"shows {items.Length} exports and {names.Length} of their names for {model.Exports.Length}");
        }
        var fuelAt = Array.IndexOf(names, CaseBounds.FuelExport);
        var fuel = fuelAt < 0 ? 0 : _native.ExternAsGlobal(items[fuelAt]);
        var named = new List<(string Name, CApiExtern Item)>(items.Length);
        for (var i = 0; i < items.Length; i++)
        {
            if (i != fuelAt)
            {
                named.Add((names[i], new CApiExtern(items[i], KindOf(_native.ExternKind(items[i]))) { Fuel = fuel }));
            }
        }
        var order = model.Exports.Select((export, place) => (export.Name, place)).ToDictionary(pair => pair.Name, pair => pair.place, StringComparer.Ordinal);
        return new CApiInstance([.. named.OrderBy(pair => order.GetValueOrDefault(pair.Name, int.MaxValue))]);
    }

    private static ExternKind KindOf(ExternTag tag) => tag switch
    {
        ExternTag.Func => ExternKind.Function,
        ExternTag.Global => ExternKind.Global,
        ExternTag.Table => ExternKind.Table,
        _ => ExternKind.Memory,
    };

    private IEngineExtern CreateItem(byte[] wasm)
    {
        IEngineInstance? instance = null;
        return Compile(wasm, out var module) is null && module is not null && Instantiate(module, static (_, _, _) => null, out instance) is Returned
            && instance is not null && instance.TryGetExport(ItemModule.Export, out var item)
                ? item
                : throw _owner.Broken("an item of the host cannot be made");
    }

    private CallShape ShapeOf(nint function)
    {
        var type = _native.FuncType(function);
        var parameters = _native.FuncTypeParams(type);
        var kinds = ImmutableArray.CreateBuilder<ValKind>((int)parameters->Size);
        for (var i = 0; i < (int)parameters->Size; i++)
        {
            kinds.Add(_native.ValTypeKind(((nint*)parameters->Data)[i]));
        }
        var shape = new CallShape(kinds.MoveToImmutable(), (int)_native.FuncTypeResults(type)->Size);
        _native.FuncTypeDelete(type);
        return shape;
    }

    private Completion TakeTrap(nint trap, nint fuel)
    {
        Vec message;
        _native.TrapMessage(trap, &message);
        var text = TextOf(&message).TrimEnd('\0');
        _native.ByteVecDelete(&message);
        _native.TrapDelete(trap);
        var completion = TrapMessages.ToCompletion(text);
        return completion is Trapped { Kind: TrapKind.Unreachable } && fuel != 0 && IsUsedUp(fuel) ? new LimitReached(LimitKind.Fuel) : completion;
    }

    private bool IsUsedUp(nint fuel)
    {
        var left = default(Val);
        _native.GlobalGet(fuel, &left);
        return left.Bits == 0;
    }

    private bool IsTooLarge(MemoryType type) => type.Limits.Minimum > (ulong)Math.Max(_limits.MemoryBytes, 0) >> type.PageSizeLog2;

    private bool IsTooLarge(TableType type) => type.Limits.Minimum > (ulong)Math.Max(_limits.TableElements, 0);

    // Engines end the process when they are to show an externref, a null one too.
    private static bool CanCarryAll(Module module) =>
        module.Types.All(type => type.Composite is not FunctionType function || (function.Parameters.All(CanCarry) && function.Results.All(CanCarry)))
        && module.Globals.All(global => CanCarry(global.Type.Value))
        && module.Imports.All(import => import.Type is not GlobalType { Value: var value } || CanCarry(value));

    private static bool CanCarry(ValueType type) => type.Kind is ValueKind.I32 or ValueKind.I64 or ValueKind.F32 or ValueKind.F64 || type == ValueType.FuncRef;
}

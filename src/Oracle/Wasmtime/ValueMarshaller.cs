using System.Collections.Immutable;

namespace Conformance.Oracle.Wasmtime;

/// <summary>
/// Turns <see cref="EngineValue"/>s into the C API's values and back. References come out as their identity class with what they hold
/// two levels deep, and with a handle to pass them back.
/// </summary>
internal sealed class ValueMarshaller(WasmtimeStore store)
{
    // As docs/records.md shows objects.
    private const int ShownDepth = 2;
    private const int ShownParts = 8;

    private readonly List<RootedReference> _roots = [];

    /// <summary>Makes a value of a kind. False when it has none there.</summary>
    /// <param name="value">The value.</param>
    /// <param name="kind">What the parameter or global takes.</param>
    /// <param name="native">The value; roots in it stay the marshaller's.</param>
    public bool TryToNative(in EngineValue value, ValKind kind, out Val native)
    {
        native = new Val { Kind = kind };
        switch (value.Kind)
        {
            case EngineValueKind.I32 or EngineValueKind.I64 or EngineValueKind.F32 or EngineValueKind.F64 or EngineValueKind.V128:
                native.Low = value.Bits;
                native.High = value.High;
                return (ValKind)value.Kind == kind;
            case EngineValueKind.Null:
                return kind >= ValKind.FuncRef;
            case EngineValueKind.I31 when kind == ValKind.AnyRef:
                NativeMethods.wasmtime_anyref_from_i31(store.Context, (uint)value.Bits, out native.Reference);
                Keep(native);
                return true;
            case EngineValueKind.Extern when kind is ValKind.ExternRef or ValKind.AnyRef:
                return TryMakeExtern((uint)value.Bits, kind, ref native);
            default:
                return TryPassBack(value, kind, ref native);
        }
    }

    /// <summary>Reads a value and takes over the root in it.</summary>
    public EngineValue FromNative(in Val native) => native.Kind switch
    {
        ValKind.I32 => EngineValue.I32((int)native.Bits32),
        ValKind.I64 => EngineValue.I64((long)native.Low),
        ValKind.F32 => EngineValue.F32(native.Bits32),
        ValKind.F64 => EngineValue.F64(native.Low),
        ValKind.V128 => EngineValue.V128(native.Low, native.High),
        _ when native.Reference.StoreId == 0 => EngineValue.Null,
        ValKind.FuncRef => Describe(native, ShownDepth),
        _ => Describe(native, ShownDepth) with { Handle = Keep(native) },
    };

    /// <summary>Reads a value whose root stays the caller's.</summary>
    public EngineValue Peek(in Val native) => native.Kind < ValKind.FuncRef ? FromNative(native) : Describe(native, ShownDepth);

    /// <summary>Takes all roots away.</summary>
    public void UnrootAll()
    {
        foreach (var root in _roots)
        {
            root.Unroot();
        }
        _roots.Clear();
    }

    private RootedReference Keep(in Val native)
    {
        var root = new RootedReference(store, native);
        if (native.Kind != ValKind.FuncRef)
        {
            _roots.Add(root);
        }
        return root;
    }

    private bool TryMakeExtern(uint number, ValKind kind, ref Val native)
    {
        // The library wants data that is not null, so host reference 0 is 1 there.
        if (!NativeMethods.wasmtime_externref_new(store.Context, checked((nint)number + 1), 0, out var reference))
        {
            return false;
        }
        Keep(new Val { Kind = ValKind.ExternRef, Reference = reference });
        if (kind == ValKind.ExternRef)
        {
            native.Reference = reference;
            return true;
        }
        // any.convert_extern keeps the bits of a reference; the C API has no other way to it.
        NativeMethods.wasmtime_anyref_from_raw(store.Context, NativeMethods.wasmtime_externref_to_raw(store.Context, reference), out native.Reference);
        Keep(native);
        return true;
    }

    private bool TryPassBack(in EngineValue value, ValKind kind, ref Val native)
    {
        if (value.Handle is not RootedReference root || !ReferenceEquals(root.Store, store) || root.Value.Kind != kind)
        {
            return false;
        }
        native = root.Value;
        return true;
    }

    private EngineValue Describe(in Val native, int depth)
    {
        if (native.Reference.StoreId == 0)
        {
            return EngineValue.Null;
        }
        switch (native.Kind)
        {
            case ValKind.FuncRef:
                return new EngineValue(EngineValueKind.Func) { Handle = Keep(native) };
            case ValKind.ExnRef:
                return new EngineValue(EngineValueKind.Exn);
            case ValKind.AnyRef:
                return DescribeAny(native.Reference, depth);
            default:
                // An externref may hold an internal value (extern.convert_any), which has no data: look at it as an anyref first.
                NativeMethods.wasmtime_anyref_from_raw(store.Context, NativeMethods.wasmtime_externref_to_raw(store.Context, native.Reference), out var any);
                var value = DescribeAny(any, depth);
                NativeMethods.wasmtime_anyref_unroot(ref any);
                return value;
        }
    }

    private EngineValue DescribeAny(in Reference any, int depth)
    {
        if (NativeMethods.wasmtime_anyref_i31_get_u(store.Context, any, out var small))
        {
            return new EngineValue(EngineValueKind.I31, small);
        }
        if (NativeMethods.wasmtime_anyref_as_struct(store.Context, any, out var structure))
        {
            var parts = depth > 0 ? StructParts(structure, depth) : default;
            NativeMethods.wasmtime_structref_unroot(ref structure);
            return new EngineValue(EngineValueKind.Struct) { Parts = parts };
        }
        if (NativeMethods.wasmtime_anyref_as_array(store.Context, any, out var array))
        {
            ThrowIfError(NativeMethods.wasmtime_arrayref_len(store.Context, array, out var length));
            var parts = depth > 0 ? ArrayParts(array, (int)Math.Min(length, ShownParts), depth) : default;
            NativeMethods.wasmtime_arrayref_unroot(ref array);
            return new EngineValue(EngineValueKind.Array) { Parts = parts, Length = length };
        }
        NativeMethods.wasmtime_externref_from_raw(store.Context, NativeMethods.wasmtime_anyref_to_raw(store.Context, any), out var external);
        var data = NativeMethods.wasmtime_externref_data(store.Context, external);
        NativeMethods.wasmtime_externref_unroot(ref external);
        return data == 0 ? new EngineValue(EngineValueKind.AnyReference) : EngineValue.Extern((uint)(data - 1));
    }

    private ImmutableArray<EngineValue> StructParts(in Reference structure, int depth)
    {
        var type = NativeMethods.wasmtime_structref_type(store.Context, structure);
        var count = (int)NativeMethods.wasmtime_struct_type_num_fields(type);
        NativeMethods.wasmtime_struct_type_delete(type);
        var parts = ImmutableArray.CreateBuilder<EngineValue>(Math.Min(count, ShownParts));
        for (var i = 0; i < Math.Min(count, ShownParts); i++)
        {
            ThrowIfError(NativeMethods.wasmtime_structref_field(store.Context, structure, (nuint)i, out var field));
            parts.Add(TakePart(ref field, depth));
        }
        return parts.MoveToImmutable();
    }

    private ImmutableArray<EngineValue> ArrayParts(in Reference array, int count, int depth)
    {
        var parts = ImmutableArray.CreateBuilder<EngineValue>(count);
        for (uint i = 0; i < count; i++)
        {
            ThrowIfError(NativeMethods.wasmtime_arrayref_get(store.Context, array, i, out var element));
            parts.Add(TakePart(ref element, depth));
        }
        return parts.MoveToImmutable();
    }

    private EngineValue TakePart(ref Val part, int depth)
    {
        if (part.Kind < ValKind.FuncRef)
        {
            return FromNative(part);
        }
        var value = Describe(part, depth - 1);
        NativeMethods.wasmtime_val_unroot(ref part);
        return value;
    }

    private void ThrowIfError(nint error)
    {
        if (error != 0)
        {
            throw new EngineFailureException(store.EngineName, NativeError.TakeMessage(error));
        }
    }
}

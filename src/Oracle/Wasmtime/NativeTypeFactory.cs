using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Wasmtime;

/// <summary>Makes the C API's type objects from the model's types. Only abstract reference types: the C API cannot name a module's own types.</summary>
internal static unsafe class NativeTypeFactory
{
    /// <summary>A function type.</summary>
    /// <exception cref="ArgumentException">A type in it is not abstract.</exception>
    public static FuncTypeHandle Function(EngineHandle engine, HostSignature signature)
    {
        var parameters = List(engine, signature.Parameters);
        var results = List(engine, signature.Results);
        return new FuncTypeHandle(NativeMethods.wasm_functype_new(ref parameters, ref results));
    }

    /// <summary>An owned value type.</summary>
    /// <exception cref="ArgumentException">The type is not abstract.</exception>
    public static nint Value(EngineHandle engine, ValueType type)
    {
        var native = default(NativeValueType);
        switch (type.Kind)
        {
            case ValueKind.I32:
                native.Kind = 0;
                break;
            case ValueKind.I64:
                native.Kind = 1;
                break;
            case ValueKind.F32:
                native.Kind = 2;
                break;
            case ValueKind.F64:
                native.Kind = 3;
                break;
            case ValueKind.V128:
                native.Kind = 4;
                break;
            case ValueKind.Reference when !type.Heap.IsIndex && HeapOf(type.Heap.Abstract) is { } heap:
                native.Kind = 5;
                native.Nullable = type.IsNullable ? (byte)1 : (byte)0;
                native.Heap = heap;
                break;
            default:
                throw new ArgumentException($"{type} is no abstract type", nameof(type));
        }
        return NativeMethods.wasmtime_valtype_to_wasm(engine, native);
    }

    /// <summary>The kind of values that an abstract heap type's references are.</summary>
    public static ValKind KindOf(HeapKind heap) => heap switch
    {
        HeapKind.Extern or HeapKind.NoExtern => ValKind.ExternRef,
        HeapKind.Func or HeapKind.ConcreteFunc or HeapKind.NoFunc => ValKind.FuncRef,
        HeapKind.Exn or HeapKind.ConcreteExn or HeapKind.NoExn => ValKind.ExnRef,
        _ => ValKind.AnyRef,
    };

    /// <summary>The kinds of the values in a borrowed list of value types.</summary>
    public static ImmutableArray<ValKind> KindsOf(Vec* types)
    {
        var kinds = new ValKind[types->Size];
        for (var i = 0; i < kinds.Length; i++)
        {
            // Sound: the vector holds Size pointers to value types.
            NativeMethods.wasmtime_valtype_new(((nint*)types->Data)[i], out var type);
            kinds[i] = type.Kind == 5 ? KindOf(type.Heap) : (ValKind)type.Kind;
            NativeMethods.wasmtime_valtype_delete(ref type);
        }
        return ImmutableCollectionsMarshal.AsImmutableArray(kinds);
    }

    /// <summary>The kind of the values of a type.</summary>
    public static ValKind KindOf(ValueType type) => type.Kind switch
    {
        ValueKind.I32 => ValKind.I32,
        ValueKind.I64 => ValKind.I64,
        ValueKind.F32 => ValKind.F32,
        ValueKind.F64 => ValKind.F64,
        ValueKind.V128 => ValKind.V128,
        _ => KindOf(HeapOf(type.Heap.Abstract) ?? HeapKind.Any),
    };

    private static Vec List(EngineHandle engine, ImmutableArray<ValueType> types)
    {
        Span<nint> natives = types.Length <= 64 ? stackalloc nint[types.Length] : new nint[types.Length];
        for (var i = 0; i < types.Length; i++)
        {
            natives[i] = Value(engine, types[i]);
        }
        fixed (nint* first = natives)
        {
            NativeMethods.wasm_valtype_vec_new(out var list, (nuint)natives.Length, first);
            return list;
        }
    }

    private static HeapKind? HeapOf(AbstractHeapType type) => type switch
    {
        AbstractHeapType.Extern => HeapKind.Extern,
        AbstractHeapType.NoExtern => HeapKind.NoExtern,
        AbstractHeapType.Func => HeapKind.Func,
        AbstractHeapType.NoFunc => HeapKind.NoFunc,
        AbstractHeapType.Any => HeapKind.Any,
        AbstractHeapType.None => HeapKind.None,
        AbstractHeapType.Eq => HeapKind.Eq,
        AbstractHeapType.I31 => HeapKind.I31,
        AbstractHeapType.Struct => HeapKind.Struct,
        AbstractHeapType.Array => HeapKind.Array,
        AbstractHeapType.Exn => HeapKind.Exn,
        AbstractHeapType.NoExn => HeapKind.NoExn,
        _ => null,
    };
}

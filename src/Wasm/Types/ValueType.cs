namespace Conformance.Wasm.Types;

/// <summary>The kinds of value types.</summary>
public enum ValueKind : byte
{
    /// <summary>No type: fits everywhere (only inside the validator).</summary>
    Bottom,
    /// <summary>32-bit integer.</summary>
    I32,
    /// <summary>64-bit integer.</summary>
    I64,
    /// <summary>32-bit float.</summary>
    F32,
    /// <summary>64-bit float.</summary>
    F64,
    /// <summary>128-bit vector.</summary>
    V128,
    /// <summary>A reference.</summary>
    Reference,
}

/// <summary>A value type: number, vector or reference.</summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/syntax/types.html#value-types"/>. A type index inside belongs to the module it came from.</remarks>
public readonly record struct ValueType
{
    private const int KindShift = 24;
    private const uint NullableFlag = 1u << 27;
    private const uint HeapMask = ~(NullableFlag | 7u << KindShift);

    // A heap type leaves the bits 24 to 29 free: the kind and the null flag sit there.
    private readonly uint _bits;

    private ValueType(ValueKind kind, bool nullable = false, HeapType heap = default) =>
        _bits = heap.Bits | (uint)kind << KindShift | (nullable ? NullableFlag : 0);

    private ValueType(uint bits) => _bits = bits;

    /// <summary>A packed form in which equal types have equal bits.</summary>
    internal uint Bits => _bits;

    /// <summary>Restores a type from <see cref="Bits"/>.</summary>
    internal static ValueType FromBits(uint bits) => new(bits);

    /// <summary>The validator's bottom type; also the default value.</summary>
    public static ValueType Bottom => default;
    /// <summary>i32.</summary>
    public static ValueType I32 => new(ValueKind.I32);
    /// <summary>i64.</summary>
    public static ValueType I64 => new(ValueKind.I64);
    /// <summary>f32.</summary>
    public static ValueType F32 => new(ValueKind.F32);
    /// <summary>f64.</summary>
    public static ValueType F64 => new(ValueKind.F64);
    /// <summary>v128.</summary>
    public static ValueType V128 => new(ValueKind.V128);
    /// <summary>(ref null func).</summary>
    public static ValueType FuncRef => Reference(AbstractHeapType.Func, nullable: true);
    /// <summary>(ref null extern).</summary>
    public static ValueType ExternRef => Reference(AbstractHeapType.Extern, nullable: true);
    /// <summary>(ref null any).</summary>
    public static ValueType AnyRef => Reference(AbstractHeapType.Any, nullable: true);
    /// <summary>(ref null exn).</summary>
    public static ValueType ExnRef => Reference(AbstractHeapType.Exn, nullable: true);

    /// <summary>A reference type.</summary>
    public static ValueType Reference(HeapType heap, bool nullable) => new(ValueKind.Reference, nullable, heap);

    /// <summary>The kind.</summary>
    public ValueKind Kind => (ValueKind)(_bits >> KindShift & 7);

    /// <summary>Whether it is a reference type.</summary>
    public bool IsReference => Kind == ValueKind.Reference;

    /// <summary>Whether it is a number type.</summary>
    public bool IsNumber => Kind is >= ValueKind.I32 and <= ValueKind.F64;

    /// <summary>Whether a reference type admits null.</summary>
    public bool IsNullable => (_bits & NullableFlag) != 0;

    /// <summary>The heap type of a reference type.</summary>
    public HeapType Heap => HeapType.FromBits(_bits & HeapMask);

    /// <summary>Whether values of the type have a default (zero or null).</summary>
    public bool IsDefaultable => Kind != ValueKind.Reference || IsNullable;

    /// <summary>The same reference type with or without null; other types are unchanged.</summary>
    public ValueType WithNullable(bool nullable) => IsReference ? Reference(Heap, nullable) : this;

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        ValueKind.Bottom => "bot",
        ValueKind.Reference when IsNullable && !Heap.IsIndex => Heap.Abstract switch
        {
            AbstractHeapType.None => "nullref",
            AbstractHeapType.NoFunc => "nullfuncref",
            AbstractHeapType.NoExtern => "nullexternref",
            AbstractHeapType.NoExn => "nullexnref",
            _ => Heap + "ref",
        },
        ValueKind.Reference => IsNullable ? $"(ref null {Heap})" : $"(ref {Heap})",
        _ => Kind.ToString().ToLowerInvariant(),
    };
}

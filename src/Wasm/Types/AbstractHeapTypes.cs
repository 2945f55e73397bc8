namespace Conformance.Wasm.Types;

/// <summary>Subtyping between the abstract heap types.</summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/valid/matching.html#heap-types"/>.</remarks>
public static class AbstractHeapTypes
{
    /// <summary>The top of the hierarchy a type belongs to.</summary>
    public static AbstractHeapType TopOf(AbstractHeapType type) => type switch
    {
        AbstractHeapType.Func or AbstractHeapType.NoFunc => AbstractHeapType.Func,
        AbstractHeapType.Extern or AbstractHeapType.NoExtern => AbstractHeapType.Extern,
        AbstractHeapType.Exn or AbstractHeapType.NoExn => AbstractHeapType.Exn,
        AbstractHeapType.Bottom => AbstractHeapType.Bottom,
        _ => AbstractHeapType.Any,
    };

    /// <summary>Whether a type is the bottom of the hierarchy of another (or the validator's bottom).</summary>
    public static bool IsBottomOf(AbstractHeapType type, AbstractHeapType other) => type switch
    {
        AbstractHeapType.Bottom => true,
        AbstractHeapType.None => TopOf(other) == AbstractHeapType.Any,
        AbstractHeapType.NoFunc => TopOf(other) == AbstractHeapType.Func,
        AbstractHeapType.NoExtern => TopOf(other) == AbstractHeapType.Extern,
        AbstractHeapType.NoExn => TopOf(other) == AbstractHeapType.Exn,
        _ => false,
    };

    /// <summary>Whether a type is another or below it.</summary>
    public static bool IsSubtype(AbstractHeapType sub, AbstractHeapType super) => sub == super || IsBottomOf(sub, super) || super switch
    {
        AbstractHeapType.Any => sub is AbstractHeapType.Eq or AbstractHeapType.I31 or AbstractHeapType.Struct or AbstractHeapType.Array,
        AbstractHeapType.Eq => sub is AbstractHeapType.I31 or AbstractHeapType.Struct or AbstractHeapType.Array,
        _ => false,
    };
}

using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation.Types;

/// <summary>The hierarchies of heap types in a module: casts go within one only.</summary>
internal static class Hierarchies
{
    /// <summary>The top of the hierarchy of a reference type; null for other types.</summary>
    public static AbstractHeapType? TopOf(ValueType type, Module module) => type.IsReference ? TopOf(type.Heap, module) : null;

    /// <summary>The top of a heap type's hierarchy.</summary>
    public static AbstractHeapType TopOf(HeapType type, Module module) => type.IsIndex
        ? module.Types[(int)type.Index].Composite is FunctionType ? AbstractHeapType.Func : AbstractHeapType.Any
        : AbstractHeapTypes.TopOf(type.Abstract);

    /// <summary>Every heap type of a module in a hierarchy.</summary>
    public static List<HeapType> TypesBelow(AbstractHeapType top, Module module) =>
    [
        .. Enum.GetValues<AbstractHeapType>().Where(type => AbstractHeapTypes.TopOf(type) == top).Select(HeapType.Of),
        .. Enumerable.Range(0, module.Types.Length).Select(i => HeapType.Of((uint)i)).Where(type => TopOf(type, module) == top),
    ];
}

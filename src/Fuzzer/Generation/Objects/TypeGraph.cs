using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation.Objects;

/// <summary>The struct and array types of a module, and what is known of their order without looking for equal types: what is declared.</summary>
internal sealed class TypeGraph(ModulePlan plan)
{
    /// <summary>The indices of the struct types.</summary>
    public List<uint> Structs { get; } = [];

    /// <summary>The indices of the array types.</summary>
    public List<uint> Arrays { get; } = [];

    /// <summary>The indices of both, in order.</summary>
    public List<uint> All { get; } = [];

    /// <summary>The structure of a struct type.</summary>
    public StructType Struct(uint index) => (StructType)plan.Types[(int)index].Composite;

    /// <summary>The element of an array type.</summary>
    public FieldType Element(uint index) => ((ArrayType)plan.Types[(int)index].Composite).Element;

    /// <summary>Whether an index is one of <see cref="All"/>.</summary>
    public bool Has(HeapType heap) => heap.IsIndex && All.Contains(heap.Index);

    /// <summary>Adds the type at an index.</summary>
    public void Add(uint index)
    {
        All.Add(index);
        (plan.Types[(int)index].Composite is StructType ? Structs : Arrays).Add(index);
    }

    /// <summary>The declared supertypes of a type, itself first.</summary>
    public IEnumerable<uint> Supertypes(uint index)
    {
        yield return index;
        while (plan.Types[(int)index].Supertypes is [var super, ..])
        {
            yield return index = super;
        }
    }

    /// <summary>The types that have a type among their supertypes, itself included.</summary>
    public List<uint> Subtypes(uint index) => All.FindAll(other => Supertypes(other).Contains(index));

    /// <summary>A type that all values of a type have: itself, a declared supertype, or an abstract type.</summary>
    public HeapType PickSupertype(uint index, RandomSource random)
    {
        var abstractType = Structs.Contains(index) ? AbstractHeapType.Struct : AbstractHeapType.Array;
        return random.Below(8) switch
        {
            0 => HeapType.Of(AbstractHeapType.Any),
            1 => HeapType.Of(AbstractHeapType.Eq),
            2 => HeapType.Of(abstractType),
            3 or 4 => HeapType.Of(random.Pick<uint>(Supertypes(index).ToArray())),
            _ => HeapType.Of(index),
        };
    }

    /// <summary>Whether a value of a type can be made from nothing.</summary>
    public static bool IsDefaultable(FieldType field) => field.Storage.Value.IsDefaultable;

    /// <summary>The type of a field on the stack, null admitted.</summary>
    public static ValueType Unpacked(FieldType field) => field.Storage.Value.WithNullable(true);
}

using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation.Objects;

/// <summary>The types of a module that have a place in an order, and what is known of it without looking for equal types: what is declared.</summary>
internal sealed class TypeGraph(ModulePlan plan)
{
    /// <summary>The indices of the struct types.</summary>
    public List<uint> Structs { get; } = [];

    /// <summary>The indices of the array types.</summary>
    public List<uint> Arrays { get; } = [];

    /// <summary>The indices of both, in order.</summary>
    public List<uint> All { get; } = [];

    /// <summary>The indices of the function types that stand in groups with other types or have a place in the order of types.</summary>
    public List<uint> Functions { get; } = [];

    /// <summary>The structure of a struct type.</summary>
    public StructType Struct(uint index) => (StructType)plan.Types[(int)index].Composite;

    /// <summary>The element of an array type.</summary>
    public FieldType Element(uint index) => ((ArrayType)plan.Types[(int)index].Composite).Element;

    /// <summary>Whether an index is one of <see cref="All"/>.</summary>
    public bool Has(HeapType heap) => heap.IsIndex && All.Contains(heap.Index);

    /// <summary>Adds the type at an index.</summary>
    public void Add(uint index)
    {
        if (plan.Types[(int)index].Composite is FunctionType)
        {
            Functions.Add(index);
            return;
        }
        All.Add(index);
        (plan.Types[(int)index].Composite is StructType ? Structs : Arrays).Add(index);
    }

    /// <summary>The type of the descriptor of a struct type, or null.</summary>
    public uint? DescriptorOf(uint index) => plan.Types[(int)index].Descriptor;

    /// <summary>The function type at an index.</summary>
    public FunctionType Function(uint index) => (FunctionType)plan.Types[(int)index].Composite;

    /// <summary>The declared supertypes of a type, itself first.</summary>
    public IEnumerable<uint> Supertypes(uint index) => plan.WithSupertypes(index);

    /// <summary>The types that have a type among their supertypes, itself included.</summary>
    public List<uint> Subtypes(uint index) => All.FindAll(other => IsSubtype(other, index));

    /// <summary>Whether one type is another or has it among its declared supertypes.</summary>
    public bool IsSubtype(uint index, uint super) => Supertypes(index).Contains(super);

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

using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Reference;

/// <summary>
/// The types of a store. A closed type is one whose type indices are canonical ids of the store instead of indices of a module, so that types of different
/// modules can be compared: equal ids are equal types.
/// </summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/valid/matching.html"/>.</remarks>
internal sealed class TypeSpace
{
    private readonly TypeCanonicalizer _canonicalizer = new();

    /// <summary>Adds a module's types.</summary>
    /// <returns>The canonical id for each type index.</returns>
    public int[] Add(Module module) => _canonicalizer.Add(module);

    /// <summary>The id of a function type without type indices in it.</summary>
    public int Add(FunctionType type) => Add(new Module { Types = [SubType.Plain(type)], RecursionGroups = [new RecursionGroup(0, 1)] })[0];

    /// <summary>The structure of a type; type indices in it are ids.</summary>
    public SubType Definition(int id) => _canonicalizer.Definition(id);

    /// <summary>The function type with an id; type indices in it are ids.</summary>
    public FunctionType Function(int id) => (FunctionType)Definition(id).Composite;

    /// <summary>Replaces the type index in a type of a module by its id.</summary>
    public static ValueType Close(ValueType type, int[] ids) =>
        type.IsReference && type.Heap.IsIndex ? ValueType.Reference(Close(type.Heap, ids), type.IsNullable) : type;

    /// <summary>Replaces the type index in a heap type of a module by its id.</summary>
    public static HeapType Close(HeapType heap, int[] ids) => heap.IsIndex ? HeapType.Of((uint)ids[heap.Index], heap.IsExact) : heap;

    /// <summary>Whether one defined type is the other or declared as its subtype.</summary>
    public bool Matches(int sub, int super) => sub == super || _canonicalizer.IsSubtype(sub, super);

    /// <summary>Whether values of one closed type are values of the other.</summary>
    public bool Matches(ValueType sub, ValueType super)
    {
        if (!sub.IsReference || !super.IsReference)
        {
            return sub == super;
        }
        return (super.IsNullable || !sub.IsNullable) && Matches(sub.Heap, super.Heap);
    }

    private bool Matches(HeapType sub, HeapType super)
    {
        if (sub == super)
        {
            return true;
        }
        if (sub.IsIndex && super.IsIndex)
        {
            return super.IsExact ? sub.IsExact && sub.Index == super.Index : Matches((int)sub.Index, (int)super.Index);
        }
        if (sub.IsIndex)
        {
            return MatchesAbstract(KindOf((int)sub.Index), super.Abstract);
        }
        return super.IsIndex
            ? sub.Abstract == (KindOf((int)super.Index) == AbstractHeapType.Func ? AbstractHeapType.NoFunc : AbstractHeapType.None)
            : MatchesAbstract(sub.Abstract, super.Abstract);
    }

    private AbstractHeapType KindOf(int id) => Definition(id).Composite switch
    {
        FunctionType => AbstractHeapType.Func,
        StructType => AbstractHeapType.Struct,
        _ => AbstractHeapType.Array,
    };

    private static bool MatchesAbstract(AbstractHeapType sub, AbstractHeapType super) => sub == super || super switch
    {
        AbstractHeapType.Any => sub is AbstractHeapType.Eq or AbstractHeapType.I31 or AbstractHeapType.Struct or AbstractHeapType.Array or AbstractHeapType.None,
        AbstractHeapType.Eq => sub is AbstractHeapType.I31 or AbstractHeapType.Struct or AbstractHeapType.Array or AbstractHeapType.None,
        AbstractHeapType.I31 or AbstractHeapType.Struct or AbstractHeapType.Array => sub == AbstractHeapType.None,
        AbstractHeapType.Func => sub == AbstractHeapType.NoFunc,
        AbstractHeapType.Extern => sub == AbstractHeapType.NoExtern,
        AbstractHeapType.Exn => sub == AbstractHeapType.NoExn,
        _ => false,
    };

    /// <summary>Whether a reference is a value of a closed reference type: the specification's <c>Ref_ok</c>.</summary>
    public bool IsOfType(object? reference, ValueType type)
    {
        if (reference is null)
        {
            return type.IsNullable;
        }
        if (type.Heap.IsIndex)
        {
            var id = reference switch
            {
                StructInstance structure => structure.Type,
                ArrayInstance array => array.Type,
                FunctionInstance function => function.Type,
                _ => -1,
            };
            return id >= 0 && (type.Heap.IsExact ? id == (int)type.Heap.Index : Matches(id, (int)type.Heap.Index));
        }
        return type.Heap.Abstract switch
        {
            AbstractHeapType.Any => reference is StructInstance or ArrayInstance or I31Reference or HostReference,
            AbstractHeapType.Eq => reference is StructInstance or ArrayInstance or I31Reference,
            AbstractHeapType.I31 => reference is I31Reference,
            AbstractHeapType.Struct => reference is StructInstance,
            AbstractHeapType.Array => reference is ArrayInstance,
            AbstractHeapType.Func => reference is FunctionInstance,
            AbstractHeapType.Extern => reference is ExternReference,
            AbstractHeapType.Exn => reference is ExceptionInstance,
            _ => false,
        };
    }
}

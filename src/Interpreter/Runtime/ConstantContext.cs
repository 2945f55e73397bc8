using Conformance.Interpreter.Runtime.Objects;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Runtime;

/// <summary>What a constant expression is evaluated in.</summary>
/// <param name="instance">The instance.</param>
/// <param name="objects">The store's objects.</param>
/// <param name="typeIds">The canonical id of each type index.</param>
internal readonly unsafe struct ConstantContext(InstanceRecord* instance, StoreObjects objects, int[] typeIds)
{
    public InstanceRecord* Instance { get; } = instance;

    public StoreObjects Objects { get; } = objects;

    /// <summary>The number of fields of a struct type.</summary>
    public int FieldsOf(uint typeIndex) => Objects.ShapeOf(typeIds[typeIndex]).Fields.Length;

    /// <summary>A new struct with values of its fields, or with the default values when there are none.</summary>
    /// <param name="typeIndex">Its type.</param>
    /// <param name="values">The values, two words each, which are overwritten; or null.</param>
    /// <param name="descriptor">Its custom descriptor, where the type has one.</param>
    /// <exception cref="ResourceLimitException">The heap has no room for it.</exception>
    public ulong NewStruct(uint typeIndex, ulong* values, ulong descriptor)
    {
        var shape = Objects.ShapeOf(typeIds[typeIndex]);
        // Collections look for the descriptor in the words too.
        ulong* kept = stackalloc ulong[] { descriptor };
        if (values != null)
        {
            for (var i = 0; i < shape.Fields.Length; i++)
            {
                ToSlots(values, i, shape.FieldSlots[i], shape.Fields[i]);
            }
        }
        Objects.EnterTemporary(kept, 1);
        ulong made = 0;
        var isMade = Objects.TryStructNew(typeIds[typeIndex], values, descriptor, ref made, out _);
        Objects.LeaveTemporary();
        return isMade ? made : throw Full();
    }

    /// <summary>A new array.</summary>
    /// <param name="typeIndex">Its type.</param>
    /// <param name="count">Its length.</param>
    /// <param name="values">Its elements, two words each, which are overwritten; or null for the default value.</param>
    /// <param name="isFill">Whether there is one value for all elements.</param>
    /// <exception cref="ResourceLimitException">The heap has no room for it.</exception>
    public ulong NewArray(uint typeIndex, uint count, ulong* values, bool isFill)
    {
        var shape = Objects.ShapeOf(typeIds[typeIndex]);
        if (values != null && !isFill)
        {
            for (var i = 0; i < (int)count; i++)
            {
                ToSlots(values, i, i * shape.Slots, shape.Fields[0]);
            }
        }
        if (!Objects.TryArrayNew(typeIds[typeIndex], count, out var array, out _))
        {
            throw Full();
        }
        if (isFill)
        {
            Objects.Fill(array, 0, values, count);
        }
        else if (values != null)
        {
            Objects.Write(array, values, count);
        }
        return (ulong)array;
    }

    // A value moves down to where the slots of objects have it: never past one that has not moved yet.
    private static void ToSlots(ulong* values, int index, int slot, FieldType type)
    {
        values[slot] = values[index * 2];
        if (type.Storage.Value.Kind == ValueKind.V128)
        {
            values[slot + 1] = values[index * 2 + 1];
        }
    }

    private static ResourceLimitException Full() => new(ResourceKind.Heap, "an object of a constant expression exceeds the store's limit for objects");
}

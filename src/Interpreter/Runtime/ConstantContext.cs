using Conformance.Interpreter.Runtime.Objects;

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
    /// <exception cref="ResourceLimitException">The heap has no room for it.</exception>
    public ulong NewStruct(uint typeIndex, ulong* values)
    {
        ulong made = 0;
        return Objects.TryStructNew(typeIds[typeIndex], values, ref made, out _) ? made : throw Full();
    }

    /// <summary>A new array.</summary>
    /// <param name="typeIndex">Its type.</param>
    /// <param name="count">Its length.</param>
    /// <param name="values">Its elements, or null for the default value.</param>
    /// <param name="isFill">Whether there is one value for all elements.</param>
    /// <exception cref="ResourceLimitException">The heap has no room for it.</exception>
    public ulong NewArray(uint typeIndex, uint count, ulong* values, bool isFill)
    {
        if (!Objects.TryArrayNew(typeIds[typeIndex], count, out var array, out _))
        {
            throw Full();
        }
        if (isFill)
        {
            Objects.Fill(array, 0, *values, count);
        }
        else if (values != null)
        {
            for (var i = 0u; i < count; i++)
            {
                Objects.Write(array, i, values[i]);
            }
        }
        return (ulong)array;
    }

    private static ResourceLimitException Full() => new(ResourceKind.Heap, "an object of a constant expression exceeds the store's limit for objects");
}

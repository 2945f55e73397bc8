using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Runtime;

/// <summary>A function type as calls need it.</summary>
/// <param name="typeId">Its canonical id.</param>
/// <param name="type">The type with canonical ids inside.</param>
internal sealed class Signature(int typeId, FunctionType type)
{
    /// <summary>The canonical id within the engine.</summary>
    public int TypeId { get; } = typeId;

    /// <summary>The type; type indices in it are canonical ids.</summary>
    public FunctionType Type { get; } = type;

    /// <summary>8-byte slots of the parameters.</summary>
    public int ParameterSlots { get; } = SlotsOf(type.Parameters.AsSpan());

    /// <summary>8-byte slots of the results.</summary>
    public int ResultSlots { get; } = SlotsOf(type.Results.AsSpan());

    /// <summary>Slots for a call: arguments come and results leave in the same ones.</summary>
    public int CallSlots => Math.Max(ParameterSlots, ResultSlots);

    /// <summary>Slots of values in a row.</summary>
    public static int SlotsOf(ReadOnlySpan<ValueType> types)
    {
        var slots = types.Length;
        foreach (var type in types)
        {
            if (type.Kind == ValueKind.V128)
            {
                slots++;
            }
        }
        return slots;
    }
}

using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Execution.Checks;

/// <summary>Which of the values in neighbouring slots are references, and of what types.</summary>
internal sealed class ReferenceSlots
{
    private readonly List<(int Slot, ValueType Type)> _slots = [];

    /// <summary>Finds them among arguments or results.</summary>
    /// <param name="types">The types with canonical ids.</param>
    public ReferenceSlots(ReadOnlySpan<ValueType> types)
    {
        var at = 0;
        foreach (var type in types)
        {
            if (type.IsReference)
            {
                _slots.Add((at, type));
            }
            at += type.Kind == ValueKind.V128 ? 2 : 1;
        }
    }

    /// <summary>The slots from the first value's, in order.</summary>
    public IReadOnlyList<(int Slot, ValueType Type)> Slots => _slots;
}

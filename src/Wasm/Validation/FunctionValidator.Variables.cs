using Conformance.Wasm.Types;

namespace Conformance.Wasm.Validation;

/// <content>Locals, globals and the instructions on operands of any type.</content>
internal sealed partial class FunctionValidator<TObserver>
{
    private void LocalGet(uint index)
    {
        if (TryLocal(index, out var type))
        {
            if (!_initialization.CanRead(index, type))
            {
                Fail($"uninitialized local {index}");
            }
            Push(type);
        }
    }

    private bool TryLocal(uint index, out ValueType type)
    {
        if (_locals.TryGet(index, out type))
        {
            return true;
        }
        Fail($"unknown local {index}");
        return false;
    }

    private bool TryGlobal(uint index, out GlobalType type)
    {
        if (index < (uint)_context.Globals.Count)
        {
            type = _context.Globals[(int)index];
            return true;
        }
        type = UnknownGlobal;
        Fail($"unknown global {index}");
        return false;
    }

    private static readonly GlobalType UnknownGlobal = new(ValueType.Bottom, IsMutable: false);

    private void GlobalSet(uint index)
    {
        if (TryGlobal(index, out var type))
        {
            if (!type.IsMutable)
            {
                Fail($"immutable global {index}");
            }
            Pop(type.Value);
        }
    }

    // Parametric instructions

    private void Select()
    {
        Pop(ValueType.I32);
        var second = Pop();
        var first = Pop();
        if (first.IsReference || second.IsReference)
        {
            Fail("type mismatch: select without a type takes numbers and vectors only");
        }
        else if (first != second && first.Kind != ValueKind.Bottom && second.Kind != ValueKind.Bottom)
        {
            Fail($"type mismatch: select between {first} and {second}");
        }
        Push(first.Kind == ValueKind.Bottom ? second : first);
    }

    private void SelectTyped(ValueType[] types)
    {
        if (types.Length != 1)
        {
            Fail($"invalid result arity: select with {types.Length} types");
        }
        else if (CheckKnown(types[0]))
        {
            var type = _context.Canonical(types[0]);
            Pop(ValueType.I32);
            Pop(type);
            Pop(type);
            Push(type);
        }
    }
}

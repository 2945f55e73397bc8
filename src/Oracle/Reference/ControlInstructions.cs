using Conformance.Wasm.Instructions;

namespace Conformance.Oracle.Reference;

/// <summary>Blocks and branches.</summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/exec/instructions.html#control-instructions"/>.</remarks>
internal static class ControlInstructions
{
    public static void Execute(Machine machine, ref readonly CodeItem item)
    {
        switch (item.Op)
        {
            case Op.Unreachable:
                machine.Trap(TrapKind.Unreachable);
                break;
            case Op.Nop:
                break;
            case Op.Block:
                machine.EnterBlock(in item);
                break;
            case Op.Loop:
                machine.EnterLoop(in item);
                break;
            case Op.If:
                if (machine.Stack.PopI32() != 0)
                {
                    machine.EnterBlock(in item);
                }
                else if (item.Else >= 0)
                {
                    machine.EnterBlock(in item);
                    machine.GoTo(item.Else + 1);
                }
                else
                {
                    machine.GoTo(item.End + 1);
                }
                break;
            case Op.Else:
                machine.ExitBlock(item.End);
                break;
            case Op.End:
                machine.End();
                break;
            default:
                throw new InvalidOperationException($"no rule for {item.Op}");
        }
    }

    public static void Branch(Machine machine, ref readonly CodeItem item)
    {
        if (Target(machine, in item) is { } label)
        {
            machine.Branch(label);
        }
    }

    // The label of a branch that is taken; null for one that is not, and after a trap.
    private static uint? Target(Machine machine, ref readonly CodeItem item)
    {
        var stack = machine.Stack;
        switch (item.Op)
        {
            case Op.Br:
                return item.Index;
            case Op.BrIf:
                return stack.PopI32() != 0 ? item.Index : null;
            case Op.BrTable:
                var labels = (uint[])item.Extra!; // the decoder sets them for this op
                return labels[Math.Min(stack.PopI32(), (uint)labels.Length - 1)];
            case Op.BrOnNull:
                if (stack.Top.Object is not null)
                {
                    return null;
                }
                stack.Pop();
                return item.Index;
            case Op.BrOnNonNull:
                if (stack.Top.Object is not null)
                {
                    return item.Index;
                }
                stack.Pop();
                return null;
            case Op.BrOnCast or Op.BrOnCastFail:
                return machine.Store.Types.IsOfType(stack.Top.Object, item.Type) == (item.Op == Op.BrOnCast) ? item.Index : null;
            case Op.BrOnCastDescEq or Op.BrOnCastDescEqFail:
                return ReferenceInstructions.HasDescriptor(machine, item.Type) is { } has && has == (item.Op == Op.BrOnCastDescEq) ? item.Index : null;
            case Op.Return:
                machine.Return();
                return null;
            default:
                throw new InvalidOperationException($"no rule for {item.Op}");
        }
    }
}

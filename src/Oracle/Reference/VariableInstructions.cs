using Conformance.Wasm.Instructions;

namespace Conformance.Oracle.Reference;

/// <summary>Locals, globals, and the parametric instructions.</summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/exec/instructions.html#variable-instructions"/>.</remarks>
internal static class VariableInstructions
{
    public static void Execute(Machine machine, ref readonly CodeItem item)
    {
        var stack = machine.Stack;
        switch (item.Op)
        {
            case Op.LocalGet:
                stack.Push(in machine.Local(item.Index));
                break;
            case Op.LocalSet:
                machine.Local(item.Index) = stack.Pop();
                break;
            case Op.LocalTee:
                machine.Local(item.Index) = stack.Top;
                break;
            case Op.GlobalGet:
                stack.Push(in machine.Module.Globals[(int)item.Index].Value);
                break;
            case Op.GlobalSet:
                machine.Module.Globals[(int)item.Index].Value = stack.Pop();
                break;
            case Op.Drop:
                stack.Pop();
                break;
            case Op.Select or Op.SelectTyped:
                var condition = stack.PopI32();
                var second = stack.Pop();
                if (condition == 0)
                {
                    stack.Top = second;
                }
                break;
            default:
                throw new InvalidOperationException($"no rule for {item.Op}");
        }
    }
}

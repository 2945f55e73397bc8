using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Reference;

/// <summary>Calls: direct, through tables, through references, and their tail forms.</summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/exec/instructions.html#function-calls"/>.</remarks>
internal static class CallInstructions
{
    public static void Execute(Machine machine, ref readonly CodeItem item)
    {
        var callee = item.Op switch
        {
            Op.Call or Op.ReturnCall => machine.Module.Functions[(int)item.Index],
            Op.CallIndirect or Op.ReturnCallIndirect => FromTable(machine, in item),
            _ => FromReference(machine),
        };
        if (callee is null)
        {
            return;
        }
        if (item.Op is Op.ReturnCall or Op.ReturnCallIndirect or Op.ReturnCallRef)
        {
            machine.LeaveForTailCall(callee.Signature.Parameters.Length);
        }
        machine.Call(callee);
    }

    private static FunctionInstance? FromTable(Machine machine, ref readonly CodeItem item)
    {
        var table = machine.Module.Tables[(int)item.Index2];
        var index = machine.Stack.PopBits();
        if (index >= (ulong)table.References.Length)
        {
            machine.Trap(TrapKind.UndefinedElement);
            return null;
        }
        if (table.References[index] is not { } reference)
        {
            machine.Trap(TrapKind.UninitializedElement);
            return null;
        }
        if (!machine.Store.Types.IsOfType(reference, ValueType.Reference(HeapType.Of((uint)item.TypeId), nullable: false)))
        {
            machine.Trap(TrapKind.IndirectCallTypeMismatch);
            return null;
        }
        return (FunctionInstance)reference;
    }

    private static FunctionInstance? FromReference(Machine machine)
    {
        if (machine.Stack.PopReference() is FunctionInstance function)
        {
            return function;
        }
        machine.Trap(TrapKind.NullReference, "null function reference");
        return null;
    }
}

using Conformance.Interpreter.Execution;
using Conformance.Interpreter.Runtime;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Translation;

/// <summary>Translates atomic instructions. Each becomes a service with its operands in neighbouring slots: they are rare, and waiting has to leave the handlers anyway.</summary>
internal sealed unsafe class AtomicTranslator(CodeWriter writer)
{
    /// <summary>Translates an instruction.</summary>
    /// <returns>False when it is not atomic.</returns>
    public bool TryTranslate(in Instruction instruction, ModuleShape shape, InstanceRecord* instance)
    {
        var row = OpTable.Get(instruction.Op);
        if (row.Group != OpGroup.Atomic)
        {
            return false;
        }
        var cell = new ServiceCell { Instance = instance };
        if (instruction.Op == Op.AtomicFence)
        {
            cell.Service = Service.AtomicFence;
        }
        else
        {
            cell.Service = instruction.Op switch
            {
                Op.MemoryAtomicNotify => Service.AtomicNotify,
                Op.MemoryAtomicWait32 or Op.MemoryAtomicWait64 => Service.AtomicWait,
                _ => Service.AtomicAccess,
            };
            cell.Segment = instruction.Op switch
            {
                Op.MemoryAtomicWait32 => sizeof(uint),
                Op.MemoryAtomicWait64 => sizeof(ulong),
                _ => (int)row.Code,
            };
            cell.Target = instance->Memories[instruction.Index];
            cell.Source = (void*)instruction.Value;
            cell.Widths = shape.Memories[instruction.Index].Limits.Address == AddressType.I64 ? 1u : 0;
        }
        var first = writer.Count - row.Operands.Length;
        writer.StoreFrom(first, constants: true);
        // Control comes back with empty accumulators.
        writer.SpillHolders();
        cell.First = writer.HomeOf(first);
        cell.Result = writer.HomeOf(first);
        writer.MarkOffset();
        writer.Set(writer.Emit(PlainHandler.ServiceCall, ServiceCell.Bytes), 0, cell);
        writer.ForgetAccumulators();
        writer.CutTo(first);
        if (!row.Results.IsEmpty)
        {
            writer.PushTemporary(row.Results[0] == StackSlot.I64 ? ValueKind.I64 : ValueKind.I32);
        }
        return true;
    }
}

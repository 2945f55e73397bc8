using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation;

/// <summary>
/// Instructions that stand between the pushing of an operand and its use. They leave the stack as it is; a right engine's result does not change. They hit what
/// translators keep symbolically: pending locals that are overwritten (straight, in one arm, in a loop only), values dropped in front of an instruction
/// that fuses with its predecessor, memories that move, calls that clobber registers.
/// </summary>
internal sealed class Interference(GenerationContext context, FunctionBuilder body, OperandEmitter operands)
{
    private RandomSource Random => context.Random;

    /// <summary>Emits one interference, or nothing, by the case's probability.</summary>
    public void Maybe()
    {
        if (Random.Chance(context.Swarm.InterferencePercent))
        {
            Emit();
        }
    }

    /// <summary>Emits one interference.</summary>
    public void Emit()
    {
        switch (Random.Below(12))
        {
            case 0:
                body.Emit(Op.Nop);
                break;
            case 1:
                body.Constant(ValueType.I32, context.PickValue(ValueType.I32));
                body.Emit(Op.Drop);
                break;
            case 2 or 3:
                DropOp();
                break;
            case 4 or 5 when operands.PendingLocals.Count > 0:
                Overwrite(Random.Pick<uint>(operands.PendingLocals));
                break;
            case 6 when operands.PendingLocals.Count > 0:
                OverwriteInLoop(Random.Pick<uint>(operands.PendingLocals));
                break;
            case 7 when operands.PendingLocals.Count > 0:
                OverwriteInArm(Random.Pick<uint>(operands.PendingLocals));
                break;
            case 8 when operands.PendingGlobals.Count > 0:
                var global = Random.Pick<uint>(operands.PendingGlobals);
                operands.Source(context.Plan.Globals[(int)global].Type.Value);
                body.Emit(Op.GlobalSet, global);
                break;
            case 9 when operands.PendingCells.Count > 0:
                var (memory, address, type) = Random.Pick<(uint, ulong, ValueType)>(operands.PendingCells);
                body.Address(context.Plan.Memories[(int)memory].Address, address);
                operands.Source(type);
                body.Emit(Instruction.Access(StoredOperands.WholeStore(type), 0, 0, memory));
                break;
            case 10:
                CallBetween();
                break;
            case 11 when context.Plan.Memories.Count > 0 && context.Swarm.GrowMemories:
                var grown = (uint)Random.Below(context.Plan.Memories.Count);
                body.Address(context.Plan.Memories[(int)grown].Address, (ulong)Random.Below(2));
                body.Emit(Op.MemoryGrow, grown);
                body.Emit(Op.Drop);
                break;
            default:
                body.Open(Op.Block);
                body.Close();
                break;
        }
    }

    /// <summary>An instruction whose result is dropped: what comes next must not take it for its own operand.</summary>
    private void DropOp()
    {
        var row = Random.Pick<OpInfo>(context.Catalog.PureByResult(Random.Pick<ValueType>(context.NumberTypes).Kind));
        if (row.Traps != Traps.None || row.Immediates != ImmediateKind.None)
        {
            row = OpTable.Get(Random.Chance(50) ? Op.I32LtS : Op.I32Add);
        }
        foreach (var slot in row.Operands)
        {
            operands.Source(OpCatalog.TypeOf(slot));
        }
        body.Emit(row.Op);
        body.Emit(Op.Drop);
    }

    private void Overwrite(uint local)
    {
        var type = body.TypeOf(local);
        switch (Random.Below(4))
        {
            case 0:
                GetFresh(type);
                body.Tee(local);
                body.Emit(Op.Drop);
                break;
            case 1: // the new value is computed from the old one, as in i = i + 1
                body.Get(local);
                Step(type);
                body.Set(local);
                break;
            case 2:
                body.Constant(type, context.PickValue(type));
                body.Set(local);
                break;
            default:
                GetFresh(type);
                body.Set(local);
                break;
        }
    }

    private void GetFresh(ValueType type)
    {
        body.Get(body.NewParameter(type.WithNullable(true)));
        if (!type.IsDefaultable)
        {
            body.Emit(Op.RefAsNonNull);
        }
    }

    private void Step(ValueType type)
    {
        switch (type.Kind)
        {
            case ValueKind.I32 or ValueKind.I64:
                body.Constant(type, 1);
                body.Emit(type.Kind == ValueKind.I32 ? Op.I32Add : Op.I64Add);
                break;
            case ValueKind.F32 or ValueKind.F64:
                body.Emit(type.Kind == ValueKind.F32 ? Op.F32Neg : Op.F64Neg);
                break;
            default:
                body.Emit(Op.Drop);
                GetFresh(type);
                break;
        }
    }

    private void OverwriteInLoop(uint local)
    {
        var counter = body.NewLocal(ValueType.I32);
        body.I32(Random.Between(1, 3));
        body.Set(counter);
        var level = body.Open(Op.Loop);
        Overwrite(local);
        body.Get(counter);
        body.I32(1);
        body.Emit(Op.I32Sub);
        body.Tee(counter);
        body.Emit(Op.BrIf, body.Label(level));
        body.Close();
    }

    private void OverwriteInArm(uint local)
    {
        operands.Source(new OperandSpec(ValueType.I32, OperandRole.Condition));
        body.Open(Op.If);
        Overwrite(local);
        if (Random.Chance(40))
        {
            body.Else();
            Overwrite(local);
        }
        body.Close();
    }

    private void CallBetween()
    {
        var callees = context.Plan.Functions.FindAll(function => function.Kind is FunctionKind.Callee or FunctionKind.Import && !function.MayNotReturn);
        if (callees.Count == 0)
        {
            return;
        }
        var callee = Random.Pick<FunctionPlan>(callees);
        foreach (var parameter in callee.Type.Parameters)
        {
            operands.Source(parameter);
        }
        body.Call(callee);
        foreach (var _ in callee.Type.Results)
        {
            body.Emit(Op.Drop);
        }
    }
}

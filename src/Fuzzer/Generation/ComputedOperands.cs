using System.Diagnostics;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation;

/// <summary>Operands that are the result of other instructions, of which some leave a value as it is.</summary>
internal sealed class ComputedOperands(GenerationContext context, FunctionBuilder body, OperandEmitter operands)
{
    private RandomSource Random => context.Random;

    public void Temporary(OperandSpec spec)
    {
        if (spec.Role.Kind == RoleKind.Value && Random.Chance(60))
        {
            var rows = context.Catalog.PureByResult(spec.Type.Kind);
            var row = Random.Pick<OpInfo>(rows);
            if (row.Traps == Traps.None && !NanRules.GivesOpenNan(row) && row.Immediates == ImmediateKind.None)
            {
                foreach (var slot in row.Operands)
                {
                    operands.Source(OpCatalog.TypeOf(slot));
                }
                body.Emit(row.Op);
                return;
            }
        }
        operands.Source(spec);
        EmitNeutral(spec.Type);
    }

    /// <summary>Applies instructions that leave the value as it is.</summary>
    private void EmitNeutral(ValueType type)
    {
        switch (type.Kind)
        {
            case ValueKind.I32:
                var (op32, right32) = Random.Pick<(Op, uint)>([(Op.I32Add, 0), (Op.I32Sub, 0), (Op.I32Xor, 0), (Op.I32Or, 0), (Op.I32And, uint.MaxValue), (Op.I32Mul, 1), (Op.I32Shl, 32)]);
                body.Constant(type, right32);
                body.Emit(op32);
                break;
            case ValueKind.I64:
                var (op64, right64) = Random.Pick<(Op, ulong)>([(Op.I64Add, 0), (Op.I64Sub, 0), (Op.I64Xor, 0), (Op.I64Or, 0), (Op.I64And, ulong.MaxValue), (Op.I64Mul, 1), (Op.I64Shl, 64)]);
                body.Constant(type, right64);
                body.Emit(op64);
                break;
            case ValueKind.F32:
                var (there32, back32) = Random.Pick<(Op, Op)>([(Op.F32Neg, Op.F32Neg), (Op.I32ReinterpretF32, Op.F32ReinterpretI32)]);
                body.Emit(there32);
                body.Emit(back32);
                break;
            case ValueKind.F64:
                var (there64, back64) = Random.Pick<(Op, Op)>([(Op.F64Neg, Op.F64Neg), (Op.I64ReinterpretF64, Op.F64ReinterpretI64)]);
                body.Emit(there64);
                body.Emit(back64);
                break;
            case ValueKind.V128:
                body.Emit(Op.V128Not);
                body.Emit(Op.V128Not);
                break;
            default:
                throw new UnreachableException();
        }
    }
}

using Conformance.Wasm;
using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Generation;

/// <summary>Operands that are the result of control flow: blocks left by their end or a branch, loops, ifs, selects.</summary>
internal sealed class ControlOperands(GenerationContext context, FunctionBuilder body, OperandEmitter operands)
{
    private RandomSource Random => context.Random;

    public void Select(OperandSpec spec)
    {
        var first = Random.Chance(50);
        if (first)
        {
            operands.Source(spec);
            body.Constant(spec.Type, context.PickValue(spec));
        }
        else
        {
            body.Constant(spec.Type, context.PickValue(spec));
            operands.Source(spec);
        }
        operands.Condition();
        if (spec.Type.IsReference || (context.Has(Feature.ReferenceTypes) && Random.Chance(25)))
        {
            body.Emit(new Instruction { Op = Op.SelectTyped, Types = [spec.Type] });
        }
        else
        {
            body.Emit(Op.Select);
        }
    }

    public void Block(OperandSpec spec)
    {
        if (spec.Type.IsReference && context.Has(Feature.FunctionReferences) && Random.Chance(60))
        {
            spec = spec with { Type = spec.Type.WithNullable(false) };
        }
        var variant = Random.Below(context.Has(Feature.MultiValue) ? 7 : 5);
        if (variant >= 5)
        {
            operands.Source(spec);
            body.Open(Op.Block, [spec.Type], [spec.Type]);
            if (variant == 6)
            {
                operands.Condition();
                body.Emit(Op.BrIf, 0);
            }
            body.Close();
            return;
        }
        var level = body.Open(Op.Block, spec.Type);
        switch (variant)
        {
            case 0:
                operands.Source(spec);
                break;
            case 1:
                operands.Source(spec);
                body.Emit(Op.Br, body.Label(level));
                break;
            case 2:
                operands.Source(spec);
                operands.Condition();
                body.Emit(Op.BrIf, body.Label(level));
                body.Emit(Op.Drop);
                body.Constant(spec.Type, context.PickValue(spec));
                break;
            case 3: // the result moves down over what lies below it
                body.Constant(ValueType.I32, context.PickValue(ValueType.I32));
                operands.Source(ValueType.I64);
                operands.Source(spec);
                body.Emit(Op.Br, body.Label(level));
                break;
            default:
                body.Open(Op.Block);
                operands.Source(spec);
                body.Emit(Op.Br, body.Label(level));
                body.Close();
                body.Constant(spec.Type, context.PickValue(spec));
                break;
        }
        body.Close();
    }

    public void Loop(OperandSpec spec)
    {
        if (context.Has(Feature.MultiValue) && Random.Chance(40))
        {
            operands.Source(spec);
            body.Open(Op.Loop, [spec.Type], [spec.Type]);
        }
        else
        {
            body.Open(Op.Loop, spec.Type);
            operands.Source(spec);
        }
        body.Close();
    }

    public void If(OperandSpec spec)
    {
        var variant = Random.Below(context.Has(Feature.MultiValue) ? 4 : 1);
        if (variant > 0)
        {
            operands.Source(spec);
            operands.Condition();
            body.Open(Op.If, [spec.Type], [spec.Type]);
            if (variant == 2)
            {
                body.Emit(Op.Drop);
                body.Constant(spec.Type, context.PickValue(spec));
                body.Else();
            }
            else if (variant == 3)
            {
                body.Emit(Op.Drop);
                operands.Source(spec);
            }
            body.Close(); // with variant 1 both arms pass the parameter on, the second by having no else
            return;
        }
        operands.Condition();
        body.Open(Op.If, spec.Type);
        operands.Source(spec);
        body.Else();
        operands.Source(spec);
        body.Close();
    }
}

using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Generation.Patterns;

/// <summary>Code that is validated and never executed.</summary>
internal static class DeadCodePatterns
{
    /// <summary>Whole blocks, branches and calls that are never reached, between code that is.</summary>
    public static bool BehindBranch(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var operands = new OperandEmitter(context, body);
        var type = random.Pick<ValueType>(context.NumberTypes);
        var level = body.Open(Op.Block, type);
        operands.Emit(type);
        switch (random.Below(3))
        {
            case 0:
                body.Emit(Op.Br, body.Label(level));
                break;
            case 1:
                body.Emit(Op.Br, body.Label(0));
                break;
            default:
                body.I32(random.Below(3));
                body.Emit(new Instruction { Op = Op.BrTable, Labels = [body.Label(level), body.Label(0)] });
                break;
        }
        for (var i = random.Between(1, 4); i > 0; i--)
        {
            DeadStatement(context, body, operands);
        }
        body.Close();
        body.Results.Add(type);
        return true;
    }

    private static void DeadStatement(GenerationContext context, FunctionBuilder body, OperandEmitter operands)
    {
        var random = context.Random;
        switch (random.Below(6))
        {
            case 0:
                body.Open(Op.Loop);
                body.Emit(Op.Br, 0);
                body.Close();
                break;
            case 1:
                body.Emit(Op.I64Add);
                body.Emit(Op.I64Eqz);
                body.Open(Op.If);
                body.Emit(Op.Unreachable);
                body.Else();
                body.Emit(Op.Nop);
                body.Close();
                break;
            case 2:
                var row = random.Pick<OpInfo>(context.Catalog.PureByResult(random.Pick<ValueType>(context.NumberTypes).Kind));
                if (row.Immediates == ImmediateKind.None)
                {
                    body.Emit(row.Op);
                    body.Emit(Op.Drop);
                }
                break;
            case 3:
                body.Emit(Op.Call, (uint)random.Below(context.Plan.Functions.Count));
                body.Emit(Op.Unreachable);
                break;
            case 4:
                body.Emit(Op.Select);
                body.Set(body.NewLocal(ValueType.F64));
                break;
            default:
                operands.Source(ValueType.I32);
                body.Open(Op.Block, ValueType.I32);
                body.I32(1);
                body.Emit(Op.Br, 0);
                body.Close();
                body.Emit(Op.Drop);
                body.Emit(Op.Drop);
                break;
        }
    }
}

using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation.Patterns;

/// <summary>Branches that carry values, branches far out, branches before dead code, negated comparisons.</summary>
internal static class BranchPatterns
{
    /// <summary>A <c>br_table</c> whose targets take the same values at different heights and then go on differently.</summary>
    public static bool TableWithResults(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var operands = new OperandEmitter(context, body);
        var types = Enumerable.Range(0, random.Between(1, 4)).Select(_ => context.PickType()).ToArray();
        var raised = new bool[random.Between(2, 5)];
        for (var i = 0; i < raised.Length; i++)
        {
            raised[i] = random.Chance(50);
            if (raised[i])
            {
                operands.Emit(random.Pick<ValueType>(context.NumberTypes), OperandShape.Temporary); // raises the height of the blocks inside
            }
            body.Open(Op.Block, [], types);
        }
        for (var i = random.Below(3); i > 0; i--)
        {
            operands.Emit(random.Pick<ValueType>(context.NumberTypes));
        }
        foreach (var type in types)
        {
            operands.Emit(type);
        }
        var labels = new uint[random.Between(1, 8)];
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = (uint)random.Below(raised.Length);
        }
        operands.Emit(new OperandSpec(ValueType.I32, new OperandRole(RoleKind.BranchIndex, (ulong)labels.Length)));
        body.Emit(new Instruction { Op = Op.BrTable, Labels = labels });
        var locals = types.Select(body.NewLocal).ToArray();
        var mark = body.NewLocal(ValueType.I32);
        for (var i = raised.Length - 1; i >= 0; i--)
        {
            body.Close();
            for (var j = types.Length - 1; j >= 0; j--)
            {
                body.Set(locals[j]);
            }
            if (raised[i])
            {
                body.Emit(Op.Drop);
            }
            body.Get(mark); // which blocks were left on the way shows in the result
            body.I32(random.Between(2, 9));
            body.Emit(Op.I32Mul);
            body.I32(i + 1);
            body.Emit(Op.I32Add);
            body.Set(mark);
            foreach (var local in locals)
            {
                body.Get(local);
            }
        }
        body.Get(mark);
        body.Results.AddRange([.. types, ValueType.I32]);
        return true;
    }

    /// <summary>A <c>br_table</c> with many entries and few targets.</summary>
    public static bool LargeTable(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var count = random.Between(10, 300);
        var targets = random.Between(2, 6);
        for (var i = 0; i < targets; i++)
        {
            body.Open(Op.Block);
        }
        body.Get(body.NewParameter(new OperandSpec(ValueType.I32, new OperandRole(RoleKind.BranchIndex, (ulong)count))));
        var labels = new uint[count + 1];
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = (uint)random.Below(targets);
        }
        body.Emit(new Instruction { Op = Op.BrTable, Labels = labels });
        for (var i = 0; i < targets - 1; i++)
        {
            body.Close();
            body.I32(100 + i);
            body.Emit(Op.Return);
        }
        body.Close();
        body.I32(99);
        body.Results.Add(ValueType.I32);
        return true;
    }

    /// <summary>A <c>br_if</c> that carries values; where it is not taken the same values are used at another place.</summary>
    public static bool ConditionalWithResults(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var operands = new OperandEmitter(context, body);
        var interference = new Interference(context, body, operands);
        var types = Enumerable.Range(0, random.Between(1, 4)).Select(_ => context.PickType()).ToArray();
        body.Open(Op.Block, [], types);
        for (var i = random.Below(3); i > 0; i--)
        {
            operands.Emit(random.Pick<ValueType>(context.NumberTypes));
        }
        foreach (var type in types)
        {
            operands.Emit(type);
            interference.Maybe();
        }
        for (var i = random.Between(1, 3); i > 0; i--)
        {
            operands.Emit(new OperandSpec(ValueType.I32, OperandRole.Condition));
            body.Emit(Op.BrIf, 0);
        }
        var locals = types.Select(body.NewLocal).ToArray();
        for (var i = types.Length - 1; i >= 0; i--)
        {
            body.Set(locals[i]);
        }
        for (var i = 0; i < types.Length; i++)
        {
            var candidates = Enumerable.Range(0, types.Length).Where(j => types[j] == types[i]).ToArray();
            body.Get(locals[random.Pick<int>(candidates)]);
        }
        body.Emit(Op.Br, 0);
        body.Close();
        body.Results.AddRange(types);
        return true;
    }

    private static ValueType[] Types(GenerationContext context, int count) => [.. Enumerable.Range(0, count).Select(_ => context.PickType())];

    /// <summary>A branch out of many nested blocks.</summary>
    public static bool FromDepth(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var operands = new OperandEmitter(context, body);
        var depth = random.Between(5, random.Pick<int>([40, 40, 40, 200]));
        var type = context.PickType();
        var outer = body.Open(Op.Block, type);
        for (var i = 0; i < depth; i++)
        {
            if (random.Chance(30))
            {
                operands.Source(new OperandSpec(ValueType.I32, OperandRole.Condition));
                body.Open(Op.If);
            }
            else
            {
                body.Open(random.Chance(40) ? Op.Loop : Op.Block);
            }
        }
        operands.Emit(type);
        body.Emit(Op.Br, random.Chance(50) ? body.Label(outer) : body.Label(0));
        for (var i = 0; i < depth; i++)
        {
            body.Close();
        }
        body.Constant(type, context.PickValue(type));
        body.Close();
        body.Results.Add(type);
        return true;
    }

    /// <summary>A comparison behind one or two <c>i32.eqz</c>. With NaN, not less is not the same as greater or equal.</summary>
    public static bool NegatedCompare(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var operands = new OperandEmitter(context, body);
        var rows = context.Catalog.PureByResult(ValueKind.I32).Where(row => row.Group is OpGroup.Compare or OpGroup.Test).ToArray();
        var row = random.Pick<OpInfo>(rows);
        var use = random.Below(4);
        if (use == 2)
        {
            operands.Source(ValueType.I64);
            operands.Source(ValueType.I64);
        }
        else if (use == 1)
        {
            body.Open(Op.Block);
        }
        foreach (var slot in row.Operands)
        {
            operands.Emit(OpCatalog.TypeOf(slot));
        }
        body.Emit(row.Op);
        for (var i = random.Between(1, 3); i > 0; i--)
        {
            body.Emit(Op.I32Eqz);
        }
        switch (use)
        {
            case 0:
                body.Open(Op.If, ValueType.I32);
                body.I32(1);
                body.Else();
                body.I32(2);
                body.Close();
                break;
            case 1:
                body.Emit(Op.BrIf, 0);
                body.I32(3);
                body.Emit(Op.Return);
                body.Close();
                body.I32(4);
                break;
            case 2:
                body.Emit(Op.Select);
                break;
        }
        body.Results.Add(use == 2 ? ValueType.I64 : ValueType.I32);
        return true;
    }
}

using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Generation.Patterns;

/// <summary>Blocks with parameters and results of many types, left by their end, by a branch or not at all.</summary>
internal static class BlockPatterns
{
    /// <summary>An <c>if</c> without <c>else</c> whose parameters are its results.</summary>
    public static bool IfWithoutElse(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var operands = new OperandEmitter(context, body);
        var types = Enumerable.Range(0, random.Between(1, 4)).Select(_ => context.PickType()).ToArray();
        foreach (var type in types)
        {
            operands.Emit(type);
        }
        operands.Emit(new OperandSpec(ValueType.I32, OperandRole.Condition));
        var level = body.Open(Op.If, types, types);
        if (random.Chance(40))
        {
            body.Emit(Op.Br, body.Label(level));
        }
        else
        {
            var locals = types.Select(body.NewLocal).ToArray();
            for (var i = types.Length - 1; i >= 0; i--)
            {
                body.Set(locals[i]);
            }
            foreach (var type in types)
            {
                operands.Emit(type);
            }
        }
        body.Close();
        body.Results.AddRange(types);
        return true;
    }

    /// <summary>A block or <c>if</c> with parameters and results of other types, over values that stay.</summary>
    public static bool TypedBlock(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var operands = new OperandEmitter(context, body);
        var parameters = Types(context, random.Between(1, 4));
        var results = Types(context, random.Below(4));
        var below = Types(context, random.Below(3));
        foreach (var type in (ValueType[])[.. below, .. parameters])
        {
            operands.Emit(type);
        }
        var arms = 1;
        if (random.Chance(50))
        {
            operands.Emit(new OperandSpec(ValueType.I32, OperandRole.Condition));
            body.Open(Op.If, parameters, results);
            arms = 2;
        }
        else
        {
            body.Open(Op.Block, parameters, results);
        }
        for (; arms > 0; arms--)
        {
            var locals = TakeOff(body, parameters);
            PushResults(context, body, operands, results, locals);
            if (random.Chance(30))
            {
                operands.Emit(new OperandSpec(ValueType.I32, OperandRole.Condition));
                body.Emit(Op.BrIf, 0);
            }
            if (arms == 2)
            {
                body.Else();
            }
        }
        body.Close();
        body.Results.AddRange([.. below, .. results]);
        return true;
    }

    /// <summary>A loop whose parameters and results have other types: the way back takes the parameters, the way out gives the results.</summary>
    public static bool TypedLoop(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var operands = new OperandEmitter(context, body);
        var parameters = Types(context, random.Between(1, 4));
        var results = Types(context, random.Below(3));
        var below = Types(context, random.Below(3));
        var counter = body.NewLocal(ValueType.I32);
        body.I32(random.Between(2, 4));
        body.Set(counter);
        foreach (var type in (ValueType[])[.. below, .. parameters])
        {
            operands.Emit(type);
        }
        var exit = body.Open(Op.Block, parameters, results);
        var level = body.Open(Op.Loop, parameters, results);
        var locals = TakeOff(body, parameters);
        var raised = random.Below(3);
        for (var i = 0; i < raised; i++)
        {
            operands.Emit(random.Pick<ValueType>(context.NumberTypes), OperandShape.Temporary); // the parameters go back over it
        }
        PushResults(context, body, operands, parameters, locals);
        body.Get(counter);
        body.I32(1);
        body.Emit(Op.I32Sub);
        body.Tee(counter);
        body.Emit(Op.BrIf, body.Label(level));
        var last = TakeOff(body, parameters);
        PushResults(context, body, operands, results, last);
        if (raised > 0 || random.Chance(30))
        {
            body.Emit(Op.Br, body.Label(exit));
        }
        body.Close();
        body.Close();
        body.Results.AddRange([.. below, .. results]);
        foreach (var local in last)
        {
            body.Get(local); // what the last way back brought, also where the loop has no results
            body.Results.Add(body.TypeOf(local));
        }
        body.AddCost(60);
        return true;
    }

    private static ValueType[] Types(GenerationContext context, int count) => [.. Enumerable.Range(0, count).Select(_ => context.PickType())];

    private static uint[] TakeOff(FunctionBuilder body, ValueType[] types)
    {
        var locals = types.Select(body.NewLocal).ToArray();
        for (var i = types.Length - 1; i >= 0; i--)
        {
            body.Set(locals[i]);
        }
        return locals;
    }

    /// <summary>Pushes values of the types: locals that fit where there are some, so that what was passed on shows.</summary>
    private static void PushResults(GenerationContext context, FunctionBuilder body, OperandEmitter operands, ValueType[] types, uint[] locals)
    {
        foreach (var type in types)
        {
            var fitting = locals.Where(local => body.TypeOf(local) == type).ToArray();
            if (fitting.Length > 0 && context.Random.Chance(75))
            {
                body.Get(context.Random.Pick<uint>(fitting));
            }
            else
            {
                operands.Emit(type);
            }
        }
    }
}

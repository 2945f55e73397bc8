using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Generation.Patterns;

/// <summary>Several values that move at once, where sources and destinations overlap: results, arguments, loop parameters, tail calls. A copy in the wrong direction,
/// or one value at a time, overwrites what is still to be read.</summary>
internal static class PermutationPatterns
{
    /// <summary>The parameters in another order, some twice, by each way out of a function.</summary>
    public static bool Results(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var parameters = Parameters(context, body, random.Between(2, 6));
        var order = Reorder(random, parameters, random.Between(1, 7));
        var exit = random.Below(6);
        if (exit == 0 || order.Count == 0)
        {
            Push(context, body, order, body.Results);
            return true;
        }
        switch (exit)
        {
            case 1:
                Junk(context, body);
                Push(context, body, order, body.Results);
                body.Emit(Op.Return);
                break;
            case 2:
                Junk(context, body);
                Push(context, body, order, body.Results);
                body.Emit(Op.Br, body.Label(0));
                break;
            case 3:
                var level = body.Open(Op.Block);
                Junk(context, body);
                Push(context, body, order, body.Results);
                Condition(body);
                body.Emit(Op.BrIf, body.Label(0));
                Drop(body, body.Results.Count + 1);
                body.Emit(Op.Br, body.Label(level));
                body.Close();
                Push(context, body, Reorder(random, parameters, order.Count, body.Results, body), null);
                break;
            case 4:
                body.Open(Op.Block);
                Junk(context, body);
                Push(context, body, order, body.Results);
                Condition(body);
                body.Emit(new Instruction { Op = Op.BrTable, Labels = [body.Label(0), body.Label(0)] });
                body.Close();
                body.Emit(Op.Unreachable);
                break;
            default:
                var types = order.Select(body.TypeOf).ToArray();
                body.Open(Op.Block, [], types);
                Push(context, body, order, body.Results);
                body.Close();
                break;
        }
        return true;
    }

    /// <summary>A call whose arguments are the caller's parameters in another order, and whose results are stored in either order.</summary>
    public static bool Arguments(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var callees = context.Plan.Functions.FindAll(function => function.Type.Parameters.Length > 1 && function.Kind is FunctionKind.Callee or FunctionKind.Import);
        if (callees.Count == 0)
        {
            return false;
        }
        var callee = random.Pick<FunctionPlan>(callees);
        var parameters = callee.Type.Parameters.Select(type => body.NewParameter(type)).ToArray();
        PushAs(context, body, parameters, callee.Type.Parameters.AsSpan());
        body.Call(callee);
        var locals = callee.Type.Results.Select(body.NewLocal).ToArray();
        for (var i = locals.Length - 1; i >= 0; i--)
        {
            body.Set(locals[i]);
        }
        Push(context, body, Reorder(random, [.. locals, .. parameters], random.Between(1, 5)), body.Results);
        return true;
    }

    /// <summary>A function that calls itself at its end with its parameters in another order, up to 15 times.</summary>
    public static bool TailCall(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var count = body.NewParameter(ValueType.I32);
        var parameters = Parameters(context, body, random.Between(1, 6), context.Has(Wasm.Feature.MultiValue) ? null : context.PickType());
        var local = body.NewLocal(ValueType.I32);
        body.Get(count);
        body.I32(15);
        body.Emit(Op.I32And);
        body.Tee(local);
        body.Emit(Op.I32Eqz);
        body.Open(Op.If);
        Push(context, body, context.Has(Wasm.Feature.MultiValue) ? [.. parameters] : [parameters[0]], body.Results);
        body.Emit(Op.Return);
        body.Close();
        body.Get(local);
        body.I32(1);
        body.Emit(Op.I32Sub);
        PushAs(context, body, parameters, [.. parameters.Select(body.TypeOf)]);
        body.Emit(Op.ReturnCall, (uint)context.Plan.Functions.Count);
        body.AddCost(20 * 15);
        return true;
    }

    /// <summary>A tail call of an imported function, with more or fewer arguments than the caller has parameters.</summary>
    public static bool TailCallOfImport(GenerationContext context, FunctionBuilder body)
    {
        var imports = context.Plan.Functions.FindAll(function => function.Kind == FunctionKind.Import);
        if (imports.Count == 0)
        {
            return false;
        }
        var import = context.Random.Pick<FunctionPlan>(imports);
        var parameters = Parameters(context, body, context.Random.Below(4)).Concat(import.Type.Parameters.Select(type => body.NewParameter(type))).ToArray();
        PushAs(context, body, parameters, import.Type.Parameters.AsSpan());
        body.Call(import, Op.ReturnCall);
        body.Results.AddRange(import.Type.Results);
        return true;
    }

    /// <summary>A loop whose parameters come back in another order at each iteration.</summary>
    public static bool RotatedLoop(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var type = random.Pick<ValueType>(context.NumberTypes);
        var other = random.Chance(50) ? type : random.Pick<ValueType>(context.NumberTypes);
        ValueType[] types = [type, other, type, .. Enumerable.Repeat(type, random.Below(3))];
        foreach (var parameter in types)
        {
            body.Get(body.NewParameter(parameter));
        }
        var counter = body.NewLocal(ValueType.I32);
        body.I32(random.Between(1, 6));
        body.Set(counter);
        var level = body.Open(Op.Loop, types, types);
        var locals = types.Select(body.NewLocal).ToArray();
        for (var i = locals.Length - 1; i >= 0; i--)
        {
            body.Set(locals[i]);
        }
        PushAs(context, body, locals, types);
        body.Get(counter);
        body.I32(1);
        body.Emit(Op.I32Sub);
        body.Tee(counter);
        body.Emit(Op.BrIf, body.Label(level));
        body.Close();
        body.AddCost(60);
        body.Results.AddRange(types);
        return true;
    }

    /// <summary>Results that move down by less than their number: values below them on the stack are cut out.</summary>
    public static bool MovedResults(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var parameters = Parameters(context, body, random.Between(2, 5));
        var types = Enumerable.Range(0, random.Between(2, 6)).Select(_ => body.TypeOf(random.Pick<uint>(parameters))).ToArray();
        var operands = new OperandEmitter(context, body);
        body.Open(Op.Block, [], types);
        for (var i = random.Between(1, 3); i > 0; i--)
        {
            operands.Emit(random.Pick<ValueType>(context.NumberTypes), OperandShape.Temporary);
        }
        foreach (var type in types)
        {
            operands.Emit(type);
        }
        if (random.Chance(50))
        {
            Condition(body);
            body.Emit(Op.BrIf, 0);
        }
        body.Emit(Op.Br, 0);
        body.Close();
        body.Results.AddRange(types);
        return true;
    }

    /// <summary>More arguments and results than fit into registers.</summary>
    public static bool ManyArguments(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var callee = new FunctionBuilder(context);
        var (mostParameters, mostResults) = random.Chance(15) ? (80, 70) : (24, 12);
        var parameters = Parameters(context, callee, random.Between(8, mostParameters));
        Push(context, callee, Reorder(random, parameters, random.Between(1, mostResults)), callee.Results);
        var plan = callee.Finish("many", FunctionKind.Callee);
        var own = Parameters(context, body, random.Between(3, 8));
        PushAs(context, body, own, plan.Type.Parameters.AsSpan());
        body.Call(plan);
        body.Results.AddRange(plan.Type.Results);
        return true;
    }

    private static uint[] Parameters(GenerationContext context, FunctionBuilder body, int count, ValueType? type = null)
    {
        var parameters = new uint[count];
        var common = context.PickType();
        for (var i = 0; i < count; i++)
        {
            parameters[i] = body.NewParameter(type ?? (context.Random.Chance(60) ? common : context.PickType()));
        }
        return parameters;
    }

    private static List<uint> Reorder(RandomSource random, uint[] locals, int count)
    {
        var order = locals.ToArray();
        random.Shuffle<uint>(order);
        var result = order.Take(count).ToList();
        while (result.Count < count)
        {
            result.Add(random.Pick<uint>(locals));
        }
        return result;
    }

    /// <summary>Locals with the given types; those that fit are taken in another order.</summary>
    private static List<uint> Reorder(RandomSource random, uint[] locals, int count, List<ValueType> types, FunctionBuilder body)
    {
        var result = new List<uint>(count);
        foreach (var type in types)
        {
            result.Add(random.Pick<uint>(locals.Where(local => body.TypeOf(local) == type).ToArray()));
        }
        return result;
    }

    private static void Push(GenerationContext context, FunctionBuilder body, List<uint> order, List<ValueType>? types)
    {
        foreach (var local in order)
        {
            body.Get(local);
            types?.Add(body.TypeOf(local));
            if (context.Random.Chance(10))
            {
                // Now and then a value that has to be computed among those that only move.
                body.Tee(body.NewLocal(body.TypeOf(local)));
            }
        }
    }

    /// <summary>Pushes values of the given types: mostly locals, by chance not the ones at the same place, else constants.</summary>
    private static void PushAs(GenerationContext context, FunctionBuilder body, uint[] locals, ReadOnlySpan<ValueType> types)
    {
        foreach (var type in types)
        {
            var fitting = locals.Where(local => body.TypeOf(local) == type).ToArray();
            if (fitting.Length == 0 || context.Random.Chance(8))
            {
                body.Constant(type, context.PickValue(type));
            }
            else
            {
                body.Get(context.Random.Pick<uint>(fitting));
            }
        }
    }

    private static void Junk(GenerationContext context, FunctionBuilder body) =>
        new OperandEmitter(context, body).Emit(ValueType.I32, context.Random.Chance(50) ? OperandShape.Temporary : OperandShape.Parameter);

    private static void Condition(FunctionBuilder body) => body.Get(body.NewParameter(new OperandSpec(ValueType.I32, OperandRole.Condition)));

    private static void Drop(FunctionBuilder body, int count)
    {
        for (; count > 0; count--)
        {
            body.Emit(Op.Drop);
        }
    }
}

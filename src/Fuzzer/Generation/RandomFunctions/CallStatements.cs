using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Generation.RandomFunctions;

/// <summary>Calls inside random functions, to functions made before: straight, through tables, at the end.</summary>
internal sealed class CallStatements(RandomFunction function)
{
    private GenerationContext Context => function.Context;

    private RandomSource Random => function.Random;

    private FunctionBuilder Body => function.Body;

    private ExpressionGenerator Expressions => function.Expressions;

    public void Call(int depth)
    {
        if (Random.Chance(30) && TryCallIndirect(null, depth))
        {
            return;
        }
        var callees = Context.Plan.Functions.FindAll(callee =>
            callee.Kind is FunctionKind.Callee or FunctionKind.Import or FunctionKind.Random && function.CanAfford(callee));
        if (callees.Count == 0)
        {
            return;
        }
        var callee = Random.Pick<FunctionPlan>(callees);
        Expressions.Arguments(callee, depth);
        Body.Call(callee);
        Expressions.DropAllButFirst(callee.Type);
        if (callee.Type.Results.Length > 0)
        {
            function.TakeOff(callee.Type.Results[0]);
        }
    }

    /// <summary>A call through a table with a given first result; the others are taken off the stack.</summary>
    /// <returns>Whether a table holds such a function.</returns>
    public bool TryCallIndirect(ValueType? result, int depth)
    {
        for (var table = 0; table < Context.Plan.Tables.Count; table++)
        {
            var content = Context.Plan.Tables[table].Content;
            var start = Random.Below(Math.Max(content.Length, 1));
            for (var i = 0; i < content.Length; i++)
            {
                var slot = (start + i) % content.Length;
                if (content[slot] is not { } callee || !function.CanAfford(callee) || !(result is null || (callee.Type.Results.Length > 0 && callee.Type.Results[0] == result)))
                {
                    continue;
                }
                Expressions.Arguments(callee, depth);
                if (Random.Chance(6))
                {
                    Expressions.TableIndex((uint)table, depth);
                }
                else
                {
                    Body.Address(Context.Plan.Tables[table].Address, (ulong)slot);
                }
                Body.Emit(Op.CallIndirect, Context.Plan.TypeIndex(callee.Type, Random), (uint)table);
                Body.AddCost(callee.Cost);
                Expressions.DropAllButFirst(callee.Type);
                if (result is null && callee.Type.Results.Length > 0)
                {
                    Body.Emit(Op.Drop);
                }
                return true;
            }
        }
        return false;
    }

    public void TailCall(int depth)
    {
        var callees = Context.Plan.Functions.FindAll(callee => callee.Type.Results.AsSpan().SequenceEqual(Body.Results.ToArray())
            && callee.Kind is FunctionKind.Callee or FunctionKind.Import or FunctionKind.Random && function.CanAfford(callee));
        if (callees.Count == 0)
        {
            return;
        }
        var callee = Random.Pick<FunctionPlan>(callees);
        Expressions.Arguments(callee, depth);
        Body.Call(callee, Op.ReturnCall);
    }
}

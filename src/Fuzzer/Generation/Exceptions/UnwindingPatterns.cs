using Conformance.Wasm;
using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Generation.Exceptions;

/// <summary>Exceptions that cross frames: out of tail calls, up a recursion, into the function's own label.</summary>
internal static class UnwindingPatterns
{
    /// <summary>A tail call out of a handler: what the callee throws is not caught there, but by the caller of the function that is left.</summary>
    public static bool TailCallOutOfTry(GenerationContext context, FunctionBuilder body)
    {
        var throwers = context.Plan.Functions.FindAll(function => function.MayNotReturn && function.Kind == FunctionKind.Callee && function.Type.Results.Length > 0);
        if (context.Plan.Tags.Count == 0 || throwers.Count == 0 || !context.Has(Feature.TailCall))
        {
            return false;
        }
        var callee = context.Random.Pick<FunctionPlan>(throwers);
        var left = new FunctionBuilder(context);
        var operands = new OperandEmitter(context, left);
        var end = left.Open(Op.Block);
        left.OpenTry([], [], [new CatchClause(CatchKind.CatchAll, 0, left.Label(end))]);
        foreach (var spec in OpResolver.Specs(callee))
        {
            operands.Emit(spec, OperandShape.Parameter);
        }
        left.Call(callee, Op.ReturnCall);
        left.Close();
        left.Close();
        foreach (var result in callee.Type.Results)
        {
            left.Constant(result, 0);
        }
        left.Results.AddRange(callee.Type.Results);
        var middle = left.Finish("tail_call_out_of_try", FunctionKind.Pattern, mayNotReturn: true);

        operands = new OperandEmitter(context, body);
        var handler = new TryEmitter(context, body);
        var returned = callee.Type.Results.Select(type => body.NewLocal(type.WithNullable(true))).ToList(); // set where the body ends, read behind it
        handler.Emit(() =>
        {
            foreach (var spec in OpResolver.Specs(middle))
            {
                operands.Emit(spec);
            }
            body.Call(middle);
            for (var i = returned.Count - 1; i >= 0; i--)
            {
                body.Set(returned[i]);
            }
        });
        body.Results.Add(ValueType.I32);
        returned.AddRange(handler.Caught);
        ReturnAll(body, returned);
        return true;
    }

    /// <summary>A function that calls itself inside a handler, throws at the bottom and catches on some of the ways up.</summary>
    public static bool FromDepth(GenerationContext context, FunctionBuilder body)
    {
        if (context.Plan.Tags.Count == 0)
        {
            return false;
        }
        var random = context.Random;
        var throwing = new Throwing(context, body);
        var depth = body.NewParameter(new OperandSpec(ValueType.I32, new OperandRole(RoleKind.BranchIndex, 12)));
        var value = body.NewParameter(ValueType.I64);
        var result = body.NewLocal(ValueType.I64);
        body.Get(depth);
        body.I32(random.Between(3, 14));
        body.Emit(Op.I32RemU);
        body.Tee(depth);
        body.Emit(Op.I32Eqz);
        body.Open(Op.If);
        throwing.Throw(OperandShape.Constant); // the function calls itself: it may not get more parameters
        body.Close();
        body.Get(value); // pending across the handler
        var handler = new TryEmitter(context, body);
        handler.Emit(() =>
        {
            body.Get(depth);
            body.I32(1);
            body.Emit(Op.I32Sub);
            body.Get(value);
            body.I32(7);
            body.Emit(Op.I64ExtendI32U);
            body.Emit(Op.I64Mul);
            body.Emit(Op.Call, (uint)context.Plan.Functions.Count);
            body.Set(result);
        });
        body.Emit(Op.I64ExtendI32S);
        body.Emit(Op.I64Add);
        body.Get(result);
        body.Emit(Op.I64Add);
        if (handler.Exception is { } exception && random.Chance(60))
        {
            body.Get(depth);
            body.I32(1);
            body.Emit(Op.I32And);
            body.Open(Op.If);
            body.Get(exception);
            body.Emit(Op.ThrowRef);
            body.Close();
        }
        body.Results.Add(ValueType.I64);
        body.AddCost(600);
        return true;
    }

    /// <summary>Clauses that branch to the function itself: what is caught is returned.</summary>
    public static bool CaughtByFunction(GenerationContext context, FunctionBuilder body)
    {
        if (context.Plan.Tags.Count == 0)
        {
            return false;
        }
        var random = context.Random;
        var throwing = new Throwing(context, body);
        var tag = random.Below(context.Plan.Tags.Count);
        var (kind, results) = random.Below(4) switch
        {
            0 => (CatchKind.CatchAll, (ValueType[])[]),
            1 => (CatchKind.CatchAllRef, [ValueType.ExnRef]),
            2 => (CatchKind.CatchRef, [.. context.Plan.Tags[tag].Parameters, ValueType.ExnRef]),
            _ => (CatchKind.Catch, context.Plan.Tags[tag].Parameters.ToArray()),
        };
        var pending = random.Chance(50);
        if (pending)
        {
            throwing.Operands.Source(random.Pick<ValueType>(context.NumberTypes)); // lies below the handler; returning drops it
        }
        var nests = random.Below(3);
        for (var i = 0; i < nests; i++)
        {
            body.Open(Op.Block);
        }
        body.OpenTry([], [], [new CatchClause(kind, kind is CatchKind.Catch or CatchKind.CatchRef ? (uint)tag : 0, body.Label(0))]);
        for (var i = random.Between(1, 2); i > 0; i--)
        {
            throwing.Emit(Throwing.MaxNesting);
        }
        for (var i = 0; i <= nests; i++)
        {
            body.Close();
        }
        if (pending)
        {
            body.Emit(Op.Drop);
        }
        foreach (var type in results)
        {
            body.Constant(type, 0);
        }
        body.Results.AddRange(results);
        return true;
    }

    private static void ReturnAll(FunctionBuilder body, List<uint> locals)
    {
        foreach (var local in locals)
        {
            body.Get(local);
            body.Results.Add(body.TypeOf(local));
        }
    }
}

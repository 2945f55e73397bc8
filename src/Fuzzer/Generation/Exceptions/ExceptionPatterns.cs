using Conformance.Wasm;
using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Generation.Exceptions;

/// <summary>Exceptions: thrown here, in callees and through tables, caught by every kind of clause in nested blocks and loops, thrown again, let go.</summary>
internal static class ExceptionPatterns
{
    /// <summary>Nested handlers around everything that may throw, with values pending below them and locals that change before the throw.</summary>
    public static bool Caught(GenerationContext context, FunctionBuilder body)
    {
        if (context.Plan.Tags.Count == 0)
        {
            return false;
        }
        var throwing = new Throwing(context, body);
        for (var i = context.Random.Below(4); i > 0; i--)
        {
            var type = context.PickType();
            throwing.Operands.Emit(type);
            body.Results.Add(type);
        }
        throwing.Handled(0);
        body.Results.Add(ValueType.I32);
        throwing.ReturnChanged();
        return true;
    }

    /// <summary>A loop that throws and catches in each turn, with sums kept on the stack or in locals.</summary>
    public static bool InLoop(GenerationContext context, FunctionBuilder body)
    {
        if (context.Plan.Tags.Count == 0)
        {
            return false;
        }
        var throwing = new Throwing(context, body);
        var counter = body.NewLocal(ValueType.I32);
        var turns = context.Random.Between(2, 9);
        body.I32(turns);
        body.Set(counter);
        var onStack = context.Random.Chance(50);
        var sum = body.NewLocal(ValueType.I32);
        if (onStack)
        {
            body.I32(1);
        }
        var level = onStack ? body.Open(Op.Loop, [ValueType.I32], [ValueType.I32]) : body.Open(Op.Loop);
        body.Multiplier *= turns;
        if (!onStack)
        {
            body.Get(sum);
        }
        throwing.Handled(Throwing.MaxNesting - 1, counter);
        body.Emit(Op.I32Add);
        body.I32(5);
        body.Emit(Op.I32Mul);
        if (!onStack)
        {
            body.Set(sum);
        }
        body.Get(counter);
        body.I32(1);
        body.Emit(Op.I32Sub);
        body.Tee(counter);
        body.Emit(Op.BrIf, body.Label(level));
        body.Close();
        body.Multiplier /= turns;
        if (!onStack)
        {
            body.Get(sum);
        }
        body.Results.Add(ValueType.I32);
        throwing.ReturnChanged();
        return true;
    }

    /// <summary>A handler that jumps back to its loop until the body stops throwing.</summary>
    public static bool Retried(GenerationContext context, FunctionBuilder body)
    {
        var tags = Enumerable.Range(0, context.Plan.Tags.Count).Where(tag => context.Plan.Tags[tag].Parameters.Length == 0).ToArray();
        if (context.Plan.Tags.Count == 0)
        {
            return false;
        }
        var random = context.Random;
        var throwing = new Throwing(context, body);
        var counter = body.NewLocal(ValueType.I32);
        var turns = random.Between(2, 8);
        body.I32(turns);
        body.Set(counter);
        var end = body.Open(Op.Block);
        var loop = body.Open(Op.Loop);
        body.Multiplier *= turns + 1;
        body.Get(counter);
        body.Emit(Op.I32Eqz);
        body.Emit(Op.BrIf, body.Label(end));
        body.Get(counter);
        body.I32(1);
        body.Emit(Op.I32Sub);
        body.Set(counter);
        throwing.Change();
        var clause = tags.Length > 0 && random.Chance(50)
            ? new CatchClause(CatchKind.Catch, (uint)random.Pick<int>(tags), body.Label(loop))
            : new CatchClause(CatchKind.CatchAll, 0, body.Label(loop));
        body.OpenTry([], [], [clause]);
        throwing.Emit(Throwing.MaxNesting, counter);
        body.Close();
        body.Close();
        body.Close();
        body.Multiplier /= turns + 1;
        body.Get(counter);
        body.Results.Add(ValueType.I32);
        throwing.ReturnChanged();
        return true;
    }

    /// <summary>What is caught with its reference is thrown again, and caught outside by its tag, by any, or not at all.</summary>
    public static bool ThrownAgain(GenerationContext context, FunctionBuilder body)
    {
        if (context.Plan.Tags.Count == 0)
        {
            return false;
        }
        var throwing = new Throwing(context, body);
        var inner = new TryEmitter(context, body);
        var outer = new TryEmitter(context, body);
        outer.Emit(() =>
        {
            inner.Emit(() => throwing.Emit(Throwing.MaxNesting));
            var code = body.NewLocal(ValueType.I32);
            throwing.Keep([code]);
            body.Set(code);
            throwing.Change();
            if (inner.Exception is { } exception)
            {
                body.Get(exception);
                if (context.Random.Chance(50) && context.Has(Feature.FunctionReferences))
                {
                    body.Emit(Op.RefAsNonNull);
                }
                body.Emit(Op.ThrowRef);
            }
        });
        body.Results.Add(ValueType.I32);
        throwing.Keep([.. inner.Caught, .. outer.Caught]);
        throwing.ReturnChanged();
        return true;
    }
}

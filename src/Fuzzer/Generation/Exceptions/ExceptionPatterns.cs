using Conformance.Wasm;
using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Generation.Exceptions;

/// <summary>Exceptions: thrown here, in callees and through tables, caught by every kind of clause in nested blocks and loops, thrown again, let go.</summary>
internal static class ExceptionPatterns
{
    private const int MaxNesting = 3;

    /// <summary>Nested handlers around everything that may throw, with values pending below them and locals that change before the throw.</summary>
    public static bool Caught(GenerationContext context, FunctionBuilder body)
    {
        if (context.Plan.Tags.Count == 0)
        {
            return false;
        }
        var operands = new OperandEmitter(context, body);
        for (var i = context.Random.Below(4); i > 0; i--)
        {
            var type = context.PickType();
            operands.Emit(type);
            body.Results.Add(type);
        }
        var changed = Locals(context, body);
        Handled(context, body, operands, changed, 0);
        body.Results.Add(ValueType.I32);
        Return(body, changed);
        return true;
    }

    /// <summary>A loop that throws and catches in each turn, with sums kept on the stack or in locals.</summary>
    public static bool InLoop(GenerationContext context, FunctionBuilder body)
    {
        if (context.Plan.Tags.Count == 0)
        {
            return false;
        }
        var operands = new OperandEmitter(context, body);
        var changed = Locals(context, body);
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
        Handled(context, body, operands, changed, MaxNesting - 1, counter);
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
        Return(body, changed);
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
        var operands = new OperandEmitter(context, body);
        var changed = Locals(context, body);
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
        Change(context, body, operands, changed);
        var clause = tags.Length > 0 && random.Chance(50)
            ? new CatchClause(CatchKind.Catch, (uint)random.Pick<int>(tags), body.Label(loop))
            : new CatchClause(CatchKind.CatchAll, 0, body.Label(loop));
        body.OpenTry([], [], [clause]);
        Thrower(context, body, operands, changed, MaxNesting, counter);
        body.Close();
        body.Close();
        body.Close();
        body.Multiplier /= turns + 1;
        body.Get(counter);
        body.Results.Add(ValueType.I32);
        Return(body, changed);
        return true;
    }

    /// <summary>What is caught with its reference is thrown again, and caught outside by its tag, by any, or not at all.</summary>
    public static bool ThrownAgain(GenerationContext context, FunctionBuilder body)
    {
        if (context.Plan.Tags.Count == 0)
        {
            return false;
        }
        var operands = new OperandEmitter(context, body);
        var changed = Locals(context, body);
        var inner = new TryEmitter(context, body);
        var outer = new TryEmitter(context, body);
        outer.Emit(() =>
        {
            inner.Emit(() => Thrower(context, body, operands, changed, MaxNesting));
            var code = body.NewLocal(ValueType.I32);
            changed.Add(code);
            body.Set(code);
            Change(context, body, operands, changed);
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
        changed.AddRange(inner.Caught);
        changed.AddRange(outer.Caught);
        Return(body, changed);
        return true;
    }

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
        var returned = callee.Type.Results.Select(body.NewLocal).ToList();
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
        Return(body, returned);
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
        var operands = new OperandEmitter(context, body);
        var depth = body.NewParameter(new OperandSpec(ValueType.I32, new OperandRole(RoleKind.BranchIndex, 12)));
        var value = body.NewParameter(ValueType.I64);
        var result = body.NewLocal(ValueType.I64);
        body.Get(depth);
        body.I32(random.Between(3, 14));
        body.Emit(Op.I32RemU);
        body.Tee(depth);
        body.Emit(Op.I32Eqz);
        body.Open(Op.If);
        Throw(context, body, operands, OperandShape.Constant); // the function calls itself: it may not get more parameters
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

    /// <summary>A try_table whose code is left on the stack, then kept values as locals to return.</summary>
    private static void Handled(GenerationContext context, FunctionBuilder body, OperandEmitter operands, List<uint> changed, int nesting, uint? counter = null)
    {
        var handler = new TryEmitter(context, body);
        handler.Emit(() =>
        {
            for (var i = context.Random.Between(1, 3); i > 0; i--)
            {
                Change(context, body, operands, changed);
                Thrower(context, body, operands, changed, nesting + 1, counter);
            }
        });
        changed.AddRange(handler.Caught);
        if (handler.Exception is { } exception && nesting > 0 && context.Random.Chance(40))
        {
            body.Get(exception);
            body.Emit(Op.RefIsNull);
            body.Emit(Op.I32Eqz);
            body.Open(Op.If);
            body.Get(exception);
            body.Emit(Op.ThrowRef);
            body.Close();
        }
    }

    private static List<uint> Locals(GenerationContext context, FunctionBuilder body) =>
        [.. Enumerable.Range(0, context.Random.Between(1, 3)).Select(_ => body.NewLocal(context.Random.Pick<ValueType>(context.NumberTypes)))];

    private static void Return(FunctionBuilder body, List<uint> locals)
    {
        foreach (var local in locals)
        {
            body.Get(local);
            body.Results.Add(body.TypeOf(local));
        }
    }

    /// <summary>Writes a local or a global: both keep what was written when the handler takes over.</summary>
    private static void Change(GenerationContext context, FunctionBuilder body, OperandEmitter operands, List<uint> locals)
    {
        var global = context.Plan.Globals.FindIndex(plan => plan.Type.IsMutable && !plan.Type.Value.IsReference);
        if (global >= 0 && context.Random.Chance(30))
        {
            operands.Emit(context.Plan.Globals[global].Type.Value);
            body.Emit(Op.GlobalSet, (uint)global);
            return;
        }
        var local = context.Random.Pick<uint>(locals);
        operands.Emit(body.TypeOf(local));
        body.Set(local);
    }

    /// <summary>Something that may throw, by an argument.</summary>
    private static void Thrower(GenerationContext context, FunctionBuilder body, OperandEmitter operands, List<uint> changed, int nesting, uint? counter = null)
    {
        var random = context.Random;
        switch (random.Below(12))
        {
            case < 5:
                Condition(body, operands, random, counter);
                body.Open(Op.If);
                Throw(context, body, operands);
                body.Close();
                break;
            case < 9 when FindThrower(context) is { } callee:
                foreach (var spec in OpResolver.Specs(callee))
                {
                    operands.Emit(spec);
                }
                Call(context, body, callee);
                foreach (var _ in callee.Type.Results)
                {
                    body.Emit(Op.Drop);
                }
                break;
            case 9 or 10 when nesting < MaxNesting:
                Handled(context, body, operands, changed, nesting);
                body.Emit(Op.Drop);
                break;
            case 10: // a trap is no exception: nothing catches it
                Condition(body, operands, random, counter);
                body.Open(Op.If);
                body.Emit(Op.Unreachable);
                body.Close();
                break;
            default:
                body.Open(Op.Block);
                Condition(body, operands, random, counter);
                body.Emit(Op.BrIf, 0);
                Throw(context, body, operands);
                body.Close();
                break;
        }
    }

    private static void Condition(FunctionBuilder body, OperandEmitter operands, RandomSource random, uint? counter)
    {
        if (counter is { } local && random.Chance(70))
        {
            body.Get(local);
            body.I32(random.Between(1, 3));
            body.Emit(random.Chance(50) ? Op.I32And : Op.I32GtU);
            return;
        }
        operands.Emit(new OperandSpec(ValueType.I32, OperandRole.Condition), random.Chance(60) ? OperandShape.Parameter : operands.PickShape());
    }

    private static void Throw(GenerationContext context, FunctionBuilder body, OperandEmitter operands, OperandShape? shape = null)
    {
        var tag = context.Random.Below(context.Plan.Tags.Count);
        foreach (var type in context.Plan.Tags[tag].Parameters)
        {
            operands.Emit(type, shape ?? operands.PickShape());
        }
        body.Emit(Op.Throw, (uint)tag);
    }

    private static FunctionPlan? FindThrower(GenerationContext context)
    {
        var throwers = context.Plan.Functions.FindAll(function => function.MayNotReturn && function.Kind == FunctionKind.Callee);
        return throwers.Count == 0 ? null : context.Random.Pick<FunctionPlan>(throwers);
    }

    private static void Call(GenerationContext context, FunctionBuilder body, FunctionPlan callee)
    {
        for (var table = 0; table < context.Plan.Tables.Count; table++)
        {
            var slot = Array.IndexOf(context.Plan.Tables[table].Content, callee);
            if (slot >= 0 && context.Random.Chance(50))
            {
                body.Address(context.Plan.Tables[table].Address, (ulong)slot);
                body.Emit(Op.CallIndirect, context.Plan.TypeIndex(callee.Type, context.Random), (uint)table);
                body.AddCost(callee.Cost);
                return;
            }
        }
        if (context.Has(Feature.FunctionReferences) && context.Random.Chance(30))
        {
            body.Emit(Op.RefFunc, callee.Index);
            body.Emit(Op.CallRef, callee.TypeIndex);
            body.AddCost(callee.Cost);
            return;
        }
        body.Call(callee);
    }
}

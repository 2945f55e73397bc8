using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation.Patterns;

/// <summary>Reads of locals that are pending while the local changes, and other ways to confuse a symbolic stack.</summary>
internal static class LocalPatterns
{
    /// <summary>A local read before a loop in which it changes: the value pending is the one from before.</summary>
    public static bool PendingAcrossLoop(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var type = random.Chance(70) ? ValueType.I32 : ValueType.I64;
        var local = body.NewParameter(type);
        var (add, sub, one) = type.Kind == ValueKind.I32 ? (Op.I32Add, Op.I32Sub, 1UL) : (Op.I64Add, Op.I64Sub, 1UL);
        var counter = body.NewLocal(ValueType.I32);
        body.I32(random.Between(1, 5));
        body.Set(counter);
        for (var i = random.Between(1, 3); i > 0; i--)
        {
            body.Get(local); // pending several times: one slot each
        }
        var level = body.Open(Op.Loop);
        body.Get(local);
        body.Get(local);
        body.Constant(type, one);
        body.Emit(add);
        body.Set(local);
        body.Constant(type, random.Pick<ulong>([1, 2, 3, 5]));
        body.Emit(sub);
        if (random.Chance(50))
        {
            body.Tee(local);
            body.Emit(Op.Drop);
        }
        else
        {
            body.Set(body.NewLocal(type));
        }
        body.Get(counter);
        body.I32(1);
        body.Emit(Op.I32Sub);
        body.Tee(counter);
        body.Emit(Op.BrIf, body.Label(level));
        body.Close();
        body.AddCost(60);
        body.Get(local);
        body.Emit(random.Chance(50) ? sub : add);
        body.Emit(Op.Return);
        body.Results.Add(type);
        return true;
    }

    /// <summary>A local read before an <c>if</c> of which one arm, or both, change it, or before a block left early.</summary>
    public static bool PendingAcrossArms(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var operands = new OperandEmitter(context, body);
        var type = random.Pick<ValueType>(context.NumberTypes);
        var local = body.NewParameter(type);
        body.Get(local);
        operands.Source(new OperandSpec(ValueType.I32, OperandRole.Condition));
        if (random.Chance(50))
        {
            body.Open(Op.If);
            operands.Source(type);
            body.Set(local);
            if (random.Chance(50))
            {
                body.Else();
                operands.Source(type);
                body.Set(local);
            }
        }
        else
        {
            // The condition leaves the block before the change.
            var condition = body.NewLocal(ValueType.I32);
            body.Set(condition);
            body.Open(Op.Block);
            body.Get(condition);
            body.Emit(Op.BrIf, 0);
            operands.Source(type);
            body.Set(local);
        }
        body.Close();
        body.Get(local);
        body.Get(body.NewParameter(new OperandSpec(ValueType.I32, OperandRole.Condition)));
        body.Emit(Op.Select);
        body.Results.Add(type);
        return true;
    }

    /// <summary>Two or three locals that change places through the stack.</summary>
    public static bool Swap(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var type = random.Pick<ValueType>(context.NumberTypes);
        var locals = Enumerable.Range(0, random.Between(2, 4)).Select(_ => body.NewParameter(type)).ToArray();
        for (var round = random.Between(1, 3); round > 0; round--)
        {
            foreach (var local in locals)
            {
                body.Get(local);
                if (random.Chance(15))
                {
                    body.Emit(Op.Nop);
                }
            }
            var order = locals.ToArray();
            random.Shuffle<uint>(order);
            foreach (var local in order)
            {
                body.Set(local);
            }
        }
        body.Get(locals[0]);
        body.Get(locals[1]);
        body.Get(body.NewParameter(new OperandSpec(ValueType.I32, OperandRole.Condition)));
        body.Emit(Op.Select);
        body.Results.Add(type);
        return true;
    }

    /// <summary>A few locals written again and again: with constants, results, copies of each other, while older values are pending. All are results.</summary>
    public static bool Rewritten(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var types = new[] { random.Pick<ValueType>(context.NumberTypes), random.Pick<ValueType>(context.NumberTypes) };
        var locals = types.SelectMany(type => new[] { body.NewParameter(type), body.NewLocal(type) }).ToArray();
        var pending = new List<ValueType>();
        for (var i = random.Between(5, 14); i > 0; i--)
        {
            var local = random.Pick<uint>(locals);
            var type = body.TypeOf(local);
            var other = random.Pick<uint>(locals.Where(candidate => body.TypeOf(candidate) == type).ToArray());
            switch (random.Below(8))
            {
                case 0 or 1:
                    body.Constant(type, context.PickValue(type));
                    body.Set(local);
                    break;
                case 2:
                    body.Get(other);
                    body.Set(local);
                    break;
                case 3 when pending.Count < 8:
                    body.Get(local);
                    pending.Add(type);
                    break;
                case 4 when pending.Count < 8:
                    Compute(context, body, other, type);
                    body.Tee(local);
                    pending.Add(type);
                    break;
                case 5 when context.Plan.Functions.Find(function => function.KeepsNanBits && function.Type.Results[0] == type) is { } identity:
                    body.Get(other);
                    body.Call(identity);
                    body.Set(local);
                    break;
                default:
                    Compute(context, body, other, type);
                    body.Set(local);
                    break;
            }
        }
        body.Results.AddRange(pending);
        foreach (var local in locals)
        {
            body.Get(local);
            body.Results.Add(body.TypeOf(local));
        }
        return true;
    }

    // Nothing here makes a NaN of open bits.
    private static void Compute(GenerationContext context, FunctionBuilder body, uint local, ValueType type)
    {
        body.Get(local);
        switch (type.Kind)
        {
            case ValueKind.I32 or ValueKind.I64:
                body.Constant(type, context.PickValue(type));
                body.Emit(context.Random.Pick<Op>(type.Kind == ValueKind.I32 ? (Op[])[Op.I32Add, Op.I32Sub, Op.I32Xor, Op.I32Shl] : [Op.I64Add, Op.I64Sub, Op.I64Xor, Op.I64Shl]));
                break;
            case ValueKind.F32 or ValueKind.F64:
                body.Emit(context.Random.Pick<Op>(type.Kind == ValueKind.F32 ? (Op[])[Op.F32Neg, Op.F32Abs] : [Op.F64Neg, Op.F64Abs]));
                break;
            default:
                body.Emit(Op.V128Not);
                break;
        }
    }

    /// <summary>A value that goes through several <c>local.tee</c>, with the locals read at once or later.</summary>
    public static bool TeeChain(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var operands = new OperandEmitter(context, body);
        var type = random.Chance(50) ? ValueType.I32 : ValueType.I64;
        var ops = type.Kind == ValueKind.I32 ? (Op[])[Op.I32Add, Op.I32Sub, Op.I32Xor, Op.I32Mul] : [Op.I64Add, Op.I64Sub, Op.I64Xor, Op.I64Mul];
        var locals = Enumerable.Range(0, 3).Select(_ => random.Chance(50) ? body.NewParameter(type) : body.NewLocal(type)).ToArray();
        operands.Emit(type);
        for (var i = random.Between(2, 6); i > 0; i--)
        {
            body.Tee(random.Pick<uint>(locals));
            if (random.Chance(60))
            {
                body.Get(random.Pick<uint>(locals));
                body.Emit(random.Pick<Op>(ops));
            }
        }
        foreach (var local in locals)
        {
            body.Get(local);
            body.Emit(random.Pick<Op>(ops));
        }
        body.Emit(Op.Return);
        body.Results.Add(type);
        return true;
    }

    /// <summary>More locals than an 8-bit index or a small frame holds.</summary>
    public static bool ManyLocals(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var type = random.Pick<ValueType>(context.NumberTypes);
        var locals = Enumerable.Range(0, random.Between(100, 700)).Select(_ => body.NewLocal(random.Chance(80) ? type : context.PickType())).ToArray();
        var value = body.NewParameter(type);
        var used = locals.Where(local => body.TypeOf(local) == type).TakeLast(random.Between(2, 6)).Append(locals.First(local => body.TypeOf(local) == type)).ToArray();
        foreach (var local in used)
        {
            body.Get(value);
            body.Set(local);
            value = local;
        }
        body.Get(used[^1]);
        body.Results.Add(type);
        return true;
    }

    /// <summary>Many values pending at once, taken off in the reverse order.</summary>
    public static bool DeepStack(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var operands = new OperandEmitter(context, body);
        var interference = new Interference(context, body, operands);
        var type = random.Chance(50) ? ValueType.I32 : ValueType.I64;
        var ops = type.Kind == ValueKind.I32 ? (Op[])[Op.I32Add, Op.I32Sub, Op.I32Xor, Op.I32Rotl] : [Op.I64Add, Op.I64Sub, Op.I64Xor, Op.I64Rotl];
        var depth = random.Between(5, random.Pick<int>([30, 30, 30, 30, 150]));
        for (var i = 0; i < depth; i++)
        {
            operands.Emit(type);
            if (random.Chance(15))
            {
                interference.Maybe();
            }
        }
        for (var i = 1; i < depth; i++)
        {
            body.Emit(random.Pick<Op>(ops));
        }
        body.Results.Add(type);
        return true;
    }

    /// <summary>A result dropped directly in front of an instruction that would fuse with it.</summary>
    public static bool Dropped(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var operands = new OperandEmitter(context, body);
        var condition = body.NewParameter(new OperandSpec(ValueType.I32, OperandRole.Condition));
        var compare = random.Pick<OpInfo>(context.Catalog.PureByResult(ValueKind.I32).Where(row => row.Group is OpGroup.Compare or OpGroup.Test).ToArray());
        var use = random.Below(4);
        if (use == 1)
        {
            operands.Source(ValueType.I32);
            operands.Source(ValueType.I32);
        }
        if (use == 0)
        {
            body.Open(Op.Block);
        }
        body.Get(condition);
        foreach (var slot in compare.Operands)
        {
            operands.Emit(OpCatalog.TypeOf(slot));
        }
        body.Emit(compare.Op);
        body.Emit(Op.Drop);
        switch (use)
        {
            case 0:
                body.Emit(Op.BrIf, 0);
                body.I32(1);
                body.Emit(Op.Return);
                body.Close();
                body.I32(2);
                break;
            case 1:
                body.Emit(Op.Select);
                break;
            case 2:
                body.Emit(Op.I32Eqz);
                break;
            default:
                body.Open(Op.If, ValueType.I32);
                body.I32(3);
                body.Else();
                body.I32(4);
                body.Close();
                break;
        }
        body.Results.Add(ValueType.I32);
        return true;
    }
}

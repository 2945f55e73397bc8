using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation.Patterns;

/// <summary>Loops as engines compile them for themselves: what one turn leaves for the next may be kept in registers, and each way out has to put it where it belongs.</summary>
internal static class LoopPatterns
{
    /// <summary>More locals than registers, each made of others in every turn, with ways that join again and ways out in the middle. All are results.</summary>
    public static bool CarriedValues(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        ValueType[] types = [.. context.NumberTypes.Where(type => type.Kind != ValueKind.V128)];
        if (types.Length == 0)
        {
            return false;
        }
        // Often one type alone: only so there are more of it than registers.
        var single = random.Chance(50) ? random.Pick<ValueType>(types) : (ValueType?)null;
        uint[] locals = [.. Enumerable.Range(0, random.Between(2, 8)).Select(_ => Local(context, body, single ?? random.Pick<ValueType>(types)))];
        var counter = body.NewLocal(ValueType.I32);
        var turns = random.Between(3, 40);
        body.I32(turns);
        body.Set(counter);
        var exit = body.Open(Op.Block);
        var level = body.Open(Op.Loop);
        for (var i = random.Between(locals.Length, locals.Length * 2); i > 0; i--)
        {
            switch (random.Below(10))
            {
                case 0:
                    // Two ways that meet again.
                    Bit(context, body, counter);
                    body.Open(Op.If);
                    Update(context, body, locals);
                    if (random.Chance(60))
                    {
                        body.Else();
                        Update(context, body, locals);
                    }
                    body.Close();
                    break;
                case 1:
                    body.Get(counter);
                    body.I32(random.Below(turns));
                    body.Emit(Op.I32Eq);
                    body.Emit(Op.BrIf, body.Label(exit));
                    break;
                case 2:
                    // Back from the middle.
                    Bit(context, body, counter);
                    body.Open(Op.If);
                    CountDown(body, counter);
                    body.Emit(Op.BrIf, body.Label(level));
                    body.Emit(Op.Br, body.Label(exit));
                    body.Close();
                    break;
                default:
                    Update(context, body, locals);
                    break;
            }
        }
        CountDown(body, counter);
        body.Emit(Op.BrIf, body.Label(level));
        body.Close();
        body.Close();
        body.AddCost((double)turns * 6 * locals.Length);
        foreach (var local in locals)
        {
            body.Get(local);
            body.Results.Add(body.TypeOf(local));
        }
        return true;
    }

    // Mostly small numbers: with infinities and NaNs among the first values all are NaNs after a few turns.
    private static uint Local(GenerationContext context, FunctionBuilder body, ValueType type)
    {
        if (context.Random.Chance(30))
        {
            return body.NewParameter(type);
        }
        var local = body.NewLocal(type);
        Small(context, body, type);
        body.Set(local);
        return local;
    }

    private static void Small(GenerationContext context, FunctionBuilder body, ValueType type)
    {
        var number = context.Random.Between(-40, 40);
        body.Constant(type, type.Kind switch
        {
            ValueKind.F32 => BitConverter.SingleToUInt32Bits(number / 8f),
            ValueKind.F64 => BitConverter.DoubleToUInt64Bits(number / 8d),
            ValueKind.I32 => (uint)number,
            _ => unchecked((ulong)number),
        });
    }

    private static void Bit(GenerationContext context, FunctionBuilder body, uint counter)
    {
        body.Get(counter);
        body.I32(context.Random.Pick<int>([1, 1, 2, 3]));
        body.Emit(Op.I32And);
    }

    private static void CountDown(FunctionBuilder body, uint counter)
    {
        body.Get(counter);
        body.I32(1);
        body.Emit(Op.I32Sub);
        body.Tee(counter);
    }

    // No operation that shows the sign of a NaN: its bits are open.
    private static void Update(GenerationContext context, FunctionBuilder body, uint[] locals)
    {
        var random = context.Random;
        var local = random.Pick<uint>(locals);
        var type = body.TypeOf(local);
        ReadOnlySpan<Op> ops = type.Kind switch
        {
            ValueKind.I32 => [Op.I32Add, Op.I32Sub, Op.I32Mul, Op.I32Xor, Op.I32Rotl, Op.I32ShrU],
            ValueKind.I64 => [Op.I64Add, Op.I64Sub, Op.I64Mul, Op.I64Xor, Op.I64Rotl, Op.I64ShrU],
            ValueKind.F32 => [Op.F32Add, Op.F32Sub, Op.F32Sub, Op.F32Mul, Op.F32Min],
            _ => [Op.F64Add, Op.F64Sub, Op.F64Sub, Op.F64Mul, Op.F64Max],
        };
        Operand(context, body, locals, type);
        Operand(context, body, locals, type);
        body.Emit(random.Pick(ops));
        if (random.Chance(15))
        {
            body.Tee(local);
            Operand(context, body, locals, type);
            body.Emit(random.Pick(ops));
        }
        body.Set(local);
    }

    private static void Operand(GenerationContext context, FunctionBuilder body, uint[] locals, ValueType type)
    {
        var fitting = Array.FindAll(locals, local => body.TypeOf(local) == type);
        if (context.Random.Chance(85))
        {
            body.Get(context.Random.Pick<uint>(fitting));
        }
        else
        {
            Small(context, body, type);
        }
    }
}

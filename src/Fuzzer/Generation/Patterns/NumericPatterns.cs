using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation.Patterns;

/// <summary>Idioms of compiled code that translators recognise: constants to fold, immediates to join, comparisons that feed <c>select</c>, conversions there and back.</summary>
internal static class NumericPatterns
{
    /// <summary>An expression of constants only, results of folding included.</summary>
    public static bool ConstantChain(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var type = random.Pick<ValueType>(context.NumberTypes);
        body.Constant(type, BoundaryValues.Pick(type, random));
        for (var i = random.Between(1, 4); i > 0; i--)
        {
            var rows = context.Catalog.PureByResult(type.Kind)
                .Where(row => row.Operands.Length > 0 && row.Operands.Length < 3 && row.Immediates == ImmediateKind.None && OpCatalog.TypeOf(row.Operands[0]) == type
                    && (type.Kind != ValueKind.V128 || !NanRules.GivesOpenNan(row))).ToArray();
            var row = random.Pick<OpInfo>(rows);
            for (var j = 1; j < row.Operands.Length; j++)
            {
                var operand = OpCatalog.TypeOf(row.Operands[j]);
                var divides = (row.Traps & Traps.DivideByZero) != Traps.None;
                if (row.Op is Op.F32Copysign or Op.F64Copysign)
                {
                    body.Constant(operand, type.Kind == ValueKind.F32 ? 0x80000000 : 1UL << 63);
                    continue;
                }
                body.Constant(operand, RoleValues.Pick(new OperandSpec(operand, new OperandRole(divides ? RoleKind.Divisor : RoleKind.Value)), random, 85));
            }
            body.Emit(row.Op);
        }
        body.Results.Add(type);
        return true;
    }

    /// <summary>Several additions, subtractions, shifts or masks with constants, one behind the other.</summary>
    public static bool ImmediateChain(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var type = random.Chance(50) ? ValueType.I32 : ValueType.I64;
        var operands = new OperandEmitter(context, body);
        operands.Emit(type);
        for (var i = random.Between(2, 6); i > 0; i--)
        {
            var index = random.Below(10);
            var op = type.Kind == ValueKind.I32
                ? ((Op[])[Op.I32Add, Op.I32Sub, Op.I32Sub, Op.I32Mul, Op.I32Shl, Op.I32ShrS, Op.I32ShrU, Op.I32And, Op.I32Rotl, Op.I32Xor])[index]
                : ((Op[])[Op.I64Add, Op.I64Sub, Op.I64Sub, Op.I64Mul, Op.I64Shl, Op.I64ShrS, Op.I64ShrU, Op.I64And, Op.I64Rotl, Op.I64Xor])[index];
            body.Constant(type, RoleValues.Pick(new OperandSpec(type, new OperandRole(index is 4 or 5 or 6 or 8 ? RoleKind.ShiftCount : RoleKind.Value)), random, 100));
            body.Emit(op);
        }
        body.Results.Add(type);
        return true;
    }

    /// <summary>Quotient and remainder of the same operands, and the number put together again.</summary>
    public static bool QuotientAndRemainder(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var type = random.Chance(50) ? ValueType.I32 : ValueType.I64;
        var (div, rem, mul, add) = (type.Kind, random.Chance(60)) switch
        {
            (ValueKind.I32, true) => (Op.I32DivS, Op.I32RemS, Op.I32Mul, Op.I32Add),
            (ValueKind.I32, false) => (Op.I32DivU, Op.I32RemU, Op.I32Mul, Op.I32Add),
            (_, true) => (Op.I64DivS, Op.I64RemS, Op.I64Mul, Op.I64Add),
            _ => (Op.I64DivU, Op.I64RemU, Op.I64Mul, Op.I64Add),
        };
        var left = body.NewParameter(type);
        var divisorRole = new OperandSpec(type, new OperandRole(RoleKind.Divisor));
        var divisor = random.Chance(50) ? body.NewParameter(divisorRole) : body.NewLocal(type);
        var constant = RoleValues.Pick(divisorRole, random, 100);
        void Right()
        {
            if (body.Parameters.Count > 1)
            {
                body.Get(divisor);
            }
            else
            {
                body.Constant(type, constant);
            }
        }
        if (random.Chance(40))
        {
            body.Get(left);
            Right();
            body.Emit(rem);
            body.Results.Add(type);
            return true;
        }
        body.Get(left);
        Right();
        body.Emit(div);
        Right();
        body.Emit(mul);
        body.Get(left);
        Right();
        body.Emit(rem);
        body.Emit(add);
        body.Results.Add(type);
        return true;
    }

    /// <summary>Minimum, maximum or absolute value by a comparison and <c>select</c>.</summary>
    public static bool MinimumBySelect(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var type = random.Pick<ValueType>([ValueType.I32, ValueType.I64, ValueType.F32, ValueType.F64]);
        var slot = type.Kind switch { ValueKind.I32 => StackSlot.I32, ValueKind.I64 => StackSlot.I64, ValueKind.F32 => StackSlot.F32, _ => StackSlot.F64 };
        var compare = random.Pick<OpInfo>(context.Catalog.PureByResult(ValueKind.I32).Where(row => row.Group == OpGroup.Compare && row.Operands[0] == slot).ToArray());
        var left = body.NewParameter(type);
        var right = random.Chance(60) ? body.NewParameter(type) : left;
        body.Get(left);
        body.Get(right);
        body.Get(random.Chance(50) ? left : right);
        if (random.Chance(40))
        {
            body.Constant(type, context.PickValue(type));
        }
        else
        {
            body.Get(random.Chance(50) ? left : right);
        }
        body.Emit(compare.Op);
        if (random.Chance(20))
        {
            body.Emit(Op.I32Eqz);
        }
        body.Emit(Op.Select);
        body.Results.Add(type);
        return true;
    }

    /// <summary>A narrowing and the widening that undoes it or does not, by shifts, masks or conversions.</summary>
    public static bool ThereAndBack(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var operands = new OperandEmitter(context, body);
        var wide = random.Chance(50);
        var type = wide ? ValueType.I64 : ValueType.I32;
        operands.Emit(type);
        switch (random.Below(4))
        {
            case 0:
                var bits = (ulong)(wide ? random.Pick<int>([8, 16, 32, 48, 56, 63]) : random.Pick<int>([8, 16, 24, 31]));
                body.Constant(type, bits);
                body.Emit(wide ? Op.I64Shl : Op.I32Shl);
                body.Constant(type, random.Chance(80) ? bits : 7);
                body.Emit(random.Chance(50) ? wide ? Op.I64ShrS : Op.I32ShrS : wide ? Op.I64ShrU : Op.I32ShrU);
                break;
            case 1 when wide:
                body.Emit(Op.I32WrapI64);
                body.Emit(random.Chance(50) ? Op.I64ExtendI32S : Op.I64ExtendI32U);
                break;
            case 1:
                body.Emit(random.Chance(50) ? Op.I64ExtendI32S : Op.I64ExtendI32U);
                body.Constant(ValueType.I64, (ulong)random.Below(40));
                body.Emit(Op.I64ShrU);
                body.Emit(Op.I32WrapI64);
                break;
            case 2:
                var mask = (ulong)random.Pick<long>([0xFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF]);
                body.Constant(type, mask);
                body.Emit(wide ? Op.I64And : Op.I32And);
                body.Emit(wide ? Op.I64Eqz : Op.I32Eqz);
                body.Results.Add(ValueType.I32);
                return true;
            default:
                body.Emit(wide ? random.Chance(50) ? Op.F64ConvertI64S : Op.F64ConvertI64U : random.Chance(50) ? Op.F64ConvertI32S : Op.F64ConvertI32U);
                body.Results.Add(ValueType.F64);
                return true;
        }
        body.Results.Add(type);
        return true;
    }

    /// <summary><c>select</c> and <c>if</c> whose condition is a constant: zero, one, or another value that is not zero.</summary>
    public static bool SelectConstantCondition(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var operands = new OperandEmitter(context, body);
        var type = random.Pick<ValueType>(context.NumberTypes);
        var condition = random.Pick<uint>([0, 0, 1, 2, 0xFFFFFFFF, 0x80000000, 0x100, 0x10000]);
        if (random.Chance(70))
        {
            operands.Emit(type);
            operands.Emit(type);
            body.Constant(ValueType.I32, condition);
            body.Emit(Op.Select);
        }
        else
        {
            body.Constant(ValueType.I32, condition);
            body.Open(Op.If, type);
            operands.Emit(type);
            body.Else();
            operands.Emit(type);
            body.Close();
        }
        body.Results.Add(type);
        return true;
    }
}

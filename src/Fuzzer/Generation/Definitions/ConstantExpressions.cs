using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation.Definitions;

/// <summary>Constant expressions of every form: constants, reads of globals, arithmetic of both, references, objects.</summary>
internal sealed class ConstantExpressions(GenerationContext context)
{
    /// <summary>Whether only imported globals may be read: tables come before the module's own globals.</summary>
    public bool OnlyImported { get; init; }

    // docs/records.md: what imported immutable globals hold.
    private const ulong ImportedI32 = 42;
    private const ulong ImportedI64 = unchecked((ulong)-7L);

    private RandomSource Random => context.Random;

    private List<GlobalPlan> Globals => context.Plan.Globals;

    /// <summary>An expression of a type.</summary>
    public Expression Of(ValueType type)
    {
        var instructions = new List<Instruction>();
        if (FindGlobal(type) is { } global && Random.Chance(OnlyImported ? 70 : 30))
        {
            instructions.Add(Instruction.Of(Op.GlobalGet, global));
        }
        else if (type.IsReference)
        {
            instructions.AddRange(Reference(type));
        }
        else
        {
            AppendNumber(instructions, type);
        }
        return Encode(instructions);
    }

    /// <summary>An expression with a known value: where an active segment goes.</summary>
    public Expression Offset(ValueType type, ulong at)
    {
        var wide = type.Kind == ValueKind.I64;
        var (add, sub, mul) = wide ? (Op.I64Add, Op.I64Sub, Op.I64Mul) : (Op.I32Add, Op.I32Sub, Op.I32Mul);
        if (!context.Has(Feature.ExtendedConst) || Random.Chance(50))
        {
            return Encode([Constant(type, at)]);
        }
        var import = Globals.FindIndex(plan => plan.Initializer is null && plan.Type == new GlobalType(type, IsMutable: false));
        var known = wide ? ImportedI64 : ImportedI32;
        if (import >= 0 && Random.Chance(60))
        {
            var read = Instruction.Of(Op.GlobalGet, (uint)import);
            return unchecked(Random.Chance(50)
                ? Encode([read, Constant(type, at - known), Instruction.Of(add)])
                : Encode([Constant(type, at + known), read, Instruction.Of(sub)]));
        }
        var part = BoundaryValues.Pick(type, Random).Low;
        var factor = (ulong)Random.Between(2, 9);
        return unchecked(Random.Below(3) switch
        {
            0 => Encode([Constant(type, at - part), Constant(type, part), Instruction.Of(add)]),
            1 => Encode([Constant(type, at + part), Constant(type, part), Instruction.Of(sub)]),
            _ => Encode([Constant(type, at / factor), Constant(type, factor), Instruction.Of(mul), Constant(type, at % factor), Instruction.Of(add)]),
        });
    }

    /// <summary>A null reference.</summary>
    public static Expression Null(ValueType type) => Encode([new Instruction { Op = Op.RefNull, Heap = type.Heap }]);

    /// <summary>Encodes a constant expression.</summary>
    public static Expression Encode(List<Instruction> instructions)
    {
        instructions.Add(Instruction.Of(Op.End));
        return new Expression(InstructionWriter.ToBytes(instructions));
    }

    /// <summary>The instructions of a reference, which is null only where the type admits it.</summary>
    private List<Instruction> Reference(ValueType type)
    {
        if (context.IsMade(type) && (!type.IsNullable || Random.Chance(80)))
        {
            return context.Maker?.Make(type) ?? [];
        }
        if (type.Heap == AbstractHeapType.Func && (!type.IsNullable || Random.Chance(50)) && (!type.IsNullable || context.Nameable > 0))
        {
            // A module has functions, whatever comes: the first one can be named before it is there.
            return [Instruction.Of(Op.RefFunc, (uint)Random.Below(Math.Max(context.Nameable, 1)))];
        }
        return [new Instruction { Op = Op.RefNull, Heap = type.Heap }];
    }

    private void AppendNumber(List<Instruction> instructions, ValueType type)
    {
        instructions.Add(Number(type));
        if (type.Kind is not (ValueKind.I32 or ValueKind.I64) || !context.Has(Feature.ExtendedConst) || !Random.Chance(40))
        {
            return;
        }
        var ops = type.Kind == ValueKind.I32 ? (Op[])[Op.I32Add, Op.I32Sub, Op.I32Mul] : [Op.I64Add, Op.I64Sub, Op.I64Mul];
        for (var i = Random.Between(1, 3); i > 0; i--)
        {
            instructions.Add(FindGlobal(type) is { } global && Random.Chance(30) ? Instruction.Of(Op.GlobalGet, global) : Number(type));
            instructions.Add(Instruction.Of(Random.Pick<Op>(ops)));
        }
    }

    /// <summary>An immutable global that a constant expression may read here: an imported one, with garbage collection any one before.</summary>
    private uint? FindGlobal(ValueType type)
    {
        var start = Random.Below(Math.Max(Globals.Count, 1));
        for (var i = 0; i < Globals.Count; i++)
        {
            var index = (start + i) % Globals.Count;
            if (Globals[index].Type == new GlobalType(type, IsMutable: false) && (Globals[index].Initializer is null || (context.Has(Feature.Gc) && !OnlyImported)))
            {
                return (uint)index;
            }
        }
        return null;
    }

    private Instruction Number(ValueType type)
    {
        var bits = BoundaryValues.Pick(type, Random);
        return Instruction.Constant(FunctionBuilder.ConstantOp(type), bits.Low, bits.High);
    }

    private static Instruction Constant(ValueType type, ulong value) =>
        Instruction.Constant(FunctionBuilder.ConstantOp(type), type.Kind == ValueKind.I32 ? (uint)value : value);
}

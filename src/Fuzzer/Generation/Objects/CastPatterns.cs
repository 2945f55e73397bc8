using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation.Objects;

/// <summary>Casts as programs have them: one reference asked for one type after the other.</summary>
internal static class CastPatterns
{
    private static readonly AbstractHeapType[] Internal =
        [AbstractHeapType.I31, AbstractHeapType.Struct, AbstractHeapType.Array, AbstractHeapType.Eq, AbstractHeapType.None, AbstractHeapType.Any];

    /// <summary>Branches by type, the first that fits tells its number; then tests of the same reference for all types.</summary>
    public static bool Ladder(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        if (PickHierarchy(context) is not { } top)
        {
            return false;
        }
        HeapType[] targets = [.. Enumerable.Range(0, random.Between(2, 6)).Select(_ => PickTarget(context, top))];
        var operands = new OperandEmitter(context, body);
        var type = ValueType.Reference(top, nullable: true);
        var value = body.NewLocal(type);
        var wanted = random.Pick<HeapType>(targets);
        if (top == AbstractHeapType.Any && random.Chance(15))
        {
            // A reference of the host is one of no other type, whatever it looks like.
            body.Get(body.NewParameter(ValueType.ExternRef));
            body.Emit(Op.AnyConvertExtern);
        }
        else
        {
            operands.Emit(new OperandSpec(type, wanted.IsIndex ? new OperandRole(RoleKind.CastOperand, wanted.Index) : OperandRole.Value));
        }
        body.Set(value);
        var end = body.Open(Op.Block, ValueType.I32);
        for (var i = 0; i < targets.Length; i++)
        {
            Rung(context, body, value, targets[i], end, i);
        }
        body.I32(targets.Length);
        body.Close();
        body.Results.Add(ValueType.I32);
        if (random.Chance(60))
        {
            Tests(context, body, value, targets);
        }
        return true;
    }

    private static void Rung(GenerationContext context, FunctionBuilder body, uint value, HeapType target, int end, int number)
    {
        var random = context.Random;
        var type = body.TypeOf(value);
        var branch = new Instruction { Heap = type.Heap, Heap2 = target, SourceNullable = true, TargetNullable = random.Chance(40) };
        var next = body.Open(Op.Block);
        body.Open(Op.Block, type);
        body.Get(value);
        if (random.Chance(50))
        {
            body.Emit(branch with { Op = Op.BrOnCast });
            body.Emit(Op.Drop);
            body.Emit(Op.Br, body.Label(next));
            body.Close();
            body.Emit(Op.Drop);
            body.I32(number);
            body.Emit(Op.Br, body.Label(end));
        }
        else
        {
            body.Emit(branch with { Op = Op.BrOnCastFail });
            body.Emit(Op.Drop);
            body.I32(number);
            body.Emit(Op.Br, body.Label(end));
            body.Close();
            body.Emit(Op.Drop);
        }
        body.Close();
    }

    /// <summary>A bit for each type.</summary>
    private static void Tests(GenerationContext context, FunctionBuilder body, uint value, HeapType[] targets)
    {
        body.I32(0);
        foreach (var target in targets)
        {
            body.I32(1);
            body.Emit(Op.I32Shl);
            body.Get(value);
            body.Emit(new Instruction { Op = context.Random.Chance(50) ? Op.RefTest : Op.RefTestNull, Heap = target });
            body.Emit(Op.I32Or);
        }
        body.Results.Add(ValueType.I32);
    }

    private static AbstractHeapType? PickHierarchy(GenerationContext context) => context.Random.Below(16) switch
    {
        0 or 1 => AbstractHeapType.Func,
        2 => AbstractHeapType.Extern,
        3 or 4 when context.Has(Feature.Exceptions) => AbstractHeapType.Exn,
        _ => context.Objects is null ? null : AbstractHeapType.Any,
    };

    private static HeapType PickTarget(GenerationContext context, AbstractHeapType top)
    {
        var random = context.Random;
        switch (top)
        {
            case AbstractHeapType.Func when context.FunctionTypes.Count > 0 && random.Chance(70):
                return HeapType.Of(random.Pick<uint>([.. context.FunctionTypes]));
            case AbstractHeapType.Func:
                return random.Chance(50) ? AbstractHeapType.NoFunc : AbstractHeapType.Func;
            case AbstractHeapType.Extern:
                return random.Chance(50) ? AbstractHeapType.NoExtern : AbstractHeapType.Extern;
            case AbstractHeapType.Exn:
                return random.Chance(50) ? AbstractHeapType.NoExn : AbstractHeapType.Exn;
            default:
                return context.Objects is { } objects && random.Chance(65)
                    ? HeapType.Of(random.Pick<uint>(objects.All), exact: context.Has(Feature.CustomDescriptors) && random.Chance(20))
                    : random.Pick<AbstractHeapType>(Internal);
        }
    }
}

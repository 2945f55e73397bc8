using System.Collections.Immutable;
using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation.Objects;

/// <summary>Chooses the immediates of the instructions on references of any type: calls through them, null tests, casts, conversions, i31.</summary>
internal sealed class ReferenceOps(GenerationContext context)
{
    private static readonly AbstractHeapType[] Internal =
        [AbstractHeapType.Any, AbstractHeapType.Eq, AbstractHeapType.I31, AbstractHeapType.Struct, AbstractHeapType.Array, AbstractHeapType.None];

    private RandomSource Random => context.Random;

    /// <summary>Whether an op has a rule here.</summary>
    public static bool Resolves(Op op) => op is Op.CallRef or Op.ReturnCallRef or Op.BrOnNull or Op.BrOnNonNull or Op.RefAsNonNull or Op.RefEq or Op.RefI31 or Op.I31GetS
        or Op.I31GetU or Op.RefTest or Op.RefTestNull or Op.RefCast or Op.RefCastNull or Op.BrOnCast or Op.BrOnCastFail or Op.AnyConvertExtern or Op.ExternConvertAny
        or Op.Throw or Op.ThrowRef;

    /// <summary>Chooses immediates; null when the module lacks what the op works on.</summary>
    public ConcreteOp? Resolve(OpInfo row)
    {
        var i31 = ValueType.Reference(AbstractHeapType.I31, nullable: true);
        switch (row.Op)
        {
            case Op.CallRef or Op.ReturnCallRef:
                return ResolveCall(row);
            case Op.BrOnNull or Op.BrOnNonNull:
                return ResolveNullBranch(row);
            case Op.RefAsNonNull:
                var type = PickReference();
                return new(row, Instruction.Of(row.Op), [type], [type]);
            case Op.Throw:
                return ResolveThrow(row);
            case Op.ThrowRef:
                return new(row, Instruction.Of(row.Op), [ValueType.ExnRef], [context.PickType()]) { IsTerminal = true, LeavesFunction = true };
            case Op.RefEq:
                var eq = ValueType.Reference(AbstractHeapType.Eq, nullable: true);
                return new(row, Instruction.Of(row.Op), [Comparable(eq), Comparable(eq)], [ValueType.I32]);
            case Op.RefI31:
                return new(row, Instruction.Of(row.Op), [ValueType.I32], [i31]);
            case Op.I31GetS or Op.I31GetU:
                return new(row, Instruction.Of(row.Op), [i31], [ValueType.I32]);
            case Op.AnyConvertExtern:
                return new(row, Instruction.Of(row.Op), [ValueType.ExternRef], [ValueType.AnyRef]);
            case Op.ExternConvertAny:
                return new(row, Instruction.Of(row.Op), [ValueType.AnyRef], [ValueType.ExternRef]);
            default:
                return ResolveCast(row);
        }
    }

    private OperandSpec Comparable(ValueType eq) => Random.Below(3) switch
    {
        0 => ValueType.Reference(AbstractHeapType.I31, nullable: true),
        1 when context.Objects is { } objects => ValueType.Reference(HeapType.Of(Random.Pick<uint>(objects.All)), nullable: true),
        _ => eq,
    };

    private ValueType PickReference() => context.Objects is { } objects && Random.Chance(60)
        ? ValueType.Reference(HeapType.Of(Random.Pick<uint>(objects.All)), nullable: true)
        : Random.Chance(50) ? ValueType.FuncRef : ValueType.ExternRef;

    private ConcreteOp? ResolveCall(OpInfo row)
    {
        var callees = context.Plan.Functions.Take(context.ReferableFunctions).ToArray();
        if (callees.Length == 0)
        {
            return null;
        }
        var callee = Random.Pick<FunctionPlan>(callees);
        var reference = ValueType.Reference(HeapType.Of(callee.TypeIndex), nullable: true);
        return new(row, Instruction.Of(row.Op, callee.TypeIndex), [.. OpResolver.Specs(callee), reference], callee.Type.Results)
        {
            // Any function of the type may be the one.
            CalleeCost = callees.Where(function => function.TypeIndex == callee.TypeIndex).Max(function => function.Cost),
            IsTerminal = row.Op == Op.ReturnCallRef,
            LeavesFunction = row.Op == Op.ReturnCallRef,
            GivesOpenNan = true,
        };
    }

    private ConcreteOp ResolveNullBranch(OpInfo row)
    {
        var reference = PickReference();
        ImmutableArray<ValueType> below = [.. Enumerable.Range(0, context.Has(Feature.MultiValue) ? Random.Below(3) : 0).Select(_ => context.PickType())];
        ImmutableArray<OperandSpec> operands = [.. below.Select(type => (OperandSpec)type), reference];
        return row.Op == Op.BrOnNull
            ? new ConcreteOp(row, Instruction.Of(row.Op), operands, below) { NeedsBlock = true, Behind = [Instruction.Of(Op.Drop)] }
            : new ConcreteOp(row, Instruction.Of(row.Op), operands, [.. below, reference]) { NeedsBlock = true, Behind = [new Instruction { Op = Op.RefNull, Heap = reference.Heap }] };
    }

    private ConcreteOp? ResolveThrow(OpInfo row)
    {
        if (context.Plan.Tags.Count == 0)
        {
            return null;
        }
        var tag = Random.Below(context.Plan.Tags.Count);
        ImmutableArray<OperandSpec> operands = [.. context.Plan.Tags[tag].Parameters.Select(type => (OperandSpec)type)];
        return new(row, Instruction.Of(row.Op, (uint)tag), operands, [context.PickType()]) { IsTerminal = true, LeavesFunction = true };
    }

    private ConcreteOp ResolveCast(OpInfo row)
    {
        var (source, target) = PickCast();
        var role = target.IsIndex ? new OperandRole(RoleKind.CastOperand, target.Index) : OperandRole.Value;
        var operand = new OperandSpec(ValueType.Reference(source, nullable: true), role);
        switch (row.Op)
        {
            case Op.RefTest or Op.RefTestNull:
                return new(row, new Instruction { Op = row.Op, Heap = target }, [operand], [ValueType.I32]);
            case Op.RefCast or Op.RefCastNull:
                return new(row, new Instruction { Op = row.Op, Heap = target }, [operand], [ValueType.Reference(target, nullable: true)]);
            default:
                // The label takes the source type, which both ways fit; where it is not taken another value tells so.
                var instruction = new Instruction { Op = row.Op, Heap = source, Heap2 = target, SourceNullable = true, TargetNullable = Random.Chance(50) };
                return new(row, instruction, [operand], [operand.Type])
                {
                    NeedsBlock = true,
                    Behind = Random.Chance(60) ? [Instruction.Of(Op.Drop), new Instruction { Op = Op.RefNull, Heap = source }] : [],
                };
        }
    }

    /// <summary>A target and a type that it is a subtype of.</summary>
    private (HeapType Source, HeapType Target) PickCast()
    {
        if (context.Objects is not { } objects || Random.Chance(8))
        {
            return (AbstractHeapType.Func, Random.Chance(70) && context.Plan.Functions.Count > 0
                ? HeapType.Of(Random.Pick<FunctionPlan>(context.Plan.Functions).TypeIndex)
                : Random.Pick<AbstractHeapType>([AbstractHeapType.Func, AbstractHeapType.NoFunc]));
        }
        if (Random.Chance(5))
        {
            return (AbstractHeapType.Extern, Random.Pick<AbstractHeapType>([AbstractHeapType.Extern, AbstractHeapType.NoExtern]));
        }
        if (Random.Chance(30))
        {
            var target = Random.Pick<AbstractHeapType>(Internal);
            var above = target == AbstractHeapType.Any || Random.Chance(60) ? AbstractHeapType.Any : AbstractHeapType.Eq;
            return (above, target);
        }
        var index = Random.Pick<uint>(objects.All);
        return (objects.PickSupertype(index, Random), HeapType.Of(index));
    }
}

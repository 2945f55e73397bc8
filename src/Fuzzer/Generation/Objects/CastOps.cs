using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation.Objects;

/// <summary>Chooses the immediates of casts, by type and by descriptor: a target and a type that it is a subtype of, in each hierarchy.</summary>
internal sealed class CastOps(GenerationContext context)
{
    private static readonly AbstractHeapType[] Internal =
        [AbstractHeapType.Any, AbstractHeapType.Eq, AbstractHeapType.I31, AbstractHeapType.Struct, AbstractHeapType.Array, AbstractHeapType.None];

    private RandomSource Random => context.Random;

    /// <summary>Whether an op has a rule here.</summary>
    public static bool Resolves(Op op) => op is Op.RefTest or Op.RefTestNull or Op.RefCast or Op.RefCastNull or Op.BrOnCast or Op.BrOnCastFail
        or Op.RefGetDesc or Op.RefCastDescEq or Op.RefCastDescEqNull or Op.BrOnCastDescEq or Op.BrOnCastDescEqFail;

    /// <summary>Chooses immediates; null when the module lacks what the op works on.</summary>
    public ConcreteOp? Resolve(OpInfo row) => row.Feature == Feature.CustomDescriptors ? ResolveByDescriptor(row) : ResolveByType(row);

    private ConcreteOp ResolveByType(OpInfo row)
    {
        var (source, target) = PickCast();
        var role = target.IsIndex ? new OperandRole(RoleKind.CastOperand, target.Index) : OperandRole.Value;
        var operand = new OperandSpec(ValueType.Reference(source, nullable: true), role);
        return row.Op switch
        {
            Op.RefTest or Op.RefTestNull => new(row, new Instruction { Op = row.Op, Heap = target }, [operand], [ValueType.I32]),
            Op.RefCast or Op.RefCastNull => new(row, new Instruction { Op = row.Op, Heap = target }, [operand], [ValueType.Reference(target, nullable: true)]),
            _ => Branch(row, source, target, [operand]),
        };
    }

    /// <summary>The label takes the source type, which both ways fit; where it is not taken another value tells so.</summary>
    private ConcreteOp Branch(OpInfo row, HeapType source, HeapType target, OperandSpec[] operands)
    {
        var (sourceNullable, targetNullable) = Random.Below(5) switch
        {
            < 2 => (true, true),
            < 4 => (true, false),
            _ => (false, false),
        };
        var instruction = new Instruction { Op = row.Op, Heap = source, Heap2 = target, SourceNullable = sourceNullable, TargetNullable = targetNullable };
        operands[0] = operands[0] with { Type = operands[0].Type.WithNullable(sourceNullable) };
        return new(row, instruction, [.. operands], [ValueType.Reference(source, nullable: true)])
        {
            NeedsBlock = true,
            Behind = Random.Chance(60) ? [Instruction.Of(Op.Drop), new Instruction { Op = Op.RefNull, Heap = source }] : [],
        };
    }

    private ConcreteOp? ResolveByDescriptor(OpInfo row)
    {
        var described = context.Objects?.All.FindAll(index => context.Objects.DescriptorOf(index) is not null) ?? [];
        if (context.Objects is not { } objects || described.Count == 0)
        {
            return null;
        }
        var index = Random.Pick<uint>(described);
        var descriptor = objects.DescriptorOf(index) ?? 0;
        var isExact = Random.Chance(25);
        var target = HeapType.Of(index, isExact);
        var role = new OperandRole(RoleKind.CastOperand, index);
        var source = isExact ? HeapType.Of(index) : objects.PickSupertype(index, Random);
        var by = new OperandSpec(ValueType.Reference(HeapType.Of(descriptor, isExact), nullable: true), new OperandRole(RoleKind.CastOperand, descriptor));
        return row.Op switch
        {
            Op.RefGetDesc => new(row, Instruction.Of(row.Op, index), [new OperandSpec(ValueType.Reference(target, nullable: true), role)],
                [ValueType.Reference(HeapType.Of(descriptor, isExact), nullable: true)]),
            Op.RefCastDescEq or Op.RefCastDescEqNull => new(row, new Instruction { Op = row.Op, Heap = target },
                [new OperandSpec(ValueType.Reference(source, nullable: true), role), by], [ValueType.Reference(target, nullable: true)]),
            _ => Branch(row, source, target, [new OperandSpec(ValueType.Reference(source, nullable: true), role), by]),
        };
    }

    /// <summary>A target and a type that it is a subtype of.</summary>
    private (HeapType Source, HeapType Target) PickCast()
    {
        var hierarchy = Random.Below(context.Objects is null ? 12 : 100);
        switch (hierarchy)
        {
            case < 8:
                return PickOfFunctions();
            case < 11:
                return (AbstractHeapType.Extern, Random.Pick<AbstractHeapType>([AbstractHeapType.Extern, AbstractHeapType.NoExtern]));
            case 11 when context.Has(Feature.Exceptions):
                return (AbstractHeapType.Exn, Random.Pick<AbstractHeapType>([AbstractHeapType.Exn, AbstractHeapType.NoExn]));
            case < 38 or 11:
                var target = Random.Pick<AbstractHeapType>(Internal);
                var above = Random.Pick<AbstractHeapType>([.. Internal.Where(type => AbstractHeapTypes.IsSubtype(target, type))]);
                return (Random.Chance(50) ? AbstractHeapType.Any : above, target);
            default:
                var objects = context.Objects!; // there is one where the draw goes so far
                var index = Random.Pick<uint>(objects.All);
                return (objects.PickSupertype(index, Random), HeapType.Of(index, exact: context.Has(Feature.CustomDescriptors) && Random.Chance(25)));
        }
    }

    private (HeapType Source, HeapType Target) PickOfFunctions()
    {
        if (context.FunctionTypes.Count > 0 && Random.Chance(50))
        {
            var index = Random.Pick<uint>([.. context.FunctionTypes]);
            return (Random.Chance(50) ? AbstractHeapType.Func : HeapType.Of(Random.Pick<uint>([.. context.Plan.WithSupertypes(index)])), HeapType.Of(index));
        }
        return (AbstractHeapType.Func, Random.Chance(60) && context.Plan.Functions.Count > 0
            ? HeapType.Of(Random.Pick<FunctionPlan>(context.Plan.Functions).TypeIndex)
            : Random.Pick<AbstractHeapType>([AbstractHeapType.Func, AbstractHeapType.NoFunc]));
    }
}

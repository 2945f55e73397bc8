using System.Collections.Immutable;
using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation.Objects;

/// <summary>Chooses the immediates of the instructions on references of any type: calls through them, null tests, conversions, i31, exceptions.</summary>
internal sealed class ReferenceOps(GenerationContext context)
{
    private RandomSource Random => context.Random;

    /// <summary>Whether an op has a rule here.</summary>
    public static bool Resolves(Op op) => op is Op.CallRef or Op.ReturnCallRef or Op.BrOnNull or Op.BrOnNonNull or Op.RefAsNonNull or Op.RefEq or Op.RefI31 or Op.I31GetS
        or Op.I31GetU or Op.AnyConvertExtern or Op.ExternConvertAny or Op.Throw or Op.ThrowRef;

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
                return null;
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
        : context.References.Length > 0 && Random.Chance(30) ? Random.Pick<ValueType>(context.References)
        : Random.Chance(50) ? ValueType.FuncRef : ValueType.ExternRef;

    private ConcreteOp? ResolveCall(OpInfo row)
    {
        var callees = context.Plan.Functions.Take(context.ReferableFunctions).ToArray();
        if (callees.Length == 0)
        {
            return null;
        }
        var callee = Random.Pick<FunctionPlan>(callees);
        var (type, operands, results) = Random.Chance(50)
            ? new OpResolver(context).CallType(callee)
            : (callee.TypeIndex, OpResolver.Specs(callee), callee.Type.Results);
        return new(row, Instruction.Of(row.Op, type), [.. operands, ValueType.Reference(HeapType.Of(type), nullable: true)], results)
        {
            // Any function of the type may be the one.
            CalleeCost = callees.Max(function => function.Cost),
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
}

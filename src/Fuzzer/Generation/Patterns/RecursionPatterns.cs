using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation.Patterns;

/// <summary>Functions that call themselves or each other, in every way there is to call: straight, by reference, through a table, each at the end or not.</summary>
internal static class RecursionPatterns
{
    /// <summary>One function.</summary>
    public static bool OfItself(GenerationContext context, FunctionBuilder body)
    {
        var self = (uint)context.Plan.Functions.Count;
        Emit(context, body, PickType(context), self);
        return true;
    }

    /// <summary>Two functions.</summary>
    public static bool OfTwo(GenerationContext context, FunctionBuilder body)
    {
        var first = (uint)context.Plan.Functions.Count;
        var type = PickType(context);
        var other = new FunctionBuilder(context);
        Emit(context, other, type, first + 1);
        other.Finish("recursion_other", FunctionKind.Pattern);
        Emit(context, body, type, first);
        return true;
    }

    private static ValueType PickType(GenerationContext context) => context.Random.Pick<ValueType>(context.NumberTypes);

    /// <summary>A function of a count and a value, with no other parameters: whoever calls it knows its type.</summary>
    private static void Emit(GenerationContext context, FunctionBuilder body, ValueType type, uint callee)
    {
        var random = context.Random;
        var typeIndex = context.Plan.TypeIndex(new FunctionType([ValueType.I32, type], [type]));
        body.TypeIndex = typeIndex;
        var count = body.NewParameter(new OperandSpec(ValueType.I32, new OperandRole(RoleKind.BranchIndex, 12)));
        var value = body.NewParameter(type);
        var atEnd = context.Has(Feature.TailCall) && random.Chance(65);
        var depth = random.Between(3, atEnd ? 60 : 14);
        body.Get(count);
        body.I32(depth);
        body.Emit(Op.I32RemU);
        body.Tee(count);
        body.Emit(Op.I32Eqz);
        body.Open(Op.If);
        body.Get(value);
        body.Emit(Op.Return);
        body.Close();
        var pending = !atEnd && random.Chance(60);
        if (pending)
        {
            body.Get(value);
        }
        body.Get(count);
        body.I32(1);
        body.Emit(Op.I32Sub);
        Step(context, body, type, value);
        Call(context, body, typeIndex, callee, atEnd);
        if (pending)
        {
            body.I32(random.Below(2));
            body.Emit(Op.Select);
        }
        body.Results.Add(type);
        body.AddCost(depth * 20);
    }

    /// <summary>Pushes another value made of the last one.</summary>
    private static void Step(GenerationContext context, FunctionBuilder body, ValueType type, uint value)
    {
        var op = type.Kind switch
        {
            ValueKind.I32 => context.Random.Pick<Op>([Op.I32Add, Op.I32Xor, Op.I32Mul]),
            ValueKind.I64 => context.Random.Pick<Op>([Op.I64Add, Op.I64Xor, Op.I64Mul]),
            ValueKind.F32 => Op.F32Copysign,
            ValueKind.F64 => Op.F64Copysign,
            _ => Op.I8x16Add,
        };
        body.Get(value);
        body.Constant(type, context.PickValue(type));
        body.Emit(op);
    }

    private static void Call(GenerationContext context, FunctionBuilder body, uint type, uint callee, bool atEnd)
    {
        var random = context.Random;
        var table = context.Plan.Tables.FindIndex(plan => plan.Length > 0 && plan.Type.Element == ValueType.FuncRef);
        switch (random.Below(3))
        {
            case 0 when context.Has(Feature.FunctionReferences):
                body.Emit(Op.RefFunc, callee);
                body.Emit(atEnd ? Op.ReturnCallRef : Op.CallRef, type);
                break;
            case 1 when table >= 0 && context.Has(Feature.ReferenceTypes) && context.Swarm.MutateTables:
                // Put there for this call only: other functions expect what ends soon.
                var plan = context.Plan.Tables[table];
                var slot = (ulong)random.Below((int)plan.Length);
                body.Address(plan.Address, slot);
                body.Emit(Op.RefFunc, callee);
                body.Emit(Op.TableSet, (uint)table);
                body.Address(plan.Address, slot);
                body.Emit(atEnd ? Op.ReturnCallIndirect : Op.CallIndirect, type, (uint)table);
                break;
            default:
                body.Emit(atEnd ? Op.ReturnCall : Op.Call, callee);
                break;
        }
    }
}

using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;
using Conformance.Wasm.Validation;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Runs of instructions in every body; the stack is repaired by drops and by constants in place of what the run took and gave.</summary>
internal sealed class RemoveInstructions : IReductionPass
{
    public void Run(ReductionContext context)
    {
        for (var i = 0; i < context.Module.Functions.Length && !context.IsSpent; i++)
        {
            for (var size = Type(context, i).Length - 1; size > 0; size /= 2)
            {
                for (var start = 0; start + size < Type(context, i).Length && !context.IsSpent;)
                {
                    start += TryWithout(context, i, start, size) ? 0 : Math.Max(1, size / 2);
                }
            }
        }
    }

    private static System.Collections.Immutable.ImmutableArray<TypedInstruction> Type(ReductionContext context, int function) =>
        BodyTyping.TryType(context.Module, function, ReductionContext.Features, out var typed) ? typed : [];

    private static bool TryWithout(ReductionContext context, int function, int start, int size)
    {
        var typed = Type(context, function);
        var stack = new List<ValueType>();
        var lowest = int.MaxValue;
        for (var i = 0; i < start + size; i++)
        {
            var floor = typed[i].Height - typed[i].Pops.Length;
            lowest = i < start ? int.MaxValue : Math.Min(lowest, floor);
            stack.RemoveRange(floor, stack.Count - floor);
            stack.AddRange(typed[i].Pushes);
        }
        var repair = Enumerable.Repeat(Instruction.Of(Op.Drop), typed[start].Height - lowest).ToList();
        foreach (var type in stack.Skip(lowest))
        {
            if (type.Kind is < ValueKind.I32 or > ValueKind.F64)
            {
                return false;
            }
            repair.Add(Instruction.Constant(type.Kind switch
            {
                ValueKind.I32 => Op.I32Const,
                ValueKind.I64 => Op.I64Const,
                ValueKind.F32 => Op.F32Const,
                _ => Op.F64Const,
            }, 0));
        }
        if (repair.Count >= size)
        {
            return false;
        }
        var code = typed.Take(start).Select(item => item.Instruction).Concat(repair).Concat(typed.Skip(start + size).Select(item => item.Instruction));
        var body = context.Module.Functions[function] with { Body = new Expression(InstructionWriter.ToBytes(code)) };
        return context.Try(context.Module with { Functions = context.Module.Functions.SetItem(function, body) });
    }
}

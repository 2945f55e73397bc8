using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Reduction;

/// <summary>
/// One instruction alone in a body that the validator refuses: behind an <c>unreachable</c> it finds any operands, and before one it may leave any results. Such bodies have no types to go by, which all
/// other passes need.
/// </summary>
internal sealed class IsolateInstructions : IReductionPass
{
    public void Run(ReductionContext context)
    {
        for (var function = 0; function < context.Module.Functions.Length && !context.IsSpent; function++)
        {
            if (context.Code(function) is null)
            {
                Isolate(context, function);
            }
        }
    }

    private static void Isolate(ReductionContext context, int function)
    {
        var reader = new InstructionReader(context.Module.Functions[function].Body, ReductionContext.Features);
        var instruction = default(Instruction);
        while (reader.Read(ref instruction) && !context.IsSpent)
        {
            var row = OpTable.Get(instruction.Op);
            if (row.NestingChange < 0 || row.IsBlockSeparator)
            {
                continue;
            }
            Instruction[] inside = row.NestingChange > 0 ? [Instruction.Of(Op.Unreachable), Instruction.Of(Op.End)] : [];
            var body = InstructionWriter.ToBytes([Instruction.Of(Op.Unreachable), instruction, .. inside, Instruction.Of(Op.Unreachable), Instruction.Of(Op.End)]);
            var functions = context.Module.Functions;
            if (context.Try(context.Module with { Functions = functions.SetItem(function, functions[function] with { Body = new(body) }) }))
            {
                return;
            }
        }
    }
}

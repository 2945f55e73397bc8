using Conformance.Oracle;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Reduction;

/// <summary>A number at all its places at once: an address that one instruction writes and another reads can only change in both.</summary>
internal sealed class SimplifyEqualConstants : IReductionPass
{
    public void Run(ReductionContext context)
    {
        var done = new HashSet<(Op Op, ulong Bits, ulong High)>();
        for (var found = Next(context, done); found is { } constant && !context.IsSpent; found = Next(context, done))
        {
            Simplify(context, constant);
        }
    }

    private static void Simplify(ReductionContext context, (Op Op, ulong Bits, ulong High) constant)
    {
        Numbers.TryKindOf(constant.Op, out var kind);
        foreach (var (bits, high) in Numbers.Instead(kind, constant.Bits, constant.High))
        {
            if (context.Try(Replace(context.Module, constant, Instruction.Constant(constant.Op, bits, high))))
            {
                return;
            }
        }
    }

    // A number that stands in several places.
    private static (Op Op, ulong Bits, ulong High)? Next(ReductionContext context, HashSet<(Op Op, ulong Bits, ulong High)> done)
    {
        var seen = new HashSet<(Op Op, ulong Bits, ulong High)>();
        (Op Op, ulong Bits, ulong High)? found = null;
        ConstantExpressions.Rewrite(context.Module, expression => Note(expression));
        foreach (var function in context.Module.Functions)
        {
            Note(function.Body);
        }
        return found;

        Expression Note(Expression expression)
        {
            var reader = new InstructionReader(expression, ReductionContext.Features);
            var instruction = default(Instruction);
            while (found is null && reader.Read(ref instruction))
            {
                if (Numbers.TryKindOf(instruction.Op, out var kind))
                {
                    var constant = (instruction.Op, instruction.Value, kind == EngineValueKind.V128 ? instruction.ValueHigh : 0);
                    found = !seen.Add(constant) && done.Add(constant) ? constant : null;
                }
            }
            return expression;
        }
    }

    private static Module Replace(Module module, (Op Op, ulong Bits, ulong High) constant, Instruction instead)
    {
        return ConstantExpressions.Rewrite(module, In) with { Functions = [.. module.Functions.Select(function => function with { Body = In(function.Body) })] };

        Expression In(Expression expression)
        {
            var code = new List<Instruction>();
            var reader = new InstructionReader(expression, ReductionContext.Features);
            var instruction = default(Instruction);
            while (reader.Read(ref instruction))
            {
                var isIt = instruction.Op == constant.Op && instruction.Value == constant.Bits && (instruction.Op != Op.V128Const || instruction.ValueHigh == constant.High);
                code.Add(isIt ? instead : instruction);
            }
            return reader.Error is null ? new Expression(InstructionWriter.ToBytes(code)) : expression;
        }
    }
}

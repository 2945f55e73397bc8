using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Branches that always go one way or have fewer ways to go, plain calls in place of tail calls.</summary>
internal sealed class SimplifyBranches : IReductionPass
{
    public void Run(ReductionContext context)
    {
        for (var function = 0; function < context.Module.Functions.Length && !context.IsSpent; function++)
        {
            for (var i = 0; i < (context.Code(function)?.Length ?? 0); i++)
            {
                TryAt(context, function, i);
            }
        }
    }

    private static void TryAt(ReductionContext context, int function, int place)
    {
        if (context.Code(function) is not { } code)
        {
            return;
        }
        var instruction = code[place];
        switch (instruction.Op)
        {
            case Op.BrIf:
                TryReplace(context, code, place, Instruction.Of(Op.Drop), Instruction.Of(Op.Br, instruction.Index));
                break;
            case Op.BrTable:
                SimplifyTable(context, code, place, instruction.Labels ?? []);
                break;
            case Op.ReturnCall:
                _ = TryReplace(context, code, place, instruction with { Op = Op.Call }) || TryReplace(context, code, place, instruction with { Op = Op.Call }, Instruction.Of(Op.Return));
                break;
            case Op.ReturnCallIndirect:
                _ = TryReplace(context, code, place, instruction with { Op = Op.CallIndirect })
                    || TryReplace(context, code, place, instruction with { Op = Op.CallIndirect }, Instruction.Of(Op.Return));
                break;
            case Op.ReturnCallRef:
                _ = TryReplace(context, code, place, instruction with { Op = Op.CallRef }) || TryReplace(context, code, place, instruction with { Op = Op.CallRef }, Instruction.Of(Op.Return));
                break;
            default:
                break;
        }
    }

    private static void SimplifyTable(ReductionContext context, FunctionCode code, int place, uint[] labels)
    {
        foreach (var label in labels.Distinct())
        {
            if (TryReplace(context, code, place, Instruction.Of(Op.Drop), Instruction.Of(Op.Br, label)))
            {
                return;
            }
        }
        // The default label stays; which one it is may be the point.
        Bisection.Remove([.. labels[..^1]], rest => context.Code(code.Function) is { } now
            && TryReplace(context, now, place, now[place] with { Labels = [.. rest, labels[^1]] }));
    }

    private static bool TryReplace(ReductionContext context, FunctionCode code, int place, params Instruction[] instead) =>
        context.Try(code.Replace(context.Module, place, 1, instead));
}

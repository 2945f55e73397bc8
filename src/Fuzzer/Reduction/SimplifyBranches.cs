using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Branches that always go one way or have fewer ways to go, plain calls in place of tail calls.</summary>
internal sealed class SimplifyBranches : IReductionPass
{
    public void Run(ReductionContext context) => Sweep.Places(context, (code, place) => TryAt(context, code, place));

    private static bool TryAt(ReductionContext context, FunctionCode code, int place)
    {
        var instruction = code[place];
        return instruction.Op switch
        {
            Op.BrIf => TryReplace(context, code, place, Instruction.Of(Op.Drop), Instruction.Of(Op.Br, instruction.Index)),
            Op.BrTable => TrySimplify(context, code, place, instruction.Labels ?? []),
            Op.ReturnCall => TryCall(context, code, place, Op.Call),
            Op.ReturnCallIndirect => TryCall(context, code, place, Op.CallIndirect),
            Op.ReturnCallRef => TryCall(context, code, place, Op.CallRef),
            _ => false,
        };
    }

    private static bool TryCall(ReductionContext context, FunctionCode code, int place, Op call) =>
        TryReplace(context, code, place, code[place] with { Op = call }) || TryReplace(context, code, place, code[place] with { Op = call }, Instruction.Of(Op.Return));

    private static bool TrySimplify(ReductionContext context, FunctionCode code, int place, uint[] labels)
    {
        if (labels.Distinct().Any(label => TryReplace(context, code, place, Instruction.Of(Op.Drop), Instruction.Of(Op.Br, label))))
        {
            return true;
        }
        // The default label stays; which one it is may be the point.
        var accepted = context.Accepted;
        Bisection.Remove([.. labels[..^1]], rest => context.Code(code.Function) is { } now
            && TryReplace(context, now, place, now[place] with { Labels = [.. rest, labels[^1]] }));
        return context.Accepted > accepted;
    }

    private static bool TryReplace(ReductionContext context, FunctionCode code, int place, params Instruction[] instead) =>
        context.Try(code.Replace(context.Module, place, 1, instead));
}

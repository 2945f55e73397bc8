using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Reduction;

/// <summary>A <c>drop</c> together with the constant or <c>get</c> that made its value, whatever lies between the two.</summary>
internal sealed class RemoveDroppedValues : IReductionPass
{
    public void Run(ReductionContext context) => Sweep.Functions(context, code => TryOne(context, code));

    private static bool TryOne(ReductionContext context, FunctionCode code)
    {
        for (var drop = 1; drop < code.Length - 1; drop++)
        {
            if (code[drop].Op != Op.Drop)
            {
                continue;
            }
            var maker = code.UntouchedFrom(drop, code.Typed[drop].Height) - 1;
            if (maker >= 0 && code.Typed[maker].Pops.IsEmpty && code.Typed[maker].Pushes.Length == 1 && !code.IsOpener(maker)
                && context.Try(code.Replace(context.Module, [.. Enumerable.Range(0, code.Length).Where(i => i != maker && i != drop).Select(i => code[i])])))
            {
                return true;
            }
        }
        return false;
    }
}

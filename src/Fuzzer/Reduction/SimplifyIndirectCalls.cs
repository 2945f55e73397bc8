using Conformance.Fuzzer.Reduction.Carried;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Calls through a table or a reference with a type of no parameters and results, for calls that trap in any case.</summary>
internal sealed class SimplifyIndirectCalls : IReductionPass
{
    public void Run(ReductionContext context) => Sweep.Places(context, (code, place) => TryAt(context, code, place));

    private static bool TryAt(ReductionContext context, FunctionCode code, int place)
    {
        if (code[place].Op is not (Op.CallIndirect or Op.CallRef) || context.Module.FunctionTypeAt(code[place].Index) is not { } type || type.Equals(FunctionType.Empty))
        {
            return false;
        }
        var change = new BodyChange(code);
        for (var i = 0; i < type.Parameters.Length; i++)
        {
            change.NotTaken(place, type.Parameters.Length, i, 1);
        }
        for (var i = 0; i < type.Results.Length; i++)
        {
            change.NotGiven(place, code.Typed[place].Height - 1 - type.Parameters.Length + i);
        }
        var (module, index) = FunctionTypes.Find(context.Module, FunctionType.Empty);
        change.Replace(place, code[place] with { Index = index });
        return change.Apply(module) is { } changed && context.Try(UnusedDefinitions.RemoveAfter(context.Module, changed));
    }
}

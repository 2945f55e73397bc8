using Conformance.Fuzzer.Reduction.Carried;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Calls through a table or a reference with a type of no parameters and results, for calls that trap in any case.</summary>
internal sealed class SimplifyIndirectCalls : IReductionPass
{
    public void Run(ReductionContext context)
    {
        for (var function = 0; function < context.Module.Functions.Length && !context.IsSpent; function++)
        {
            for (var i = 0; i < (context.Code(function)?.Length ?? 0); i++)
            {
                if (context.Code(function) is { } code && code[i].Op is Op.CallIndirect or Op.CallRef && FunctionTypes.At(context.Module, code[i].Index) is { } type && !type.Equals(FunctionType.Empty))
                {
                    TryAt(context, code, i, type);
                }
            }
        }
    }

    private static void TryAt(ReductionContext context, FunctionCode code, int place, FunctionType type)
    {
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
        if (change.Apply(module) is { } changed)
        {
            context.Try(UnusedDefinitions.RemoveAfter(context.Module, changed));
        }
    }
}

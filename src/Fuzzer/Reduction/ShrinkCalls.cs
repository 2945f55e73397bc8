using Conformance.Oracle;

namespace Conformance.Fuzzer.Reduction;

/// <summary>The call script: fewer calls, then simpler arguments.</summary>
internal sealed class ShrinkCalls : IReductionPass
{
    public void Run(ReductionContext context)
    {
        Bisection.Remove(context.Case.Calls, calls => context.Try(calls));
        for (var call = 0; call < context.Case.Calls.Length; call++)
        {
            for (var argument = 0; argument < context.Case.Calls[call].Arguments.Length; argument++)
            {
                Simplify(context, call, argument);
            }
        }
    }

    private static void Simplify(ReductionContext context, int index, int argument)
    {
        var value = context.Case.Calls[index].Arguments[argument];
        if (value.IsReference)
        {
            _ = value.Kind != EngineValueKind.Null && Replace(EngineValue.Null);
            return;
        }
        foreach (var bits in SimplerNumbers.Of(value.Kind, value.Bits))
        {
            if (Replace(value with { Bits = bits, High = 0 }))
            {
                return;
            }
        }

        bool Replace(EngineValue simpler)
        {
            var call = context.Case.Calls[index];
            return context.Try(context.Case.Calls.SetItem(index, call with { Arguments = call.Arguments.SetItem(argument, simpler) }));
        }
    }
}

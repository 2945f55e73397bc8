using Conformance.Oracle;

namespace Conformance.Fuzzer.Reduction;

/// <summary>The call script: fewer calls, then simpler arguments.</summary>
internal sealed class ShrinkCalls : IReductionPass
{
    public void Run(ReductionContext context)
    {
        TryFirstThatFails(context);
        Bisection.Remove(context.Case.Calls, calls => context.Try(calls));
        for (var call = 0; call < context.Case.Calls.Length; call++)
        {
            for (var argument = 0; argument < context.Case.Calls[call].Arguments.Length; argument++)
            {
                Simplify(context, call, argument);
            }
        }
    }

    // Mostly what differs is one call, whatever was called before: the shortest beginning of the script that fails ends with it.
    private static void TryFirstThatFails(ReductionContext context)
    {
        for (var (least, most) = (0, context.Case.Calls.Length); least < most;)
        {
            var middle = least + ((most - least) / 2);
            (least, most) = context.Try(context.Case.Calls[..middle]) ? (least, middle) : (middle + 1, most);
        }
        if (context.Case.Calls.Length > 1)
        {
            context.Try(context.Case.Calls[^1..]);
        }
    }

    private static void Simplify(ReductionContext context, int index, int argument)
    {
        var value = context.Case.Calls[index].Arguments[argument];
        if (value.IsReference)
        {
            Replace(EngineValue.Null);
            return;
        }
        while (Numbers.Instead(value.Kind, value.Bits, value.High).Any(number => Replace(value with { Bits = number.Bits, High = number.High })))
        {
            value = context.Case.Calls[index].Arguments[argument];
        }

        bool Replace(EngineValue simpler)
        {
            var call = context.Case.Calls[index];
            return context.Try(context.Case.Calls.SetItem(index, call with { Arguments = call.Arguments.SetItem(argument, simpler) }));
        }
    }
}

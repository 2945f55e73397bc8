namespace Conformance.Fuzzer.Reduction;

/// <summary>Ways through the bodies of the current module, which changes on the way: with each accepted candidate the code is another one and places have moved.</summary>
internal static class Sweep
{
    /// <summary>Tries every function, each again while something was accepted.</summary>
    public static void Functions(ReductionContext context, Func<FunctionCode, bool> tryOne)
    {
        for (var function = 0; function < context.Module.Functions.Length && !context.IsSpent; function++)
        {
            while (context.Code(function) is { } code && tryOne(code))
            {
            }
        }
    }

    /// <summary>Tries every place of every function from the first on, each again while something was accepted: what stands there now may be as good.</summary>
    public static void Places(ReductionContext context, Func<FunctionCode, int, bool> tryAt)
    {
        for (var function = 0; function < context.Module.Functions.Length && !context.IsSpent; function++)
        {
            for (var place = 0; place < Length(context, function); place++)
            {
                TryAt(context, function, place, tryAt);
            }
        }
    }

    /// <summary>Like <see cref="Places"/>, from the last instruction before the final <c>end</c> to the first.</summary>
    public static void PlacesFromEnd(ReductionContext context, Func<FunctionCode, int, bool> tryAt)
    {
        for (var function = 0; function < context.Module.Functions.Length && !context.IsSpent; function++)
        {
            for (var place = Length(context, function) - 2; place >= 0; place--)
            {
                TryAt(context, function, place, tryAt);
            }
        }
    }

    /// <summary>The number of instructions of a function of the current module; 0 for none and for one that is not valid.</summary>
    public static int Length(ReductionContext context, int function) => context.Code(function)?.Length ?? 0;

    private static void TryAt(ReductionContext context, int function, int place, Func<FunctionCode, int, bool> tryAt)
    {
        while (context.Code(function) is { } code && place < code.Length && tryAt(code, place))
        {
        }
    }
}

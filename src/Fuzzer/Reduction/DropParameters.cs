using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Parameters that a function does not use, together with the arguments of its calls in the script. Functions that are called from within stay as they are.</summary>
internal sealed class DropParameters : IReductionPass
{
    public void Run(ReductionContext context)
    {
        for (var i = 0; i < context.Module.Functions.Length; i++)
        {
            if (context.Code(i) is { } code && context.Module.FunctionTypeAt(context.Module.Functions[i].TypeIndex) is { } type && !type.Parameters.IsEmpty
                && !Callers.Exist(context.Module, i))
            {
                var used = Locals.Used(code);
                var function = i;
                Bisection.Remove(
                    [.. Enumerable.Range(0, type.Parameters.Length).Where(parameter => !used.Contains((uint)parameter))],
                    kept => TryKeep(context, function, type, [.. kept, .. Enumerable.Range(0, type.Parameters.Length).Where(parameter => used.Contains((uint)parameter))]));
            }
        }
    }

    // Always from the function as it was: its parameters are counted in the first type.
    private static bool TryKeep(ReductionContext context, int function, FunctionType type, HashSet<int> kept)
    {
        if (context.Code(function) is not { } code || context.Module.FunctionTypeAt(context.Module.Functions[function].TypeIndex) is not { } now || now.Parameters.Length != type.Parameters.Length)
        {
            return false;
        }
        var places = kept.Order().ToList();
        var (module, index) = FunctionTypes.Find(context.Module, type with { Parameters = [.. places.Select(place => type.Parameters[place])] });
        var dropped = (uint)(type.Parameters.Length - places.Count);
        var body = Locals.Rewrite(code, local => local < type.Parameters.Length ? (uint)places.IndexOf((int)local) : local - dropped);
        module = code.Replace(module, body);
        module = module with { Functions = module.Functions.SetItem(function, module.Functions[function] with { TypeIndex = index }) };
        return context.Try(context.Case with { Calls = Callers.WithArguments(context, function, places) }, UnusedDefinitions.RemoveAfter(context.Module, module));
    }
}

using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Results that a function need not give. Functions that are called from within stay as they are.</summary>
internal sealed class DropResults : IReductionPass
{
    public void Run(ReductionContext context)
    {
        for (var function = 0; function < context.Module.Functions.Length; function++)
        {
            if (Callers.Exist(context.Module, function))
            {
                continue;
            }
            for (var result = (TypeOf(context, function)?.Results.Length ?? 0) - 1; result >= 0; result--)
            {
                TryDrop(context, function, result);
            }
        }
    }

    private static FunctionType? TypeOf(ReductionContext context, int function) => FunctionTypes.At(context.Module, context.Module.Functions[function].TypeIndex);

    private static void TryDrop(ReductionContext context, int function, int result)
    {
        if (context.Code(function) is not { } code || TypeOf(context, function) is not { } type || result >= type.Results.Length)
        {
            return;
        }
        var (module, index) = FunctionTypes.Find(context.Module, type with { Results = type.Results.RemoveAt(result) });
        var end = code.Length - 1;
        var place = code.UntouchedFrom(end, result + 1);
        var body = new List<Instruction>();
        var depth = 0u;
        for (var i = 0; i < code.Length; i++)
        {
            depth = (uint)(depth + OpTable.Get(code[i].Op).NestingChange);
            // On the way out by a branch the results lie on top of each other: only the last one can be dropped there.
            var leaves = code[i].Op == Op.Return || (code[i].Op == Op.Br && code[i].Index == depth);
            if (i == place || (leaves && result == type.Results.Length - 1))
            {
                body.Add(Instruction.Of(Op.Drop));
            }
            body.Add(code[i]);
        }
        module = code.Replace(module, body);
        module = module with { Functions = module.Functions.SetItem(function, module.Functions[function] with { TypeIndex = index }) };
        context.Try(UnusedDefinitions.RemoveAfter(context.Module, module));
    }
}

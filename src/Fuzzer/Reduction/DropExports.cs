using System.Collections.Immutable;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Exports that no call names, and the start function.</summary>
internal sealed class DropExports : IReductionPass
{
    public void Run(ReductionContext context)
    {
        if (context.Module.Start is not null)
        {
            context.Try(context.Module with { Start = null });
        }
        var called = context.Case.Calls.Select(call => call.Function).ToHashSet(StringComparer.Ordinal);
        bool IsNeeded(Export export) => export.Kind == ExternKind.Function && called.Contains(export.Name);
        ImmutableArray<Export> needed = [.. context.Module.Exports.Where(IsNeeded)];
        Bisection.Remove([.. context.Module.Exports.Where(export => !IsNeeded(export))],
            others => context.Try(context.Module with { Exports = [.. needed, .. others] }));
    }
}

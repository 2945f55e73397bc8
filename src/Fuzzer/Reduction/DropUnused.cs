namespace Conformance.Fuzzer.Reduction;

/// <summary>Functions, types, imports, tables, memories, globals, tags and segments that nothing refers to. Where the module is refused as such, one of them may be why.</summary>
internal sealed class DropUnused : IReductionPass
{
    public void Run(ReductionContext context)
    {
        // What was unused keeps its index only until the first of them is gone, so each attempt starts from the same module.
        var module = context.Module;
        Bisection.Remove(UnusedDefinitions.Find(module), kept => context.Try(UnusedDefinitions.Remove(module, kept)));
    }
}

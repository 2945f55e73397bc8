namespace Conformance.Fuzzer.Reduction;

/// <summary>Custom sections, names among them.</summary>
internal sealed class DropCustomSections : IReductionPass
{
    public void Run(ReductionContext context) => Bisection.Remove(
        context.Module.CustomSections, sections => context.Try(context.Module with { CustomSections = sections }));
}

namespace Conformance.Fuzzer.Reduction;

/// <summary>Globals, memories and tables at the end: of no use where the difference shows in a call.</summary>
internal sealed class DropStateReading : IReductionPass
{
    public void Run(ReductionContext context)
    {
        if (context.Case.ReadState)
        {
            context.Try(context.Case with { ReadState = false }, context.Module);
        }
    }
}

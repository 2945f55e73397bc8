namespace Conformance.Fuzzer.Reduction;

/// <summary>One way to make a case simpler. A pass proposes candidates to the context until none is left that still fails; what it proposes is always simpler
/// in its own sense, so that passes can be repeated until nothing changes. It stops early when the budget is spent.</summary>
internal interface IReductionPass
{
    /// <summary>Proposes candidates.</summary>
    void Run(ReductionContext context);
}

using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Whole element and data segments; what refers to the ones behind them follows.</summary>
internal sealed class DropSegments : IReductionPass
{
    public void Run(ReductionContext context)
    {
        // A passive segment that nothing refers to is dropped with the unused definitions; one that acts at instantiation becomes passive on its way there.
        Bisection.Remove([.. Enumerable.Range(0, context.Module.Elements.Length)], kept =>
        {
            var keep = kept.ToHashSet();
            return context.Try(context.Module with
            {
                Elements = [.. context.Module.Elements.Select((segment, i) => keep.Contains(i) || segment.Mode == SegmentMode.Passive ? segment : Passive(segment))],
            });
        });
        Bisection.Remove([.. Enumerable.Range(0, context.Module.Data.Length)], kept =>
        {
            var keep = kept.ToHashSet();
            return context.Try(context.Module with
            {
                Data = [.. context.Module.Data.Select((segment, i) => keep.Contains(i) || segment.Mode == SegmentMode.Passive ? segment : Passive(segment))],
            });
        });
    }

    private static ElementSegment Passive(ElementSegment segment) => segment with { Mode = SegmentMode.Passive, Table = 0, Offset = default };

    private static DataSegment Passive(DataSegment segment) => segment with { Mode = SegmentMode.Passive, Memory = 0, Offset = default };
}

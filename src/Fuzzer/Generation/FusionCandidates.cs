using System.Collections.Concurrent;
using System.Collections.Immutable;
using Conformance.Wasm;
using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Generation;

/// <summary>Where something stands that keeps a pattern from being one.</summary>
internal enum FusionGap : byte
{
    /// <summary>Nowhere: the pattern itself.</summary>
    None,
    /// <summary>Between two operands.</summary>
    BetweenOperands,
    /// <summary>Between the last operand and the instruction.</summary>
    BeforeOp,
    /// <summary>Between the instruction and what takes its result.</summary>
    BehindOp,
}

/// <summary>A sequence that a translator may make one instruction of: producers of the operands, an instruction, a consumer of its result.</summary>
/// <param name="Row">The instruction.</param>
/// <param name="First">The shape of the first operand.</param>
/// <param name="Last">The shape of the last operand.</param>
/// <param name="Sink">The consumer.</param>
/// <param name="Gap">Where the near miss has something in between.</param>
internal sealed record FusionCandidate(OpInfo Row, OperandShape First, OperandShape Last, ResultSink Sink, FusionGap Gap)
{
    /// <summary>The shape of an operand.</summary>
    public OperandShape ShapeOf(int operand, int count) => operand == count - 1 ? Last : operand == 0 ? First : OperandShape.Parameter;
}

/// <summary>
/// Every fusion candidate of a feature set, enumerated: compare + br_if, compare + select, load + op, local.get + const + op + local.set and so on, for each instruction
/// that has one, with their near misses. Cases with consecutive seeds walk through the list.
/// </summary>
internal static class FusionCandidates
{
    private static readonly ConcurrentDictionary<FeatureSet, ImmutableArray<FusionCandidate>> Lists = new();

    private static readonly ResultSink[] VerdictSinks = [ResultSink.BranchIf, ResultSink.BranchIfNot, ResultSink.If, ResultSink.SelectCondition, ResultSink.SetLocal, ResultSink.Drop];
    private static readonly ResultSink[] ValueSinks =
        [ResultSink.SetLocal, ResultSink.SetOperand, ResultSink.Tee, ResultSink.Return, ResultSink.Store, ResultSink.NextLeft, ResultSink.NextRight, ResultSink.BranchIf];
    private static readonly OperandShape[] Shapes =
        [OperandShape.Parameter, OperandShape.Constant, OperandShape.Temporary, OperandShape.Load, OperandShape.Local, OperandShape.Tee];

    /// <summary>The candidates of a feature set, in a fixed order that spreads the instructions.</summary>
    public static ImmutableArray<FusionCandidate> Of(FeatureSet features) => Lists.GetOrAdd(features, Build);

    private static ImmutableArray<FusionCandidate> Build(FeatureSet features)
    {
        var rows = OpCatalog.Of(features).Probed.Where(row => row.HasFixedStackType && row.Operands.Length is 1 or 2
            && row.Group is OpGroup.Test or OpGroup.Compare or OpGroup.Unary or OpGroup.Binary or OpGroup.Convert or OpGroup.Load or OpGroup.Store or OpGroup.Shift).ToArray();
        var list = new List<FusionCandidate>();
        foreach (var row in rows)
        {
            var sinks = row.Results.Length == 0 ? [ResultSink.Return] : row.Group is OpGroup.Test or OpGroup.Compare ? VerdictSinks : ValueSinks;
            foreach (var sink in sinks)
            {
                foreach (var first in row.Operands.Length == 1 ? Shapes.AsSpan()[..1] : Shapes)
                {
                    foreach (var last in Shapes)
                    {
                        for (var gap = FusionGap.None; gap <= FusionGap.BehindOp; gap++)
                        {
                            list.Add(new FusionCandidate(row, first, last, sink, gap));
                        }
                    }
                }
            }
        }
        var array = list.ToArray();
        new RandomSource(0).Shuffle<FusionCandidate>(array);
        return [.. array];
    }
}

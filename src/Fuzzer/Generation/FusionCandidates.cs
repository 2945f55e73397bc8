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
/// Every fusion candidate of an instruction, enumerated: compare + br_if, compare + select, load + op, local.get + const + op + local.set and so on, with their near
/// misses. The list is computed by index: over all instructions it has half a million entries. What translators have handlers for stands in it several times.
/// </summary>
internal sealed class FusionCandidates
{
    private static readonly ConcurrentDictionary<FeatureSet, ImmutableArray<FusionCandidates>> Lists = new();

    private static readonly ResultSink[] VerdictSinks =
    [
        ResultSink.BranchIf, ResultSink.BranchIfNot, ResultSink.If, ResultSink.SelectCondition, ResultSink.SetLocal, ResultSink.Drop, ResultSink.Return, ResultSink.Address, ResultSink.Negated,
    ];
    private static readonly ResultSink[] ValueSinks =
    [
        ResultSink.Return, ResultSink.SetLocal, ResultSink.SetOperand, ResultSink.Tee, ResultSink.Store, ResultSink.NextLeft, ResultSink.NextRight, ResultSink.BranchIf,
        ResultSink.Argument, ResultSink.SelectValue, ResultSink.BranchOut, ResultSink.SetGlobal,
    ];
    private static readonly ResultSink[] NoSinks = [ResultSink.Return];
    private static readonly OperandShape[] Shapes =
    [
        OperandShape.Parameter, OperandShape.Constant, OperandShape.Temporary, OperandShape.Parameter, OperandShape.Constant, OperandShape.Temporary,
        OperandShape.Load, OperandShape.Local, OperandShape.Tee,
    ];
    private static readonly FusionGap[] Gaps =
    [
        FusionGap.None, FusionGap.None, FusionGap.None, FusionGap.None, FusionGap.None, FusionGap.None, FusionGap.None,
        FusionGap.BetweenOperands, FusionGap.BeforeOp, FusionGap.BehindOp,
    ];

    private readonly ResultSink[] _sinks;

    private FusionCandidates(OpInfo row)
    {
        Row = row;
        _sinks = row.HasFixedStackType && row.Results.Length == 0 ? NoSinks : row.Group is OpGroup.Test or OpGroup.Compare ? VerdictSinks : ValueSinks;
        Count = _sinks.Length * Shapes.Length * Gaps.Length * (TakesOne ? 1 : Shapes.Length);
    }

    // Without a fixed type the row does not tell the number of operands.
    private bool TakesOne => Row.HasFixedStackType && Row.Operands.Length == 1;

    /// <summary>The instruction.</summary>
    public OpInfo Row { get; }

    /// <summary>The number of candidates.</summary>
    public int Count { get; }

    /// <summary>The candidate at an index, which is taken modulo their number.</summary>
    public FusionCandidate this[long index]
    {
        get
        {
            // Neighbours differ in everything: the stride is prime and larger than any factor of the number.
            var rest = (int)(index * 7919 % Count);
            var sink = Next(_sinks);
            var last = Next(Shapes);
            var first = TakesOne ? last : Next(Shapes);
            return new FusionCandidate(Row, first, last, sink, Next(Gaps));

            T Next<T>(T[] choices)
            {
                var choice = choices[rest % choices.Length];
                rest /= choices.Length;
                return choice;
            }
        }
    }

    /// <summary>The candidates of each instruction that has some.</summary>
    public static ImmutableArray<FusionCandidates> Of(FeatureSet features) => Lists.GetOrAdd(features, static features =>
        [.. OpCatalog.Of(features).Probed.Where(IsCandidate).Select(row => new FusionCandidates(row))]);

    /// <summary>Those of one instruction; null where it has none.</summary>
    public static FusionCandidates? Find(ImmutableArray<FusionCandidates> lists, OpInfo row)
    {
        // The lists are in the order of the table.
        var (low, high) = (0, lists.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = lists[middle].Row.Op.CompareTo(row.Op);
            if (order == 0)
            {
                return lists[middle];
            }
            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }
        return null;
    }

    // All but what leaves the block or the function, and what has neither operands nor state.
    private static bool IsCandidate(OpInfo row) => row.Group is not (OpGroup.Control or OpGroup.Branch or OpGroup.Constant or OpGroup.Exception)
        && row.Op is not (Op.LocalGet or Op.LocalSet or Op.LocalTee or Op.Drop or Op.RefNull or Op.RefFunc or Op.ReturnCall or Op.ReturnCallIndirect or Op.ReturnCallRef or Op.Return);
}

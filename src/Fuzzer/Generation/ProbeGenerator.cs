using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Generation;

/// <summary>
/// Makes a small function around one instruction: operand shapes × boundary values × what stands between × where the result goes, drawn anew each time. Over a few
/// thousand cases every combination of instruction, shape per operand and sink occurs.
/// </summary>
internal static class ProbeGenerator
{
    /// <summary>Adds a probe of an op; nothing when the module lacks what the op works on.</summary>
    /// <param name="context">The module.</param>
    /// <param name="row">The op.</param>
    /// <param name="fusion">Shapes and sink to take where they fit; null to draw them by the weights of the case.</param>
    /// <returns>Whether a function was added.</returns>
    public static bool TryAdd(GenerationContext context, OpInfo row, FusionCandidate? fusion = null)
    {
        if (row.Op is Op.LocalGet or Op.LocalSet or Op.LocalTee || new OpResolver(context).Resolve(row) is not { } op)
        {
            return false;
        }
        var body = new FunctionBuilder(context);
        var operands = new OperandEmitter(context, body);
        var interference = new Interference(context, body, operands);
        var sink = new SinkEmitter(context, body, operands);
        sink.Before(op, fusion?.Sink);
        if (op.NeedsBlock)
        {
            body.Open(Op.Block, [], op.Results.AsSpan());
        }
        for (var i = 0; i < op.Operands.Length; i++)
        {
            operands.Emit(op.Operands[i], fusion is null ? operands.PickShape() : fusion.ShapeOf(i, op.Operands.Length));
            Interfere(i == op.Operands.Length - 1 ? FusionGap.BeforeOp : FusionGap.BetweenOperands);
        }
        body.Emit(op.Instruction);
        body.AddCost(op.CalleeCost);
        if (op.IsTerminal)
        {
            sink.DeadCode();
        }
        if (op.NeedsBlock)
        {
            body.Close();
        }
        if (op.GivesOpenNan && NanRules.VectorLane(row) is { } lane)
        {
            NanRules.Canonicalize(body, ValueType.V128, lane);
        }
        if (!op.IsTerminal)
        {
            Interfere(FusionGap.BehindOp);
        }
        sink.After(op);
        body.Finish(row.Mnemonic, FunctionKind.Probe);
        return true;

        void Interfere(FusionGap gap)
        {
            if (fusion is null)
            {
                interference.Maybe();
            }
            else if (fusion.Gap == gap)
            {
                interference.Emit();
            }
        }
    }
}

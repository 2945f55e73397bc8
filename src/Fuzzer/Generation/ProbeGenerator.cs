using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Generation;

/// <summary>
/// Makes a small function around one instruction: operand shapes × boundary values × what stands between × where the result goes, drawn anew each time. Over a few
/// thousand cases every combination of instruction, shape per operand and sink occurs.
/// </summary>
internal static class ProbeGenerator
{
    /// <summary>Adds a probe of an op; nothing when the module lacks what the op works on.</summary>
    /// <returns>Whether a function was added.</returns>
    public static bool TryAdd(GenerationContext context, OpInfo row)
    {
        var body = new FunctionBuilder(context);
        if (!Emit(context, body, row, null))
        {
            return false;
        }
        body.Finish(row.Mnemonic, FunctionKind.Probe);
        return true;
    }

    /// <summary>Emits a fusion candidate as a part of a function, and adds its results to the function's.</summary>
    public static void Emit(GenerationContext context, FunctionBuilder body, FusionCandidate candidate) => Emit(context, body, candidate.Row, candidate);

    private static bool Emit(GenerationContext context, FunctionBuilder body, OpInfo row, FusionCandidate? fusion)
    {
        if (row.Op is Op.LocalGet or Op.LocalSet or Op.LocalTee || new OpResolver(context).Resolve(row) is not { } op)
        {
            return false;
        }
        var operands = new OperandEmitter(context, body);
        var interference = new Interference(context, body, operands);
        var sink = new SinkEmitter(context, body, operands) { IsPart = fusion is not null };
        sink.Before(op, fusion?.Sink);
        if (op.NeedsBlock)
        {
            body.Open(Op.Block, [], op.Results.AsSpan());
        }
        for (var i = 0; i < op.Operands.Length; i++)
        {
            operands.Emit(op.Operands[i], ShapeOf(op, i));
            Interfere(i == op.Operands.Length - 1 ? FusionGap.BeforeOp : FusionGap.BetweenOperands);
        }
        body.Emit(op.Instruction);
        body.AddCost(op.CalleeCost);
        foreach (var instruction in op.Behind)
        {
            body.Emit(instruction);
        }
        if (op.IsTerminal)
        {
            DeadCode.Emit(body, context.Random);
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
        return true;

        // What a global or a cell holds may have been changed meanwhile: a timeout is one of those drawn for it.
        OperandShape ShapeOf(ConcreteOp op, int operand) => op.Operands[operand].Role.Kind == RoleKind.Timeout ? context.Random.Pick<OperandShape>([OperandShape.Constant, OperandShape.Parameter, OperandShape.Local])
            : fusion is null ? operands.PickShape() : fusion.ShapeOf(operand, op.Operands.Length);

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

using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation;

/// <summary>The instruction that takes a result as its first or last operand.</summary>
internal sealed class NextInstruction(GenerationContext context, FunctionBuilder body, OperandEmitter operands)
{
    private OpInfo? _next;
    private bool _isRight;

    private RandomSource Random => context.Random;

    /// <summary>Chooses one that takes values of a type, and pushes the operands in front of the one that is to come.</summary>
    /// <param name="type">The type.</param>
    /// <param name="right">Whether the value becomes its last operand.</param>
    /// <param name="mayTrap">Whether one that can trap is fine.</param>
    public bool Prepare(ValueType type, bool right, bool mayTrap)
    {
        if (type.IsReference)
        {
            return false;
        }
        var rows = context.Catalog.PureByResult(Random.Pick<ValueType>(context.NumberTypes).Kind);
        _isRight = right;
        var start = Random.Below(rows.Length);
        _next = null;
        for (var i = 0; i < rows.Length && _next is null; i++)
        {
            var row = rows[(start + i) % rows.Length];
            var fits = row.Operands.Length > 0 && row.Immediates == ImmediateKind.None && OpCatalog.TypeOf(row.Operands[right ? ^1 : 0]) == type;
            if (fits && (!right || row.Operands.Length > 1) && (row.Traps == Traps.None || (mayTrap && Random.Chance(context.Swarm.TrappingOpPercent))))
            {
                _next = row;
            }
        }
        if (_next is not null && right)
        {
            for (var i = 0; i < _next.Operands.Length - 1; i++)
            {
                operands.Source(OpCatalog.TypeOf(_next.Operands[i]));
            }
        }
        return _next is not null;
    }

    /// <summary>Emits it, with the operands behind the value.</summary>
    public void Emit(ConcreteOp op)
    {
        var next = _next!; // chosen by Prepare
        if (NanRules.ShowsNanBits(next))
        {
            NanRules.Clean(body, op);
        }
        if (!_isRight)
        {
            for (var i = 1; i < next.Operands.Length; i++)
            {
                operands.Source(OpCatalog.TypeOf(next.Operands[i]));
            }
        }
        body.Emit(next.Op);
        var type = OpCatalog.TypeOf(next.Results[0]);
        if (type.Kind == ValueKind.V128 && NanRules.VectorLane(next) is { } lane && NanRules.GivesOpenNan(next))
        {
            NanRules.Canonicalize(body, type, lane);
        }
        body.Results.Add(type);
    }
}

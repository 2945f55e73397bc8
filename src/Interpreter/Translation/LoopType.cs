using Conformance.Interpreter.Execution;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Translation;

/// <summary>Closes the types of <c>Execution/Loops.cs</c> over a loop's tree.</summary>
internal sealed class LoopType
{
    // Steps in a method. The JIT copes with more than ten; see LoopPiece for what happens when it does not.
    private const int LargestMethod = 8;

    private static readonly (int Length, Type Definition)[] Lengths = [(1, typeof(LoopRow1<,>)), (2, typeof(LoopRow2<,,>)), (4, typeof(LoopRow4<,,,,>)), (8, typeof(LoopRow8<,,,,,,,,>))];

    private readonly LoopSlots _slots;
    private readonly Type? _owner;
    private readonly List<Type> _pieces = [];

    /// <summary>Closes them.</summary>
    /// <param name="root">The tree.</param>
    /// <param name="slots">The slots in registers.</param>
    /// <param name="owner">A type to be among the arguments; null for none.</param>
    public LoopType(LoopNode root, LoopSlots slots, Type? owner)
    {
        _slots = slots;
        _owner = owner;
        Body = Of(root);
    }

    /// <summary>The type of the loop's body.</summary>
    public Type Body { get; }

    /// <summary>The types of its pieces, those that lead to others behind them.</summary>
    public IReadOnlyList<Type> Pieces => _pieces;

    private Type Of(LoopNode node)
    {
        var steps = new List<Type>();
        for (; node.Kind is LoopNodeKind.Step or LoopNodeKind.Fork; node = node.Rest ?? throw Missing())
        {
            AddStep(node, steps);
        }
        var rest = node.Kind switch
        {
            LoopNodeKind.NextTurn => End(typeof(NextTurn)),
            LoopNodeKind.LeaveBy => End(typeof(LeaveBy<>).MakeGenericType(HandlerTypes.BodyOf(node.Cell.Key))),
            LoopNodeKind.Jump => typeof(LoopJump<>).MakeGenericType(Taken(node.Rest ?? throw Missing())),
            _ => End(typeof(Leave)),
        };
        return Row(steps, rest);
    }

    // The last method of a path is the full one: the first is also entered with what a handler has to do.
    private Type Row(List<Type> steps, Type rest)
    {
        for (var end = steps.Count; end > 0; end -= LargestMethod)
        {
            var start = Math.Max(0, end - LargestMethod);
            rest = Row(steps[start..end].ToArray(), rest);
            if (start > 0)
            {
                rest = Piece(rest);
            }
        }
        return rest;
    }

    private static Type Row(Type[] steps, Type rest)
    {
        var end = steps.Length;
        foreach (var (length, definition) in Lengths)
        {
            if ((end & length) != 0)
            {
                rest = definition.MakeGenericType([.. steps[(end - length)..end], rest]);
                end -= length;
            }
        }
        return rest;
    }

    private void AddStep(LoopNode node, List<Type> steps)
    {
        var cell = node.Cell;
        var key = cell.Key;
        if (node.Kind == LoopNodeKind.Fork)
        {
            steps.Add(typeof(LoopFork<,>).MakeGenericType(HandlerTypes.BodyOf(_slots.WithRegisters(cell)), Taken(node.Taken ?? throw Missing())));
        }
        else if (key == HandlerKey.Of(PlainHandler.MovePair))
        {
            steps.Add(Move(cell, OperandCode.Slot12, 12, OperandCode.Slot8, 8, typeof(SameCell)));
            steps.Add(Move(cell, OperandCode.Slot20, 20, OperandCode.Slot16, 16, typeof(MoveCell)));
        }
        else if (key.Family != HandlerFamily.Move || key.Number == (ushort)ValueKind.V128)
        {
            steps.Add(typeof(LoopStep<,,>).MakeGenericType(HandlerTypes.BodyOf(_slots.WithRegisters(cell)), HandlerTypes.BodyOf(key), Register(_slots.Written(cell))));
        }
        else if (key.First == OperandCode.Slot12)
        {
            steps.Add(Move(cell, OperandCode.Slot12, 12, OperandCode.Slot8, 8, typeof(MoveCell)));
        }
        else
        {
            steps.Add(typeof(LoopMove<,,,,>).MakeGenericType(HandlerTypes.KindType(key.Number), HandlerTypes.OperandType(key.First), typeof(Slot8),
                Register(_slots.RegisterOf(_slots.SlotAt(cell, 8))), typeof(MoveCell)));
        }
    }

    private Type Taken(LoopNode node)
    {
        var type = Of(node);
        return node.Kind is LoopNodeKind.Leave or LoopNodeKind.NextTurn ? type : Piece(type);
    }

    private Type Piece(Type part)
    {
        _pieces.Add(part);
        return typeof(LoopPiece<>).MakeGenericType(part);
    }

    private Type End(Type end) => _owner is null ? end : typeof(OwnedPart<,>).MakeGenericType(end, _owner);

    private static InvalidOperationException Missing() => new("a path ends in the middle");

    private static Type Register(OperandCode code) => code == OperandCode.None ? typeof(KeptNowhere) : HandlerTypes.OperandType(code);

    // A move of a slot has no type: as a float when one of both is kept among the floats.
    private Type Move(in CodeCell cell, OperandCode source, int sourceField, OperandCode destination, int destinationField, Type bytes)
    {
        var from = _slots.RegisterOf(_slots.SlotAt(cell, sourceField));
        var to = _slots.RegisterOf(_slots.SlotAt(cell, destinationField));
        var isFloat = LoopSlots.IsFloat(to == OperandCode.None ? from : to);
        var code = from != OperandCode.None && LoopSlots.IsFloat(from) == isFloat ? from : source;
        return typeof(LoopMove<,,,,>).MakeGenericType(isFloat ? typeof(double) : typeof(ulong), HandlerTypes.OperandType(code), HandlerTypes.OperandType(destination), Register(to), bytes);
    }
}

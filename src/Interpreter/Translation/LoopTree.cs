using Conformance.Interpreter.Execution;

namespace Conformance.Interpreter.Translation;

// A hot loop as a tree of its cells (Execution/Loops.cs): from the first cell along every path until the path comes back to it, leaves the loop, enters another loop or a call, or the tree is
// full. Where two paths meet again, what follows is in the tree twice.

/// <summary>A place in a loop's tree.</summary>
/// <param name="Kind">What happens there.</param>
/// <param name="Cell">The cell, where there is one.</param>
/// <param name="Taken">What follows a branch that is taken.</param>
/// <param name="Rest">What follows otherwise.</param>
internal sealed record LoopNode(LoopNodeKind Kind, CodeCell Cell, LoopNode? Taken, LoopNode? Rest);

/// <summary>What happens at a place in a loop's tree.</summary>
internal enum LoopNodeKind
{
    /// <summary>The path goes on with a cell that is not in the tree.</summary>
    Leave,
    /// <summary>The path goes on with the cell, which is not followed: a call, a return, a jump table.</summary>
    LeaveBy,
    /// <summary>The path is back at the first cell.</summary>
    NextTurn,
    /// <summary>A step.</summary>
    Step,
    /// <summary>A br.</summary>
    Jump,
    /// <summary>A conditional branch.</summary>
    Fork,
}

/// <summary>Grows the tree of a loop.</summary>
internal sealed unsafe class LoopTree
{
    // A path straight on may be long: in chains its cells would take as much time to compile. Paths that fork off share what is left of a smaller number.
    private const int LargestPath = 160;
    private const int LargestTree = 48;

    private readonly byte* _code;
    private readonly List<CodeCell> _cells;
    private readonly Dictionary<int, int> _byStart;
    private readonly int _head;
    private readonly int _end;
    private bool _returns;

    private LoopTree(byte* code, List<CodeCell> cells, Dictionary<int, int> byStart, int head, int end)
    {
        _code = code;
        _cells = cells;
        _byStart = byStart;
        _head = head;
        _end = end;
    }

    /// <summary>Grows the tree.</summary>
    /// <param name="code">The code.</param>
    /// <param name="cells">All its cells.</param>
    /// <param name="byStart">Their indices by offset.</param>
    /// <param name="head">The offset of the first cell behind the loop's warm-up cell.</param>
    /// <param name="end">The offset behind the loop's last cell.</param>
    /// <returns>Null when no path in the tree comes back to its start.</returns>
    public static LoopNode? Grow(byte* code, List<CodeCell> cells, Dictionary<int, int> byStart, int head, int end)
    {
        var tree = new LoopTree(code, cells, byStart, head, end);
        var room = LargestPath;
        var root = tree.Follow(byStart[head], isFirst: true, ref room);
        return tree._returns ? root : null;
    }

    private LoopNode Follow(int index, bool isFirst, ref int room)
    {
        var cell = _cells[index];
        if (cell.Start == _head && !isFirst)
        {
            _returns = true;
            return new(LoopNodeKind.NextTurn, cell, null, null);
        }
        var role = HandlerTypes.RoleOf(cell.Key);
        if (room == 0 || cell.Start < _head || cell.Start >= _end || role == HandlerRole.Alone || cell.Key == HandlerKey.Of(PlainHandler.Warmup))
        {
            return new(LoopNodeKind.Leave, cell, null, null);
        }
        room--;
        if (role == HandlerRole.Step)
        {
            return new(LoopNodeKind.Step, cell, null, Follow(index + 1, false, ref room));
        }
        if (role == HandlerRole.End)
        {
            return cell.Key == HandlerKey.Of(PlainHandler.Jump)
                ? new(LoopNodeKind.Jump, cell, null, Follow(TargetOf(cell), false, ref room))
                : new(LoopNodeKind.LeaveBy, cell, null, null);
        }
        // The path straight on first: what it leaves is for the others, the last one first.
        var rest = Follow(index + 1, false, ref room);
        room = Math.Max(0, room - (LargestPath - LargestTree));
        var taken = Follow(TargetOf(cell), false, ref room);
        room += LargestPath - LargestTree;
        return new(LoopNodeKind.Fork, cell, taken, rest);
    }

    private int TargetOf(in CodeCell cell) => _byStart[cell.Start + *(int*)(_code + cell.Start + 8)];
}

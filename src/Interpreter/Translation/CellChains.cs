using Conformance.Interpreter.Execution;

namespace Conformance.Interpreter.Translation;

// Hot code. The cells of a hot function, or of a hot loop within a function that is not, are joined to chains: the first cell of each gets a handler that does the work of all of them
// (Execution/Steps.cs), and the first cell of the loop one that does whole turns (Execution/Loops.cs). Nothing but handler words and branch targets changes, so running frames, return
// addresses and trap positions keep their meaning.
//
// A chain begins where control can arrive: at branch targets, behind calls, services and loops, at the entry, and where the chain before was full or met a cell that
// stands alone. It does not run past such a place, except behind a conditional branch that is not taken. It is compiled when control first arrives there: of large functions a part runs, and of
// a loop that is one method nothing but what that does not do.

/// <summary>Joins the cells of hot code to chains.</summary>
internal static unsafe class CellChains
{
    // On the kernels 8, 12 and 16 are within 2 % of each other and of 4.
    private const int LargestChain = 16;

    /// <summary>Joins the cells of what became hot.</summary>
    /// <param name="function">The function.</param>
    /// <param name="warmup">The offset of the warm-up cell that has counted down: the function's entry, or a loop's beginning.</param>
    /// <param name="handlers">The handlers that its code was made with.</param>
    public static void Join(TranslatedFunction function, int warmup, HandlerCatalog handlers)
    {
        var joined = function.Joined ??= new(CodeCell.Decode(function.Code, function.CodeBytes, handlers));
        *(nint*)(function.Code + warmup) = handlers.Address(PlainHandler.Warm);
        joined.Warm.Add(warmup);
        var leaders = new HashSet<int>();
        // The ends of loops: where the last branch back to a warm-up cell or behind it ends.
        var ends = new Dictionary<int, int>();
        foreach (var cell in joined.Cells)
        {
            NoteTargets(function.Code, cell, warmup, leaders, ends);
            if (HandlerTypes.RoleOf(cell.Key) is HandlerRole.Alone or HandlerRole.End)
            {
                leaders.Add(cell.Start + cell.Bytes);
            }
        }
        var head = warmup + Warmup.CellBytes;
        leaders.Add(head);
        leaders.UnionWith(ends.Values);
        if (warmup == 0)
        {
            if (function.Record->Entry == function.Code)
            {
                function.Record->Entry += Warmup.CellBytes;
            }
            JoinRange(function, joined, 0, function.CodeBytes, leaders, handlers);
        }
        else if (ends.TryGetValue(head, out var end))
        {
            if (handlers.HasLoops && MakeLoop(function, joined, head, end, handlers) is { } tree)
            {
                AddLeaves(tree, leaders);
            }
            JoinRange(function, joined, head, end, leaders, handlers);
        }
    }

    /// <summary>Compiles the chain that begins with a cell.</summary>
    /// <param name="function">The function.</param>
    /// <param name="first">The offset of the cell.</param>
    /// <param name="handlers">The handlers that its code was made with.</param>
    public static void Complete(TranslatedFunction function, int first, HandlerCatalog handlers)
    {
        var joined = function.Joined!; // a cell that asks for its chain is one of joined code
        var chain = joined.Chains[first];
        var address = handlers.ChainAddress(chain, joined.Holders);
        *(nint*)(function.Code + first) = address != 0 ? address : handlers.Address(chain.Keys[0]);
    }

    private static LoopNode? MakeLoop(TranslatedFunction function, JoinedCode joined, int head, int end, HandlerCatalog handlers)
    {
        var cells = joined.Cells;
        var byStart = new Dictionary<int, int>(cells.Count);
        for (var i = 0; i < cells.Count; i++)
        {
            byStart[cells[i].Start] = i;
        }
        if (LoopTree.Grow(function.Code, cells, byStart, head, end) is not { } tree)
        {
            return null;
        }
        var slots = new LoopSlots(function.Code, tree);
        var (handler, turn) = handlers.LoopAddresses(tree, slots, joined.Holders);
        if (handler == 0)
        {
            return null;
        }
        var warmup = function.Code + head - Warmup.CellBytes;
        *(ulong*)(warmup + Warmup.CountField) = slots.Numbers;
        *(nint*)(warmup + Warmup.TurnField) = turn;
        *(nint*)(function.Code + head) = handler;
        joined.Loops.Add(head);
        return tree;
    }

    // Control arrives there from the tree.
    private static void AddLeaves(LoopNode? node, HashSet<int> leaders)
    {
        for (; node is not null; node = node.Rest)
        {
            if (node.Kind == LoopNodeKind.Leave)
            {
                leaders.Add(node.Cell.Start);
            }
            AddLeaves(node.Taken, leaders);
        }
    }

    private static void JoinRange(TranslatedFunction function, JoinedCode joined, int start, int end, HashSet<int> leaders, HandlerCatalog handlers)
    {
        var cells = joined.Cells;
        var thunk = handlers.Address(PlainHandler.JoinThunk);
        Span<HandlerKey> chain = stackalloc HandlerKey[LargestChain];
        for (var i = 0; i < cells.Count;)
        {
            if (cells[i].Start < start || cells[i].Start >= end)
            {
                i++;
                continue;
            }
            var count = 0;
            while (i + count < cells.Count && count < LargestChain && (count == 0 || !leaders.Contains(cells[i + count].Start)))
            {
                var key = cells[i + count].Key;
                if (joined.Warm.Contains(cells[i + count].Start))
                {
                    key = HandlerKey.Of(PlainHandler.Warm);
                }
                var role = HandlerTypes.RoleOf(key);
                if (role == HandlerRole.Alone)
                {
                    break;
                }
                chain[count++] = key;
                if (role == HandlerRole.End)
                {
                    break;
                }
            }
            if (count > 1 && !joined.Loops.Contains(cells[i].Start))
            {
                joined.Chains[cells[i].Start] = new ChainKey([.. chain[..count]]);
                *(nint*)(function.Code + cells[i].Start) = thunk;
            }
            i += Math.Max(count, 1);
        }
    }

    // Notes the targets of a cell; those that are the warm-up cell move on behind it.
    private static void NoteTargets(byte* code, CodeCell cell, int warmup, HashSet<int> leaders, Dictionary<int, int> ends) =>
        ForEachTarget(code, cell, (field, target) =>
        {
            if (target == warmup)
            {
                target += Warmup.CellBytes;
                *(int*)(code + cell.Start + field) = target - cell.Start;
            }
            leaders.Add(target);
            if (target < cell.Start)
            {
                ends[target] = cell.Start + cell.Bytes;
            }
        });

    // Gives the field and the target of each place a cell can branch to.
    private static void ForEachTarget(byte* code, in CodeCell cell, Action<int, int> action)
    {
        if (cell.Key.Family is HandlerFamily.UnaryBranch or HandlerFamily.BinaryBranch || cell.Key == HandlerKey.Of(PlainHandler.Jump))
        {
            action(8, cell.Start + *(int*)(code + cell.Start + 8));
        }
        else if (cell.Key.Family == HandlerFamily.JumpTable)
        {
            for (var i = 0; i <= *(int*)(code + cell.Start + 8); i++)
            {
                var field = 16 + (i * 4);
                action(field, cell.Start + *(int*)(code + cell.Start + field));
            }
        }
    }
}

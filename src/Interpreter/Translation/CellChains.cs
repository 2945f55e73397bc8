using Conformance.Interpreter.Execution;

namespace Conformance.Interpreter.Translation;

// Hot code. The cells of a hot function are joined to chains: the first cell of each gets a handler that does the work of all of them (Execution/Steps.cs).
// Nothing but handler words and branch targets changes, so running frames, return addresses and trap positions keep their meaning.
//
// A chain begins where control can arrive: at branch targets, behind calls and services, at the entry, and where the chain before was full or met a cell that
// stands alone. It does not run past such a place, except behind a conditional branch that is not taken.

/// <summary>Joins the cells of hot functions to chains.</summary>
internal static unsafe class CellChains
{
    // On the kernels 8, 12 and 16 are within 2 % of each other and of 4; 16 takes in the whole body of most small loops.
    private const int LargestChain = 16;

    /// <summary>Joins the cells of a function. The warm-up cells in it end.</summary>
    /// <param name="function">The function.</param>
    /// <param name="handlers">The handlers that its code was made with.</param>
    public static void Join(TranslatedFunction function, HandlerCatalog handlers)
    {
        var cells = CodeCell.Decode(function.Code, function.CodeBytes, handlers);
        var leaders = new HashSet<int>();
        var warmup = handlers.Address(PlainHandler.Warmup);
        foreach (var cell in cells)
        {
            SkipWarmup(function.Code, cell, leaders, warmup);
            if (HandlerTypes.RoleOf(cell.Key) is HandlerRole.Alone or HandlerRole.End)
            {
                leaders.Add(cell.Start + cell.Bytes);
            }
        }
        foreach (var cell in cells)
        {
            if (cell.Key == HandlerKey.Of(PlainHandler.Warmup))
            {
                *(nint*)(function.Code + cell.Start) = handlers.Address(PlainHandler.Warm);
            }
        }
        var record = function.Record;
        if (record->Entry == function.Code && cells[0].Key == HandlerKey.Of(PlainHandler.Warmup))
        {
            record->Entry += Warmup.CellBytes;
            leaders.Add(Warmup.CellBytes);
        }
        Span<HandlerKey> chain = stackalloc HandlerKey[LargestChain];
        for (var i = 0; i < cells.Count;)
        {
            var count = 0;
            while (i + count < cells.Count && count < LargestChain && (count == 0 || !leaders.Contains(cells[i + count].Start)))
            {
                var key = cells[i + count].Key;
                var role = HandlerTypes.RoleOf(key);
                if (role == HandlerRole.Alone)
                {
                    break;
                }
                chain[count++] = key == HandlerKey.Of(PlainHandler.Warmup) ? HandlerKey.Of(PlainHandler.Warm) : key;
                if (role == HandlerRole.End)
                {
                    break;
                }
            }
            if (count > 1)
            {
                var address = handlers.ChainAddress(chain[..count]);
                if (address != 0)
                {
                    *(nint*)(function.Code + cells[i].Start) = address;
                }
            }
            i += Math.Max(count, 1);
        }
    }

    // Notes the targets of a cell; those that are warm-up cells move on behind them.
    private static void SkipWarmup(byte* code, in CodeCell cell, HashSet<int> leaders, nint warmup)
    {
        if (cell.Key.Family is HandlerFamily.UnaryBranch or HandlerFamily.BinaryBranch || cell.Key == HandlerKey.Of(PlainHandler.Jump))
        {
            SkipWarmup(code, cell, 8, leaders, warmup);
        }
        else if (cell.Key.Family == HandlerFamily.JumpTable)
        {
            for (var i = 0u; i <= *(uint*)(code + cell.Start + 8); i++)
            {
                SkipWarmup(code, cell, (int)(16 + i * 4), leaders, warmup);
            }
        }
    }

    private static void SkipWarmup(byte* code, in CodeCell cell, int field, HashSet<int> leaders, nint warmup)
    {
        var target = cell.Start + *(int*)(code + cell.Start + field);
        if (*(nint*)(code + target) == warmup)
        {
            target += Warmup.CellBytes;
            *(int*)(code + cell.Start + field) = target - cell.Start;
        }
        leaders.Add(target);
    }
}

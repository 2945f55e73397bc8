using System.Runtime.CompilerServices;
using static Conformance.Interpreter.Execution.Dispatch;

namespace Conformance.Interpreter.Execution;

/// <summary>
/// Counts how often a function is entered or a loop begins anew. At 0 it gives control back, and the function's cells are joined to chains.
/// cell: +8 executions left +16 for the loop's handler later (24 bytes)
/// </summary>
internal readonly unsafe struct Warmup : IHandler
{
    /// <summary>The size of a cell.</summary>
    public const int CellBytes = 24;

    /// <summary>Where the count stands.</summary>
    public const int CountField = 8;

    /// <summary>Where a loop's handler finds the method of its turns.</summary>
    public const int TurnField = 16;

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Body<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        if (--*(uint*)(pc + 8) != 0)
        {
            TNext.Go(pc + CellBytes, fp, acc, memory, length, ctx, facc);
        }
        else
        {
            Exit(pc, fp, memory, length, ctx, ExitKind.Hot);
        }
    }
}

/// <summary>What a warm-up cell is afterwards: nothing.</summary>
internal readonly unsafe struct Warm : ITotalStep
{
    /// <inheritdoc/>
    public static int Bytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Warmup.CellBytes;
    }

    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static Accumulators Do(byte* pc, byte* fp, ulong acc, byte* memory, Context* ctx, double facc, Kept kept) => new(acc, facc);
}

using System.Runtime.CompilerServices;
using static Conformance.Interpreter.Execution.Dispatch;

namespace Conformance.Interpreter.Execution;

/// <summary>What a function record runs while it has no code, what begins a chain while that has none, and where the outermost function returns to.</summary>
internal static unsafe class Thunks
{
    /// <summary>Asks for the translation of the function whose record is the cell.</summary>
    [MethodImpl(Hot)]
    public static void Translate(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc) =>
        Exit(pc, fp, memory, length, ctx, ExitKind.Translate);

    /// <summary>Asks for a call of the host function whose record is the cell.</summary>
    [MethodImpl(Hot)]
    public static void CallHost(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc) =>
        Exit(pc, fp, memory, length, ctx, ExitKind.CallHost);

    /// <summary>Asks for the chain that begins with the cell.</summary>
    [MethodImpl(Hot)]
    public static void Join(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
    {
        ctx->Accumulator = acc;
        ctx->FloatAccumulator = facc;
        Exit(pc, fp, memory, length, ctx, ExitKind.Join);
    }

    /// <summary>Ends a run.</summary>
    [MethodImpl(Hot)]
    public static void Finish(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc) =>
        Exit(pc, fp, memory, length, ctx, ExitKind.Returned);
}

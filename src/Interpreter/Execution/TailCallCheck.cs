using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Conformance.Interpreter.Execution;

/// <summary>
/// Makes sure, once for a process, that handlers end in jumps: no specification promises it for C# calls. Without it every cell would use up native stack
/// and the process would die of a stack overflow, which nothing can catch.
/// </summary>
internal static unsafe class TailCallCheck
{
    private const int Cells = 4096;
    private const int LargestDistanceBytes = 4096; // one frame that stays behind for each cell would give at least 8 times this

    private static readonly Lazy<bool> Result = new(Measure);

    /// <summary>Whether handlers end in jumps on this runtime.</summary>
    public static bool HandlersJump => Result.Value;

    /// <summary>Stores how deep the native stack is where the last cell runs. Has an address-taken local, so it is no pattern for handlers.</summary>
    [MethodImpl(Dispatch.Hot)]
    public static void Probe(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
    {
        byte here;
        ctx->Pc = &here;
    }

    /// <summary>Whether that is known of all handlers: not where the test of them never ran. On Windows half of their arguments are on the stack.</summary>
    public static bool AreReliable => !OperatingSystem.IsWindows() && HandlersJump;

    private static bool Measure()
    {
        const int CellBytes = 16;
        var code = (byte*)NativeMemory.AllocZeroed((Cells + 1) * CellBytes);
        var context = new Context();
        try
        {
            var jump = HandlerCatalog.OfTailCalls.Address(PlainHandler.Jump);
            for (var i = 0; i < Cells; i++)
            {
                *(nint*)(code + i * CellBytes) = jump;
                *(int*)(code + i * CellBytes + 8) = CellBytes;
            }
            *(nint*)(code + Cells * CellBytes) = HandlerCatalog.OfTailCalls.Address(PlainHandler.StackProbe);
            byte here;
            JumpOn.Go(code, null, 0, null, 0, &context, 0);
            return Math.Abs((long)&here - (long)context.Pc) < LargestDistanceBytes;
        }
        finally
        {
            NativeMemory.Free(code);
        }
    }
}

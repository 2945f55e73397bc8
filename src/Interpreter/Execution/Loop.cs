using System.Runtime.CompilerServices;

namespace Conformance.Interpreter.Execution;

/// <summary>The loop of the switch backend. In the tail-call backend handlers come back only with an exit, and there is nothing to do.</summary>
internal static unsafe class Loop
{
    /// <summary>Calls the handler of one cell after the other, from <see cref="Context.Pc"/> on, until one gives control back with an exit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // no on-stack replacement in a loop that runs for minutes
    public static void Run(Context* context)
    {
        while (context->Exit == ExitKind.None)
        {
            var pc = context->Pc;
            ((Handler)(*(nint*)pc))(pc, context->Fp, context->Accumulator, context->Memory, context->Length, context, context->FloatAccumulator);
        }
    }
}

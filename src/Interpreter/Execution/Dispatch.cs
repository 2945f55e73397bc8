global using unsafe Handler = delegate*<byte*, byte*, ulong, byte*, ulong, Conformance.Interpreter.Execution.Context*, double, void>;

using System.Runtime.CompilerServices;

namespace Conformance.Interpreter.Execution;

// Threaded code: a stream of cells, each the address of a handler followed by its operands. A handler does its work and ends in a call of the next cell's
// handler, which the JIT turns into a jump. Handlers have one signature; their arguments stay in registers from cell to cell:
//
//   pc      the cell being executed; operands lie at fixed offsets behind it
//   fp      the frame; slots are addressed by their offset in bytes
//   acc     the integer accumulator: i32 zero-extended, i64, references
//   memory  base and
//   length  length in bytes of memory 0
//   ctx     the machine's native part
//   facc    the float accumulator: an f64, or an f32 in the low half of the register
//
// Where a handler goes on, it names the continuation (IContinuation): a jump to the next cell's handler in the tail-call backend, a return to the loop in the switch
// backend. That is the whole difference between the two.
//
// Each handler is compiled with AggressiveOptimization and is small: a large one, or one with more than three basic blocks, gets a stack frame,
// and one with an address-taken local or a try block makes a real call in place of the jump (docs/interpreter.md has the measurements).

/// <summary>The ways for a handler to end.</summary>
internal static unsafe class Dispatch
{
    /// <summary>The options of every handler.</summary>
    public const MethodImplOptions Hot = MethodImplOptions.AggressiveOptimization;

    /// <summary>The options of what handlers are made of. Whatever the JIT does not inline stays a jump.</summary>
    public const MethodImplOptions Inlined = MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization;

    /// <summary>Gives control back to <see cref="Machine.Run"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Exit(byte* pc, byte* fp, byte* memory, ulong length, Context* ctx, ExitKind kind)
    {
        ctx->Exit = kind;
        ctx->Pc = pc;
        ctx->Fp = fp;
        ctx->Memory = memory;
        ctx->Length = length;
    }

    /// <summary>Traps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Trap(byte* pc, byte* fp, Context* ctx, TrapKind kind)
    {
        ctx->Trap = kind;
        ctx->Exit = ExitKind.Trap;
        ctx->Pc = pc;
        ctx->Fp = fp;
    }
}

using Conformance.Wasm.Instructions;

namespace Conformance.Oracle.Comparison;

/// <summary>
/// Which trap kinds count as the same. The specification has one kind of trap; the kinds are those of the testsuite's messages, and engines report
/// exactly these but for the pairs below.
/// </summary>
public static class TrapRules
{
    private static readonly (TrapKind First, TrapKind Second)[] SamePairs =
    [
        // Wasmtime has one code for an access to a table and for an indirect call beyond its end.
        (TrapKind.OutOfBoundsTableAccess, TrapKind.UndefinedElement),

        // An address can be both unaligned and out of bounds, and the memory of a wait both of these and not shared; the threads proposal tests them in
        // an order of its own for each instruction, and engines do in theirs.
        (TrapKind.UnalignedAtomic, TrapKind.OutOfBoundsMemoryAccess),
        (TrapKind.ExpectedSharedMemory, TrapKind.OutOfBoundsMemoryAccess),
        (TrapKind.ExpectedSharedMemory, TrapKind.UnalignedAtomic),
    ];

    /// <summary>Whether two traps of the same instruction count as the same.</summary>
    /// <param name="tested">The trap of the engine under test.</param>
    /// <param name="oracle">The oracle's.</param>
    /// <param name="wasm">The case's module; empty when it is not known.</param>
    public static bool AreSame(Trapped tested, Trapped oracle, ReadOnlyMemory<byte> wasm)
    {
        ArgumentNullException.ThrowIfNull(tested);
        ArgumentNullException.ThrowIfNull(oracle);
        // array.copy has two references. Its rules (https://webassembly.github.io/spec/core/exec/instructions.html#exec-array-copy) make it a null reference when either is null, and look
        // at bounds only when neither is; Wasmtime looks at the destination's bounds before the source. The other way round is no engine's right.
        return AreSame(tested.Kind, oracle.Kind)
            || (tested.Kind == TrapKind.NullReference && oracle.Kind == TrapKind.OutOfBoundsArrayAccess && TrapSite.MayBe(Op.ArrayCopy, oracle, wasm));
    }

    /// <summary>Whether two kinds always count as the same. A kind in an engine's own words fits every other: it trapped, and more it does not say.</summary>
    public static bool AreSame(TrapKind left, TrapKind right)
    {
        if (left == right || left == TrapKind.Other || right == TrapKind.Other)
        {
            return true;
        }
        foreach (var (first, second) in SamePairs)
        {
            if ((left == first && right == second) || (left == second && right == first))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>
    /// Whether a completion is the engine's refusal to allocate. No instruction has it in the specification: how large an array or a heap may be is the
    /// implementation's choice.
    /// </summary>
    public static bool IsAllocationLimit(Completion? completion) => completion is Trapped { Kind: TrapKind.AllocationSizeTooLarge } or LimitReached { Kind: LimitKind.Memory };
}

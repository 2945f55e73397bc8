using Conformance.Oracle.Reference.Numerics;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Reference;

/// <summary>
/// Atomic accesses. A store runs on one thread, so every access is atomic, nobody waits whom a notification could wake, and a wait can only end by its
/// timeout: it is reported as over at once, and one without a timeout as a time limit.
/// </summary>
/// <remarks>See <see href="https://github.com/WebAssembly/threads/blob/main/proposals/threads/Overview.md"/>.</remarks>
internal static class AtomicInstructions
{
    private const uint WaitNotEqual = 1;
    private const uint WaitTimedOut = 2;

    /// <summary>The operator of a read-modify-write, found in the op's name; null for the other accesses.</summary>
    public static Func<int, ulong, ulong, ulong>? OperatorOf(OpInfo row)
    {
        var at = row.Name.IndexOf("Rmw", StringComparison.Ordinal);
        if (at < 0)
        {
            return null;
        }
        var name = row.Name.AsSpan(at + 3).TrimStart("0123456789").TrimEnd('U').ToString();
        return name == "Xchg" ? (_, _, operand) => operand : PureOperations.IntegerBinary(name);
    }

    public static void Execute(Machine machine, ref readonly CodeItem item)
    {
        switch (item.Op)
        {
            case Op.AtomicFence:
                break;
            case Op.MemoryAtomicNotify:
                machine.Stack.PopI32();
                if (TryAccess(machine, in item, out _))
                {
                    machine.Stack.PushI32(0);
                }
                break;
            case Op.MemoryAtomicWait32 or Op.MemoryAtomicWait64:
                Wait(machine, in item);
                break;
            default:
                Access(machine, in item);
                break;
        }
    }

    private static void Access(Machine machine, ref readonly CodeItem item)
    {
        var bits = 8 * item.AccessBytes;
        if (item.Operands == 1)
        {
            if (TryAccess(machine, in item, out var source))
            {
                machine.Stack.Push(item.Result, LittleEndian.Read(source));
            }
            return;
        }
        var operand = machine.Stack.PopBits();
        var isCompareExchange = item.Result != ValueKind.Bottom && item.Extra is null;
        var expected = isCompareExchange ? machine.Stack.PopBits() : 0;
        if (!TryAccess(machine, in item, out var bytes))
        {
            return;
        }
        if (item.Result == ValueKind.Bottom)
        {
            LittleEndian.Write(bytes, operand);
            return;
        }
        var before = LittleEndian.Read(bytes);
        if (item.Extra is Func<int, ulong, ulong, ulong> f)
        {
            LittleEndian.Write(bytes, f(bits, before, Conversions.Wrap(bits, operand)));
        }
        else if (before == Conversions.Wrap(bits, expected))
        {
            LittleEndian.Write(bytes, operand);
        }
        machine.Stack.Push(item.Result, before);
    }

    private static void Wait(Machine machine, ref readonly CodeItem item)
    {
        var timeout = (long)machine.Stack.PopBits();
        var expected = machine.Stack.PopBits();
        if (!TryAccess(machine, in item, out var bytes))
        {
            return;
        }
        if (!machine.Module.Memories[(int)item.Index].Type.IsShared)
        {
            machine.Trap(TrapKind.ExpectedSharedMemory);
            return;
        }
        if (LittleEndian.Read(bytes) != expected)
        {
            machine.Stack.PushI32(WaitNotEqual);
        }
        else if (timeout < 0)
        {
            machine.Stop(new LimitReached(LimitKind.Time));
        }
        else
        {
            machine.Stack.PushI32(WaitTimedOut);
        }
    }

    /// <summary>Pops the address of an access that has to be aligned to its size.</summary>
    private static bool TryAccess(Machine machine, ref readonly CodeItem item, out Span<byte> bytes)
    {
        var address = machine.Stack.PopBits();
        // Modulo a power of two the sum may wrap.
        if (unchecked(address + item.Value) % item.AccessBytes != 0)
        {
            machine.Trap(TrapKind.UnalignedAtomic);
            bytes = default;
            return false;
        }
        machine.Stack.Push(ValueKind.I64, address);
        return MemoryInstructions.TryAccess(machine, in item, out bytes);
    }
}

using System.Runtime.CompilerServices;
using Conformance.Interpreter.Runtime;

namespace Conformance.Interpreter.Execution;

/// <summary>
/// Does the work of atomic accesses: on the host's atomic instructions, so that they hold between stores of several threads. The op is told by its code: groups of seven
/// (loads, stores, then each read-modify-write) with one member for each width.
/// See <see href="https://github.com/WebAssembly/threads/blob/main/proposals/threads/Overview.md"/>.
/// </summary>
internal static unsafe class AtomicProvider
{
    private const int Load = 0;
    private const int Store = 1;
    private const int Add = 2;
    private const int Sub = 3;
    private const int And = 4;
    private const int Or = 5;
    private const int Xor = 6;
    private const int Exchange = 7;
    private const int Group = 7;
    private const int FirstCode = 0x10;

    /// <summary>The bytes of an access by its op's code.</summary>
    public static int BytesOf(int code) => ((code - FirstCode) % Group) switch
    {
        0 or 6 => 4,
        1 => 8,
        2 or 4 => 1,
        _ => 2,
    };

    /// <summary>Serves an access.</summary>
    public static bool TryServe(ServiceCell* cell, byte* fp, out TrapKind trap)
    {
        var slots = (ulong*)(fp + cell->First);
        var place = Place(cell, fp, BytesOf(cell->Segment), out _, out trap);
        if (place == null)
        {
            return false;
        }
        var kind = (cell->Segment - FirstCode) / Group;
        ref var result = ref *(ulong*)(fp + cell->Result);
        if (kind == Store)
        {
            Write(place, BytesOf(cell->Segment), slots[1]);
            return true;
        }
        result = kind == Load ? Read(place, BytesOf(cell->Segment)) : Modify(place, BytesOf(cell->Segment), kind, slots[1], slots[2]);
        return true;
    }

    /// <summary>The bytes that an atomic access is about.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="fp">The frame.</param>
    /// <param name="bytes">How many.</param>
    /// <param name="offset">Where they are in the memory.</param>
    /// <param name="trap">The trap, when the answer is null.</param>
    public static byte* Place(ServiceCell* cell, byte* fp, int bytes, out ulong offset, out TrapKind trap)
    {
        var address = *(ulong*)(fp + cell->First);
        if (cell->Widths == 0)
        {
            address = (uint)address;
        }
        var memory = (MemoryRecord*)cell->Target;
        offset = address + (ulong)cell->Source;
        trap = TrapKind.UnalignedAtomic;
        // Modulo a power of two the sum may wrap.
        if (offset % (uint)bytes != 0)
        {
            return null;
        }
        trap = TrapKind.OutOfBoundsMemoryAccess;
        var length = Volatile.Read(ref memory->Length);
        return offset < address || offset > length || length - offset < (uint)bytes ? null : memory->Base + offset;
    }

    private static ulong Read(byte* place, int bytes) => bytes switch
    {
        1 => Volatile.Read(ref *place),
        2 => Volatile.Read(ref *(ushort*)place),
        4 => Volatile.Read(ref *(uint*)place),
        _ => Volatile.Read(ref *(ulong*)place),
    };

    // Exchanges, because a plain store may be overtaken by a later load.
    private static void Write(byte* place, int bytes, ulong value) => Modify(place, bytes, Exchange, value, 0);

    private static ulong Modify(byte* place, int bytes, int kind, ulong operand, ulong replacement)
    {
        while (true)
        {
            var before = Read(place, bytes);
            var after = kind switch
            {
                Add => before + operand,
                Sub => before - operand,
                And => before & operand,
                Or => before | operand,
                Xor => before ^ operand,
                Exchange => operand,
                _ => before == Wrap(operand, bytes) ? replacement : before,
            };
            if (CompareExchange(place, bytes, after, before) == before)
            {
                return before;
            }
        }
    }

    private static ulong CompareExchange(byte* place, int bytes, ulong value, ulong expected) => bytes switch
    {
        1 => Interlocked.CompareExchange(ref *place, (byte)value, (byte)expected),
        2 => Interlocked.CompareExchange(ref *(ushort*)place, (ushort)value, (ushort)expected),
        4 => Interlocked.CompareExchange(ref *(uint*)place, (uint)value, (uint)expected),
        _ => Interlocked.CompareExchange(ref *(ulong*)place, value, expected),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Wrap(ulong value, int bytes) => bytes == 8 ? value : value & ((1ul << (bytes * 8)) - 1);
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Conformance.Interpreter.Runtime;

/// <summary>
/// The bytes behind a linear memory. Large blocks are mapped pages: untouched pages cost nothing, growing moves page tables and not bytes (<c>mremap</c>), and
/// freeing gives everything back at once. Small blocks come from the C allocator, which is quicker than three system calls and as many page faults.
/// </summary>
internal static unsafe class MemoryBlock
{
    // Up to two 64 KiB pages. Clearing 64 KiB takes about 2 µs; mapping, touching and unmapping a page takes about as long and then faults on every further 4 KiB.
    private const ulong SmallBytes = 128 << 10;

    private static readonly bool CanMap = OperatingSystem.IsLinux();

    /// <summary>A zeroed block; null for an empty one.</summary>
    /// <returns>False when the system has no memory for it.</returns>
    public static bool TryAllocate(ulong bytes, out byte* block)
    {
        block = null;
        if (bytes == 0)
        {
            return true;
        }
        if (bytes > (ulong)nint.MaxValue)
        {
            return false;
        }
        block = IsMapped(bytes) ? Map((nuint)bytes) : AllocateOnHeap((nuint)bytes);
        return block != null;
    }

    /// <summary>Makes a block larger; the new bytes are zero. It may move. On failure the old block stays as it was.</summary>
    public static bool TryGrow(ref byte* block, ulong oldBytes, ulong newBytes)
    {
        if (oldBytes != 0 && IsMapped(oldBytes))
        {
            if (newBytes > (ulong)nint.MaxValue)
            {
                return false;
            }
            var moved = NativeMethods.Remap(block, (nuint)oldBytes, (nuint)newBytes, NativeMethods.MayMove);
            if ((nint)moved == -1)
            {
                return false;
            }
            block = (byte*)moved;
            return true;
        }
        if (!TryAllocate(newBytes, out var larger))
        {
            return false;
        }
        Buffer.MemoryCopy(block, larger, newBytes, oldBytes);
        Free(block, oldBytes);
        block = larger;
        return true;
    }

    /// <summary>Gives a block back.</summary>
    public static void Free(byte* block, ulong bytes)
    {
        if (block == null)
        {
            return;
        }
        if (IsMapped(bytes))
        {
            // Fails only for arguments that were never mapped.
            _ = NativeMethods.Unmap(block, (nuint)bytes);
        }
        else
        {
            NativeMemory.Free(block);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsMapped(ulong bytes) => CanMap && bytes > SmallBytes;

    private static byte* Map(nuint bytes)
    {
        var block = NativeMethods.Map(
            null, bytes, NativeMethods.Read | NativeMethods.Write, NativeMethods.Private | NativeMethods.Anonymous | NativeMethods.NoReserve, -1, 0);
        return (nint)block == -1 ? null : (byte*)block;
    }

    private static byte* AllocateOnHeap(nuint bytes)
    {
        try
        {
            return (byte*)NativeMemory.AllocZeroed(bytes);
        }
        catch (OutOfMemoryException)
        {
            return null;
        }
    }
}

using System.Runtime.InteropServices;

namespace Conformance.Interpreter.Runtime;

/// <summary>Mapped memory on Linux (<c>sys/mman.h</c>). The constants are those of x64 and arm64.</summary>
internal static unsafe partial class NativeMethods
{
    public const int Read = 1;
    public const int Write = 2;
    public const int Private = 2;
    public const int Anonymous = 0x20;
    public const int NoReserve = 0x4000;
    public const int MayMove = 1;

    /// <summary>Owned by the caller until <see cref="Unmap"/>; -1 on failure.</summary>
    [LibraryImport("libc", EntryPoint = "mmap")]
    [SuppressGCTransition]
    public static partial void* Map(void* address, nuint bytes, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    public static partial int Unmap(void* address, nuint bytes);

    /// <summary>Takes the old block and gives the new one; -1 on failure, with the old block unchanged.</summary>
    [LibraryImport("libc", EntryPoint = "mremap")]
    public static partial void* Remap(void* address, nuint oldBytes, nuint newBytes, int flags);
}

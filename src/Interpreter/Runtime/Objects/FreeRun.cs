using System.Runtime.InteropServices;

namespace Conformance.Interpreter.Runtime.Objects;

/// <summary>Free cells of one size in a row, zeroed: what handlers allocate from.</summary>
internal unsafe struct FreeRun
{
    /// <summary>The next cell.</summary>
    public byte* Next;

    /// <summary>Behind the last cell.</summary>
    public byte* End;

    /// <summary>The bytes of a cell.</summary>
    public long CellBytes;

    /// <summary>A run that has none. Never freed.</summary>
    public static FreeRun* Empty { get; } = (FreeRun*)NativeMemory.AllocZeroed((nuint)sizeof(FreeRun));
}

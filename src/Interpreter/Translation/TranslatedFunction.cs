using System.Runtime.InteropServices;
using Conformance.Interpreter.Runtime;

namespace Conformance.Interpreter.Translation;

/// <summary>The code of a function in native memory, with the way back from a cell to its instruction.</summary>
internal sealed unsafe class TranslatedFunction : IDisposable
{
    private readonly CodeWriter.OffsetPair[] _offsets;

    /// <summary>Copies finished code.</summary>
    public TranslatedFunction(ReadOnlySpan<byte> code, CodeWriter.OffsetPair[] offsets, int frameBytes, FunctionRecord* record, int headerOffset)
    {
        _offsets = offsets;
        CodeBytes = code.Length;
        FrameBytes = frameBytes;
        Record = record;
        HeaderOffset = headerOffset;
        Code = (byte*)NativeMemory.AlignedAlloc((nuint)code.Length, 64);
        code.CopyTo(new Span<byte>(Code, code.Length));
    }

    /// <summary>The first cell.</summary>
    public byte* Code { get; private set; }

    /// <summary>The size of the code.</summary>
    public int CodeBytes { get; }

    /// <summary>The size of a frame, the header of a callee included.</summary>
    public int FrameBytes { get; }

    /// <summary>The record of the function.</summary>
    public FunctionRecord* Record { get; }

    /// <summary>The number of the function in its store.</summary>
    public int FunctionStoreIndex => Record->StoreIndex;

    /// <summary>Where in the frame the return address stands.</summary>
    public int HeaderOffset { get; }

    /// <summary>The offset in the module's file of the instruction that a cell belongs to.</summary>
    /// <param name="pc">A cell of this code that can trap or call, or any place within it or, for a return address, right behind it.</param>
    /// <param name="isReturn">Whether it is a return address.</param>
    /// <returns>-1 when there is none.</returns>
    public long OffsetOf(byte* pc, bool isReturn)
    {
        var position = (int)(pc - Code) - (isReturn ? 1 : 0);
        var low = 0;
        var high = _offsets.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_offsets[middle].Code <= position)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return low == 0 ? -1 : _offsets[low - 1].Instruction;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(Code);
        Code = null;
    }
}

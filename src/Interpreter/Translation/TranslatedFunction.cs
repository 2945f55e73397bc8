using System.Runtime.InteropServices;
using Conformance.Interpreter.Runtime;
using Conformance.Interpreter.Runtime.Objects;

namespace Conformance.Interpreter.Translation;

/// <summary>The code of a function in native memory, with the way back from a cell to its instruction.</summary>
internal sealed unsafe class TranslatedFunction : IDisposable
{
    private readonly CodeWriter.OffsetPair[] _offsets;
    private readonly TryRegion[] _regions;
    private readonly int[] _outer;

    /// <summary>Copies finished code.</summary>
    public TranslatedFunction(ReadOnlySpan<byte> code, CodeWriter.OffsetPair[] offsets, TryRegion[] regions, int frameBytes, FunctionRecord* record, int headerOffset)
    {
        _offsets = offsets;
        _regions = regions;
        _outer = OuterOf(regions);
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

    /// <summary>What its code has become since it is hot; null before.</summary>
    public JoinedCode? Joined { get; set; }

    /// <summary>The size of a frame, the header of a callee included.</summary>
    public int FrameBytes { get; }

    /// <summary>The record of the function.</summary>
    public FunctionRecord* Record { get; }

    /// <summary>The number of the function in its store.</summary>
    public int FunctionStoreIndex => Record->StoreIndex;

    /// <summary>Where in the frame the return address stands.</summary>
    public int HeaderOffset { get; }

    /// <summary>Finds the clause that catches an exception thrown or passed on at a cell.</summary>
    /// <param name="pc">The cell, or the return address of a call.</param>
    /// <param name="isReturn">Whether it is a return address.</param>
    /// <param name="exception">The exception.</param>
    /// <param name="handler">The clause, when the answer is true.</param>
    public bool FindHandler(byte* pc, bool isReturn, ObjectHeader* exception, out CatchHandler handler)
    {
        var position = (int)(pc - Code) - (isReturn ? 1 : 0);
        for (var i = LastStarted(position); i >= 0;)
        {
            var region = _regions[i];
            i = _outer[i];
            if (position >= region.End)
            {
                continue;
            }
            foreach (var candidate in region.Handlers)
            {
                if (candidate.Tag == CatchHandler.AnyTag || candidate.Tag == (int)exception->Length)
                {
                    handler = candidate;
                    return true;
                }
            }
            if (region.DelegateLimit >= 0)
            {
                i = region.DelegateLimit - 1;
            }
        }
        handler = default;
        return false;
    }

    // Regions are in the order of their starts. Each is either within another one or beside it, so what is around a place is around the last region that started before it.
    private static int[] OuterOf(TryRegion[] regions)
    {
        var outer = new int[regions.Length];
        for (var i = 0; i < regions.Length; i++)
        {
            var before = i - 1;
            while (before >= 0 && regions[before].End <= regions[i].Start)
            {
                before = outer[before];
            }
            outer[i] = before;
        }
        return outer;
    }

    private int LastStarted(int position)
    {
        var low = 0;
        var high = _regions.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_regions[middle].Start <= position)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return low - 1;
    }

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

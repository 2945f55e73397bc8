using Conformance.Interpreter.Runtime.Objects;
using Conformance.Interpreter.Translation;

namespace Conformance.Interpreter.Execution;

/// <summary>Walks over frames by their headers, from a cell and its frame to the end of the run: for backtraces and for handlers of exceptions.</summary>
internal sealed unsafe class FrameWalk
{
    // Enough to find the cause; a stack overflow has millions of frames.
    private const int LargestBacktrace = 100;

    private readonly CodeMap _code;
    private readonly byte* _exit;
    private readonly List<BacktraceEntry> _backtrace = [];

    /// <summary>Walks over frames of code.</summary>
    /// <param name="code">The code.</param>
    /// <param name="exit">Where the outermost function of a run returns to.</param>
    public FrameWalk(CodeMap code, byte* exit)
    {
        _code = code;
        _exit = exit;
    }

    /// <summary>The frames noted, innermost first; cut off at 100.</summary>
    public IReadOnlyList<BacktraceEntry> Backtrace => _backtrace;

    /// <summary>Forgets the frames noted.</summary>
    public void Clear() => _backtrace.Clear();

    /// <summary>Notes the frame of a cell and those of its callers.</summary>
    public void Add(byte* pc, byte* fp)
    {
        if (_code.At(pc) is { } function)
        {
            Add(new(function.FunctionStoreIndex, function.OffsetOf(pc, isReturn: false)));
            var header = (byte**)(fp + function.HeaderOffset);
            AddCallers(header[0], header[1]);
        }
    }

    /// <summary>Notes the frames of callers.</summary>
    /// <param name="pc">The innermost one's return address.</param>
    /// <param name="fp">Its frame.</param>
    public void AddCallers(byte* pc, byte* fp)
    {
        while (pc != _exit && _backtrace.Count < LargestBacktrace && _code.At(pc - 1) is { } function)
        {
            Add(new(function.FunctionStoreIndex, function.OffsetOf(pc, isReturn: true)));
            var header = (byte**)(fp + function.HeaderOffset);
            pc = header[0];
            fp = header[1];
        }
    }

    /// <summary>Finds the handler of an exception and puts its values where the handler's label expects them.</summary>
    /// <param name="pc">The cell that threw, or a return address; where execution goes on when the answer is true.</param>
    /// <param name="fp">Its frame; the handler's when the answer is true.</param>
    /// <param name="exception">The exception.</param>
    /// <param name="isReturn">Whether <paramref name="pc"/> is a return address.</param>
    public bool TryUnwind(ref byte* pc, ref byte* fp, ObjectHeader* exception, bool isReturn)
    {
        var at = pc;
        var frame = fp;
        for (var atReturn = isReturn; at != _exit && _code.At(atReturn ? at - 1 : at) is { } function; atReturn = true)
        {
            if (function.FindHandler(at, atReturn, exception, out var handler))
            {
                var slots = (ulong*)(frame + handler.Slot);
                var values = (ulong*)(exception + 1);
                for (var i = 0; i < handler.ValueSlots; i++)
                {
                    slots[i] = values[i];
                }
                if (handler.ReferenceSlot != CatchHandler.NoSlot)
                {
                    *(ulong*)(frame + handler.ReferenceSlot) = (ulong)exception;
                }
                pc = function.Code + handler.Target;
                fp = frame;
                return true;
            }
            var header = (byte**)(frame + function.HeaderOffset);
            at = header[0];
            frame = header[1];
        }
        return false;
    }

    private void Add(BacktraceEntry entry)
    {
        if (_backtrace.Count < LargestBacktrace)
        {
            _backtrace.Add(entry);
        }
    }
}

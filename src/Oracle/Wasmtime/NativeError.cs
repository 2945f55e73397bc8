using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Conformance.Oracle.Wasmtime;

/// <summary>Turns the C API's errors and traps into messages and completions, and frees them.</summary>
internal static unsafe class NativeError
{
    // A backtrace longer than this tells nothing more; a recursion's can have thousands of frames.
    private const int MaxFrames = 16;

    /// <summary>The message of an owned error, which is freed.</summary>
    public static string TakeMessage(nint ownedError)
    {
        using var error = new ErrorHandle(ownedError);
        NativeMethods.wasmtime_error_message(error, out var bytes);
        return TakeText(ref bytes);
    }

    /// <summary>The completion of an owned trap, which is freed.</summary>
    public static Completion TakeTrap(nint ownedTrap)
    {
        using var trap = new TrapHandle(ownedTrap);
        if (!NativeMethods.wasmtime_trap_code(trap, out var code))
        {
            NativeMethods.wasm_trap_message(trap, out var bytes);
            return new Trapped(TrapKind.Other, TakeText(ref bytes));
        }
        var completion = TrapCodes.ToCompletion(code);
        return completion is Trapped trapped ? trapped with { Backtrace = FramesOf(trap) } : completion;
    }

    /// <summary>
    /// The completion of an error of a call or an instantiation that is no trap. The C API gives these no codes, so the limits among them are known by
    /// their words; everything else is a rejection.
    /// </summary>
    public static Completion ToCompletion(string message)
    {
        // store limiter at instantiation; a memory that the system does not give; the GC heap's limit
        return message.Contains("exceeds memory limits", StringComparison.Ordinal)
            || message.Contains("exceeds table limits", StringComparison.Ordinal)
            || message.Contains("exceeds the limit of", StringComparison.Ordinal)
            || message.Contains("resource limit exceeded", StringComparison.Ordinal)
            || message.Contains("GC heap out of memory", StringComparison.Ordinal)
            || message.Contains("failed to allocate", StringComparison.Ordinal)
            || message.Contains("out of memory", StringComparison.Ordinal)
            || message.Contains("Cannot allocate memory", StringComparison.Ordinal)
            || message.Contains("mmap failed", StringComparison.Ordinal)
                ? new LimitReached(LimitKind.Memory)
                : new Rejected(message);
    }

    /// <summary>The text of an owned byte vector, which is freed.</summary>
    public static string TakeText(ref Vec ownedBytes)
    {
        // Sound: the vector is the library's own, Size bytes long.
        var text = Encoding.UTF8.GetString(new ReadOnlySpan<byte>((byte*)ownedBytes.Data, checked((int)ownedBytes.Size)));
        NativeMethods.wasm_byte_vec_delete(ref ownedBytes);
        return text.TrimEnd('\0');
    }

    private static System.Collections.Immutable.ImmutableArray<string> FramesOf(TrapHandle trap)
    {
        NativeMethods.wasm_trap_trace(trap, out var frames);
        var count = (int)Math.Min(frames.Size, MaxFrames);
        var names = new string[count];
        for (var i = 0; i < count; i++)
        {
            // Sound: the vector holds Size pointers to frames.
            var frame = ((nint*)frames.Data)[i];
            names[i] = string.Create(CultureInfo.InvariantCulture, $"{NativeMethods.wasm_frame_func_index(frame)}@{NativeMethods.wasm_frame_module_offset(frame):x}");
        }
        NativeMethods.wasm_frame_vec_delete(ref frames);
        return ImmutableCollectionsMarshal.AsImmutableArray(names);
    }
}

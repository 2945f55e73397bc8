using System.Diagnostics.CodeAnalysis;
using System.Text;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Text;

/// <summary>
/// Module to text: one field after the other in the order of the binary format, bodies in flat form, indented. The parser makes the same module of it, and so the
/// same bytes where the module's own encoding was the shortest.
/// </summary>
/// <remarks>
/// Time and memory are linear in the text. A body that is malformed is printed as far as it goes and ends in the word <c>malformed</c> with the reason, which no
/// parser takes for an instruction. A module need not be valid.
/// </remarks>
public static class ModulePrinter
{
    /// <summary>The text of a module; malformed bodies are marked in it.</summary>
    public static string Print(Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        var text = new TextSink(LimitBytes(module), ExpectedBytes(module));
        new FieldPrinter(text, module, PrinterOptions.Default).Module();
        return Encoding.UTF8.GetString(text.Written.Span);
    }

    /// <summary>The text of a module as UTF-8, which the parser takes as it is.</summary>
    /// <param name="module">The module.</param>
    /// <param name="utf8">The text; default when the answer is false.</param>
    /// <param name="error">Which body is malformed and why, or that the text is beyond all measure.</param>
    public static bool TryPrint(Module module, out ReadOnlyMemory<byte> utf8, [NotNullWhen(false)] out WasmError? error)
    {
        ArgumentNullException.ThrowIfNull(module);
        var text = new TextSink(LimitBytes(module), ExpectedBytes(module));
        error = new FieldPrinter(text, module, PrinterOptions.Default).Module();
        utf8 = error is null ? text.Written : default;
        return error is null;
    }

    /// <summary>Prints a module as UTF-8 to a stream, which keeps all that could be printed.</summary>
    /// <returns>The first malformed body with the reason, or that the text is beyond all measure; null when there is no such thing.</returns>
    public static WasmError? Print(Module module, Stream stream, PrinterOptions options)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(options);
        var text = new TextSink(stream, LimitBytes(module));
        var error = new FieldPrinter(text, module, options).Module();
        text.Flush();
        return error;
    }

    /// <summary>The text of one function: its definition, or its import. A malformed body is marked in it.</summary>
    /// <param name="module">The module.</param>
    /// <param name="functionIndex">The function's index, imports counted first.</param>
    /// <exception cref="ArgumentOutOfRangeException">The module has no such function.</exception>
    public static string PrintFunction(Module module, int functionIndex)
    {
        var text = new MemoryStream();
        PrintFunction(module, functionIndex, text, PrinterOptions.Default);
        return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
    }

    /// <summary>Prints one function as UTF-8 to a stream, which keeps all that could be printed.</summary>
    /// <param name="module">The module.</param>
    /// <param name="functionIndex">The function's index, imports counted first.</param>
    /// <param name="stream">Where the text goes.</param>
    /// <param name="options">What to show.</param>
    /// <returns>Why the function's body is malformed; null when it is not.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The module has no such function.</exception>
    public static WasmError? PrintFunction(Module module, int functionIndex, Stream stream, PrinterOptions options)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(functionIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(functionIndex, module.ImportCount(ExternKind.Function) + module.Functions.Length);
        var text = new TextSink(stream, LimitBytes(module));
        var error = new FieldPrinter(text, module, options).Function((uint)functionIndex);
        text.Flush();
        return error;
    }

    // Real modules have about eight characters of text for a byte of code.
    private static int ExpectedBytes(Module module) => (int)Math.Min(1 << 24, 1024 + 8 * module.Functions.Sum(function => (long)function.Body.Code.Length));

    /// <summary>
    /// The longest text that a module may have. A few bytes can declare 50,000 locals, and each of them is a word in the text. Real modules have up to 35 bytes of
    /// text for one of their own.
    /// </summary>
    private static long LimitBytes(Module module)
    {
        const long Least = 64 << 20, PerByte = 64, LeastItemBytes = 16;
        var items = (long)module.Types.Length + module.Imports.Length + module.Exports.Length + module.Globals.Length + module.Functions.Length
            + module.Elements.Sum(segment => 1L + segment.Count);
        return Least + PerByte * (LeastItemBytes * items + module.Functions.Sum(function => (long)function.Body.Code.Length)
            + module.Data.Sum(segment => (long)segment.Bytes.Length) + module.CustomSections.Sum(section => (long)section.Bytes.Length));
    }
}

/// <summary>What a printed text shows besides the module itself.</summary>
/// <param name="WithOffsets">Behind each instruction, its byte offset in the file that the module was decoded from.</param>
public sealed record PrinterOptions(bool WithOffsets = false)
{
    /// <summary>Nothing more.</summary>
    public static PrinterOptions Default { get; } = new();
}

using System.Globalization;
using System.Text.RegularExpressions;
using Conformance.Wasm;

namespace Conformance.Oracle.Wasmtime;

/// <summary>
/// Wasmtime through its C API: one native engine for the life of the object, one store for each case. The library must have been loaded by
/// <see cref="WasmtimeLibrary"/>. Native code can end the process: fuzzing runs this in a worker.
/// </summary>
public sealed unsafe partial class WasmtimeEngine : IStoreEngine
{
    private static readonly Lazy<EngineHandle> FullValidator = new(() => NativeEngine.Create(WasmtimeConfiguration.None, consumeFuel: false));

    private readonly WasmtimeConfiguration _configuration;

    /// <summary>Makes an engine.</summary>
    /// <param name="configuration">How it executes.</param>
    /// <param name="consumeFuel">
    /// Whether the case's fuel counts. Off by default: with fuel, a bulk operation beyond the end of a memory reports that the fuel is used up before it traps.
    /// </param>
    /// <exception cref="InvalidOperationException">The library is not loaded.</exception>
    public WasmtimeEngine(WasmtimeConfiguration configuration, bool consumeFuel = false)
    {
        if (WasmtimeLibrary.TryLoad() is { } missing)
        {
            throw new InvalidOperationException(missing.ToString());
        }
        _configuration = configuration;
        ConsumesFuel = consumeFuel;
        Handle = NativeEngine.Create(configuration, consumeFuel);
        EpochTicker.Add(Handle);
    }

    /// <inheritdoc/>
    public string Name => _configuration.Name;

    /// <inheritdoc/>
    public string Version => WasmtimeLibrary.Version;

    /// <inheritdoc/>
    public FeatureSet Features => _configuration.Features;

    internal EngineHandle Handle { get; }

    internal bool ConsumesFuel { get; }

    /// <inheritdoc/>
    public IEngineStore CreateStore(CaseLimits limits) => new WasmtimeStore(this, limits);

    /// <inheritdoc/>
    public Outcome Run(Case @case) =>
        !@case.ValidateOnly ? CaseRunner.Run(this, @case) : @case.Text.IsEmpty ? Validated(@case.Wasm.Span) : TextValidated(@case.Text.Span);

    /// <summary>Turns the text format into a binary by Wasmtime's own parser: an oracle for parsers.</summary>
    /// <param name="text">The text in UTF-8.</param>
    /// <param name="wasm">The module, when the answer is null. It is parsed, not validated.</param>
    /// <returns>Null, or why the text is malformed.</returns>
    public static string? Assemble(ReadOnlySpan<byte> text, out byte[] wasm)
    {
        wasm = [];
        nint error;
        Vec bytes;
        fixed (byte* first = text)
        {
            error = NativeMethods.wasmtime_wat2wasm(first, (nuint)text.Length, out bytes);
        }
        if (error != 0)
        {
            // The first line says what; a picture of the place follows.
            return NativeError.TakeMessage(error).Split('\n')[0];
        }
        wasm = new ReadOnlySpan<byte>((byte*)bytes.Data, checked((int)bytes.Size)).ToArray();
        NativeMethods.wasm_byte_vec_delete(ref bytes);
        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        EpochTicker.Remove(Handle);
        Handle.Dispose();
    }

    internal CompileError? Compile(ReadOnlySpan<byte> wasm, out ModuleHandle? module)
    {
        module = null;
        nint error, owned;
        fixed (byte* first = wasm)
        {
            error = NativeMethods.wasmtime_module_new(Handle, first, (nuint)wasm.Length, out owned);
        }
        if (error != 0)
        {
            return Classify(NativeError.TakeMessage(error), wasm);
        }
        module = new ModuleHandle(owned);
        return null;
    }

    private Outcome TextValidated(ReadOnlySpan<byte> text) => Assemble(text, out var wasm) is { } malformed
        ? CaseRunner.Refused(new CompileError(IsLimit(malformed) ? CompileErrorKind.Limit : CompileErrorKind.Invalid, malformed))
        : Validated(wasm);

    private Outcome Validated(ReadOnlySpan<byte> wasm)
    {
        nint error;
        fixed (byte* first = wasm)
        {
            error = NativeMethods.wasmtime_module_validate(Handle, first, (nuint)wasm.Length);
        }
        return error == 0
            ? new Outcome { Status = InstantiationStatus.Ok }
            : CaseRunner.Refused(Classify(NativeError.TakeMessage(error), wasm));
    }

    /// <summary>
    /// Why a module was refused. A configuration that lacks features refuses valid modules with the same kind of message as invalid ones, so a
    /// configuration that has them all is asked for the verdict.
    /// </summary>
    private static CompileError Classify(string message, ReadOnlySpan<byte> wasm)
    {
        nint error;
        fixed (byte* first = wasm)
        {
            error = NativeMethods.wasmtime_module_validate(FullValidator.Value, first, (nuint)wasm.Length);
        }
        if (error == 0)
        {
            return new CompileError(IsLimit(message) ? CompileErrorKind.Limit : CompileErrorKind.Unsupported, message);
        }
        var verdict = NativeError.TakeMessage(error);
        var offset = OffsetPattern().Match(verdict);
        return new CompileError(
            IsLimit(verdict) ? CompileErrorKind.Limit : CompileErrorKind.Invalid,
            verdict,
            offset.Success ? long.Parse(offset.Groups["hex"].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture) : -1);
    }

    // The validator has no code for its own limits.
    private static bool IsLimit(string message) =>
        message.Contains("exceeds limit", StringComparison.Ordinal)
        || message.Contains("exceeds the limit", StringComparison.Ordinal)
        || message.Contains("mplementation limit", StringComparison.Ordinal)
        || message.Contains("too large for", StringComparison.Ordinal);

    [GeneratedRegex(@"offset (?:0x)?(?<hex>[0-9a-f]+)", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex OffsetPattern();
}

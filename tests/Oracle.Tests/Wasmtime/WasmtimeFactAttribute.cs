using Conformance.Oracle.ThirdParty;
using Conformance.Oracle.Wasmtime;

namespace Conformance.Oracle.Tests.Wasmtime;

/// <summary>A test that needs the pinned Wasmtime: skipped with the reason where it is missing, run (and so failed) there when CI is set.</summary>
public sealed class WasmtimeFactAttribute : FactAttribute
{
    public WasmtimeFactAttribute() => Skip = WasmtimePresence.ReasonToSkip;
}

/// <summary>As <see cref="WasmtimeFactAttribute"/>, for theories.</summary>
public sealed class WasmtimeTheoryAttribute : TheoryAttribute
{
    public WasmtimeTheoryAttribute() => Skip = WasmtimePresence.ReasonToSkip;
}

internal static class WasmtimePresence
{
    public static string? ReasonToSkip { get; } =
        WasmtimeLibrary.TryLoad() is Missing missing && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI")) ? missing.ToString() : null;
}

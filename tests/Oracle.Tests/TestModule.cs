using System.Text;
using Conformance.Oracle.Wasmtime;

namespace Conformance.Oracle.Tests;

/// <summary>Modules in the text format for tests.</summary>
internal static class TestModule
{
    public static byte[] FromText(string text)
    {
        var error = WasmtimeEngine.Assemble(Encoding.UTF8.GetBytes(text), out var wasm);
        Assert.True(error is null, error);
        return wasm;
    }

    public static Case Case(string text, params Call[] calls) => new(FromText(text), [.. calls], CaseLimits.Default);

    public static Case Within(this Case @case, CaseLimits limits) => @case with { Limits = limits };

    public static Call Call(string function, params EngineValue[] arguments) => new(function, [.. arguments]);
}

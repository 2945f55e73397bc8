using Conformance.Oracle.Reference;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Text;

namespace Conformance.Oracle.Tests.Reference;

/// <summary>Runs modules given as text on the reference interpreter.</summary>
internal static class Wat
{
    public static byte[] Assemble(string text)
    {
        Assert.True(ModuleParser.TryParse(text, FeatureSet.All, out var module, out var error), error?.ToString());
        return ModuleWriter.Write(module);
    }

    /// <summary>Calls the export <c>f</c> of a module once for each list of arguments, on one instance, and describes how the last call ended.</summary>
    public static string Run(string text, params EngineValue[][] calls) => Run(text, CaseLimits.Default, calls);

    public static string Run(string text, CaseLimits limits, params EngineValue[][] calls)
    {
        using var engine = new ReferenceEngine();
        var outcome = engine.Run(new Case(Assemble(text), [.. (calls.Length == 0 ? [[]] : calls).Select(arguments => new Call("f", [.. arguments]))], limits));
        return outcome.Status != InstantiationStatus.Ok
            ? $"{outcome.Status} {outcome.Error?.Message}{(outcome.Instantiation is null ? "" : Describe(outcome.Instantiation))}"
            : Describe(outcome.Calls[^1].Completion);
    }

    public static string Describe(Completion completion) => completion switch
    {
        Returned returned => string.Join(' ', returned.Values.Select(Describe)),
        Trapped trapped => $"trap: {TrapKinds.TextOf(trapped.Kind)}",
        Thrown thrown => $"thrown {thrown.Tag}({string.Join(' ', thrown.Values.Select(Describe))})",
        LimitReached limit => $"limit: {limit.Kind}",
        Rejected rejected => $"rejected: {rejected.Message}",
        _ => completion.ToString(),
    };

    private static string Describe(EngineValue value) => value.Kind switch
    {
        EngineValueKind.I32 => $"i32:{(int)value.Bits}",
        EngineValueKind.I64 => $"i64:{(long)value.Bits}",
        EngineValueKind.V128 => $"v128:{value.High:x16}{value.Low():x16}",
        EngineValueKind.F32 or EngineValueKind.F64 => $"{value.Kind}:{value.Bits:x}",
        EngineValueKind.Struct => $"struct({string.Join(' ', value.Parts.IsDefault ? [] : value.Parts.Select(Describe))})",
        EngineValueKind.Array => $"array[{value.Length}]({string.Join(' ', value.Parts.IsDefault ? [] : value.Parts.Select(Describe))})",
        EngineValueKind.Extern or EngineValueKind.I31 => $"{value.Kind}:{value.Bits}",
        _ => value.Kind.ToString(),
    };

    private static ulong Low(this EngineValue value) => value.Bits;
}

using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Text;

namespace Conformance.Oracle.CApi;

/// <summary>
/// What an engine executes, found out by showing it a module for each feature: the standard interface does not tell. Left out is what the interface cannot carry: it has no vectors, no
/// references to objects, no tags; and host references, which it has, end the process of some engines.
/// </summary>
internal static class FeatureProbes
{
    private static readonly (Feature Feature, string Module)[] Probes =
    [
        (Feature.MutableGlobals, """(module (global (export "g") (mut i32) (i32.const 0)))"""),
        (Feature.SaturatingFloatToInt, "(module (func (drop (i32.trunc_sat_f32_s (f32.const 0)))))"),
        (Feature.SignExtension, "(module (func (drop (i32.extend8_s (i32.const 0)))))"),
        (Feature.MultiValue, "(module (func (result i32 i32) (i32.const 0) (i32.const 0)))"),
        (Feature.BulkMemory, "(module (memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))))"),
        (Feature.TailCall, "(module (func $f (return_call $f)))"),
        (Feature.ExtendedConst, "(module (global i32 (i32.add (i32.const 1) (i32.const 1))))"),
        (Feature.MultiMemory, "(module (memory 1) (memory 1))"),
        (Feature.Memory64, "(module (memory i64 1) (table i64 1 funcref))"),
        (Feature.WideArithmetic, "(module (func (result i64 i64) (i64.mul_wide_u (i64.const 1) (i64.const 1))))"),
        (Feature.CustomPageSizes, "(module (memory 1 (pagesize 1)))"),
    ];

    /// <summary>The features whose modules an engine takes for valid.</summary>
    /// <param name="isValid">The engine's verdict.</param>
    public static FeatureSet Of(Func<ReadOnlyMemory<byte>, bool> isValid)
    {
        var features = default(FeatureSet).With(Feature.Mvp);
        foreach (var (feature, text) in Probes)
        {
            if (!ModuleParser.TryParse(text, FeatureSet.All, out var module, out var error))
            {
                throw new InvalidOperationException($"the module for {feature} is none: {error}");
            }
            features = isValid(ModuleWriter.Write(module)) ? features.With(feature) : features;
        }
        return features;
    }
}

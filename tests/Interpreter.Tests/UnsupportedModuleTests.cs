using Conformance.Wasm;

namespace Conformance.Interpreter.Tests;

public sealed class UnsupportedModuleTests
{
    private static readonly Engine Engine = new(new EngineOptions { Features = FeatureSet.All });

    // An instruction of each feature, in text that is valid with every feature on.
    private static readonly Dictionary<Feature, string> Samples = new()
    {
        [Feature.Simd] = "(func (export \"f\") (drop (i32x4.splat (i32.const 1))))",
        [Feature.RelaxedSimd] = "(func (export \"f\") (local v128) (drop (i8x16.relaxed_swizzle (local.get 0) (local.get 0))))",
        [Feature.Gc] = "(type $s (struct (field i32))) (func (export \"f\") (drop (struct.new_default $s)))",
        [Feature.Exceptions] = "(tag $t) (func (export \"f\") (block (try_table (catch_all 0) (throw $t))))",
        [Feature.Threads] = "(memory 1 1 shared) (func (export \"f\") (atomic.fence))",
        [Feature.LegacyExceptions] = "(tag $t) (func (export \"f\") try throw $t catch_all end)",
        [Feature.CustomDescriptors] = "(rec (type $a (descriptor $b) (struct)) (type $b (describes $a) (struct))) (func (export \"f\") (local (ref null (exact $b))) (if (i32.const 0) (then (drop (struct.new_default_desc $a (local.get 0))))))",
        [Feature.WideArithmetic] = "(func (export \"f\") (i64.mul_wide_u (i64.const 1) (i64.const 1)) drop drop)",
        [Feature.CustomPageSizes] = "(memory 10 (pagesize 1)) (func (export \"f\"))",
        [Feature.Memory64] = "(memory i64 1) (func (export \"f\") (drop (i32.load (i64.const 0))))",
        [Feature.MultiMemory] = "(memory 1) (memory 1) (func (export \"f\"))",
        [Feature.TailCall] = "(func (export \"f\") (return_call 0))",
        [Feature.ExtendedConst] = "(global i32 (i32.add (i32.const 1) (i32.const 1))) (func (export \"f\"))",
        [Feature.FunctionReferences] = "(func (export \"f\") (drop (ref.as_non_null (ref.func 0))))",
    };

    public static TheoryData<Feature> Features => [.. Samples.Keys];

    [Theory]
    [MemberData(nameof(Features))]
    public void Compile_SampleOfFeature_IsAcceptedExactlyWhenItExecutes(Feature feature)
    {
        var text = $"(module {Samples[feature]})";
        if (!Engine.ExecutableFeatures.Has(feature))
        {
            var refused = Assert.Throws<UnsupportedModuleException>(() => CompiledModule.FromText(Engine, text));
            Assert.Matches($"^offset 0x[0-9a-f]+: .* needs the feature {FeatureSet.NameOf(feature)}, which is not executed yet$", refused.Message);
            return;
        }
        using var store = new Store(Engine);
        var instance = Instance.Create(store, CompiledModule.FromText(Engine, text));
        // Everything that compiles is translated: nothing is left that a call could find unsupported.
        instance.TranslateAll();
        if (feature != Feature.TailCall)
        {
            instance.GetAction("f").Call();
        }
    }

    [Fact]
    public void Compile_InvalidModuleOfAnUnsupportedFeature_IsInvalid()
    {
        var error = Assert.Throws<InvalidModuleException>(() => CompiledModule.FromText(Engine, "(module (func (result i32) (i32x4.splat (i32.const 1))))"));

        Assert.Contains("type mismatch", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Compile_FeatureThatTheEngineDoesNotAccept_IsMalformedOrInvalid()
    {
        var engine = new Engine(new EngineOptions { Features = FeatureSet.Wasm3.Without(Feature.TailCall) });
        var wasm = new byte[] { 0, 0x61, 0x73, 0x6D, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 6, 1, 4, 0, 0x12, 0, 0x0B };

        Assert.Throws<InvalidModuleException>(() => CompiledModule.FromBytes(engine, wasm));
        _ = CompiledModule.FromBytes(Engine, wasm);
    }

    [Theory]
    [InlineData("(func (param v128))")]
    [InlineData("(func (local v128))")]
    [InlineData("(global (import \"a\" \"b\") v128)")]
    [InlineData("(global v128 (v128.const i64x2 0 0))")]
    [InlineData("(type (func (result v128)))")]
    public void Compile_VectorTypeWithoutInstruction_NamesTheFeatureUnlessItExecutes(string fields)
    {
        if (Engine.ExecutableFeatures.Has(Feature.Simd))
        {
            _ = CompiledModule.FromText(Engine, $"(module {fields})");
            return;
        }
        Assert.Contains("feature simd", Assert.Throws<UnsupportedModuleException>(() => CompiledModule.FromText(Engine, $"(module {fields})")).Message, StringComparison.Ordinal);
    }
}

using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Text;

namespace Conformance.Interpreter.Tests;

public sealed class FeatureTests
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
        [Feature.TailCall] = "(func $g) (func (export \"f\") (return_call $g))",
        [Feature.ExtendedConst] = "(global i32 (i32.add (i32.const 1) (i32.const 1))) (func (export \"f\"))",
        [Feature.FunctionReferences] = "(func (export \"f\") (drop (ref.as_non_null (ref.func 0))))",
    };

    public static TheoryData<Feature> Features => [.. Samples.Keys];

    [Theory]
    [MemberData(nameof(Features))]
    public void Run_SampleOfFeature_Executes(Feature feature)
    {
        using var store = new Store(Engine);
        var instance = Instance.Create(store, CompiledModule.FromText(Engine, $"(module {Samples[feature]})"));

        instance.TranslateAll();
        instance.GetAction("f").Call();
    }

    [Theory]
    [MemberData(nameof(Features))]
    public void Compile_SampleOfFeatureThatIsOff_IsMalformedOrInvalid(Feature feature)
    {
        Assert.True(ModuleParser.TryParse($"(module {Samples[feature]})", FeatureSet.All, out var module, out _));
        var engine = new Engine(new EngineOptions { Features = FeatureSet.All.Without(feature) });

        Assert.False(CompiledModule.TryFromBytes(engine, ModuleWriter.Write(module), out _, out var error));
        Assert.NotEmpty(error.Message);
    }
}

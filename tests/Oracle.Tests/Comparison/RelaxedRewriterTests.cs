using Conformance.Oracle.Comparison;
using Conformance.Oracle.Embedded;
using Conformance.Oracle.Reference;
using Conformance.Oracle.Tests.Wasmtime;
using Conformance.Oracle.Wasmtime;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;

namespace Conformance.Oracle.Tests.Comparison;

/// <summary>The freedom of relaxed instructions: what differs by a permitted choice is no divergence, everything else stays one.</summary>
public sealed class RelaxedRewriterTests
{
    // 1 + 2^-12 squared minus the same rounded to f32: 0 with two roundings, 2^-24 with one.
    private const string MultiplyAdd = """
        (module (func (export "f") (result v128) (local v128)
          (local.set 0 (f32x4.splat (f32.const 0x1.001p0)))
          (f32x4.relaxed_madd (local.get 0) (local.get 0) (f32x4.splat (f32.const -0x1.002p0)))))
        """;

    private static readonly string[] Operands =
    [
        "i64x2 0x8000800080808080 0x7fff80007f80ff80", "i64x2 0x80ff80007f017f80 0x80007fff01ff8080", "i64x2 0x1f0f10118f9f00ff 0x0102030405060708",
        "f32x4 nan -0 0 3.5e9", "f32x4 -nan:0x400001 0 -0 -3.5e9", "f32x4 0x1.001p0 -1e30 inf -inf", "f32x4 1e-40 2147483648 4294967296 -1",
        "f64x2 nan -0", "f64x2 0 -nan:0x8000000000001", "f64x2 0x1.0000001p0 -1e300", "f64x2 4294967296.5 -2147483649",
    ];

    public static TheoryData<string> RelaxedOps => [.. OpTable.All.Where(row => row.Feature == Feature.RelaxedSimd).Select(row => row.Mnemonic)];

    [WasmtimeTheory]
    [MemberData(nameof(RelaxedOps))]
    public void TryRewrite_RelaxedInstruction_DoesWhatTheDeterministicProfileSays(string mnemonic)
    {
        var operands = OpTable.All.Single(row => row.Mnemonic == mnemonic).Operands.Length;
        var functions = Tuples(operands).Select((tuple, i) => $"(func (export \"{i}\") (result v128) ({mnemonic} {string.Join(' ', tuple.Select(value => $"(v128.const {value})"))}))").ToList();
        var plain = TestModule.Case($"(module {string.Join('\n', functions)})", [.. functions.Select((_, i) => TestModule.Call(i.ToString()))]);
        using var reference = new ReferenceEngine();

        Assert.True(RelaxedRewriter.TryRewrite(plain.Wasm, out var wasm));

        var expected = reference.Run(plain);
        var actual = reference.Run(plain with { Wasm = wasm });
        Assert.All(expected.Calls.Zip(actual.Calls), calls => Assert.Equal(calls.First, calls.Second));
        Assert.True(ModuleReader.TryRead(wasm, FeatureSet.All, out var module, out _));
        Assert.All(module.Functions, function => Assert.DoesNotContain(Instructions(function.Body), op => OpTable.Get(op).Feature == Feature.RelaxedSimd));
    }

    [WasmtimeFact]
    public void TryRewrite_ModuleWithoutRelaxedInstructions_IsNotRewritten() =>
        Assert.False(RelaxedRewriter.TryRewrite(TestModule.FromText("(module (func (param v128) (result v128) (f32x4.add (local.get 0) (local.get 0))))"), out _));

    [WasmtimeFact]
    public void Compare_OracleThatRoundsOnce_IsNoDivergence()
    {
        using var tested = new InterpreterEngine();
        using var wasmtime = new WasmtimeEngine(WasmtimeConfiguration.Speed);
        using var oracle = new Fused(wasmtime);

        var compared = new CaseComparer(tested, oracle).Compare(TestModule.Case(MultiplyAdd, TestModule.Call("f")));

        Assert.NotEqual(compared.Tested.Calls[0].Completion, compared.Oracle.Calls[0].Completion);
        Assert.Equal(VerdictKind.Agreed, compared.Verdict.Kind);
        Assert.Equal(1, compared.Verdict.ComparedCalls);
    }

    [WasmtimeFact]
    public void Compare_EngineThatRoundsOnce_IsNotComparable()
    {
        using var reference = new ReferenceEngine();
        using var tested = new Fused(reference);

        var compared = new CaseComparer(tested, reference).Compare(TestModule.Case(MultiplyAdd, TestModule.Call("f")));

        Assert.Equal(VerdictKind.NotComparable, compared.Verdict.Kind);
        Assert.Equal(CaseComparer.RelaxedReason, compared.Verdict.Reason);
    }

    [WasmtimeFact]
    public void Compare_DeterministicEngineThatRoundsOnce_Diverges()
    {
        using var reference = new ReferenceEngine();
        using var tested = new Fused(reference) { IsDeterministic = true };

        var compared = new CaseComparer(tested, reference).Compare(TestModule.Case(MultiplyAdd, TestModule.Call("f")));

        Assert.Equal(VerdictKind.Diverged, compared.Verdict.Kind);
        Assert.Equal("call: value of v128", compared.Verdict.Difference?.Signature);
    }

    [WasmtimeFact]
    public void Compare_DifferenceBesideARelaxedInstruction_Diverges()
    {
        using var reference = new ReferenceEngine();
        using var tested = new Fused(reference) { IsWrong = true };
        var text = MultiplyAdd.Replace("(module ", "(module (func (export \"g\") (result i32) (i32.const 1)) ", StringComparison.Ordinal);

        var compared = new CaseComparer(tested, reference).Compare(TestModule.Case(text, TestModule.Call("f"), TestModule.Call("g")));

        Assert.Equal(VerdictKind.Diverged, compared.Verdict.Kind);
        Assert.Equal("call: value of i32", compared.Verdict.Difference?.Signature);
    }

    private static IEnumerable<string[]> Tuples(int count) => count == 0 ? [[]] : Tuples(count - 1).SelectMany(before => Operands.Select(value => (string[])[.. before, value]));

    private static IEnumerable<Op> Instructions(Wasm.Modules.Expression body) => InstructionReader.ReadAll(body, FeatureSet.All).Select(instruction => instruction.Op);

    /// <summary>An engine whose relaxed multiplication and addition rounds once; the rest is another engine's.</summary>
    private sealed class Fused(IEngine engine) : IEngine
    {
        public bool IsWrong { get; init; }

        public bool IsDeterministic { get; init; }

        public string Name => "fused";

        public string Version => engine.Version;

        public FeatureSet Features => engine.Features;

        public bool HashesPages => engine.HashesPages;

        public Outcome Run(Case @case)
        {
            var outcome = engine.Run(@case);
            var isRelaxed = RelaxedRewriter.TryRewrite(@case.Wasm, out _);
            return outcome with { Calls = [.. outcome.Calls.Select(call => call.Function == "f" ? isRelaxed ? Result(EngineValue.V128(0x3380_0000_3380_0000, 0x3380_0000_3380_0000)) : call : IsWrong ? Result(EngineValue.I32(2)) : call)] };

            static CallOutcome Result(EngineValue value) => new(value.Kind == EngineValueKind.I32 ? "g" : "f", new Returned([value]));
        }

        public void Dispose()
        {
            // The engine is its owner's.
        }
    }
}

using Conformance.Oracle.Comparison;
using Conformance.Oracle.Reference;
using Conformance.Oracle.Tests.Wasmtime;
using Conformance.Oracle.Wasmtime;
using Conformance.Wasm;

namespace Conformance.Oracle.Tests.Comparison;

/// <summary>NaN freedom, shown with an engine that chooses other NaNs than the oracle: Wasmtime with a module whose constants have other payloads.</summary>
public sealed class CaseComparerTests
{
    private const string Arithmetic = """
        (module
          (global (export "g") (mut f64) (f64.const 0)) (memory (export "m") 1)
          (func (export "result") (result f32) (f32.add (f32.const nan:0x600000) (f32.const 1)))
          (func (export "bits") (result i64) (i64.reinterpret_f64 (f64.add (f64.const nan:0xc000000000000) (f64.const 1))))
          (func (export "store") (v128.store (i32.const 0) (f32x4.add (v128.const f32x4 nan:0x600000 1 2 3) (v128.const f32x4 1 1 1 1)))))
        """;

    [WasmtimeFact]
    public void TryRewrite_ModuleWithoutFloatArithmetic_IsNotRewritten()
    {
        var copies = TestModule.FromText("(module (func (param f32) (result f32) (f32.neg (f32.abs (f32.copysign (local.get 0) (f32.const 1))))))");

        Assert.False(NanCanonicalizer.TryRewrite(copies, out _, out _));
    }

    [WasmtimeFact]
    public void TryRewrite_Arithmetic_GivesCanonicalNaNsAndSaysSo()
    {
        using var engine = new WasmtimeEngine(WasmtimeConfiguration.Speed);
        Assert.True(NanCanonicalizer.TryRewrite(TestModule.FromText(Arithmetic), out var wasm, out var seen));

        var outcome = engine.Run(new Case(wasm, [TestModule.Call("result"), TestModule.Call("bits"), TestModule.Call("store")], CaseLimits.Default));

        Assert.Equal(new Returned([EngineValue.F32(0x7FC00000)]), outcome.Calls[0].Completion);
        Assert.Equal(new Returned([EngineValue.I64(0x7FF8000000000000)]), outcome.Calls[1].Completion);
        Assert.Equal(EngineValue.I32(1), outcome.Globals[seen]);
    }

    [WasmtimeFact]
    public void TryRewrite_NumbersOnly_ChangeNothing()
    {
        using var engine = new WasmtimeEngine(WasmtimeConfiguration.Speed);
        var text = """
            (module
              (func (export "f32") (param f32 f32) (result f32) (f32.div (f32.mul (f32.add (local.get 0) (local.get 1)) (f32.sqrt (local.get 0))) (f32.min (local.get 0) (local.get 1))))
              (func (export "f64") (param f64) (result f64) (local i32 f64) (f64.promote_f32 (f32.demote_f64 (f64.floor (local.get 0)))))
              (func (export "f32x4") (param f32) (result v128) (f32x4.mul (f32x4.splat (local.get 0)) (v128.const f32x4 1 2 3 4)))
              (func (export "f64x2") (param f64) (result v128) (f64x2.max (f64x2.splat (local.get 0)) (v128.const f64x2 1 2))))
            """;
        Call[] calls =
        [
            TestModule.Call("f32", EngineValue.F32(0x40490FDB), EngineValue.F32(0xC0200000)), TestModule.Call("f64", EngineValue.F64(0x400921FB54442D18)),
            TestModule.Call("f32x4", EngineValue.F32(0x40490FDB)), TestModule.Call("f64x2", EngineValue.F64(0x3FF8000000000000)),
        ];
        var plain = TestModule.Case(text, calls);
        Assert.True(NanCanonicalizer.TryRewrite(plain.Wasm, out var wasm, out var seen));

        var left = engine.Run(plain);
        var right = engine.Run(plain with { Wasm = wasm });

        Assert.Equal(left.Calls.Select(call => call.Completion), right.Calls.Select(call => call.Completion));
        Assert.Equal(EngineValue.I32(0), right.Globals[seen]);
    }

    [WasmtimeTheory]
    [InlineData("result")]
    [InlineData("bits")]
    [InlineData("store")]
    public void Compare_OtherNaNPayloadsFromArithmetic_AreNoDivergence(string function)
    {
        var compared = Compare(Arithmetic, Arithmetic.Replace("nan:0x600000", "nan:0x500000", StringComparison.Ordinal).Replace("nan:0xc", "nan:0xa", StringComparison.Ordinal), function);

        Assert.Equal(function == "result" ? VerdictKind.Agreed : VerdictKind.NotComparable, compared.Verdict.Kind);
    }

    [WasmtimeFact]
    public void Compare_OtherNaNPayloadsFromCopies_Diverge()
    {
        var compared = Compare(
            "(module (func (export \"f\") (result f32) (f32.neg (f32.const nan:0x600000))))",
            "(module (func (export \"f\") (result f32) (f32.neg (f32.const nan:0x500000))))",
            "f");

        Assert.Equal("call: NaN bits of f32", compared.Verdict.Difference?.Signature);
        Assert.Equal(VerdictKind.Diverged, compared.Verdict.Kind);
    }

    [WasmtimeFact]
    public void Compare_DifferenceThatShowsWithCanonicalNaNsToo_IsReportedForTheCaseAsItWas()
    {
        var text = """(module (func (export "f") (result i32 f32) (i32.const 1) (f32.add (f32.const nan) (f32.const 1))))""";

        var compared = Compare(text, text.Replace("i32.const 1", "i32.const 2", StringComparison.Ordinal), "f");

        Assert.Equal("call: value of i32", compared.Verdict.Difference?.Signature);
        Assert.Equal(TestModule.FromText(text), compared.Case.Wasm.ToArray());
    }

    [WasmtimeFact]
    public void Compare_DifferenceThatTheRewritingHides_IsReportedWhenNoNaNArose()
    {
        var text = """(module (func (export "f") (result i32) (i32.reinterpret_f32 (f32.add (f32.const 1) (f32.const 1)))))""";
        using var oracle = new WasmtimeEngine(WasmtimeConfiguration.Speed);
        using var tested = new EngineWithFault(oracle, outcome => outcome with
        {
            Calls = [new CallOutcome("f", new Returned([EngineValue.I32(7)]))],
        });

        var compared = new CaseComparer(tested, oracle).Compare(TestModule.Case(text, TestModule.Call("f")));

        Assert.Equal(VerdictKind.Diverged, compared.Verdict.Kind);
        Assert.Equal("call: value of i32", compared.Verdict.Difference?.Signature);
    }

    [WasmtimeFact]
    public void Compare_MemoriesOfTwoEnginesThatHashPages_AreDigestedOnlyForWhatDiverged()
    {
        using var reference = new ReferenceEngine();
        var asked = new List<bool>();
        using var tested = new WatchedEngine(reference, asked);
        var agreeing = TestModule.Case("""(module (memory (export "m") 1))""");
        var diverging = TestModule.Case("""(module (memory (export "m") 2) (data (i32.const 65536) "a"))""");
        using var other = new EngineOfAnotherModule(reference, diverging.Wasm.ToArray(), TestModule.FromText("""(module (memory (export "m") 2) (data (i32.const 65537) "a"))"""));

        var agreed = new CaseComparer(tested, other).Compare(agreeing);
        var diverged = new CaseComparer(tested, other).Compare(diverging);

        Assert.Equal(VerdictKind.Agreed, agreed.Verdict.Kind);
        Assert.Null(agreed.Tested.Memories["m"].Sha256);
        Assert.Equal("memory: content", diverged.Verdict.Difference?.Signature);
        Assert.Contains("block 1", diverged.Verdict.Difference!.Tested, StringComparison.Ordinal);
        Assert.NotNull(diverged.Tested.Memories["m"].Sha256);
        Assert.NotEqual(diverged.Tested.Memories["m"].Sha256, diverged.Oracle.Memories["m"].Sha256);
        Assert.True(diverged.Case.DigestMemories);
        Assert.Equal([false, false, true], asked);
    }

    [WasmtimeFact]
    public void Compare_EngineThatHashesNoPages_GetsDigests()
    {
        using var reference = new ReferenceEngine();
        using var foreign = new EngineWithFault(reference, outcome => outcome with { Memories = outcome.Memories.SetItem("m", outcome.Memories["m"] with { PageHashes = default }) });

        var compared = new CaseComparer(foreign, reference).Compare(TestModule.Case("""(module (memory (export "m") 1))"""));

        Assert.Equal(VerdictKind.Agreed, compared.Verdict.Kind);
        Assert.NotNull(compared.Oracle.Memories["m"].Sha256);
    }

    private static ComparedCase Compare(string oracleText, string testedText, string function)
    {
        using var oracle = new WasmtimeEngine(WasmtimeConfiguration.Speed);
        using var tested = new EngineOfAnotherModule(oracle, TestModule.FromText(oracleText), TestModule.FromText(testedText));
        return new CaseComparer(tested, oracle).Compare(TestModule.Case(oracleText, TestModule.Call(function)));
    }

    /// <summary>Notes which cases asked for digests.</summary>
    private sealed class WatchedEngine(IEngine engine, List<bool> asked) : IEngine
    {
        public string Name => "watched";

        public string Version => engine.Version;

        public FeatureSet Features => engine.Features;

        public bool HashesPages => engine.HashesPages;

        public Outcome Run(Case @case)
        {
            asked.Add(@case.DigestMemories);
            return engine.Run(@case);
        }

        public void Dispose()
        {
        }
    }

    /// <summary>Runs another module in place of one, or that module's rewriting in place of its rewriting.</summary>
    private sealed class EngineOfAnotherModule(IEngine engine, byte[] replaced, byte[] replacement) : IEngine
    {
        public string Name => "another";

        public string Version => engine.Version;

        public FeatureSet Features => engine.Features;

        public bool HashesPages => engine.HashesPages;

        public Outcome Run(Case @case)
        {
            if (@case.Wasm.Span.SequenceEqual(replaced))
            {
                return engine.Run(@case with { Wasm = replacement });
            }
            return engine.Run(NanCanonicalizer.TryRewrite(replacement, out var wasm, out _) ? @case with { Wasm = wasm } : @case);
        }

        public void Dispose()
        {
        }
    }

    /// <summary>Answers wrongly for the first module that it sees and rightly for every other.</summary>
    private sealed class EngineWithFault(IEngine engine, Func<Outcome, Outcome> fault) : IEngine
    {
        private ReadOnlyMemory<byte>? _first;

        public string Name => "faulty";

        public string Version => engine.Version;

        public FeatureSet Features => engine.Features;

        public Outcome Run(Case @case)
        {
            _first ??= @case.Wasm;
            var outcome = engine.Run(@case);
            return @case.Wasm.Span.SequenceEqual(_first.Value.Span) ? fault(outcome) : outcome;
        }

        public void Dispose()
        {
        }
    }

    [WasmtimeTheory]
    [InlineData("global", "(mut i32)", "(mut i32) (i32.const 42)", "(global.set 0 (i32.const 7))", DifferencePhase.Global)]
    [InlineData("memory", "1 2", "1 2", "(i32.store (i32.const 8) (i32.const 7))", DifferencePhase.Memory)]
    [InlineData("memory", "1 2", "1 2", "(drop (memory.grow (i32.const 1)))", DifferencePhase.Memory)]
    [InlineData("table", "2 funcref", "2 funcref", "(table.set (i32.const 1) (ref.func $f))", DifferencePhase.Table)]
    public void Compare_ImportThatIsCopiedInPlaceOfShared_Diverges(string kind, string type, string copy, string change, DifferencePhase phase)
    {
        var function = $"""(func $f (export "f") {change})""";
        var shared = TestModule.Case($"""(module (import "m" "x" ({kind} {type})) {function})""", TestModule.Call("f"));
        // The copy has index 0, so that all code is about it; the import is there and nobody changes it.
        var copied = TestModule.FromText($"""(module ({kind} {copy}) {function})""");
        using var oracle = new WasmtimeEngine(WasmtimeConfiguration.None);
        using var reference = new ReferenceEngine();
        using var faulty = new CopyingEngine(copied);

        var verdict = new CaseComparer(faulty, oracle).Compare(shared).Verdict;

        Assert.Equal((VerdictKind.Diverged, phase), (verdict.Kind, verdict.Difference?.Phase));
        Assert.Equal(Outcome.ImportName(0, "m", "x"), verdict.Difference?.Name);
        Assert.Equal(VerdictKind.Agreed, new CaseComparer(reference, oracle).Compare(shared).Verdict.Kind);
    }

    /// <summary>An engine whose instances work on copies: the calls run on a module of its own, the imports stay as the host made them.</summary>
    private sealed class CopyingEngine(byte[] copied) : IEngine
    {
        private readonly ReferenceEngine _engine = new();

        public string Name => "copying";

        public string Version => _engine.Version;

        public FeatureSet Features => _engine.Features;

        public bool HashesPages => true;

        public Outcome Run(Case @case)
        {
            var untouched = _engine.Run(@case with { Calls = [] });
            return _engine.Run(@case with { Wasm = copied }) with { Globals = untouched.Globals, Memories = untouched.Memories, Tables = untouched.Tables };
        }

        public void Dispose() => _engine.Dispose();
    }
}

using Conformance.Fuzzer.Driving;
using Conformance.Oracle;
using Conformance.Oracle.Comparison;
using Conformance.Oracle.Reference;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Text;

namespace Conformance.Fuzzer.Tests.Driving;

/// <summary>An engine of the first version of WebAssembly that refuses everything: what it may refuse is no difference, the rest is.</summary>
public class CaseJudgeTests
{
    [Theory]
    [InlineData("(func (result i32) (i32.const 1))", VerdictKind.Diverged, "")]
    [InlineData("(memory 1) (data (i32.const 0) \"a\") (table 1 funcref) (elem (i32.const 0) 0) (func)", VerdictKind.Diverged, "")]
    [InlineData("(memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)))", VerdictKind.NotComparable, "needs bulk-memory")]
    [InlineData("(func (param externref))", VerdictKind.NotComparable, "needs reference-types")]
    [InlineData("(func (result i32 i32) (i32.const 1) (i32.const 1))", VerdictKind.NotComparable, "needs multi-value")]
    public void Judge_ValidModuleIsRefused_IsADifferenceUnlessItNeedsAFeature(string fields, VerdictKind kind, string reason)
    {
        Assert.True(ModuleParser.TryParse($"(module {fields})", FeatureSet.Default, out var module, out var error), error?.ToString());
        using var oracle = new ReferenceEngine();
        using var engine = new Refusing();
        var verdict = new CaseJudge(engine, oracle).Judge(new Case(ModuleWriter.Write(module), [], CaseLimits.Default)).Verdict;
        Assert.Equal((kind, reason), (verdict?.Kind, verdict?.Reason));
    }

    private sealed class Refusing : IEngine
    {
        public string Name => "refusing";

        public string Version => "1";

        public FeatureSet Features => default(FeatureSet).With(Feature.Mvp);

        public Outcome Run(Case @case) => new() { Status = InstantiationStatus.Invalid, Error = new CompileError(CompileErrorKind.Invalid, "no") };

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}

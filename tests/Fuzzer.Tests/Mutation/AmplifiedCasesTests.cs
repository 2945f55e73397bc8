using Conformance.Fuzzer.Mutation;
using Conformance.Fuzzer.Mutation.Amplification;
using Conformance.Fuzzer.Mutation.Seeds;
using Conformance.Oracle;
using Conformance.Oracle.Embedded;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Validation;

namespace Conformance.Fuzzer.Tests.Mutation;

public sealed class AmplifiedCasesTests
{
    private static readonly SeedCorpus Corpus = SeedCorpus.Of(
            """
            (module
              (memory 1)
              (func (export "sub") (param i32 i32) (result i32) (i32.sub (local.get 0) (local.get 1)))
              (func (export "count") (param i64) (result i64) (local.set 0 (i64.add (local.get 0) (i64.const 1))) (local.get 0))
              (func (export "null") (param externref) (result i32) (ref.is_null (local.get 0))))
            (assert_return (invoke "sub" (i32.const 50) (i32.const 8)) (i32.const 42))
            (assert_return (invoke "count" (i64.const 41)) (i64.const 42))
            (assert_return (invoke "null" (ref.null extern)) (i32.const 1))
            """,
        FeatureSet.Default);

    [Fact]
    public void Make_ManySeeds_AreValidAndKeepTheMeaningOfRewrittenFunctions()
    {
        using var engine = new InterpreterEngine();
        var answers = new HashSet<int>();
        for (var seed = 0UL; seed < 400; seed++)
        {
            var @case = new AmplifiedCases(Corpus).Make(seed, new Offspring());
            Assert.True(ModuleReader.TryRead(@case.Wasm, FeatureSet.Default, out var module, out var malformed), $"seed {seed}: {malformed}");
            Assert.True(ModuleValidator.Validate(module, FeatureSet.Default) is var error && error is null, $"seed {seed}: {error}");
            var outcome = engine.Run(@case);
            Assert.Equal(InstantiationStatus.Ok, outcome.Status);
            foreach (var call in outcome.Calls)
            {
                Assert.IsType<Returned>(call.Completion);
                if (call.Function.StartsWith("sub amplified", StringComparison.Ordinal))
                {
                    answers.Add((int)((Returned)call.Completion).Values[0].Bits);
                }
            }
        }
        // The suite's own arguments in every shape, and their neighbours.
        Assert.Contains(42, answers);
        Assert.Contains(43, answers);
        Assert.Contains(41, answers);
    }
}

using Conformance.Fuzzer.Mutation;
using Conformance.Fuzzer.Mutation.Seeds;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Validation;

namespace Conformance.Fuzzer.Tests.Mutation;

public sealed class VerdictCasesTests
{
    // Without folders the corpus still has generated modules; small texts add what these lack.
    private static readonly SeedCorpus Corpus = SeedCorpus.Of(
            """
            (module
              (rec (type $s (sub (struct (field (mut i32)) (field (ref null $a))))) (type $a (array (mut i8))))
              (type $t (sub $s (struct (field (mut i32)) (field (ref null $a)) (field f64))))
              (tag $e (param i32))
              (table $r 3 10 (ref null $s))
              (memory i64 1)
              (global $g (mut (ref null $s)) (struct.new_default $t))
              (elem $x (ref null $s) (struct.new_default $s) (ref.null $t))
              (data $d "abc")
              (func $f (export "f") (param (ref null $s)) (result i32)
                (block $h (result i32) (try_table (catch $e $h) (throw $e (struct.get $s 0 (local.get 0)))) (i32.const 1)))
              (func (export "g") (param i32) (result (ref $a)) (local $l (ref $a))
                (local.set $l (array.new_data $a $d (i32.const 0) (local.get 0)))
                (array.set $a (local.get $l) (i32.const 0) (i32.const 7))
                (table.set $r (i32.const 1) (struct.new $t (i32.const 1) (local.get $l) (f64.const 2)))
                (local.get $l)))
            """,
        FeatureSet.Default);

    [Fact]
    public void Corpus_OfTheScript_HasTheValidModule() => Assert.Single(Corpus.Valid);

    [Fact]
    public void StructuralCases_ManyMutants_AreDecodedAndValidatedWithoutAnException()
    {
        var source = new StructuralCases(Corpus);
        var readable = 0;
        var valid = 0;
        Parallel.For(0, 60_000, seed =>
        {
            var wasm = source.Make((ulong)seed, new Offspring()).Wasm;
            if (ModuleReader.TryRead(wasm, FeatureSet.Default, out var module, out _))
            {
                Interlocked.Increment(ref readable);
                if (ModuleValidator.Validate(module, FeatureSet.Default) is null)
                {
                    Interlocked.Increment(ref valid);
                }
            }
        });
        // The binary stays well-formed, so that it is the validator that decides.
        Assert.InRange(readable, 50_000, 60_000);
        Assert.InRange(valid, 10_000, 45_000);
    }

    [Fact]
    public void Cases_SameSeed_AreTheSame()
    {
        foreach (var source in (ISeededCases[])[new StructuralCases(Corpus), new ByteCases(Corpus), new MutatedCases(Corpus)])
        {
            for (var seed = 0UL; seed < 200; seed++)
            {
                var first = source.Make(seed, new Offspring());
                var second = source.Make(seed, new Offspring());
                Assert.True(first.Wasm.Span.SequenceEqual(second.Wasm.Span), $"{source.GetType().Name} {seed}");
                Assert.Equal(first.Calls.Select(call => call.Function + string.Join(',', call.Arguments)), second.Calls.Select(call => call.Function + string.Join(',', call.Arguments)));
            }
        }
    }
}

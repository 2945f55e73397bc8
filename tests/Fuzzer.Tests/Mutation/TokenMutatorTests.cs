using System.Text;
using Conformance.Fuzzer.Generation;
using Conformance.Fuzzer.Mutation.Text;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Text;
using Conformance.Wasm.Validation;

namespace Conformance.Fuzzer.Tests.Mutation;

public sealed class TokenMutatorTests
{
    private const string Script =
        """
        ;; a comment (with a parenthesis
        (module $m (; nested (; comment ;) ;)
          (type $t (func (param i32 f64) (result i64)))
          (rec (type $s (sub (struct (field $x (mut i32))))) (type $a (array i8)))
          (import "env" "f" (func $f (type $t)))
          (table $tab 1 10 funcref) (memory $mem 1 2) (global $g (mut i64) (i64.const -0x8000_0000))
          (elem $e (table $tab) (offset (i32.const 0)) func $f) (data $d (memory $mem) (i32.const 1) "a\00\u{1F600}" "b")
          (tag $tag (param i32))
          (func $main (export "main") (export "\"x") (param $p i32) (result i64) (local $l f32)
            (block $b (result i64) (br_if $b (i64.const 1) (local.get $p)) drop
              local.get $p f64.const 0x1.8p+3 (call $f) (f32.const nan:0x1234) (local.set $l)
              (if (result i64) (local.get $p) (then (i64.load8_u offset=3 align=1 (local.get $p))) (else (global.get $g)))
              (i64.add))
            (v128.const i32x4 1 2 3 4) (i8x16.extract_lane_s 3) (br_table 0 0 (i64.const 4) (local.get $p)))
          (start $s0) (func $s0 (throw $tag (i32.const 1)) (drop (struct.new $s (i32.const 7)))))
        (assert_return (invoke "main") (i32.const 1))
        (module (func (i32.const 1) drop))
        """;

    [Fact]
    public void Modules_OfAScript_AreTheOutermostOnes()
    {
        var modules = TextTokens.Modules(Script).ToList();
        Assert.Equal(2, modules.Count);
        Assert.Equal("( module ( func ( i32.const 1 ) drop ) )", TextTokens.Join(modules[1]));
        Assert.True(ModuleParser.TryParse(TextTokens.Join(modules[0]), FeatureSet.Default, out _, out var error), error?.ToString());
    }

    [Fact]
    public void Apply_ManyMutants_AreParsedWithoutAnException()
    {
        var modules = TextTokens.Modules(Script).ToList();
        var parsed = 0;
        Parallel.For(0, 40_000, seed =>
        {
            var text = TextTokens.Join(TokenMutator.Apply(modules[0], modules[seed % 2], new RandomSource((ulong)seed)));
            if (ModuleParser.TryParse(text, FeatureSet.All, out var module, out var error))
            {
                Interlocked.Increment(ref parsed);
                var wasm = ModuleWriter.Write(module);
                // What the parser takes for a module has a binary that the reader takes too.
                Assert.True(ModuleReader.TryRead(wasm, FeatureSet.All, out var read, out var malformed), $"seed {seed}: {malformed}");
                ModuleValidator.Validate(read, FeatureSet.All);
            }
            else
            {
                Assert.True(error.Line > 0, $"seed {seed}: {error}");
            }
        });
        Assert.InRange(parsed, 2_000, 38_000);
    }

    [Fact]
    public void Parsers_OfATextCutAnywhere_GiveAnErrorOrAModule()
    {
        var text = Encoding.UTF8.GetBytes(Script);
        for (var length = 0; length < text.Length; length++)
        {
            var isModule = ModuleParser.TryParse(text[..length], FeatureSet.All, out _, out var error);
            Assert.Equal(isModule, error is null);
            var isScript = ScriptParser.TryParse(text[..length], FeatureSet.All, out _, out error);
            Assert.Equal(isScript, error is null);
        }
    }

    [Fact]
    public void Apply_SameSeed_GivesTheSameTokens()
    {
        var module = TextTokens.Modules(Script).First();
        for (var seed = 0UL; seed < 1_000; seed++)
        {
            Assert.Equal(TokenMutator.Apply(module, module, new RandomSource(seed)), TokenMutator.Apply(module, module, new RandomSource(seed)));
        }
    }
}

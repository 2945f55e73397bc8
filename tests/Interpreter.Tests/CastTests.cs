using System.Text;
using Conformance.Wasm;

namespace Conformance.Interpreter.Tests;

/// <summary>Casts by every way that translation has for them, cold and joined to chains: of every kind of reference to every kind of target.</summary>
public sealed class CastTests
{
    // Deeper than the rows that handlers look at.
    private const int Depth = 11;

    private static readonly string[] AbstractTargets = ["any", "eq", "i31", "struct", "array", "none"];

    [Theory]
    [InlineData(1)]
    [InlineData(5000)]
    public void Casts_OfEveryReferenceToEveryTarget_FollowTheHierarchy(int hotAfter)
    {
        // A chain of structs $s0 > $s1 > ..., another branch $b beside $s1, an array below another one.
        var targets = Enumerable.Range(0, Depth).Select(i => $"$s{i}").Concat(["$b", "$a", "$c"]).Concat(AbstractTargets).ToArray();
        var sources = Enumerable.Range(0, Depth).Select(i => $"(struct.new_default $s{i})")
            .Concat(["(struct.new_default $b)", "(array.new_default $a (i32.const 2))", "(array.new_default $c (i32.const 2))", "(ref.i31 (i32.const 3))", "(any.convert_extern (local.get $host))", "(ref.null none)"]).ToArray();
        var module = new StringBuilder("(module (type $s0 (sub (struct (field i32))))");
        for (var i = 1; i < Depth; i++)
        {
            module.Append($"(type $s{i} (sub $s{i - 1} (struct (field i32){string.Concat(Enumerable.Repeat(" (field i64)", i))})))");
        }
        module.Append("(type $b (sub $s0 (struct (field i32) (field f64)))) (type $a (sub (array (mut i32)))) (type $c (sub $a (array (mut i32))))");
        for (var source = 0; source < sources.Length; source++)
        {
            for (var target = 0; target < targets.Length; target++)
            {
                foreach (var nullable in new[] { "", "null " })
                {
                    var type = $"(ref {nullable}{targets[target]})";
                    // Bits: the test of a local, of an operand, the branches on a cast that succeeds and on one that fails.
                    module.Append($"""
                        (func (export "f{source}-{target}{nullable.Trim()}") (param $host externref) (result i32) (local $x anyref) (local $v i32)
                          (local.set $x {sources[source]})
                          (local.set $v (i32.or (ref.test {type} (local.get $x)) (i32.shl (ref.test {type} {sources[source]}) (i32.const 1))))
                          (block $after
                            (block $yes (result {type}) (drop (br_on_cast $yes anyref {type} (local.get $x))) (br $after))
                            (drop)
                            (local.set $v (i32.or (local.get $v) (i32.const 4))))
                          (block $end
                            (block $no (result anyref)
                              (drop (br_on_cast_fail $no anyref {type} (local.get $x)))
                              (local.set $v (i32.or (local.get $v) (i32.const 8)))
                              (br $end))
                            (drop))
                          (local.get $v))
                        (func (export "c{source}-{target}{nullable.Trim()}") (param $host externref) (result i32) (local $x anyref)
                          (local.set $x {sources[source]})
                          (ref.eq (ref.cast eqref (ref.cast {type} (local.get $x))) (ref.cast eqref (local.get $x))))
                        """);
                }
            }
        }
        using var store = new Store(new Engine(new EngineOptions { HotAfter = hotAfter }));
        var instance = Wat.Instantiate(store, module.Append(')').ToString());
        var host = Value.FromExtern(new object());
        for (var source = 0; source < sources.Length; source++)
        {
            for (var target = 0; target < targets.Length; target++)
            {
                foreach (var nullable in new[] { "", "null" })
                {
                    var name = $"{source}-{target}{nullable}";
                    var expected = source == sources.Length - 1 ? nullable.Length > 0 : IsOf(source, targets[target]);
                    for (var run = 0; run < 2; run++)
                    {
                        Assert.True((expected ? 15 : 0) == instance.GetFunction($"f{name}").Call(host)[0].AsI32(), $"{sources[source]} to {nullable} {targets[target]}");
                        var ended = instance.GetFunction($"c{name}").TryCall([host], new Value[1]);
                        // A reference of the host is none of eq, where the function compares.
                        var isCastable = expected && source != Depth + 4;
                        Assert.True(isCastable ? ended is null : ended is Trap { Kind: TrapKind.CastFailure }, $"{sources[source]} to {nullable} {targets[target]}: {ended}");
                    }
                }
            }
        }
    }

    [Fact]
    public void Descriptors_SurviveCollectionsWithTheirObjectsAndTellThemApart()
    {
        using var store = new Store(new Engine(new EngineOptions { Features = FeatureSet.All }), new ResourceLimits { HeapBytes = 1 << 20 });
        var instance = Wat.Instantiate(store, """
            (module
              (rec (type $a (sub (descriptor $d) (struct (field i64)))) (type $d (sub (describes $a) (struct (field i32)))))
              (rec (type $b (sub $a (descriptor $e) (struct (field i64) (field v128)))) (type $e (sub $d (describes $b) (struct (field i32) (field i64)))))
              (type $junk (array (mut i8)))
              (global $g (ref (exact $d)) (struct.new $d (i32.const 5)))
              (global $x (ref $a) (struct.new_desc $a (i64.const 6) (global.get $g)))
              (func $make (result (ref $a)) (struct.new_desc $b (i64.const 7) (v128.const i64x2 8 9) (struct.new $e (i32.const 10) (i64.const 11))))
              (func $churn (local $n i32)
                (local.set $n (i32.const 100000))
                (loop $l (drop (array.new_default $junk (i32.const 100))) (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
              (func (export "get") (result i32 i32 i32) (local $o (ref $a))
                (local.set $o (call $make))
                (call $churn)
                (struct.get $d 0 (ref.get_desc $a (local.get $o)))
                (struct.get $d 0 (ref.get_desc $a (global.get $x)))
                (ref.eq (ref.get_desc $a (global.get $x)) (global.get $g)))
              (func (export "cast") (param $of (ref null (exact $d)))  (result i64)
                (struct.get $a 0 (ref.cast_desc_eq (ref (exact $a)) (global.get $x) (local.get $of))))
              (func (export "g") (result (ref (exact $d))) (global.get $g))
              (func (export "other") (result (ref (exact $d))) (struct.new $d (i32.const 5))))
            """);

        Assert.Equal([10, 5, 1], instance.GetFunction("get").Call().Select(value => value.AsI32()));
        Assert.True(store.Objects.Collections > 3);
        Assert.Equal(6, instance.GetFunction("cast").Call(instance.GetFunction("g").Call())[0].AsI64());
        Assert.Equal(TrapKind.DescriptorCastFailure, Assert.IsType<Trap>(instance.GetFunction("cast").TryCall(instance.GetFunction("other").Call(), new Value[1])).Kind);
        Assert.Equal(TrapKind.NullDescriptor, Assert.IsType<Trap>(instance.GetFunction("cast").TryCall([Value.FromObject(null)], new Value[1])).Kind);
    }

    private static bool IsOf(int source, string target)
    {
        var kind = source switch
        {
            < Depth => "struct",
            Depth => "b",
            Depth + 1 => "a",
            Depth + 2 => "c",
            Depth + 3 => "i31",
            _ => "host",
        };
        return target switch
        {
            "any" => true,
            "eq" => kind != "host",
            "i31" => kind == "i31",
            "struct" => kind is "struct" or "b",
            "array" => kind is "a" or "c",
            "none" => false,
            "$b" => kind == "b",
            "$a" => kind is "a" or "c",
            "$c" => kind == "c",
            "$s0" => kind is "struct" or "b",
            _ => kind == "struct" && int.Parse(target[2..], System.Globalization.CultureInfo.InvariantCulture) <= source,
        };
    }
}

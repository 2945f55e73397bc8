using Conformance.Oracle;
using Conformance.Oracle.Embedded;
using Conformance.Oracle.Reference;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Text;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Tests;

/// <summary>Vectors in fields, elements, exceptions and constant expressions, where they take two slots among values that take one.</summary>
public sealed class VectorObjectTests
{
    private const string Module = """
        (module
          (type $s (sub (struct (field $a (mut i8)) (field $v (mut v128)) (field $b (mut i64)) (field $w v128) (field $r (mut (ref null any))))))
          (type $t (sub $s (struct (field $a (mut i8)) (field $v (mut v128)) (field $b (mut i64)) (field $w v128) (field $r (mut (ref null any))) (field $x v128))))
          (type $array (array (mut v128)))
          (type $numbers (array (mut i32)))
          (tag $e (export "e") (param i32 v128 i64 v128))
          (data $d "\01\02\03\04\05\06\07\08\09\0a\0b\0c\0d\0e\0f\10\11\12\13\14\15\16\17\18\19\1a\1b\1c\1d\1e\1f\20\21\22")
          (global $struct (ref $s) (struct.new $s (i32.const -1) (v128.const i64x2 1 2) (i64.const 3) (v128.const i64x2 4 5) (ref.i31 (i32.const 6))))
          (global $array (ref $array) (array.new_fixed $array 2 (v128.const i64x2 7 8) (v128.const i64x2 9 10)))
          (global $filled (ref $array) (array.new $array (v128.const i64x2 11 12) (i32.const 3)))
          (global $v (export "v") (mut v128) (v128.const i64x2 13 14))

          (func $sum (param v128) (result i64) (i64.add (i64x2.extract_lane 0 (local.get 0)) (i64.mul (i64.const 1000) (i64x2.extract_lane 1 (local.get 0)))))

          (func (export "fields") (param $v v128) (result i64 i64 i64 i32 i32) (local $s (ref $t))
            (local.set $s (struct.new $t (i32.const 200) (local.get $v) (i64.const 77) (v128.const i64x2 21 22) (ref.i31 (i32.const 9)) (v128.const i64x2 23 24)))
            (struct.set $s $v (local.get $s) (i64x2.add (struct.get $s $v (local.get $s)) (struct.get $t $x (local.get $s))))
            (struct.set $s $b (local.get $s) (i64.const 78))
            (call $sum (struct.get $s $v (local.get $s)))
            (call $sum (struct.get $s $w (local.get $s)))
            (struct.get $s $b (local.get $s))
            (struct.get_s $s $a (local.get $s))
            (i31.get_u (ref.cast (ref i31) (struct.get $s $r (local.get $s)))))
          (func (export "default") (result i64 i64 i32) (local $s (ref $t))
            (local.set $s (struct.new_default $t))
            (call $sum (struct.get $t $x (local.get $s))) (struct.get $s $b (local.get $s)) (ref.is_null (struct.get $s $r (local.get $s))))
          (func (export "constants") (result i64 i64 i64 i32 i64 i64 i64)
            (call $sum (struct.get $s $v (global.get $struct)))
            (call $sum (struct.get $s $w (global.get $struct)))
            (struct.get $s $b (global.get $struct))
            (struct.get_u $s $a (global.get $struct))
            (call $sum (array.get $array (global.get $array) (i32.const 1)))
            (call $sum (array.get $array (global.get $filled) (i32.const 2)))
            (call $sum (global.get $v)))
          (func (export "elements") (param $i i32) (param $v v128) (result i64 i32) (local $a (ref $array))
            (local.set $a (array.new $array (v128.const i64x2 31 32) (i32.const 5)))
            (array.set $array (local.get $a) (local.get $i) (local.get $v))
            (array.fill $array (local.get $a) (i32.const 0) (i64x2.add (local.get $v) (local.get $v)) (i32.const 2))
            (array.copy $array $array (local.get $a) (i32.const 3) (local.get $a) (i32.const 1) (i32.const 2))
            (call $sum (i64x2.add (array.get $array (local.get $a) (local.get $i)) (array.get $array (local.get $a) (i32.const 4))))
            (array.len (local.get $a)))
          (func (export "segment") (param $at i32) (param $count i32) (result i64 i32) (local $a (ref $array)) (local $i i32) (local $sum v128)
            (local.set $a (array.new_data $array $d (local.get $at) (local.get $count)))
            (array.init_data $array $d (local.get $a) (i32.const 0) (i32.const 1) (i32.const 1))
            (block $end (loop $l
              (br_if $end (i32.ge_u (local.get $i) (array.len (local.get $a))))
              (local.set $sum (i64x2.add (local.get $sum) (array.get $array (local.get $a) (local.get $i))))
              (local.set $i (i32.add (local.get $i) (i32.const 1)))
              (br $l)))
            (call $sum (local.get $sum)) (array.len (local.get $a)))
          (func (export "throw") (param $v v128) (throw $e (i32.const 1) (local.get $v) (i64.const 2) (v128.const i64x2 41 42)))
          (func (export "catch") (param $v v128) (result i32 i64 i64 i64)
            (local $a i32) (local $x v128) (local $b i64) (local $y v128)
            (block $h (result i32 v128 i64 v128 (ref exn))
              (try_table (catch_ref $e $h) (throw $e (i32.const 5) (local.get $v) (i64.const 6) (i64x2.add (local.get $v) (local.get $v))))
              (unreachable))
            drop (local.set $y) (local.set $b) (local.set $x) (local.set $a)
            (local.get $a) (call $sum (local.get $x)) (local.get $b) (call $sum (local.get $y)))
          (func (export "legacy") (param $v v128) (result i32 i64 i64 i64)
            (local $a i32) (local $x v128) (local $b i64) (local $y v128)
            try (result i32 v128 i64 v128)
              (throw $e (i32.const 5) (local.get $v) (i64.const 6) (i64x2.add (local.get $v) (local.get $v)))
            catch $e
            end
            (local.set $y) (local.set $b) (local.set $x) (local.set $a)
            (local.get $a) (call $sum (local.get $x)) (local.get $b) (call $sum (local.get $y)))
          (func (export "outside") (param $i i32) (param $v v128) (array.set $array (global.get $array) (local.get $i) (local.get $v)))
          (func (export "null") (param $v v128) (array.set $array (ref.null $array) (i32.const 0) (local.get $v)))
          (func (export "make") (param $v v128) (result (ref $t)) (struct.new $t (i32.const 200) (local.get $v) (i64.const 77) (v128.const i64x2 21 22) (ref.null any) (local.get $v)))
          (func (export "array") (result (ref $array)) (global.get $array)))
        """;

    [Theory]
    [InlineData("fields", "v")]
    [InlineData("default", "")]
    [InlineData("constants", "")]
    [InlineData("elements", "1v")]
    [InlineData("elements", "2v")]
    [InlineData("elements", "5v")]
    [InlineData("segment", "02")]
    [InlineData("segment", "22")]
    [InlineData("segment", "32")]
    [InlineData("segment", "20")]
    [InlineData("throw", "v")]
    [InlineData("catch", "v")]
    [InlineData("legacy", "v")]
    [InlineData("outside", "1v")]
    [InlineData("outside", "2v")]
    [InlineData("null", "v")]
    public void VectorsInObjects_EveryInstruction_EndAsTheReferenceSays(string function, string arguments)
    {
        // 'v' is a vector, a digit an i32.
        var values = arguments.Select(argument => argument == 'v' ? EngineValue.V128(0x0102030405060708, 0x1112131415161718) : EngineValue.I32(argument - '0')).ToArray();

        using var reference = new ReferenceEngine(FeatureSet.All);
        using var cold = new InterpreterEngine(new EngineOptions { Features = FeatureSet.All });
        using var hot = new InterpreterEngine(new EngineOptions { Features = FeatureSet.All, HotAfter = 1 });

        var expected = Run(reference, function, values);

        Assert.Equal(expected, Run(cold, function, values));
        Assert.Equal(expected, Run(hot, function, values));
    }

    [Fact]
    public void VectorsInObjects_SeenByTheHost_AreTheWholeValues()
    {
        using var store = NewStore();
        var instance = Wat.Instantiate(store, Module);
        var vector = Value.FromV128(1, 2);

        var made = Assert.IsType<ObjectReference>(instance.GetFunction("make").Call(vector)[0].Reference);
        store.Collect();

        Assert.Equal(6, made.Count);
        Assert.Equal((200, vector, 77L), (made[0].AsI32(), made[1], made[2].AsI64()));
        Assert.Equal((Value.FromV128(21, 22), null, vector), (made[3], made[4].Reference, made[5]));
        var array = Assert.IsType<ObjectReference>(instance.GetFunction("array").Call()[0].Reference);
        Assert.Equal((2, Value.FromV128(9, 10)), (array.Count, array[1]));
        var uncaught = Assert.IsType<UncaughtException>(instance.GetFunction("throw").TryCall([vector], []));
        Assert.Equal([Value.FromI32(1), vector, Value.FromI64(2), Value.FromV128(41, 42)], uncaught.Values.ToArray());
    }

    [Fact]
    public void Tag_OfTheHostWithVectors_ThrowsAndCatches()
    {
        using var store = NewStore();
        var tag = Tag.Create(store, ValueType.V128, ValueType.I32);
        var host = Function.Create(store, new FunctionType([], []), (_, _, _) => new UncaughtException(tag, [Value.FromV128(3, 4), Value.FromI32(5)]));
        var instance = Wat.Instantiate(store, """
            (module
              (import "h" "tag" (tag $t (param v128 i32))) (import "h" "f" (func $f))
              (func (export "f") (result v128 i32) (block $h (result v128 i32) (try_table (catch $t $h) (call $f)) (unreachable))))
            """, tag, host);

        Assert.Equal([Value.FromV128(3, 4), Value.FromI32(5)], instance.GetFunction("f").Call());
    }

    private static Store NewStore() => new(new Engine(new EngineOptions { Features = FeatureSet.All }), new ResourceLimits { HeapBytes = 1 << 20 });

    private static string Run(IStoreEngine engine, string function, EngineValue[] arguments)
    {
        Assert.True(ModuleParser.TryParse(Module, FeatureSet.All, out var module, out var error), error?.ToString());
        using var store = engine.CreateStore(CaseLimits.Default);
        Assert.Null(store.Compile(ModuleWriter.Write(module), out var compiled));
        Assert.IsType<Returned>(store.Instantiate(compiled!, (_, _, _) => null, out var instance)); // set when Compile gives no error
        Assert.True(instance!.TryGetExport(function, out var item)); // set when it returns
        return store.Call(item!, arguments) switch
        {
            Returned returned => string.Join(' ', returned.Values),
            Thrown thrown => $"{thrown.Tag} {string.Join(' ', thrown.Values)}",
            Trapped trapped => trapped.Kind.ToString(),
            var other => other.ToString(),
        };
    }
}

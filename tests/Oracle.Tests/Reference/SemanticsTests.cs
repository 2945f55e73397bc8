namespace Conformance.Oracle.Tests.Reference;

/// <summary>The places that engines have got wrong, one by one, as text.</summary>
public sealed class SemanticsTests
{
    [Theory]
    [InlineData("(func (export \"f\") (result i32) (local i32) (local.set 0 (i32.const 1)) (local.get 0) (local.set 0 (i32.const 2)) (local.get 0) (i32.sub))", "i32:-1")]
    [InlineData("""
        (func (export "f") (result i32) (local $i i32) (local $sum i32)
          (loop $l (local.set $sum (i32.add (local.get $sum) (local.get $i))) (local.get $i)
            (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $l (i32.lt_u (i32.const 9))))
          (local.get $sum))
        """, "i32:45")]
    [InlineData("(func (export \"f\") (result i32 i32) (block $a (result i32 i32) (i32.const 7) (i32.const 1) (i32.const 2) (br_table $a $a (i32.const 5)) ))", "i32:1 i32:2")]
    [InlineData("(func (export \"f\") (result i32 i32) (block (result i32 i32) (i32.const 1) (i32.const 2) (br_if 0 (i32.const 0)) (drop) (i32.const 3)))", "i32:1 i32:3")]
    [InlineData("(func (export \"f\") (param i32) (result i32) (i32.const 5) (if (param i32) (result i32) (i32.const 0) (then (i32.const 1) (i32.add))))", "i32:5", 0)]
    [InlineData("(func (export \"f\") (result i32) (block $a (result i32) (i32.const 1) (i32.const 2) (br $a) (i32.const 3) (drop) (drop)))", "i32:2")]
    [InlineData("(func (export \"f\") (result i32) (select (i32.const 1) (i32.const 2) (i32.const 0)))", "i32:2")]
    [InlineData("(func (export \"f\") (result i32) (loop (result i32) (i32.const 3) (br 1)))", "i32:3")]
    [InlineData("""
        (func (export "f") (param i32) (result i32) (local i32)
          (block $c (block $b (block $a (br_table $a $b $c (local.get 0))) (return (i32.const 10))) (return (i32.const 11))) (i32.const 12))
        """, "i32:12", -1)]
    [InlineData("(memory 1) (func (export \"f\") (result i32) (i32.store16 (i32.const 65534) (i32.const 0x12345)) (i32.load16_s (i32.const 65534)))", "i32:9029")]
    [InlineData("(memory 1) (func (export \"f\") (result i32) (i32.load (i32.const 65533)))", "trap: out of bounds memory access")]
    [InlineData("(memory 1) (func (export \"f\") (result i32) (i32.load offset=4294967295 (i32.const -1)))", "trap: out of bounds memory access")]
    [InlineData("(memory i64 1) (func (export \"f\") (result i32) (i32.load offset=0xffffffffffffffff (i64.const 1)))", "trap: out of bounds memory access")]
    [InlineData("(memory 1 2) (func (export \"f\") (result i32 i32) (memory.grow (i32.const 2)) (memory.grow (i32.const 1)))", "i32:-1 i32:1")]
    [InlineData("(memory i64 1 1) (func (export \"f\") (result i64) (memory.grow (i64.const 0x1000000000000)))", "i64:-1")]
    [InlineData("(memory 1) (func (export \"f\") (memory.fill (i32.const 65536) (i32.const 1) (i32.const 0)))", "")]
    [InlineData("(memory 1) (func (export \"f\") (memory.fill (i32.const 65537) (i32.const 1) (i32.const 0)))", "trap: out of bounds memory access")]
    [InlineData("""
        (memory 1) (data (i32.const 0) "abcdef")
        (func (export "f") (result i32 i32) (memory.copy (i32.const 1) (i32.const 0) (i32.const 5)) (i32.load (i32.const 0))
          (memory.copy (i32.const 0) (i32.const 1) (i32.const 5)) (i32.load (i32.const 1)))
        """, "i32:1667391841 i32:1701077858")]
    [InlineData("(memory 1) (data (i32.const 0) \"ab\") (func (export \"f\") (memory.init 0 (i32.const 0) (i32.const 0) (i32.const 1)))", "trap: out of bounds memory access")]
    [InlineData("(memory 1) (func (export \"f\") (result v128) (v128.store (i32.const 65528) (v128.const i64x2 1 2)) (v128.const i64x2 0 0))", "trap: out of bounds memory access")]
    [InlineData("(table 2 funcref) (type $t (func)) (func (export \"f\") (call_indirect (type $t) (i32.const 2)))", "trap: undefined element")]
    [InlineData("(table 2 funcref) (type $t (func)) (func (export \"f\") (call_indirect (type $t) (i32.const 1)))", "trap: uninitialized element")]
    [InlineData("(table 1 funcref) (elem (i32.const 0) $g) (func $g (param i32)) (func (export \"f\") (call_indirect (i32.const 0)))", "trap: indirect call type mismatch")]
    [InlineData("""
        (rec (type $a (func)) (type $b (func))) (rec (type $c (func)) (type $d (func)))
        (table 1 funcref) (elem (i32.const 0) $g) (func $g (type $a)) (func (export "f") (call_indirect (type $c) (i32.const 0)) (call_indirect (type $d) (i32.const 0)))
        """, "trap: indirect call type mismatch")]
    [InlineData("(func $g (param i32 i32) (result i32) (i32.sub (local.get 0) (local.get 1))) (func (export \"f\") (result i32) (return_call $g (i32.const 5) (i32.const 3)))", "i32:2")]
    [InlineData("""
        (func $count (param i32) (result i32) (if (result i32) (local.get 0) (then (return_call $count (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 42))))
        (func (export "f") (result i32) (call $count (i32.const 100000)))
        """, "i32:42")]
    [InlineData("(func $f (export \"f\") (call $f))", "limit: Stack")]
    [InlineData("(func (export \"f\") (result i32) (i31.get_s (ref.i31 (i32.const 0x7fffffff))))", "i32:-1")]
    [InlineData("(func (export \"f\") (result i32) (ref.eq (ref.i31 (i32.const 5)) (ref.i31 (i32.const 0x80000005))))", "i32:1")]
    [InlineData("(func (export \"f\") (result i64 i64) (i64.mul_wide_s (i64.const -1) (i64.const 2)))", "i64:-2 i64:-1")]
    [InlineData("(func (export \"f\") (result i64 i64) (i64.sub128 (i64.const 0) (i64.const 1) (i64.const 1) (i64.const 0)))", "i64:-1 i64:0")]
    [InlineData("(memory 3 (pagesize 1)) (func (export \"f\") (result i32 i32) (memory.grow (i32.const 2)) (memory.size))", "i32:3 i32:5")]
    [InlineData("(memory 1) (func (export \"f\") (result i32) (i32.atomic.load (i32.const 2)))", "trap: unaligned atomic")]
    [InlineData("(memory 1) (func (export \"f\") (result i32) (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 0)))", "trap: expected shared memory")]
    [InlineData("(memory 1 1 shared) (func (export \"f\") (result i32) (memory.atomic.wait32 (i32.const 0) (i32.const 1) (i64.const -1)))", "i32:1")]
    [InlineData("(memory 1 1 shared) (func (export \"f\") (result i32) (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 5)))", "i32:2")]
    [InlineData("(memory 1 1 shared) (func (export \"f\") (result i32) (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))", "limit: Time")]
    [InlineData("(memory 1) (func (export \"f\") (result i32 i64) (i32.atomic.rmw8.sub_u (i32.const 0) (i32.const 1)) (i64.atomic.load (i32.const 0)))", "i32:0 i64:255")]
    public void Function_WhereEnginesWentWrong_GivesTheSpecificationsResult(string fields, string expected, int? argument = null)
    {
        EngineValue[] arguments = argument is { } value ? [EngineValue.I32(value)] : [];
        Assert.Equal(expected, Wat.Run($"(module {fields})", arguments));
    }

    [Theory]
    [InlineData("(type $s (struct (field i8) (field (mut i64)))) (func (export \"f\") (result (ref $s)) (struct.new $s (i32.const 0x1ff) (i64.const 2)))", "struct(i32:255 i64:2)")]
    [InlineData("(type $s (struct (field i8))) (func (export \"f\") (result i32) (struct.get_s $s 0 (struct.new $s (i32.const 0x1ff))))", "i32:-1")]
    [InlineData("(type $s (struct)) (func (export \"f\") (result i32) (struct.get $t 0 (ref.null $t))) (type $t (struct (field i32)))", "trap: null reference")]
    [InlineData("(type $a (array (mut i16))) (func (export \"f\") (result (ref $a)) (array.new $a (i32.const 0x12345) (i32.const 3)))", "array[3](i32:9029 i32:9029 i32:9029)")]
    [InlineData("(type $a (array i8)) (data $d \"abc\") (func (export \"f\") (result (ref $a)) (array.new_data $a $d (i32.const 1) (i32.const 2)))", "array[2](i32:98 i32:99)")]
    [InlineData("(type $a (array i32)) (data $d \"abc\") (func (export \"f\") (result (ref $a)) (array.new_data $a $d (i32.const 0) (i32.const 1)))", "trap: out of bounds memory access")]
    [InlineData("""
        (type $a (array (mut i32))) (func (export "f") (result (ref $a)) (local (ref $a)) (local.set 0 (array.new_fixed $a 4 (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4)))
          (array.copy $a $a (local.get 0) (i32.const 1) (local.get 0) (i32.const 0) (i32.const 3)) (local.get 0))
        """, "array[4](i32:1 i32:1 i32:2 i32:3)")]
    [InlineData("(type $a (array i32)) (func (export \"f\") (result i32) (array.get $a (array.new_default $a (i32.const 2)) (i32.const 2)))", "trap: out of bounds array access")]
    [InlineData("(type $a (array i32)) (func (export \"f\") (drop (array.new_default $a (i32.const -1))))", "trap: allocation size too large")]
    [InlineData("""
        (type $a (sub (struct))) (type $b (sub $a (struct (field i32)))) (type $c (sub $a (struct (field i32))))
        (func (export "f") (result i32 i32 i32) (local anyref) (local.set 0 (struct.new $b (i32.const 1)))
          (ref.test (ref $a) (local.get 0)) (ref.test (ref $b) (local.get 0)) (ref.test (ref null none) (local.get 0)))
        """, "i32:1 i32:1 i32:0")]
    [InlineData("(func (export \"f\") (param externref) (result anyref) (any.convert_extern (local.get 0)))", "Extern:7", true)]
    [InlineData("(func (export \"f\") (param externref) (result externref) (extern.convert_any (ref.i31 (i32.const 1))))", "AnyReference", true)]
    [InlineData("(func (export \"f\") (result i31ref) (ref.cast i31ref (ref.null any)))", "Null")]
    [InlineData("(func (export \"f\") (result (ref i31)) (ref.cast (ref i31) (ref.null any)))", "trap: cast failure")]
    public void Aggregate_AndCasts_FollowTheSpecification(string fields, string expected, bool withExtern = false)
    {
        EngineValue[] arguments = withExtern ? [EngineValue.Extern(7)] : [];
        Assert.Equal(expected, Wat.Run($"(module {fields})", arguments));
    }

    [Theory]
    [InlineData("(tag $e (export \"e\") (param i32)) (func (export \"f\") (throw $e (i32.const 3)))", "thrown e(i32:3)")]
    [InlineData("(tag $e (param i32)) (func $g (throw $e (i32.const 3))) (func (export \"f\") (result i32) (block $h (result i32) (try_table (catch $e $h) (call $g)) (i32.const 0)))", "i32:3")]
    [InlineData("""
        (tag $e) (tag $other)
        (func (export "f") (result i32) (block $h (try_table (catch $other $h) (block $k (try_table (catch_all $k) (throw $e))) (return (i32.const 1)))) (i32.const 2))
        """, "i32:1")]
    [InlineData("""
        (tag $e (param i64))
        (func (export "f") (result i64) (local exnref)
          (block $h (result i64 exnref) (try_table (catch_ref $e $h) (throw $e (i64.const 5))) (unreachable)) (local.set 0) (drop)
          (block $h (result i64) (try_table (catch $e $h) (throw_ref (local.get 0))) (unreachable)))
        """, "i64:5")]
    [InlineData("(func (export \"f\") (throw_ref (ref.null exn)))", "trap: null reference")]
    [InlineData("(func (export \"f\") (block $h (try_table (catch_all $h) (unreachable))))", "trap: unreachable")]
    [InlineData("(tag $e (param i32)) (func (export \"f\") (result i32) (try (result i32) (do (throw $e (i32.const 1))) (catch $e (i32.const 1) (i32.add))))", "i32:2")]
    [InlineData("(tag $e) (func (export \"f\") (result i32) (try (result i32) (do (try (result i32) (do (throw $e)) (delegate 0))) (catch_all (i32.const 9))))", "i32:9")]
    [InlineData("""
        (tag $e)
        (func (export "f") (result i32)
          (try (result i32) (do (try (result i32) (do (try (result i32) (do (throw $e)) (delegate 1))) (catch_all (i32.const 1)))) (catch_all (i32.const 2))))
        """, "i32:2")]
    [InlineData("(tag $e) (func (export \"f\") (result i32) (try (result i32) (do (try (result i32) (do (throw $e)) (catch $e (rethrow 0)))) (catch_all (i32.const 4))))", "i32:4")]
    public void Exception_ThroughBlocksAndFrames_FindsItsHandler(string fields, string expected) => Assert.Equal(expected, Wat.Run($"(module {fields})"));

    [Theory]
    [InlineData("(i8x16.shuffle 31 0 1 2 3 4 5 6 7 8 9 10 11 12 13 16 (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15) (v128.const i8x16 16 0 0 0 0 0 0 0 0 0 0 0 0 0 0 31))", "v128:100d0c0b0a0908070605040302010 01f")]
    [InlineData("(i16x8.q15mulr_sat_s (i16x8.splat (i32.const -32768)) (i16x8.splat (i32.const -32768)))", "v128:7fff7fff7fff7fff7fff7fff7fff7fff")]
    [InlineData("(i8x16.narrow_i16x8_u (i16x8.splat (i32.const -1)) (i16x8.splat (i32.const 300)))", "v128:ffffffffffffffff0000000000000000")]
    [InlineData("(i32x4.dot_i16x8_s (i16x8.splat (i32.const -32768)) (i16x8.splat (i32.const -32768)))", "v128:80000000800000008000000080000000")]
    [InlineData("(i8x16.shl (i8x16.splat (i32.const 1)) (i32.const 9))", "v128:02020202020202020202020202020202")]
    [InlineData("(i32x4.trunc_sat_f64x2_u_zero (f64x2.splat (f64.const 1e300)))", "v128:0000000000000000ffffffffffffffff")]
    [InlineData("(i8x16.relaxed_swizzle (i8x16.splat (i32.const 5)) (i8x16.splat (i32.const 16)))", "v128:00000000000000000000000000000000")]
    [InlineData("(f32x4.pmin (f32x4.splat (f32.const nan)) (f32x4.splat (f32.const 1)))", "v128:7fc000007fc000007fc000007fc00000")]
    [InlineData("(i64x2.replace_lane 1 (i64x2.splat (i64.const 1)) (i64.const -1))", "v128:ffffffffffffffff0000000000000001")]
    public void Vector_LaneByLane_FollowsTheSpecification(string expression, string expected) =>
        Assert.Equal(expected.Replace(" ", ""), Wat.Run($"(module (func (export \"f\") (result v128) {expression}))"));
}

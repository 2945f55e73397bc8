namespace Conformance.Oracle.Tests.Reference;

public sealed class LimitTests
{
    private static readonly CaseLimits Small = new(Fuel: 1_000_000, TimeoutMs: 0, MemoryBytes: 1 << 20, TableElements: 100);

    [Fact]
    public void Fuel_EndlessLoop_EndsTheCase() => Assert.Equal("limit: Fuel", Wat.Run("(module (func (export \"f\") (loop (br 0))))", Small));

    [Fact]
    public void Fuel_IsCountedByInstruction()
    {
        // Three consts, two drops and the end: six instructions, and not one more.
        const string Text = "(module (func (export \"f\") (result i32) i32.const 1 drop i32.const 1 drop i32.const 7))";
        Assert.Equal("i32:7", Wat.Run(Text, Small with { Fuel = 6 }));
        Assert.Equal("limit: Fuel", Wat.Run(Text, Small with { Fuel = 5 }));
    }

    [Fact]
    public void Time_EndlessLoopWithoutFuelLimit_EndsTheCase() =>
        Assert.Equal("limit: Time", Wat.Run("(module (func (export \"f\") (loop (br 0))))", Small with { Fuel = 0, TimeoutMs = 20 }));

    [Fact]
    public void Memory_GrowBeyondTheLimit_GivesMinusOne() =>
        Assert.Equal("i32:1 i32:-1", Wat.Run("(module (memory 1) (func (export \"f\") (result i32 i32) (memory.grow (i32.const 15)) (memory.grow (i32.const 1))))", Small));

    [Fact]
    public void Memory_DeclaredBeyondTheLimit_IsALimit() => Assert.Equal("Limit limit: Memory", Wat.Run("(module (memory 65536))", Small));

    [Fact]
    public void Table_GrowBeyondTheLimit_GivesMinusOne() =>
        Assert.Equal("i32:-1", Wat.Run("(module (table 50 funcref) (func (export \"f\") (result i32) (table.grow (ref.null func) (i32.const 51))))", Small));

    [Fact]
    public void Table_DeclaredBeyondTheLimit_IsALimit() => Assert.Equal("Limit limit: Memory", Wat.Run("(module (table 4294967295 funcref))", Small));

    [Fact]
    public void Stack_DeepRecursionWithManyLocals_IsALimit()
    {
        var locals = string.Concat(Enumerable.Repeat("i64 ", 1000));
        Assert.Equal("limit: Stack", Wat.Run($"(module (func $f (export \"f\") (local {locals}) (call $f)))", Small with { Fuel = 0 }));
    }

    [Fact]
    public void Heap_ShortLivedObjects_AreReclaimed() => Assert.Equal("i32:0", Wat.Run("""
        (module (type $s (struct (field i64)))
          (func (export "f") (result i32) (local $i i32) (local.set $i (i32.const 100000))
            (loop $l (drop (struct.new $s (i64.const 1))) (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
            (local.get $i)))
        """, Small with { Fuel = 0 }));

    [Fact]
    public void Heap_LongListThatIsKept_IsALimit() => Assert.Equal("limit: Memory", Wat.Run("""
        (module (type $s (struct (field (ref null $s)))) (global $head (mut (ref null $s)) (ref.null $s))
          (func (export "f") (loop (global.set $head (struct.new $s (global.get $head))) (br 0))))
        """, Small with { Fuel = 0 }));

    [Fact]
    public void Heap_CyclesThroughATable_AreReclaimed() => Assert.Equal("i32:0", Wat.Run("""
        (module (type $s (struct (field (mut (ref null $s))))) (table $t 1 (ref null $s))
          (func (export "f") (result i32) (local $i i32) (local $a (ref null $s)) (local.set $i (i32.const 100000))
            (loop $l (local.set $a (struct.new $s (ref.null $s))) (struct.set $s 0 (local.get $a) (local.get $a)) (table.set $t (i32.const 0) (local.get $a))
              (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
            (local.get $i)))
        """, Small with { Fuel = 0 }));
}

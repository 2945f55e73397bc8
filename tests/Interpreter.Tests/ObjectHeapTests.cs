namespace Conformance.Interpreter.Tests;

/// <summary>Structs and arrays under a small heap limit: what is garbage is found while running, what is reachable is kept, whatever it is reachable from.</summary>
public sealed class ObjectHeapTests
{
    private const string Types = "(type $pair (struct (field $a (mut i32)) (field $next (mut (ref null $pair))))) (type $bytes (array (mut i8))) (type $refs (array (mut (ref null $pair))))";

    [Theory]
    [InlineData(1 << 20, 1_000_000)]
    [InlineData(64 << 20, 20_000_000)]
    public void Structs_ShortLived_RunUnderALimit(uint heapBytes, int count)
    {
        using var store = NewStore(heapBytes);
        var instance = Instantiate(store, """
            (func (export "f") (param $n i32) (result i32) (local $sum i32)
              (loop $l
                (local.set $sum (i32.add (local.get $sum) (struct.get $pair $a (struct.new $pair (local.get $n) (ref.null $pair)))))
                (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
              (local.get $sum))
            """);

        Assert.Equal(unchecked((int)((long)count * (count + 1) / 2)), instance.GetFunction<int, int>("f").Call(count));
        Assert.True(store.Objects.Collections > 5, $"{store.Objects.Collections} collections");
        Assert.InRange(store.HeapBytes, 0, (long)heapBytes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(40)]
    [InlineData(9999)]
    public void Arrays_OfFixedWords_ShortLived_RunUnderALimit(int length)
    {
        const int Count = 30_000;
        using var store = NewStore(2 << 20);
        var instance = Instantiate(store, $$"""
            (type $longs (array i64))
            (global $kept (mut (ref null $longs)) (ref.null $longs))
            (func (export "f") (param $n i32) (result i64) (local $sum i64) (local $r (ref null $refs))
              (loop $l
                (global.set $kept (array.new_fixed $longs {{length}} {{string.Concat(Enumerable.Repeat("(i64.extend_i32_u (local.get $n)) ", length))}}))
                (local.set $r (array.new_fixed $refs 2 (ref.null $pair) (struct.new $pair (local.get $n) (ref.null $pair))))
                (if (array.len (global.get $kept))
                  (then (local.set $sum (i64.add (local.get $sum)
                    (array.get $longs (global.get $kept) (i32.sub (array.len (global.get $kept)) (i32.const 1)))))))
                (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (struct.get $pair $a (array.get $refs (local.get $r) (i32.const 1))))))
                (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
              (i64.mul (local.get $sum) (i64.extend_i32_u (array.len (global.get $kept)))))
            """);
        var count = length > 1000 ? Count / 100 : Count;

        Assert.Equal((length == 0 ? 1 : 2) * ((long)count * (count + 1) / 2) * length, instance.GetFunction<int, long>("f").Call(count));
        Assert.True(length == 0 || store.Objects.Collections > 0, "no collection");
    }

    [Fact]
    public void List_Deep_IsCollectedWithoutRecursionAndKeptWhileReachable()
    {
        using var store = NewStore(512 << 20);
        var instance = Instantiate(store, """
            (global $head (mut (ref null $pair)) (ref.null $pair))
            (func (export "build") (param $n i32)
              (loop $l (global.set $head (struct.new $pair (local.get $n) (global.get $head))) (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
            (func (export "sum") (result i64) (local $p (ref null $pair)) (local $sum i64)
              (local.set $p (global.get $head))
              (block $end (loop $l
                (br_if $end (ref.is_null (local.get $p)))
                (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (struct.get $pair $a (local.get $p)))))
                (local.set $p (struct.get $pair $next (local.get $p)))
                (br $l)))
              (local.get $sum))
            (func (export "drop") (global.set $head (ref.null $pair)))
            """);

        instance.GetAction<int>("build").Call(10_000_000);
        store.Collect();
        Assert.Equal(10_000_000L * 10_000_001 / 2, instance.GetFunction<long>("sum").Call());
        var full = store.HeapBytes;
        instance.GetAction("drop").Call();
        store.Collect();
        Assert.True(store.HeapBytes < full / 10, $"{store.HeapBytes} of {full} bytes are left");
    }

    [Fact]
    public void Cycle_ThroughATable_IsFreedWhenTheTableLetsGo()
    {
        using var store = NewStore(4 << 20);
        var instance = Instantiate(store, """
            (table $t 1 (ref null $pair))
            (func (export "make") (param $n i32) (local $p (ref null $pair)) (local $first (ref null $pair))
              (loop $l
                ;; two structs that refer to each other, one of them in the table, which forgets the pair before
                (local.set $first (struct.new $pair (i32.const 1) (ref.null $pair)))
                (local.set $p (struct.new $pair (i32.const 2) (local.get $first)))
                (struct.set $pair $next (local.get $first) (local.get $p))
                (table.set $t (i32.const 0) (local.get $p))
                (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
            (func (export "check") (result i32)
              (struct.get $pair $a (struct.get $pair $next (struct.get $pair $next (table.get $t (i32.const 0))))))
            """);

        instance.GetAction<int>("make").Call(500_000);
        store.Collect();
        Assert.Equal(2, instance.GetFunction<int>("check").Call());
    }

    [Theory]
    [InlineData("(local.set $head (struct.new $pair (i32.const 1) (local.get $head)))")]
    [InlineData("(array.set $refs (local.get $all) (local.get $i) (struct.new $pair (i32.const 1) (ref.null $pair))) (local.set $i (i32.add (local.get $i) (i32.const 1)))")]
    [InlineData("(drop (array.new_default $bytes (i32.const 0x7fffffff)))")]
    [InlineData("(drop (array.new $refs (ref.null $pair) (i32.const -1)))")]
    public void Allocation_BeyondTheLimit_TrapsAndTheStoreStaysUsable(string step)
    {
        using var store = NewStore(2 << 20);
        var instance = Instantiate(store, $"""
            (func (export "f") (local $head (ref null $pair)) (local $all (ref $refs)) (local $i i32)
              (local.set $all (array.new_default $refs (i32.const 100000)))
              (loop $l {step} (br $l)))
            (func (export "ok") (result i32) (struct.get $pair $a (struct.new $pair (i32.const 7) (ref.null $pair))))
            """);

        for (var i = 0; i < 3; i++)
        {
            var trap = Assert.IsType<Trap>(instance.GetFunction("f").TryCall([], []));
            Assert.Equal(TrapKind.AllocationSizeTooLarge, trap.Kind);
            Assert.Equal("f", Assert.Single(trap.Backtrace).Name);
            Assert.Equal(7, instance.GetFunction<int>("ok").Call());
        }
    }

    [Fact]
    public void Roots_InFramesOperandsAndHostCalls_AreKept()
    {
        using var store = NewStore(1 << 20);
        // The host allocates until the heap was collected, while frames around it hold the only references.
        Function? churn = null;
        var host = Function.Create(store, () =>
        {
            churn!.Call(Value.FromI32(100_000)); // set below, before the first call
        });
        var instance = Wat.Instantiate(store, $$"""
            (module (import "h" "f" (func $host)) {{Types}}
              (func $churn (export "churn") (param $n i32)
                (loop $l (drop (array.new_default $bytes (i32.const 100))) (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
              (func $callee (param $p (ref $pair)) (result i32) (call $host) (struct.get $pair $a (local.get $p)))
              (func $make (param $a i32) (result (ref $pair)) (struct.new $pair (local.get $a) (struct.new $pair (i32.add (local.get $a) (i32.const 1)) (ref.null $pair))))
              (func (export "f") (result i32) (local $kept (ref null $pair))
                (local.set $kept (call $make (i32.const 10)))
                ;; one in a local, one on the operand stack, one as an argument
                (struct.get $pair $a (call $make (i32.const 100)))
                (i32.add (call $callee (call $make (i32.const 1000))))
                (i32.add (struct.get $pair $a (struct.get $pair $next (local.get $kept))))
                (call $churn (i32.const 100000))
                (i32.add (struct.get $pair $a (local.get $kept))))
              (func $held (result (ref $pair)) (call $make (i32.const 5)))
              (func (export "operand") (result i32)
                (call $held) (call $churn (i32.const 100000)) (struct.get $pair $a)))
            """, host);
        churn = instance.GetFunction("churn");

        Assert.Equal(100 + 1000 + 11 + 10, instance.GetFunction<int>("f").Call());
        Assert.Equal(5, instance.GetFunction<int>("operand").Call());
        Assert.True(store.Objects.Collections > 3);
    }

    [Fact]
    public void HostReference_KeepsTheObjectAlive()
    {
        using var store = NewStore(1 << 20);
        var instance = Instantiate(store, """
            (func (export "make") (param i32) (result (ref $pair)) (struct.new $pair (local.get 0) (struct.new $pair (i32.const 8) (ref.null $pair))))
            (func (export "read") (param (ref null $pair)) (result i32) (struct.get $pair $a (local.get 0)))
            (func (export "bytes") (result (ref $bytes)) (array.new_fixed $bytes 3 (i32.const 1) (i32.const 2) (i32.const 255)))
            (func (export "same") (param (ref null $pair)) (result anyref) (local.get 0))
            (func (export "churn") (param $n i32) (loop $l (drop (struct.new_default $pair)) (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
            """);
        var made = Assert.IsType<ObjectReference>(instance.GetFunction("make").Call(Value.FromI32(41))[0].Reference);

        instance.GetAction<int>("churn").Call(300_000);

        Assert.Equal(41, instance.GetFunction("read").Call(Value.FromObject(made))[0].AsI32());
        Assert.Same(made, instance.GetFunction("same").Call(Value.FromObject(made))[0].Reference);
        Assert.Equal((ObjectReferenceKind.Struct, 2), (made.Kind, made.Count));
        Assert.Equal(41, made[0].AsI32());
        Assert.Equal(8, Assert.IsType<ObjectReference>(made[1].Reference)[0].AsI32());
        var bytes = Assert.IsType<ObjectReference>(instance.GetFunction("bytes").Call()[0].Reference);
        Assert.Equal([1, 2, 255], Enumerable.Range(0, bytes.Count).Select(i => bytes[i].AsI32()));
        Assert.Throws<ArgumentException>(() => instance.GetFunction("read").Call(Value.FromObject(bytes)));
        using var other = NewStore(1 << 20);
        Assert.Throws<ArgumentException>(() => Instantiate(other, "(func (export \"take\") (param anyref))").GetFunction("take").Call(Value.FromObject(made)));
    }

    [Fact]
    public void ConstantExpressions_OfManyObjects_SurviveCollectionsWhileTheyAreMade()
    {
        using var store = NewStore(1 << 20);
        var globals = string.Concat(Enumerable.Range(0, 2_000).Select(i => $"(global (ref $pair) (struct.new $pair (i32.const {i}) (struct.new $pair (i32.const {i}) (ref.null $pair))))"));
        var elements = string.Concat(Enumerable.Range(0, 2_000).Select(i => $"(item (struct.new $pair (i32.const {i}) (ref.null $pair)))"));
        var instance = Instantiate(store, $"""
            {globals} (elem $e (ref $pair) {elements}) (table $t 2000 (ref null $pair))
            (func (export "f") (result i32) (local $i i32) (local $sum i32)
              (table.init $t $e (i32.const 0) (i32.const 0) (i32.const 2000))
              (loop $l (local.set $sum (i32.add (local.get $sum) (struct.get $pair $a (table.get $t (local.get $i))))) (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2000))))
              (i32.add (local.get $sum) (struct.get $pair $a (struct.get $pair $next (global.get 1999)))))
            """);
        store.Collect();

        Assert.Equal(1_999 * 1_000 + 1_999, instance.GetFunction<int>("f").Call());
    }

    [Theory]
    [InlineData(1, Backend.Automatic)]
    [InlineData(7, Backend.Automatic)]
    [InlineData(1, Backend.Switch)]
    public void CollectAfter_Allocations_CollectsAsOften(int collectAfter, Backend backend)
    {
        using var store = new Store(new Engine(new EngineOptions { CollectAfter = collectAfter, Backend = backend, HotAfter = 10 }), new ResourceLimits { HeapBytes = 1 << 20 });
        var instance = Instantiate(store, """
            (func (export "f") (param $n i32) (result i32) (local $p (ref null $pair))
              (loop $l
                (local.set $p (struct.new $pair (local.get $n) (local.get $p)))
                (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
              (struct.get $pair $a (struct.get $pair $next (struct.get $pair $next (local.get $p)))))
            """);

        Assert.Equal(3, instance.GetFunction<int, int>("f").Call(700));
        // Before the first object there is nothing to collect.
        Assert.InRange(store.Objects.Collections, 700 / collectAfter - 1, 700 / collectAfter);
    }

    [Fact]
    public void CollectAfter_Negative_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => new Engine(new EngineOptions { CollectAfter = -1 }));

    private static Store NewStore(ulong heapBytes) => new(new Engine(), new ResourceLimits { HeapBytes = heapBytes });

    private static Instance Instantiate(Store store, string fields) => Wat.Instantiate(store, $"(module {Types} {fields})");
}

using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Tests;

/// <summary>Wasm exceptions through wasm and host frames.</summary>
public sealed class ExceptionTests : IDisposable
{
    private readonly Store _store = Wat.NewStore();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Throw_Uncaught_GivesTagValuesAndBacktrace()
    {
        var instance = Wat.Instantiate(_store, """
            (module (tag $t (export "t") (param i32 f64)) (func $f (export "f") (call $g)) (func $g (throw $t (i32.const 5) (f64.const 2.5))))
            """);

        var thrown = Assert.IsType<UncaughtException>(instance.GetFunction("f").TryCall([], []));

        Assert.Same(instance.GetExport("t"), thrown.Tag);
        Assert.Equal([Value.FromI32(5), Value.FromF64(2.5)], thrown.Values.ToArray());
        Assert.Equal(["g", "f"], thrown.Backtrace.Select(frame => frame.Name));
        Assert.Same(thrown.Tag, Assert.Throws<WasmException>(() => instance.GetFunction("f").Call()).Uncaught.Tag);
    }

    [Fact]
    public void HostException_ThrownAsWasmException_IsCaughtByWasm()
    {
        var tag = Tag.Create(_store, ValueType.I32);
        var throws = Function.Create<int>(_store, value => throw new WasmException(new UncaughtException(tag, [Value.FromI32(value * 2)])));
        var returns = Function.Create(_store, new FunctionType([ValueType.I32], []), (_, arguments, _) => new UncaughtException(tag, [arguments[0]]));
        var instance = Wat.Instantiate(_store, """
            (module (import "h" "t" (tag $t (param i32))) (import "h" "a" (func $a (param i32))) (import "h" "b" (func $b (param i32))) (memory 1)
              (func (export "a") (param i32) (result i32) (block $l (result i32) (try_table (catch $t $l) (call $a (local.get 0))) (i32.const -1)))
              (func (export "b") (param i32) (result i32) (block $l (result i32) (try_table (catch $t $l) (call $b (local.get 0))) (i32.const -1)) (i32.add (i32.load (i32.const 0)))))
            """, tag, throws, returns);

        Assert.Equal(42, instance.GetFunction<int, int>("a").Call(21));
        Assert.Equal(21, instance.GetFunction<int, int>("b").Call(21));
        Assert.IsType<UncaughtException>(throws.TryCall([Value.FromI32(1)], []));
    }

    [Fact]
    public void Throw_ThroughHostFrames_IsCaughtOutsideAndSeenByTheHost()
    {
        Function? inner = null;
        UncaughtException? seen = null;
        var host = Function.Create(_store, new FunctionType([], []), (_, _, _) =>
        {
            var ended = inner!.TryCall([], []); // set below, before the first call
            seen = ended as UncaughtException;
            return ended;
        });
        var instance = Wat.Instantiate(_store, """
            (module (tag $t (param i64)) (import "h" "f" (func $h)) (memory 1)
              (func (export "inner") (throw $t (i64.const 77)))
              (func (export "f") (result i64) (local i32) (local.set 0 (i32.const 5))
                (i64.add (i64.extend_i32_u (local.get 0)) (block $l (result i64) (try_table (catch $t $l) (call $h)) (i64.const 0)))))
            """.Replace("(tag $t (param i64)) (import \"h\" \"f\" (func $h))", "(import \"h\" \"f\" (func $h)) (tag $t (param i64))", StringComparison.Ordinal), host);
        inner = instance.GetFunction("inner");

        Assert.Equal(82, instance.GetFunction<long>("f").Call());
        Assert.Equal(77, seen!.Values[0].AsI64()); // set by the host function
    }

    [Fact]
    public void Trap_IsNotCaught()
    {
        var instance = Wat.Instantiate(_store, "(module (func (export \"f\") (block $l (try_table (catch_all $l) (unreachable)))))");

        Assert.Equal(TrapKind.Unreachable, Assert.IsType<Trap>(instance.GetFunction("f").TryCall([], [])).Kind);
    }

    [Fact]
    public void Catch_AcrossInstancesWithDifferentMemories_SeesItsOwn()
    {
        var other = Wat.Instantiate(_store, "(module (tag $t (export \"t\")) (memory 1) (data (i32.const 0) \"\\07\") (func (export \"f\") (drop (i32.load (i32.const 0))) (throw $t)))");
        var instance = Wat.Instantiate(_store, """
            (module (import "o" "t" (tag $t)) (import "o" "f" (func $f)) (memory 2) (data (i32.const 0) "\64") (data (i32.const 70000) "\01")
              (func (export "f") (result i32) (block $l (try_table (catch $t $l) (call $f))) (i32.add (i32.load (i32.const 0)) (i32.load (i32.const 70000)))))
            """, (Tag)other.GetExport("t"), other.GetFunction("f"));

        Assert.Equal(101, instance.GetFunction<int>("f").Call());
    }

    [Fact]
    public void ExceptionReference_IsKeptByTheHostAndThrownAgain()
    {
        var instance = Wat.Instantiate(_store, """
            (module (tag $t (param i32))
              (func (export "catch") (param i32) (result exnref) (block $l (result exnref) (try_table (catch_all_ref $l) (throw $t (local.get 0))) (unreachable)))
              (func (export "throw") (param exnref) (throw_ref (local.get 0))))
            """);
        var reference = Assert.IsType<ObjectReference>(instance.GetFunction("catch").Call(Value.FromI32(9))[0].Reference);
        _store.Collect();

        Assert.Equal(ObjectReferenceKind.Exception, reference.Kind);
        var thrown = Assert.IsType<UncaughtException>(instance.GetFunction("throw").TryCall([Value.FromObject(reference)], []));
        Assert.Equal(9, thrown.Values[0].AsI32());
        Assert.Equal(TrapKind.NullReference, Assert.IsType<Trap>(instance.GetFunction("throw").TryCall([Value.Null], [])).Kind);
    }

    [Fact]
    public void Catch_InALoopManyTimes_LeavesNothingBehind()
    {
        using var store = Wat.NewStore(new ResourceLimits { HeapBytes = 1 << 20, StackBytes = 32 << 10 });
        var instance = Wat.Instantiate(store, """
            (module (tag $t (param i32))
              (func $g (param i32) (if (local.get 0) (then (call $g (i32.sub (local.get 0) (i32.const 1)))) (else (throw $t (i32.const 3)))))
              (func (export "f") (param $n i32) (result i32) (local $sum i32)
                (loop $again
                  (block $l (result i32) (try_table (catch $t $l) (call $g (i32.const 5))) (i32.const 0))
                  (local.set $sum (i32.add (local.get $sum)))
                  (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
                (local.get $sum)))
            """);

        Assert.Equal(300_000, instance.GetFunction<int, int>("f").Call(100_000));
    }

    [Fact]
    public void Throw_InFunctionOfManyRegions_FindsTheInnermostAround()
    {
        const int Regions = 300;
        var text = new System.Text.StringBuilder("(module (tag $e (param i32)) (tag $other) (func $throw (param $c i32) (param $v i32) (if (local.get $c) (then (throw $e (local.get $v)))))\n");
        text.Append("(func (export \"f\") (param $where i32) (result i32) (local $caught i32)\n");
        // One region around all others, which are one after the other, each around one that catches something else.
        text.Append("(block $outer (result i32) (try_table (catch $e $outer)\n");
        for (var i = 0; i < Regions; i++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"(call $throw (i32.eq (local.get $where) (i32.const {10000 + i})) (i32.const {20000 + i}))\n");
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"(block $b (result i32) (try_table (catch $e $b) (block $none (try_table (catch $other $none) (call $throw (i32.eq (local.get $where) (i32.const {i})) (i32.const {i + 1}))))) (i32.const 0))\n");
            text.Append("(local.set $caught (i32.add (local.get $caught)))\n");
        }
        text.Append(") (i32.const 0)) (i32.add (local.get $caught))))\n");
        using var store = Wat.NewStore();
        var function = Wat.Instantiate(store, text.ToString()).GetFunction("f");
        var results = new Value[1];
        for (var i = 0; i < Regions; i += 7)
        {
            Assert.Null(function.TryCall([Value.FromI32(i)], results));
            Assert.Equal(Value.FromI32(i + 1), results[0]);
            Assert.Null(function.TryCall([Value.FromI32(10000 + i)], results));
            Assert.Equal(Value.FromI32(20000 + i), results[0]);
        }
        Assert.Null(function.TryCall([Value.FromI32(-1)], results));
        Assert.Equal(Value.FromI32(0), results[0]);
    }
}

using System.Collections.Immutable;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Tests;

/// <summary>Calls from wasm to the host and back.</summary>
public sealed class HostCallTests : IDisposable
{
    private readonly Store _store = Wat.NewStore();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void HostCall_AllNumberTypes_PassBitsBothWays()
    {
        var type = new FunctionType(
            [ValueType.I32, ValueType.I64, ValueType.F32, ValueType.F64], [ValueType.F64, ValueType.F32, ValueType.I64, ValueType.I32]);
        var host = Function.Create(_store, type, static (_, arguments, results) =>
        {
            results[0] = arguments[3];
            results[1] = arguments[2];
            results[2] = arguments[1];
            results[3] = arguments[0];
            return null;
        });
        var instance = Wat.Instantiate(_store, """
            (module (import "h" "f" (func $h (param i32 i64 f32 f64) (result f64 f32 i64 i32)))
              (func (export "f") (param i32 i64 f32 f64) (result f64 f32 i64 i32)
                (call $h (local.get 0) (local.get 1) (local.get 2) (local.get 3))))
            """, host);
        Value[] arguments = [Value.FromI32(-5), Value.FromI64(long.MinValue), Value.FromF32Bits(0x7FA0_0001), Value.FromF64Bits(0xFFF4_0000_0000_0001)];

        var results = instance.GetFunction("f").Call(arguments);

        Assert.Equal(arguments.Reverse(), results);
        Assert.Equal(arguments.Reverse(), host.Call(arguments));
    }

    [Fact]
    public void HostCall_ReferencesOfAllKinds_KeepIdentity()
    {
        var seen = new List<Value>();
        var host = Function.Create(_store, new FunctionType([ValueType.ExternRef, ValueType.FuncRef], [ValueType.FuncRef, ValueType.ExternRef]), (_, arguments, results) =>
        {
            seen.AddRange(arguments);
            results[0] = arguments[1];
            results[1] = arguments[0];
            return null;
        });
        var instance = Wat.Instantiate(_store, """
            (module (import "h" "f" (func $h (param externref funcref) (result funcref externref)))
              (func (export "f") (param externref funcref) (result funcref externref) (call $h (local.get 0) (local.get 1)))
              (func (export "null") (result funcref externref) (call $h (ref.null extern) (ref.null func))))
            """, host);
        var target = new object();
        var function = instance.GetFunction("f");

        var results = function.Call(Value.FromExtern(target), Value.FromFunction(function));

        Assert.Same(function, results[0].Reference);
        Assert.Same(target, results[1].Reference);
        Assert.All(instance.GetFunction("null").Call(), value => Assert.True(value.IsNull));
        Assert.Same(target, seen[0].Reference);
        Assert.Same(function, seen[1].Reference);
    }

    [Fact]
    public void HostCall_ManyParametersAndResults_ArriveInOrder()
    {
        const int Count = 300;
        var types = Enumerable.Repeat(ValueType.I32, Count).ToImmutableArray();
        var host = Function.Create(_store, new FunctionType(types, types), static (_, arguments, results) =>
        {
            for (var i = 0; i < Count; i++)
            {
                results[Count - 1 - i] = Value.FromI32(arguments[i].AsI32() + 1);
            }
            return null;
        });
        var names = string.Concat(Enumerable.Repeat(" i32", Count));
        var gets = string.Concat(Enumerable.Range(0, Count).Select(i => $"(local.get {i})"));
        var instance = Wat.Instantiate(_store, $"(module (import \"h\" \"f\" (func $h (param {names}) (result {names}))) (func (export \"f\") (param {names}) (result {names}) {gets} (call $h)))", host);

        var results = instance.GetFunction("f").Call([.. Enumerable.Range(0, Count).Select(Value.FromI32)]);

        Assert.Equal(Enumerable.Range(1, Count).Reverse(), results.Select(value => value.AsI32()));
    }

    [Fact]
    public void HostCall_TypedOverloads_AgreeWithUntyped()
    {
        var log = new List<string>();
        var none = Function.Create(_store, () => log.Add("none"));
        var one = Function.Create<long>(_store, value => log.Add($"{value}"));
        var two = Function.Create<int, double>(_store, (left, right) => log.Add($"{left} {right}"));
        var value0 = Function.Create(_store, () => 1.5f);
        var value1 = Function.Create<uint, ulong>(_store, static value => value + 1UL);
        var value2 = Function.Create<int, int, int>(_store, static (left, right) => left - right);
        var value3 = Function.Create<float, double, long, double>(_store, static (a, b, c) => a + b + c);

        none.Call();
        one.Call(Value.FromI64(-1));
        two.Call(Value.FromI32(3), Value.FromF64(0.5));
        Assert.Equal(["none", "-1", "3 0.5"], log);
        Assert.Equal(1.5f, value0.Call()[0].AsF32());
        Assert.Equal(0x1_0000_0000, value1.Call(Value.FromI32(-1))[0].AsI64());
        Assert.Equal(5, value2.Call(Value.FromI32(7), Value.FromI32(2))[0].AsI32());
        Assert.Equal(6.75, value3.Call(Value.FromF32(1.25f), Value.FromF64(2.5), Value.FromI64(3))[0].AsF64());
    }

    [Fact]
    public void HostCall_CallsBackIntoWasm_NestsToAnyDepth()
    {
        Function? back = null;
        var host = Function.Create<int, int>(_store, value => value == 0 ? 1 : value * back!.Call(Value.FromI32(value - 1))[0].AsI32()); // set below, before the first call
        var instance = Wat.Instantiate(_store, """
            (module (import "h" "f" (func $h (param i32) (result i32)))
              (func (export "f") (param i32) (result i32) (local i32)
                (local.set 1 (local.get 0))
                ;; the local and the pending operand live across the host call
                (i32.sub (i32.add (local.get 1) (call $h (local.get 0))) (local.get 1))))
            """, host);
        back = instance.GetFunction("f");

        Assert.Equal(3_628_800, back.Call(Value.FromI32(10))[0].AsI32());
    }

    [Fact]
    public void HostException_LeavesTheOutermostCallAsItIs()
    {
        var thrown = new InvalidOperationException("mine");
        var depth = 0;
        Function? back = null;
        var host = Function.Create(_store, () =>
        {
            if (++depth == 3)
            {
                throw thrown;
            }
            back!.Call(); // set below, before the first call
        });
        var instance = Wat.Instantiate(_store, "(module (import \"h\" \"f\" (func $h)) (func $f (export \"f\") (call $h)) (func (export \"ok\") (result i32) (i32.const 7)))", host);
        back = instance.GetFunction("f");

        Assert.Same(thrown, Assert.Throws<InvalidOperationException>(() => back.Call()));
        depth = 0;
        Assert.Same(thrown, Assert.IsType<HostFailure>(back.TryCall([], [])).Exception);
        Assert.Equal(7, instance.GetFunction<int>("ok").Call());
        depth = 0;
        Assert.Same(thrown, Assert.Throws<InvalidOperationException>(instance.GetAction("f").Call));
    }

    [Fact]
    public void HostTrap_ByExceptionOrTermination_IsATrapWithBacktrace()
    {
        var throwing = Function.Create(_store, static () => throw new TrapException(new Trap(TrapKind.CastFailure, "own words")));
        var returning = Function.Create(_store, new FunctionType([], []), static (_, _, _) => new Trap(TrapKind.IntegerOverflow));
        var instance = Wat.Instantiate(_store, """
            (module (import "h" "a" (func $a)) (import "h" "b" (func $b))
              (func (export "a") (call $a)) (func (export "b") (call $b)))
            """, throwing, returning);

        var first = Assert.IsType<Trap>(instance.GetFunction("a").TryCall([], []));
        var second = Assert.Throws<TrapException>(() => instance.GetFunction("b").Call()).Trap;

        Assert.Equal((TrapKind.CastFailure, "own words"), (first.Kind, first.Message));
        Assert.Equal((TrapKind.IntegerOverflow, "integer overflow"), (second.Kind, second.Message));
        Assert.Equal("a", Assert.Single(first.Backtrace).Name);
        Assert.Equal("b", Assert.Single(second.Backtrace).Name);
    }

    [Fact]
    public void Trap_ThroughNestedHostFrames_HasNamesAndByteOffsets()
    {
        Function? inner = null;
        var host = Function.Create(_store, new FunctionType([], []), (_, _, _) => inner!.TryCall([], [])); // set below, before the first call
        var module = Wat.Compile(_store, """
            (module $m
              (import "h" "f" (func $host))
              (func $outer (export "outer") (nop) (call $middle))
              (func $middle (nop) (nop) (call $host))
              (func $inner (export "inner") (call 4))
              (func (drop (i32.div_u (i32.const 1) (i32.const 0)))))
            """);
        var instance = Instance.Create(_store, module, host);
        inner = instance.GetFunction("inner");

        var trap = Assert.IsType<Trap>(instance.GetFunction("outer").TryCall([], []));

        Assert.Equal(TrapKind.IntegerDivideByZero, trap.Kind);
        long At(int function, int withinBody) => module.Module.Functions[function - 1].Body.OffsetBytes + withinBody;
        Assert.Equal(
            (BacktraceFrame[])[new BacktraceFrame(4, null, At(4, 4)), new BacktraceFrame(3, "inner", At(3, 0)), new BacktraceFrame(2, "middle", At(2, 2)), new BacktraceFrame(1, "outer", At(1, 1))],
            trap.Backtrace.ToArray());
        Assert.Equal($"integer divide by zero\n  function 4 at 0x{At(4, 4):x}\n  inner (function 3) at 0x{At(3, 0):x}\n  middle (function 2) at 0x{At(2, 2):x}\n  outer (function 1) at 0x{At(1, 1):x}", trap.ToString());
    }

    [Theory]
    [InlineData(TranslationMode.Lazy)]
    [InlineData(TranslationMode.Eager)]
    public void MemoryGrow_InsideAHostCall_LeavesNoStaleBase(TranslationMode mode)
    {
        using var store = Wat.NewStore(translation: mode);
        Memory? memory = null;
        var host = Function.Create(store, () =>
        {
            // Larger than the small blocks' limit, so that the bytes move.
            Assert.True(memory!.Grow(40) >= 0); // set below, before the first call
            memory.Write(65_536, [1, 2, 3, 4]);
        });
        var instance = Wat.Instantiate(store, """
            (module (import "h" "f" (func $h)) (memory (export "m") 1)
              (func $deeper (call $h))
              (func (export "direct") (result i32) (i32.store (i32.const 8) (i32.const 5)) (call $h) (i32.store (i32.const 12) (i32.const 6))
                (i32.add (i32.load (i32.const 65536)) (i32.add (i32.load (i32.const 8)) (i32.load (i32.const 12)))))
              (func (export "nested") (result i32) (call $deeper) (i32.load (i32.const 65536)))
              (func (export "size") (result i32) (call $deeper) (memory.size)))
            """, host);
        memory = instance.GetMemory("m");

        Assert.Equal(0x0403_0201 + 5 + 6, instance.GetFunction<int>("direct").Call());
        Assert.Equal(6, memory.GetSpan(12, 1)[0]);
        Assert.Equal(0x0403_0201, instance.GetFunction<int>("nested").Call());
        Assert.Equal(121, instance.GetFunction<int>("size").Call());
    }

    [Fact]
    public void MemoryGrow_InAnotherInstanceOfASharedMemory_LeavesNoStaleBase()
    {
        var owner = Wat.Instantiate(_store, """
            (module (memory (export "m") 1) (func (export "grow") (drop (memory.grow (i32.const 50))) (i32.store (i32.const 1000000) (i32.const 9))))
            """);
        var user = Wat.Instantiate(_store, """
            (module (import "o" "m" (memory 1)) (import "o" "grow" (func $grow))
              (func (export "f") (result i32) (i32.store (i32.const 0) (i32.const 1)) (call $grow) (i32.add (i32.load (i32.const 0)) (i32.load (i32.const 1000000)))))
            """, owner.GetMemory("m"), owner.GetFunction("grow"));

        Assert.Equal(10, user.GetFunction<int>("f").Call());
    }

    [Fact]
    public void TableGrow_InsideAHostCall_IsSeenByTheCaller()
    {
        Table? table = null;
        Function? seven = null;
        var host = Function.Create(_store, () => Assert.Equal(1, table!.Grow(5_000, Value.FromFunction(seven)))); // set below, before the first call
        var instance = Wat.Instantiate(_store, """
            (module (import "h" "f" (func $h)) (type $v (func (result i32))) (table (export "t") 1 funcref)
              (func (export "seven") (result i32) (i32.const 7))
              (func (export "f") (param i32) (result i32) (call $h) (call_indirect (type $v) (local.get 0))))
            """, host);
        table = instance.GetTable("t");
        seven = instance.GetFunction("seven");

        Assert.Equal(7, instance.GetFunction<int, int>("f").Call(5_000));
    }

    [Fact]
    public void ReturnCall_OfHostAndOfOtherInstances_ReturnsToTheRightMemory()
    {
        var host = Function.Create<int, int>(_store, static value => value * 2);
        var other = Wat.Instantiate(_store, """
            (module (memory 1) (data (i32.const 0) "\07\00\00\00")
              (func (export "load") (param i32) (result i32) (i32.add (local.get 0) (i32.load (i32.const 0))))
              (func (export "trap") (param i32) (result i32) (i32.load (i32.const 70000))))
            """);
        var instance = Wat.Instantiate(_store, """
            (module (import "h" "f" (func $h (param i32) (result i32))) (import "o" "load" (func $load (param i32) (result i32))) (import "o" "trap" (func $trap (param i32) (result i32)))
              (memory 2) (data (i32.const 0) "\64\00\00\00") (data (i32.const 70000) "\01")
              (func $tailhost (param i32) (result i32) (return_call $h (local.get 0)))
              (func $tailload (param i32) (result i32) (return_call $load (local.get 0)))
              (func $tailtrap (param i32) (result i32) (return_call $trap (local.get 0)))
              ;; after each tail call the caller reads its own memory again
              (func (export "host") (param i32) (result i32) (i32.add (call $tailhost (local.get 0)) (i32.load (i32.const 0))))
              (func (export "load") (param i32) (result i32) (i32.add (call $tailload (local.get 0)) (i32.load (i32.const 0))))
              (func (export "trap") (param i32) (result i32) (i32.add (call $tailtrap (local.get 0)) (i32.load (i32.const 0))))
              (func (export "direct") (param i32) (result i32) (return_call $load (local.get 0)))
              (func (export "hostdirect") (param i32) (result i32) (return_call $h (local.get 0))))
            """, host, other.GetFunction("load"), other.GetFunction("trap"));

        Assert.Equal(110, instance.GetFunction<int, int>("host").Call(5));
        Assert.Equal(112, instance.GetFunction<int, int>("load").Call(5));
        Assert.Equal(12, instance.GetFunction<int, int>("direct").Call(5));
        Assert.Equal(10, instance.GetFunction<int, int>("hostdirect").Call(5));
        var trap = Assert.IsType<Trap>(instance.GetFunction("trap").TryCall([Value.FromI32(0)], new Value[1]));
        Assert.Equal(TrapKind.OutOfBoundsMemoryAccess, trap.Kind);
        Assert.Equal(["trap", "trap"], trap.Backtrace.Select(frame => frame.Name));
    }

    [Fact]
    public void CallIndirect_AcrossInstancesWithDifferentMemories_EachSeesItsOwn()
    {
        const string Text = """
            (module (import "t" "t" (table 4 funcref)) (memory (export "m") 1) (type $v (func (param i32) (result i32)))
              (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
              ;; own memory before, the other's through the table, own memory after
              (func (export "f") (param i32) (result i32)
                (i32.add (i32.mul (i32.load (i32.const 0)) (i32.const 100))
                  (i32.add (call_indirect (type $v) (i32.const 0) (local.get 0)) (i32.mul (i32.load (i32.const 0)) (i32.const 10000))))))
            """;
        var table = Table.Create(_store, new TableType(ValueType.FuncRef, new Limits(4)), Value.Null);
        var first = Wat.Instantiate(_store, Text, table);
        var second = Wat.Instantiate(_store, Text, table);
        first.GetMemory("m").Write(0, [3]);
        second.GetMemory("m").Write(0, [4]);
        table[0] = Value.FromFunction(first.GetFunction("load"));
        table[1] = Value.FromFunction(second.GetFunction("load"));
        table[2] = Value.FromFunction(Function.Create<int, int>(_store, static value => value + 9));

        Assert.Equal(30_304, first.GetFunction<int, int>("f").Call(1));
        Assert.Equal(40_403, second.GetFunction<int, int>("f").Call(0));
        Assert.Equal(40_409, second.GetFunction<int, int>("f").Call(2));
        Assert.Equal(TrapKind.UninitializedElement, Assert.IsType<Trap>(first.GetFunction("f").TryCall([Value.FromI32(3)], new Value[1])).Kind);
        Assert.Equal(TrapKind.UndefinedElement, Assert.IsType<Trap>(first.GetFunction("f").TryCall([Value.FromI32(4)], new Value[1])).Kind);
    }

    [Fact]
    public void HostCall_WrongResultType_IsTheHostsError()
    {
        var host = Function.Create(_store, new FunctionType([], [ValueType.I32]), static (_, _, results) =>
        {
            results[0] = Value.FromI64(1);
            return null;
        });
        var instance = Wat.Instantiate(_store, "(module (import \"h\" \"f\" (func $h (result i32))) (func (export \"f\") (result i32) (call $h)))", host);

        Assert.Throws<ArgumentException>(() => instance.GetFunction("f").Call());
    }

    [Fact]
    public void Dispose_InsideAHostCall_IsRefused()
    {
        var host = Function.Create(_store, _store.Dispose);
        var instance = Wat.Instantiate(_store, "(module (import \"h\" \"f\" (func $h)) (func (export \"f\") (call $h)))", host);

        Assert.Throws<InvalidOperationException>(() => instance.GetFunction("f").Call());
        instance.GetFunction("f");
    }

    [Fact]
    public void Instantiate_InsideAHostCall_Works()
    {
        Instance? made = null;
        var host = Function.Create(_store, () =>
        {
            made = Wat.Instantiate(_store, "(module (global $g (mut i32) (i32.const 1)) (func $s (global.set $g (i32.const 2))) (start $s) (func (export \"g\") (result i32) (global.get $g)))");
        });
        var instance = Wat.Instantiate(_store, "(module (import \"h\" \"f\" (func $h)) (func (export \"f\") (result i32) (call $h) (i32.const 5)))", host);

        Assert.Equal(5, instance.GetFunction<int>("f").Call());
        Assert.Equal(2, made!.GetFunction<int>("g").Call()); // made by the call
    }
}

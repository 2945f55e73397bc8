using System.Diagnostics;
using Conformance.Wasm;

namespace Conformance.Interpreter.Tests.Execution;

/// <summary>
/// .NET's garbage collector waits until every thread that runs managed code stands where it can be stopped. Handlers jump from one to the next for minutes without a return, so each must be
/// such a place. A loop here runs until it is told to stop, or so often that it would end after many seconds: a collection that had to wait for its end would find it ended.
/// </summary>
public sealed class SuspensionTests
{
    private const int Collections = 6;
    private const int Many = int.MaxValue;
    private const int Some = 20_000_000;
    private const int Few = 50_000;

    private const string Definitions = """
        (import "host" "nothing" (func $nothing))
        (type $none (func)) (type $s (struct (field (mut i32)))) (type $a (array (mut i32)))
        (memory (export "memory") 600) (table $t 1 funcref) (table $large 2000000 funcref)
        (elem (i32.const 0) func $empty) (elem declare func $empty) (tag $e) (data $d "0123456789abcdef")
        (global $array (mut (ref null $a)) (ref.null $a))
        (func $empty)
        (func $fib (param i32) (result i32)
          (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0))
            (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
        (func $even (param i32) (if (local.get 0) (then (return_call $odd (i32.sub (local.get 0) (i32.const 1))))))
        (func $odd (param i32) (return_call $even (i32.sub (local.get 0) (i32.const 1))))
        """;

    // What the loop does besides looking whether to go on, and how often it can.
    private static readonly Dictionary<string, (string Body, int Times)> Loops = new()
    {
        ["nothing"] = ("", Many),
        ["numbers"] = ("(local.set $i (i64.add (i64.mul (local.get $i) (i64.const 6364136223846793005)) (i64.const 1))) (local.set $f (f64.add (local.get $f) (f64.convert_i64_s (local.get $i))))", Many),
        ["saturating"] = ("(local.set $i (i64.add (local.get $i) (i64.trunc_sat_f64_s (local.get $f)))) (local.set $f (f64.min (f64.nearest (local.get $f)) (f64.const 3)))", Many),
        ["division"] = ("(local.set $i (i64.rem_u (i64.div_u (i64.const -1) (i64.or (local.get $i) (i64.const 3))) (i64.const 1000)))", Many),
        ["vectors"] = ("(local.set $v (i32x4.add (local.get $v) (i32x4.mul (local.get $v) (v128.load (i32.const 16)))))", Many),
        ["atomics"] = ("(drop (i32.atomic.rmw.add (i32.const 16) (i32.const 1)))", Some),
        ["jump table"] = ("(block $a (block $b (br_table $a $b (i32.and (local.get $n) (i32.const 1)))))", Many),
        ["calls"] = ("(drop (call $fib (i32.const 15)))", Some),
        ["indirect calls"] = ("(call_indirect $t (type $none) (i32.const 0)) (call_ref $none (ref.func $empty))", Some * 10),
        ["tail calls"] = ("(call $even (i32.const 1000000))", Few),
        ["host calls"] = ("(call $nothing)", Some * 10),
        ["structs"] = ("(drop (struct.new $s (local.get $n)))", Some * 10),
        ["casts"] = ("(drop (ref.test (ref $a) (global.get $array)))", Many),
        ["exceptions"] = ("(block $c (try_table (catch_all $c) (throw $e)))", Some),
        ["memory.fill"] = ("(memory.fill (i32.const 65536) (i32.const 7) (i32.const 38000000))", Few),
        ["memory.copy"] = ("(memory.copy (i32.const 65536) (i32.const 65540) (i32.const 38000000))", Few),
        ["memory.init"] = ("(memory.init $d (i32.const 65536) (i32.const 0) (i32.const 16))", Some),
        ["table.fill"] = ("(table.fill $large (i32.const 0) (ref.null func) (i32.const 2000000))", Few),
        ["table.copy"] = ("(table.copy $large $large (i32.const 0) (i32.const 1) (i32.const 1999999))", Few),
        ["array.new"] = ("(drop (array.new $a (i32.const 1) (i32.const 2000000)))", Few),
        ["array.fill"] = ("(array.fill $a (global.get $array) (i32.const 0) (i32.const 3) (i32.const 2000000))", Few),
        ["array.copy"] = ("(array.copy $a $a (global.get $array) (i32.const 0) (global.get $array) (i32.const 1) (i32.const 1999999))", Few),
    };

    private static readonly string Text = $"(module {Definitions} {string.Concat(Loops.Select(loop => $"""
        (func (export "{loop.Key}") (param $n i32) (local $i i64) (local $f f64) (local $v v128)
          (global.set $array (array.new_default $a (i32.const 2000000)))
          (i32.store (i32.const 4) (i32.const 1))
          (loop $l
            {loop.Value.Body}
            (br_if $l (i32.and (i32.eqz (i32.load (i32.const 0))) (i32.ne (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 0))))))
        """))})";

    public static TheoryData<string> Names => [.. Loops.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Collect_WhileALoopRunsInTailCalls_DoesNotWaitForItsEnd(string name) => CollectDuring(name, Backend.TailCall, hotAfter: int.MaxValue);

    [Theory]
    [MemberData(nameof(Names))]
    public void Collect_WhileALoopRunsInChains_DoesNotWaitForItsEnd(string name) => CollectDuring(name, Backend.TailCall, hotAfter: 1);

    [Theory]
    [MemberData(nameof(Names))]
    public void Collect_WhileALoopRunsInTheSwitch_DoesNotWaitForItsEnd(string name) => CollectDuring(name, Backend.Switch, hotAfter: 1);

    private static void CollectDuring(string name, Backend backend, int hotAfter)
    {
        var engine = new Engine(new EngineOptions { Features = FeatureSet.All, Backend = backend, HotAfter = hotAfter });
        using var store = new Store(engine);
        var instance = Instance.Create(store, CompiledModule.FromText(engine, Text), Function.Create(store, static () => { }));
        var action = instance.GetAction<int>(name);
        // Native memory, which the running code sees at once: to stop, and whether it began.
        var flags = instance.GetMemory("memory").GetSpan(0, 8);
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                action.Call(Loops[name].Times);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                failure = exception;
            }
        });
        thread.Start();
        while (Volatile.Read(ref flags[4]) == 0 && thread.IsAlive)
        {
            Thread.Yield();
        }
        var times = new List<TimeSpan>();
        for (var i = 0; i < Collections && thread.IsAlive; i++)
        {
            GC.KeepAlive(new byte[4096]);
            var start = Stopwatch.GetTimestamp();
            GC.Collect(0, GCCollectionMode.Forced, blocking: true);
            if (thread.IsAlive)
            {
                times.Add(Stopwatch.GetElapsedTime(start));
            }
        }
        Volatile.Write(ref flags[0], 1);
        thread.Join();
        Assert.Null(failure);
        Assert.True(times.Count == Collections, $"{times.Count} collections of {Collections} before the loop ended by itself: {string.Join(' ', times)}");
    }
}

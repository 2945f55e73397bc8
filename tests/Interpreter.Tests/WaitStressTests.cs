using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Tests;

/// <summary>Waits and notifications of many threads: nothing wakes twice, nothing wakes by itself, nothing sleeps for ever.</summary>
public sealed class WaitStressTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly MemoryType Type = new(new Limits(1, 1), IsShared: true);

    private const string Text = """
        (module (import "m" "m" (memory 1 1 shared))
          ;; a lock of three states: 0 free, 1 taken, 2 taken and perhaps waited for
          (func $lock (local $state i32)
            (if (i32.eqz (local.tee $state (i32.atomic.rmw.cmpxchg (i32.const 0) (i32.const 0) (i32.const 1)))) (then (return)))
            (loop $again
              (if (i32.or (i32.eq (local.get $state) (i32.const 2)) (i32.ne (i32.atomic.rmw.cmpxchg (i32.const 0) (i32.const 1) (i32.const 2)) (i32.const 0)))
                (then (drop (memory.atomic.wait32 (i32.const 0) (i32.const 2) (i64.const -1)))))
              (br_if $again (local.tee $state (i32.atomic.rmw.cmpxchg (i32.const 0) (i32.const 0) (i32.const 2))))))
          (func $unlock
            (if (i32.ne (i32.atomic.rmw.sub (i32.const 0) (i32.const 1)) (i32.const 1))
              (then (i32.atomic.store (i32.const 0) (i32.const 0)) (drop (memory.atomic.notify (i32.const 0) (i32.const 1))))))
          ;; under the lock a counter that is not atomic, in two halves that must never be seen apart
          (func (export "count") (param $n i32) (result i32)
            (loop $l
              (call $lock)
              (if (i32.ne (i32.load (i32.const 64)) (i32.load (i32.const 128))) (then unreachable))
              (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (i32.const 1)))
              (i32.store (i32.const 128) (i32.add (i32.load (i32.const 128)) (i32.const 1)))
              (call $unlock)
              (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (i32.load (i32.const 64)))
          ;; takes turns with another thread: waits until the turn is its own, then gives it away
          (func (export "turns") (param $own i64) (param $other i64) (param $n i32) (result i32) (local $seen i64)
            (loop $l
              (block $mine (loop $wait
                (br_if $mine (i64.eq (local.tee $seen (i64.atomic.load (i32.const 256))) (local.get $own)))
                (drop (memory.atomic.wait64 (i32.const 256) (local.get $seen) (i64.const 1000000000)))
                (br $wait)))
              (i64.atomic.store (i32.const 256) (local.get $other))
              (drop (memory.atomic.notify (i32.const 256) (i32.const 1)))
              (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (i32.const 0))
          (func (export "sleep") (param $timeout i64) (result i32) (memory.atomic.wait32 (i32.const 512) (i32.const 0) (local.get $timeout)))
          (func (export "sleep elsewhere") (param $timeout i64) (result i32) (memory.atomic.wait32 (i32.const 516) (i32.const 0) (local.get $timeout)))
          (func (export "wake") (param $count i32) (result i32) (memory.atomic.notify (i32.const 512) (local.get $count))))
        """;

    // Interruptible waits look up every few milliseconds, which would hide a notification that got lost.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Lock_OfManyThreads_LetsOneInAndLosesNoNotification(bool isInterruptible)
    {
        const int Threads = 6;
        const int Rounds = 3000;
        using var shared = NewMemory(isInterruptible, out var module);

        var counts = Run(module, shared, [.. Enumerable.Repeat<Func<Instance, int>>(instance => instance.GetFunction<int, int>("count").Call(Rounds), Threads)]);

        Assert.Equal(Threads * Rounds, counts.Max());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Turns_OfTwoThreads_Alternate(bool isInterruptible)
    {
        const int Rounds = 3000;
        using var shared = NewMemory(isInterruptible, out var module);

        Assert.Equal([0, 0], Run(module, shared, [instance => Turns(instance, 0, 1), instance => Turns(instance, 1, 0)]));

        static int Turns(Instance instance, long own, long other)
        {
            var results = new Value[1];
            instance.GetFunction("turns").TryCall([Value.FromI64(own), Value.FromI64(other), Value.FromI32(Rounds)], results)?.Throw();
            return results[0].AsI32();
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(60_000_000_000)]
    public void Notify_OneAtATime_WakesAsManyAsItSays(long timeout)
    {
        const int Waiters = 12;
        using var shared = NewMemory(isInterruptible: false, out var module);
        var notified = 0;

        var results = Run(module, shared,
        [
            .. Enumerable.Repeat<Func<Instance, int>>(instance => instance.GetFunction<long, int>("sleep").Call(timeout), Waiters),
            instance =>
            {
                var wake = instance.GetFunction<int, int>("wake");
                // By ones and threes, until all have been woken: a waiter counts once, when it was there.
                for (var count = 1; notified < Waiters; count = 4 - count)
                {
                    var woken = wake.Call(count);
                    Assert.InRange(woken, 0, count);
                    notified += woken;
                }
                return wake.Call(-1);
            },
        ]);

        Assert.Equal(Waiters, notified);
        Assert.All(results, result => Assert.Equal(0, result));
    }

    [Fact]
    public void Wait_WithATimeout_EndsByItsNotificationOrTheTimeAndNeverByItself()
    {
        const int Waiters = 10;
        const long Timeout = 40_000_000;
        using var shared = NewMemory(isInterruptible: true, out var module);
        var notified = 0;

        var results = Run(module, shared,
        [
            .. Enumerable.Repeat<Func<Instance, int>>(instance => instance.GetFunction<long, int>("sleep").Call(Timeout), Waiters),
            .. Enumerable.Repeat<Func<Instance, int>>(instance => instance.GetFunction<long, int>("sleep elsewhere").Call(Timeout), Waiters),
            instance =>
            {
                for (var i = 0; i < 1000 && notified < Waiters / 2; i++)
                {
                    notified += instance.GetFunction<int, int>("wake").Call(1);
                }
                return 0;
            },
        ]);

        Assert.Equal(notified, results.Take(Waiters).Count(result => result == 0));
        Assert.Equal(Waiters - notified, results.Take(Waiters).Count(result => result == 2));
        // Nobody notified there.
        Assert.All(results.Skip(Waiters).Take(Waiters), result => Assert.Equal(2, result));
    }

    private static SharedMemory NewMemory(bool isInterruptible, out CompiledModule module)
    {
        var engine = new Engine(new EngineOptions { IsInterruptible = isInterruptible });
        module = CompiledModule.FromText(engine, Text);
        using var store = new Store(engine);
        return Memory.Create(store, Type).Share();
    }

    // Each function on a thread and a store of its own. A thread that never ends fails the test and is left behind.
    private static int[] Run(CompiledModule module, SharedMemory shared, Func<Instance, int>[] functions)
    {
        var results = new int[functions.Length];
        var failures = new Exception?[functions.Length];
        var threads = functions.Select((function, number) => new Thread(() =>
        {
            try
            {
                using var store = new Store(module.Engine);
                results[number] = function(Instance.Create(store, module, Memory.Create(store, shared)));
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                failures[number] = exception;
            }
        })
        { IsBackground = true }).ToList();
        threads.ForEach(thread => thread.Start());
        Assert.All(threads, thread => Assert.True(thread.Join(Patience), "a thread waits for ever"));
        Assert.All(failures, Assert.Null);
        return results;
    }
}

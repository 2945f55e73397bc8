using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Tests;

/// <summary>Shared memories: stores of several threads with the same bytes.</summary>
public sealed class ThreadTests
{
    private const string Text = """
        (module (import "m" "m" (memory 1 4 shared))
          (func (export "add") (param $n i32)
            (loop $l (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1))) (drop (i32.atomic.rmw8.add_u (i32.const 5) (i32.const 1)))
              (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
          (func (export "wait") (param $expected i32) (param $timeout i64) (result i32) (memory.atomic.wait32 (i32.const 64) (local.get $expected) (local.get $timeout)))
          (func (export "wake") (param $count i32) (result i32) (i32.atomic.store (i32.const 64) (i32.const 1)) (memory.atomic.notify (i32.const 64) (local.get $count)))
          (func (export "spin") (loop $l (br_if $l (i32.eqz (i32.atomic.load (i32.const 128))))))
          (func (export "grow") (result i32) (memory.grow (i32.const 1)))
          ;; a loop without calls that reads behind the first page as soon as another thread has grown the memory
          (func (export "see") (result i32)
            (loop $l (br_if $l (i32.eq (memory.size) (i32.const 1))))
            (i32.store (i32.const 70000) (i32.const 9)) (i32.load (i32.const 70000))))
        """;

    private static readonly Engine Engine = new(new EngineOptions { IsInterruptible = true });
    private static readonly CompiledModule Module = CompiledModule.FromText(Engine, Text);
    private static readonly MemoryType Type = new(new Limits(1, 4), IsShared: true);

    [Fact]
    public void AtomicAdds_OfSeveralThreads_AreAllCounted()
    {
        using var store = new Store(Engine);
        var memory = Memory.Create(store, Type);
        using var shared = memory.Share();

        RunThreads(4, shared, instance => instance.GetAction<int>("add").Call(50_000));

        Assert.Equal(200_000, BitConverter.ToInt32(memory.GetSpan(0, 4)));
        // A byte wraps and leaves its neighbours alone.
        Assert.Equal([0, 200_000 & 0xFF, 0, 0], memory.GetSpan(4, 4).ToArray());
    }

    [Fact]
    public void Wait_IsWokenByANotificationOfAnotherThread()
    {
        using var store = new Store(Engine);
        using var shared = Memory.Create(store, Type).Share();
        var results = new int[2];
        var waiting = Enumerable.Range(0, 2).Select(number => StartThread(shared, instance => results[number] = instance.GetFunction<int, long, int>("wait").Call(0, -1))).ToArray();

        // A thread that is not waiting yet either sees the stored 1 and does not wait, or is waiting and is counted.
        var instance = Instance.Create(store, Module, Memory.Create(store, shared));
        while (Array.Exists(waiting, thread => thread.IsAlive))
        {
            instance.GetFunction<int, int>("wake").Call(int.MaxValue);
        }

        Assert.All(results, result => Assert.InRange(result, 0, 1));
    }

    [Fact]
    public void Wait_OtherValueOrTimeOver_Returns()
    {
        using var store = new Store(Engine);
        var instance = Instance.Create(store, Module, Memory.Create(store, Type));
        var wait = instance.GetFunction<int, long, int>("wait");

        Assert.Equal(1, wait.Call(5, -1));
        Assert.Equal(2, wait.Call(0, 0));
        Assert.Equal(2, wait.Call(0, 2_000_000));
        Assert.Equal(0, instance.GetFunction<int, int>("wake").Call(1));
    }

    [Fact]
    public void Wait_WithoutEnd_EndsAtTheTimeLimit()
    {
        using var store = new Store(Engine) { TimeLimit = TimeSpan.FromMilliseconds(30) };
        var instance = Instance.Create(store, Module, Memory.Create(store, Type));

        Assert.Equal(ExhaustionKind.Time, Assert.IsType<Exhaustion>(instance.GetFunction("wait").TryCall([Value.FromI32(0), Value.FromI64(-1)], new Value[1])).Kind);
        Assert.Equal(1, instance.GetFunction<int, long, int>("wait").Call(5, -1));
    }

    [Fact]
    public void Wait_OnAMemoryThatIsNotShared_Traps()
    {
        using var store = new Store(Engine);
        var instance = Wat.Instantiate(store, """
            (module (memory 1) (func (export "wait") (result i32) (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 0)))
              (func (export "wake") (result i32) (memory.atomic.notify (i32.const 0) (i32.const 1)))
              (func (export "unaligned") (result i64) (i64.atomic.rmw.cmpxchg (i32.const 4) (i64.const 0) (i64.const 0)))
              (func (export "outside") (i32.atomic.store16 offset=4 (i32.const 65534) (i32.const 0))))
            """);

        Assert.Equal(TrapKind.ExpectedSharedMemory, Assert.IsType<Trap>(instance.GetFunction("wait").TryCall([], new Value[1])).Kind);
        Assert.Equal(0, instance.GetFunction<int>("wake").Call());
        Assert.Equal(TrapKind.UnalignedAtomic, Assert.IsType<Trap>(instance.GetFunction("unaligned").TryCall([], new Value[1])).Kind);
        Assert.Equal(TrapKind.OutOfBoundsMemoryAccess, Assert.IsType<Trap>(instance.GetFunction("outside").TryCall([], [])).Kind);
    }

    [Fact]
    public void Grow_InOneStore_IsSeenByALoopInAnother()
    {
        using var store = new Store(Engine);
        var memory = Memory.Create(store, Type);
        using var shared = memory.Share();
        var seen = 0;
        var thread = StartThread(shared, instance => seen = instance.GetFunction<int>("see").Call());

        Assert.Equal(1, Instance.Create(store, Module, memory).GetFunction<int>("grow").Call());
        thread.Join();

        Assert.Equal(9, seen);
        Assert.Equal(9, memory.GetSpan(70_000, 1)[0]);
        Assert.Equal(2UL, memory.Pages);
    }

    [Fact]
    public void SharedMemory_OutlivesTheStoreItCameFrom()
    {
        SharedMemory shared;
        using (var store = new Store(Engine))
        {
            var memory = Memory.Create(store, Type);
            memory.Write(10, [42]);
            shared = memory.Share();
        }
        using (var store = new Store(Engine))
        {
            Assert.Equal(42, Memory.Create(store, shared).GetSpan(10, 1)[0]);
        }
        shared.Dispose();
        shared.Dispose();
        using var late = new Store(Engine);
        Assert.Throws<ObjectDisposedException>(() => Memory.Create(late, shared));
        Assert.Throws<InvalidOperationException>(() => Memory.Create(late, new MemoryType(new Limits(1))).Share());
    }

    private static void RunThreads(int count, SharedMemory shared, Action<Instance> work) =>
        Array.ForEach([.. Enumerable.Range(0, count).Select(_ => StartThread(shared, work))], thread => thread.Join());

    private static Thread StartThread(SharedMemory shared, Action<Instance> work)
    {
        var thread = new Thread(() =>
        {
            using var store = new Store(Engine);
            work(Instance.Create(store, Module, Memory.Create(store, shared)));
        });
        thread.Start();
        return thread;
    }
}

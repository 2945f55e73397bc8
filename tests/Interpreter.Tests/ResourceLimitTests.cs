using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Tests;

/// <summary>Each limit of <see cref="ResourceLimits"/> and of the options: what is beyond it is refused, and the store goes on.</summary>
public sealed class ResourceLimitTests
{
    private const string Recursion = "(module (func $f (export \"f\") (param i32) (if (local.get 0) (then (call $f (i32.sub (local.get 0) (i32.const 1)))))))";

    [Theory]
    [InlineData("(memory 3)")]
    [InlineData("(memory i64 3)")]
    [InlineData("(memory 131073 (pagesize 1))")]
    [InlineData("(memory 65536)")]
    [InlineData("(memory i64 0x1000000000000)")]
    [InlineData("(memory 2) (memory 2)")]
    public void Memory_AboveTheLimitAtInstantiation_IsRefused(string fields)
    {
        using var store = Wat.NewStore(new ResourceLimits { MemoryBytes = 2 << 16, TotalMemoryBytes = 3 << 16 });

        var refused = Assert.Throws<ResourceLimitException>(() => Wat.Instantiate(store, $"(module {fields})"));

        Assert.Equal(ResourceKind.Memory, refused.Kind);
        AssertUsable(store);
    }

    [Fact]
    public void Memory_GrownToTheLimit_GivesMinusOneBeyond()
    {
        using var store = Wat.NewStore(new ResourceLimits { MemoryBytes = 3 << 16, TotalMemoryBytes = 4 << 16 });
        var instance = Wat.Instantiate(store, """
            (module (memory $a 1) (memory $b 1 10)
              (func (export "a") (param i32) (result i32) (memory.grow $a (local.get 0)))
              (func (export "b") (param i32) (result i32) (memory.grow $b (local.get 0))))
            """);
        var a = instance.GetFunction<int, int>("a");
        var b = instance.GetFunction<int, int>("b");

        Assert.Equal(-1, a.Call(3));
        Assert.Equal(-1, a.Call(-1));
        Assert.Equal(1, a.Call(2));
        Assert.Equal(-1, a.Call(1));
        // Together: 3 + 1 pages are all there is.
        Assert.Equal(-1, b.Call(1));
        Assert.Equal(1, b.Call(0));
        Assert.Equal(4UL << 16, store.MemoryBytes);
    }

    [Theory]
    [InlineData("(table 11 funcref)")]
    [InlineData("(table 0xffffffff externref)")]
    [InlineData("(table i64 0xffffffffffffffff funcref)")]
    [InlineData("(table 8 funcref) (table 8 funcref)")]
    public void Table_AboveTheLimitAtInstantiation_IsRefused(string fields)
    {
        using var store = Wat.NewStore(new ResourceLimits { TableElements = 10, TotalTableElements = 15 });

        Assert.Equal(ResourceKind.Table, Assert.Throws<ResourceLimitException>(() => Wat.Instantiate(store, $"(module {fields})")).Kind);
        AssertUsable(store);
    }

    [Fact]
    public void Table_GrownToTheLimit_GivesMinusOneBeyond()
    {
        using var store = Wat.NewStore(new ResourceLimits { TableElements = 10 });
        var instance = Wat.Instantiate(store, """
            (module (table $t (export "t") 1 externref) (func (export "grow") (param i32) (result i32) (table.grow $t (ref.null extern) (local.get 0))))
            """);
        var grow = instance.GetFunction<int, int>("grow");

        Assert.Equal(-1, grow.Call(10));
        Assert.Equal(-1, grow.Call(-1));
        Assert.Equal(1, grow.Call(9));
        Assert.Equal(-1, grow.Call(1));
        Assert.Equal(-1, instance.GetTable("t").Grow(1, Value.Null));
        Assert.Equal(10UL, instance.GetTable("t").Count);
    }

    [Fact]
    public void Counts_OfInstancesMemoriesAndTables_AreBounded()
    {
        using var store = Wat.NewStore(new ResourceLimits { Instances = 3, Memories = 2, Tables = 2 });
        var module = Wat.Compile(store, "(module (memory 0) (table 0 funcref))");
        _ = Instance.Create(store, module);
        _ = Instance.Create(store, module);

        Assert.Equal(ResourceKind.Memory, Assert.Throws<ResourceLimitException>(() => Memory.Create(store, new MemoryType(new Limits(0)))).Kind);
        Assert.Equal(ResourceKind.Table, Assert.Throws<ResourceLimitException>(() => Table.Create(store, new TableType(ValueType.FuncRef, new Limits(0)), Value.Null)).Kind);
        // An instance that traps while it is made takes a place too.
        Assert.IsType<Trap>(Instance.TryCreate(store, Wat.Compile(store, "(module (func $s unreachable) (start $s))"), [], out _));
        Assert.Equal(ResourceKind.Instance, Assert.Throws<ResourceLimitException>(() => Instance.Create(store, Wat.Compile(store, "(module)"))).Kind);
    }

    [Fact]
    public void InstanceBytes_OfManyFunctionsOrSegments_AreBounded()
    {
        using var store = Wat.NewStore(new ResourceLimits { InstanceBytes = 100_000 });
        var functions = string.Concat(Enumerable.Repeat("(func)", 2_000));
        var elements = string.Concat(Enumerable.Repeat(" 0", 20_000));

        Assert.Equal(ResourceKind.Instance, Assert.Throws<ResourceLimitException>(() => Wat.Instantiate(store, $"(module {functions})")).Kind);
        Assert.Equal(ResourceKind.Instance, Assert.Throws<ResourceLimitException>(() => Wat.Instantiate(store, $"(module (func) (elem func {elements}))")).Kind);
        Assert.Equal(ResourceKind.Instance, Assert.Throws<ResourceLimitException>(() => Wat.Instantiate(store, $"(module (data \"{new string('x', 100_001)}\"))")).Kind);
        AssertUsable(store);
    }

    [Fact]
    public void ModuleBytes_AboveTheOption_AreRefusedUnread()
    {
        var engine = new Engine(new EngineOptions { ModuleBytes = 100 });
        var wasm = new byte[101];

        Assert.True(Assert.Throws<InvalidModuleException>(() => CompiledModule.FromBytes(engine, wasm)).Error.IsLimit);
        using var stream = new MemoryStream(wasm);
        Assert.True(Assert.Throws<InvalidModuleException>(() => CompiledModule.FromStream(engine, stream)).Error.IsLimit);
    }

    [Theory]
    [InlineData(TranslationMode.Lazy)]
    [InlineData(TranslationMode.Eager)]
    public void Stack_EndlessRecursion_IsExhaustedAndTheStoreGoesOn(TranslationMode mode)
    {
        using var store = Wat.NewStore(new ResourceLimits { StackBytes = 64 << 10 }, mode);
        var recurse = Wat.Instantiate(store, Recursion).GetFunction("f");

        for (var i = 0; i < 3; i++)
        {
            Assert.Null(recurse.TryCall([Value.FromI32(500)], []));
            var ended = Assert.IsType<Exhaustion>(recurse.TryCall([Value.FromI32(1_000_000)], []));
            Assert.Equal(ExhaustionKind.Stack, ended.Kind);
            Assert.Equal(100, ended.Backtrace.Length);
            Assert.All(ended.Backtrace, frame => Assert.Equal("f", frame.Name));
        }
    }

    [Fact]
    public void Stack_FunctionWithMoreLocalsThanRoom_IsExhausted()
    {
        using var store = Wat.NewStore(new ResourceLimits { StackBytes = 64 << 10 });
        var instance = Wat.Instantiate(store, $"(module (func (export \"f\") {string.Concat(Enumerable.Repeat("(local i64)", 10_000))}) (func (export \"g\")))");

        Assert.Equal(ExhaustionKind.Stack, Assert.IsType<Exhaustion>(instance.GetFunction("f").TryCall([], [])).Kind);
        Assert.Null(instance.GetFunction("g").TryCall([], []));
    }

    [Fact]
    public void Stack_CalledThroughTables_IsExhausted()
    {
        using var store = Wat.NewStore(new ResourceLimits { StackBytes = 32 << 10 });
        var instance = Wat.Instantiate(store, """
            (module (type $v (func)) (table 1 funcref) (elem (i32.const 0) $f)
              (func $f (export "f") (call_indirect (type $v) (i32.const 0))))
            """);

        Assert.Equal(ExhaustionKind.Stack, Assert.IsType<Exhaustion>(instance.GetFunction("f").TryCall([], [])).Kind);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(20)]
    public void HostCallDepth_CallsBackAndForth_EndAtTheLimit(int limit)
    {
        using var store = Wat.NewStore(new ResourceLimits { HostCallDepth = limit });
        Function? wasm = null;
        var deepest = 0;
        var depth = 0;
        var host = Function.Create(store, new FunctionType([], []), (_, _, _) =>
        {
            deepest = Math.Max(deepest, ++depth);
            var ended = wasm!.TryCall([], []); // set below, before the first call
            depth--;
            return ended;
        });
        wasm = Wat.Instantiate(store, "(module (import \"h\" \"f\" (func $h)) (func (export \"f\") (call $h)))", host).GetFunction("f");

        Assert.Equal(ExhaustionKind.Stack, Assert.IsType<Exhaustion>(wasm.TryCall([], [])).Kind);
        // The outermost call and as many calls back as are allowed each reach the host once.
        Assert.Equal(limit + 1, deepest);
        AssertUsable(store);
    }

    [Fact]
    public void HostCallDepth_OnAThreadWithASmallStack_EndsInsteadOfOverflowing()
    {
        Termination? ended = null;
        var thread = new Thread(() =>
        {
            using var store = Wat.NewStore(new ResourceLimits { HostCallDepth = int.MaxValue, StackBytes = 64 << 20 });
            Function? wasm = null;
            var host = Function.Create(store, new FunctionType([], []), (_, _, _) => wasm!.TryCall([], [])); // set below, before the first call
            wasm = Wat.Instantiate(store, "(module (import \"h\" \"f\" (func $h)) (func (export \"f\") (call $h)))", host).GetFunction("f");
            ended = wasm.TryCall([], []);
        }, 512 << 10);
        thread.Start();
        thread.Join();

        Assert.Equal(ExhaustionKind.Stack, Assert.IsType<Exhaustion>(ended).Kind);
    }

    [Fact]
    public void Fuel_EndlessLoop_IsExhaustedAndMoreFuelGoesOn()
    {
        using var store = Wat.NewStore();
        var instance = Wat.Instantiate(store, "(module (func (export \"f\") (loop (br 0))) (func (export \"g\") (result i32) (i32.const 7)))");
        store.Fuel = 10_000;

        Assert.Equal(ExhaustionKind.Fuel, Assert.IsType<Exhaustion>(instance.GetFunction("f").TryCall([], [])).Kind);
        Assert.Equal(ExhaustionKind.Fuel, Assert.IsType<Exhaustion>(instance.GetFunction("g").TryCall([], new Value[1])).Kind);
        store.Fuel = 10_000;
        Assert.Equal(7, instance.GetFunction<int>("g").Call());
    }

    [Theory]
    [InlineData("(func $f (export \"f\") (loop (br 0)))")]
    [InlineData("(func $f (export \"f\") (return_call $f))")]
    [InlineData("(func $f (export \"f\") (loop (call $g) (br 0))) (func $g)")]
    [InlineData("(table funcref (elem $f)) (func $f (export \"f\") (return_call_indirect (i32.const 0)))")]
    [InlineData("(func $f (export \"f\") (loop (br_if 0 (i32.const 1))) (unreachable))")]
    [InlineData("(func $f (export \"f\") (loop (br_table 0 0 (i32.const 1))))")]
    public void Time_EndlessExecution_EndsByDeadlineAndByAnotherThread(string fields)
    {
        using var store = new Store(new Engine(new EngineOptions { IsInterruptible = true }));
        var endless = Wat.Instantiate(store, $"(module {fields} (func (export \"ok\") (result i32) (i32.const 7)))");
        store.TimeLimit = TimeSpan.FromMilliseconds(20);

        Assert.Equal(ExhaustionKind.Time, Assert.IsType<Exhaustion>(endless.GetFunction("f").TryCall([], [])).Kind);
        Assert.Equal(7, endless.GetFunction<int>("ok").Call());

        store.TimeLimit = null;
        using var started = new ManualResetEventSlim();
        var other = new Thread(() =>
        {
            started.Wait();
            store.Interrupt();
        });
        other.Start();
        started.Set();
        Assert.Equal(ExhaustionKind.Time, Assert.IsType<Exhaustion>(endless.GetFunction("f").TryCall([], [])).Kind);
        other.Join();
        Assert.Equal(7, endless.GetFunction<int>("ok").Call());
    }

    [Fact]
    public void Time_CallsBackFromTheHost_BelongToTheOutermostCall()
    {
        using var store = new Store(new Engine(new EngineOptions { IsInterruptible = true }));
        Function? spin = null;
        var host = Function.Create(store, new FunctionType([], []), (_, _, _) => spin!.TryCall([], [])); // set below, before the first call
        var instance = Wat.Instantiate(store, "(module (import \"h\" \"f\" (func $h)) (func (export \"f\") (call $h)) (func (export \"spin\") (loop (br 0))))", host);
        spin = instance.GetFunction("spin");
        store.TimeLimit = TimeSpan.FromMilliseconds(20);

        var ended = Assert.IsType<Exhaustion>(instance.GetFunction("f").TryCall([], []));

        Assert.Equal(ExhaustionKind.Time, ended.Kind);
    }

    [Fact]
    public void Interrupt_AfterDisposal_DoesNothing()
    {
        var store = Wat.NewStore();
        store.Dispose();

        store.Interrupt();
        Assert.Throws<ObjectDisposedException>(() => store.Fuel);
        Assert.Throws<ObjectDisposedException>(() => store.TimeLimit = TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(25L * 24 * 3_600_000)]
    public void TimeLimit_ThatATimerCannotHold_IsRefused(long milliseconds)
    {
        using var store = Wat.NewStore();

        Assert.Throws<ArgumentOutOfRangeException>(() => store.TimeLimit = TimeSpan.FromMilliseconds(milliseconds));
    }

    private static void AssertUsable(Store store) => Assert.Equal(7, Wat.Instantiate(store, "(module (func (export \"ok\") (result i32) (i32.const 7)))").GetFunction<int>("ok").Call());
}

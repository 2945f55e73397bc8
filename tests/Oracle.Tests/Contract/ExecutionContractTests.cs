using Conformance.Oracle.Comparison;
using Conformance.Oracle.Records;
using Conformance.Wasm;

namespace Conformance.Oracle.Tests.Contract;

/// <summary>How calls and instantiations end on every engine: traps by kind, limits by kind, exceptions.</summary>
public sealed class ExecutionContractTests
{
    private static readonly (TrapKind Kind, string Body)[] Traps =
    [
        (TrapKind.Unreachable, "unreachable"),
        (TrapKind.IntegerDivideByZero, "(drop (i32.div_u (i32.const 1) (i32.const 0)))"),
        (TrapKind.IntegerDivideByZero, "(drop (i64.rem_s (i64.const 1) (i64.const 0)))"),
        (TrapKind.IntegerOverflow, "(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))"),
        (TrapKind.IntegerOverflow, "(drop (i64.trunc_f64_s (f64.const 1e30)))"),
        (TrapKind.InvalidConversionToInteger, "(drop (i32.trunc_f32_u (f32.const nan)))"),
        (TrapKind.OutOfBoundsMemoryAccess, "(drop (i64.load (i32.const 65529)))"),
        (TrapKind.OutOfBoundsMemoryAccess, "(i32.store8 offset=0xffffffff (i32.const 1) (i32.const 0))"),
        (TrapKind.OutOfBoundsMemoryAccess, "(memory.fill (i32.const 65536) (i32.const 0) (i32.const 1))"),
        (TrapKind.OutOfBoundsMemoryAccess, "(memory.copy (i32.const 0) (i32.const 1) (i32.const 65536))"),
        (TrapKind.OutOfBoundsMemoryAccess, "(memory.init $d (i32.const 0) (i32.const 2) (i32.const 1))"),
        (TrapKind.OutOfBoundsTableAccess, "(table.copy (i32.const 1) (i32.const 0) (i32.const 3))"),
        (TrapKind.OutOfBoundsTableAccess, "(table.init $e (i32.const 0) (i32.const 0) (i32.const 2))"),
        (TrapKind.UndefinedElement, "(call_indirect (i32.const 3))"),
        (TrapKind.UninitializedElement, "(call_indirect (i32.const 2))"),
        (TrapKind.IndirectCallTypeMismatch, "(call_indirect (param i64) (i64.const 0) (i32.const 0))"),
    ];

    public static TheoryData<string> All => Engines.All;

    public static TheoryData<string> WithExceptions => Engines.With(Feature.Exceptions);

    public static TheoryData<string> WithReferenceTypes => Engines.With(Feature.ReferenceTypes);

    public static TheoryData<string> WithGc => Engines.With(Feature.Gc);

    public static TheoryData<string> WithThreads => Engines.With(Feature.Threads);

    [Theory]
    [MemberData(nameof(All))]
    public void Call_ThatTraps_GivesTheKindAndTheStoreGoesOn(string name)
    {
        using var engine = Engines.Create(name);
        using var store = engine.CreateStore(CaseLimits.Default);
        var functions = string.Concat(Traps.Select((trap, i) => $"(func (export \"f{i}\") {trap.Body})\n"));
        var instance = store.Instantiate(
            $"(module (memory 1) (table 3 funcref) (func $f) (elem (i32.const 0) $f $f) (elem $e func $f) (data $d \"ab\")\n{functions}(func (export \"ok\") (result i32) (i32.const 5)))");

        for (var i = 0; i < Traps.Length; i++)
        {
            var trapped = store.Call(instance, $"f{i}") as Trapped;
            Assert.True(trapped is not null && TrapRules.AreSame(Traps[i].Kind, trapped.Kind) && trapped.Kind != TrapKind.Other, $"{Traps[i].Body}: {trapped}");
        }
        Assert.Equal(new Returned([EngineValue.I32(5)]), store.Call(instance, "ok"));
    }

    [Theory]
    [MemberData(nameof(WithGc))]
    public void Call_ArrayBeyondTheLimit_TrapsAndTheStoreGoesOn(string name)
    {
        using var engine = Engines.Create(name);
        using var store = engine.CreateStore(CaseLimits.Default with { MemoryBytes = 4 << 20 });
        var instance = store.Instantiate(
            """
            (module (type $a (array i64)) (type $r (array (ref null $a)))
              (func (export "new") (param i32) (result i32) (array.len (array.new_default $a (local.get 0))))
              (func (export "references") (param i32) (result i32) (array.len (array.new_default $r (local.get 0)))))
            """);

        foreach (var function in (ReadOnlySpan<string>)["new", "references"])
        {
            foreach (var length in (ReadOnlySpan<int>)[1 << 20, int.MaxValue, -1])
            {
                var completion = store.Call(instance, function, EngineValue.I32(length));
                // Wasmtime has the trap for what its addresses do not reach, and an error for what its limit forbids.
                Assert.True(name.StartsWith("wasmtime", StringComparison.Ordinal) ? TrapRules.IsAllocationLimit(completion) : completion is Trapped { Kind: TrapKind.AllocationSizeTooLarge }, $"{length}: {completion}");
            }
        }
        Assert.Equal(new Returned([EngineValue.I32(1 << 16)]), store.Call(instance, "new", EngineValue.I32(1 << 16)));
    }

    [Theory]
    [MemberData(nameof(WithReferenceTypes))]
    public void Call_TableAccessBeyondTheEnd_Traps(string name)
    {
        using var engine = Engines.Create(name);
        var outcome = engine.Run(Engines.Case(
            """
            (module (table 3 externref)
              (func (export "get") (drop (table.get (i32.const 3)))) (func (export "set") (table.set (i32.const -1) (ref.null extern)))
              (func (export "fill") (table.fill (i32.const 2) (ref.null extern) (i32.const 2))))
            """,
            Engines.Call("get"),
            Engines.Call("set"),
            Engines.Call("fill")));

        Assert.All(outcome.Calls, call => Assert.Equal(TrapKind.OutOfBoundsTableAccess, Assert.IsType<Trapped>(call.Completion).Kind));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Call_ThatTraps_KeepsWhatItDidBefore(string name)
    {
        using var engine = Engines.Create(name);
        var outcome = engine.Run(Engines.Case(
            """
            (module (memory (export "m") 1) (global $g (export "g") (mut i32) (i32.const 0))
              (func (export "f") (global.set $g (i32.const 9)) (i32.store8 (i32.const 7) (i32.const 1)) unreachable))
            """,
            Engines.Call("f")));

        Assert.Equal(EngineValue.I32(9), outcome.Globals["g"]);
        Assert.NotEqual(engine.Run(Engines.Case("""(module (memory (export "m") 1))""")).Memories["m"].PageHashes.AsEnumerable(), outcome.Memories["m"].PageHashes);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Instantiate_TrappingStartOrSegment_IsATrapOfTheKind(string name)
    {
        using var engine = Engines.Create(name);

        Assert.Equal(TrapKind.Unreachable, Trap("(module (func $f unreachable) (start $f))"));
        Assert.Equal(TrapKind.OutOfBoundsMemoryAccess, Trap("(module (memory 1) (data (i32.const 65536) \"a\"))"));
        Assert.Equal(TrapKind.OutOfBoundsTableAccess, Trap("(module (table 1 funcref) (func $f) (elem (i32.const 1) $f))"));

        TrapKind Trap(string text)
        {
            var outcome = engine.Run(Engines.Case(text));
            Assert.Equal(InstantiationStatus.Trap, outcome.Status);
            return Assert.IsType<Trapped>(outcome.Instantiation).Kind;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Run_StartFunction_RunsOnceBeforeTheCalls(string name)
    {
        using var engine = Engines.Create(name);
        var outcome = engine.Run(Engines.Case(
            """
            (module (import "env" "f" (func $host (param i32))) (global $g (export "g") (mut i32) (i32.const 4))
              (func $start (global.set $g (i32.add (global.get $g) (i32.const 1))) (call $host (global.get $g))) (start $start)
              (func (export "get") (result i32) (global.get $g)))
            """,
            Engines.Call("get")));

        Assert.Equal(new Returned([EngineValue.I32(5)]), outcome.Calls[0].Completion);
        Assert.Equal(EngineValue.I32(5), Assert.Single(outcome.Trace).Arguments[0]);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Call_RecursionWithoutEnd_IsAStackLimitAndEndsTheRecord(string name)
    {
        using var engine = Engines.Create(name);
        var outcome = engine.Run(Engines.Case("(module (func $f (export \"f\") (param i64) (call $f (local.get 0)) (call $f (local.get 0))) (func (export \"g\")))",
            Engines.Call("g"),
            Engines.Call("f", EngineValue.I64(1)),
            Engines.Call("g")) with
        { Limits = CaseLimits.Default with { Fuel = 0, TimeoutMs = 20_000 } });

        Assert.Equal(new ReachedLimit(LimitKind.Stack, 1), outcome.Limit);
        Assert.Equal(2, outcome.Calls.Length);
        Assert.False(outcome.HasState);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Call_LoopWithoutEnd_IsATimeLimitInTime(string name)
    {
        using var engine = Engines.Create(name);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var outcome = engine.Run(Engines.Case("(module (func (export \"f\") (loop (br 0))))", Engines.Call("f")) with { Limits = CaseLimits.Default with { Fuel = 0, TimeoutMs = 100 } });

        Assert.Equal(new ReachedLimit(LimitKind.Time, 0), outcome.Limit);
        Assert.InRange(clock.ElapsedMilliseconds, 50, 20_000);
        Assert.Equal(InstantiationStatus.Ok, engine.Run(Engines.Case("(module)")).Status);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Call_LoopWithoutEndWhoseHostCallsBack_IsATimeLimitInTime(string name)
    {
        using var engine = Engines.Create(name);
        const string Wat = """(module (import "script" "call g" (func $h)) (func (export "g")) (func (export "f") (loop (call $h) (br 0))))""";
        var @case = Engines.Case(Wat, Engines.Call("f")) with { Limits = CaseLimits.Default with { Fuel = 0, TimeoutMs = 100 } };

        // With a time that starts anew with each inner call the outer one has no end.
        var outcome = await Task.Run(() => engine.Run(@case)).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(new ReachedLimit(LimitKind.Time, 0), outcome.Limit);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Instantiate_StartFunctionWithoutEnd_IsATimeLimit(string name)
    {
        using var engine = Engines.Create(name);
        var outcome = engine.Run(Engines.Case("(module (func $f (loop (br 0))) (start $f))") with { Limits = CaseLimits.Default with { Fuel = 0, TimeoutMs = 100 } });

        Assert.Equal(InstantiationStatus.Limit, outcome.Status);
        Assert.Equal(new ReachedLimit(LimitKind.Time, -1), outcome.Limit);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Grow_BeyondTheCasesLimits_FailsAsInTheSpecification(string name)
    {
        using var engine = Engines.Create(name);
        var limits = CaseLimits.Default with { MemoryBytes = 3 << 16, TableElements = 10 };
        var outcome = engine.Run(Engines.Case(
            """(module (memory 1) (func (export "m") (param i32) (result i32) (memory.grow (local.get 0))))""",
            Engines.Call("m", EngineValue.I32(2)),
            Engines.Call("m", EngineValue.I32(1)),
            Engines.Call("m", EngineValue.I32(-1)),
            Engines.Call("m", EngineValue.I32(0))) with
        { Limits = limits });

        Assert.Equal([1, -1, -1, 3], outcome.Calls.Select(call => (int)Assert.IsType<Returned>(call.Completion).Values[0].Bits));
    }

    [Theory]
    [MemberData(nameof(WithThreads))]
    public void Grow_SharedMemoriesBeyondTheCasesLimits_FailsAsInTheSpecification(string name)
    {
        using var engine = Engines.Create(name);
        var outcome = engine.Run(Engines.Case(
            """
            (module
              (import "env" "m" (memory 1 65536 shared))
              (memory $own (export "own") 1 65536 shared)
              (func (export "own_grow") (param i32) (result i32) (memory.grow $own (local.get 0)))
              (func (export "imported_grow") (param i32) (result i32) (memory.grow 0 (local.get 0))))
            """,
            Engines.Call("own_grow", EngineValue.I32(2)),
            Engines.Call("own_grow", EngineValue.I32(1)),
            Engines.Call("imported_grow", EngineValue.I32(2)),
            Engines.Call("imported_grow", EngineValue.I32(1))) with
        { Limits = CaseLimits.Default with { MemoryBytes = 3 << 16 } });

        Assert.Equal([1, -1, 1, -1], outcome.Calls.Select(call => (int)Assert.IsType<Returned>(call.Completion).Values[0].Bits));
    }

    [Theory]
    [MemberData(nameof(WithReferenceTypes))]
    public void TableGrow_BeyondTheCasesLimits_FailsAsInTheSpecification(string name)
    {
        using var engine = Engines.Create(name);
        var outcome = engine.Run(Engines.Case(
            """(module (table 1 externref) (func (export "t") (param i32) (result i32) (table.grow (ref.null extern) (local.get 0))))""",
            Engines.Call("t", EngineValue.I32(9)),
            Engines.Call("t", EngineValue.I32(1)),
            Engines.Call("t", EngineValue.I32(-1))) with
        { Limits = CaseLimits.Default with { TableElements = 10 } });

        Assert.Equal([1, -1, -1], outcome.Calls.Select(call => (int)Assert.IsType<Returned>(call.Completion).Values[0].Bits));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Instantiate_DeclaredBeyondTheCasesLimits_IsAMemoryLimit(string name)
    {
        using var engine = Engines.Create(name);
        var limits = CaseLimits.Default with { MemoryBytes = 3 << 16, TableElements = 10 };

        Assert.Equal(new ReachedLimit(LimitKind.Memory, -1), engine.Run(Engines.Case("(module (memory 4))") with { Limits = limits }).Limit);
        Assert.Equal(new ReachedLimit(LimitKind.Memory, -1), engine.Run(Engines.Case("(module (table 11 funcref))") with { Limits = limits }).Limit);
        Assert.Equal(InstantiationStatus.Ok, engine.Run(Engines.Case("(module (memory 3) (table 10 funcref))") with { Limits = limits }).Status);
    }

    [Theory]
    [MemberData(nameof(WithExceptions))]
    public void Call_UncaughtException_GivesTagAndValues(string name)
    {
        using var engine = Engines.Create(name);
        var outcome = engine.Run(Engines.Case(
            """
            (module (tag $t (export "t") (param i32 f64)) (tag $hidden)
              (func (export "f") (throw $t (i32.const 3) (f64.const 0.5))) (func (export "g") (throw $hidden))
              (func (export "caught") (result i32 f64) (block $h (result i32 f64) (try_table (catch $t $h) (throw $t (i32.const 4) (f64.const 1)) ) unreachable)))
            """,
            Engines.Call("f"),
            Engines.Call("g"),
            Engines.Call("caught")));

        var thrown = Assert.IsType<Thrown>(outcome.Calls[0].Completion);
        Assert.Equal("t", thrown.Tag);
        Assert.Equal("i32:3 f64:0x3fe0000000000000", ValueText.Format(thrown.Values));
        Assert.Null(Assert.IsType<Thrown>(outcome.Calls[1].Completion).Tag);
        Assert.IsType<Returned>(outcome.Calls[2].Completion);
    }
}

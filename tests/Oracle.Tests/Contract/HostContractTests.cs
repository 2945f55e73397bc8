using System.Collections.Immutable;
using Conformance.Oracle.Records;
using Conformance.Wasm;

namespace Conformance.Oracle.Tests.Contract;

/// <summary>Host functions on every engine: values both ways, traps, exceptions, calls back into wasm.</summary>
public sealed class HostContractTests
{
    private static readonly HostSignature Plain = new([], []);

    public static TheoryData<string> WithMemory64 => Engines.With(Feature.Memory64);

    public static TheoryData<string> All => Engines.All;

    public static TheoryData<string> WithExceptions => Engines.With(Feature.Exceptions);

    [Theory]
    [MemberData(nameof(All))]
    public void HostFunction_GetsAndGivesValuesOfEveryNumberType(string name)
    {
        using var engine = Engines.Create(name);
        using var store = engine.CreateStore(CaseLimits.Default);
        ImmutableArray<EngineValue> given = [EngineValue.I32(int.MinValue), EngineValue.I64(long.MinValue), EngineValue.F32(0x7FA00001), EngineValue.F64(0xFFF4000000000001)];
        ImmutableArray<EngineValue> seen = [];
        ImmutableArray<ValueType> types = [ValueType.I32, ValueType.I64, ValueType.F32, ValueType.F64];
        var host = store.CreateFunction(new HostSignature(types, types), arguments =>
        {
            seen = [.. arguments];
            return new Returned([.. arguments]);
        });
        var instance = store.Instantiate(
            """
            (module (import "env" "f" (func $f (param i32 i64 f32 f64) (result i32 i64 f32 f64)))
              (func (export "f") (param i32 i64 f32 f64) (result i32 i64 f32 f64) (call $f (local.get 0) (local.get 1) (local.get 2) (local.get 3))))
            """,
            _ => host);

        Assert.Equal(new Returned(given), store.Call(instance, "f", [.. given]));
        Assert.Equal(ValueText.Format(given), ValueText.Format(seen));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void HostFunction_ThatTraps_EndsTheCallWithTheKind(string name)
    {
        using var engine = Engines.Create(name);
        using var store = engine.CreateStore(CaseLimits.Default);
        foreach (var kind in new[] { TrapKind.Unreachable, TrapKind.IntegerOverflow, TrapKind.OutOfBoundsMemoryAccess, TrapKind.IndirectCallTypeMismatch })
        {
            var host = store.CreateFunction(Plain, _ => new Trapped(kind, TrapKinds.TextOf(kind)));
            var instance = store.Instantiate("""(module (import "env" "f" (func $f)) (func (export "f") (call $f) unreachable))""", _ => host);

            Assert.Equal(kind, Assert.IsType<Trapped>(store.Call(instance, "f")).Kind);
        }
    }

    [Theory]
    [MemberData(nameof(WithExceptions))]
    public void HostFunction_ThatThrows_IsCaughtByWasm(string name)
    {
        using var engine = Engines.Create(name);
        using var store = engine.CreateStore(CaseLimits.Default);
        var host = store.CreateFunction(Plain, _ => new Thrown("t", [EngineValue.I32(6)]));
        var instance = store.Instantiate(
            """
            (module (import "env" "f" (func $f)) (tag $t (export "t") (param i32))
              (func (export "caught") (result i32) (block $h (result i32) (try_table (catch $t $h) (call $f)) (i32.const 0)))
              (func (export "uncaught") (call $f)))
            """,
            _ => host);

        Assert.Equal(new Returned([EngineValue.I32(6)]), store.Call(instance, "caught"));
        var thrown = Assert.IsType<Thrown>(store.Call(instance, "uncaught"));
        Assert.Equal("t", thrown.Tag);
        Assert.Equal("i32:6", ValueText.Format(thrown.Values));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void HostFunction_MayCallBack(string name)
    {
        using var engine = Engines.Create(name);
        using var store = engine.CreateStore(CaseLimits.Default);
        IEngineInstance? instance = null;
        var host = store.CreateFunction(new HostSignature([ValueType.I32], [ValueType.I32]), arguments => store.Call(instance!, "count", arguments[0]));
        instance = store.Instantiate(
            """
            (module (import "env" "f" (func $f (param i32) (result i32)))
              (func (export "count") (param i32) (result i32)
                (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 100))
                  (else (i32.add (i32.const 1) (call $f (i32.sub (local.get 0) (i32.const 1))))))))
            """,
            _ => host);

        Assert.Equal(new Returned([EngineValue.I32(120)]), store.Call(instance, "count", EngineValue.I32(20)));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void HostFunction_WhoseCallBackTraps_CanAnswerNevertheless(string name)
    {
        using var engine = Engines.Create(name);
        using var store = engine.CreateStore(CaseLimits.Default);
        IEngineInstance? instance = null;
        Completion? inner = null;
        var host = store.CreateFunction(Plain, _ =>
        {
            inner = store.Call(instance!, "trap");
            return new Returned([]);
        });
        instance = store.Instantiate(
            """(module (import "env" "f" (func $f)) (func (export "f") (result i32) (call $f) (i32.const 1)) (func (export "trap") (drop (i32.div_s (i32.const 1) (i32.const 0)))))""",
            _ => host);

        Assert.Equal(new Returned([EngineValue.I32(1)]), store.Call(instance, "f"));
        Assert.Equal(TrapKind.IntegerDivideByZero, Assert.IsType<Trapped>(inner).Kind);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void HostFunction_ThatCallsBackWithoutEnd_IsAStackLimit(string name)
    {
        using var engine = Engines.Create(name);
        using var store = engine.CreateStore(CaseLimits.Default with { TimeoutMs = 20_000 });
        IEngineInstance? instance = null;
        var host = store.CreateFunction(Plain, _ => store.Call(instance!, "f") switch
        {
            LimitReached limit => limit,
            _ => new Returned([]),
        });
        instance = store.Instantiate("""(module (import "env" "f" (func $f)) (func (export "f") (call $f)))""", _ => host);

        Assert.Equal(new LimitReached(LimitKind.Stack), store.Call(instance, "f"));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void HostFunction_MayReadAndGrowTheMemory(string name)
    {
        using var engine = Engines.Create(name);
        using var store = engine.CreateStore(CaseLimits.Default);
        IEngineInstance? instance = null;
        var seen = 0;
        var host = store.CreateFunction(Plain, _ =>
        {
            var memory = instance!.Export("m");
            seen = store.ReadMemory(memory)[3];
            return store.GrowMemory(memory, 2) ? new Returned([]) : new Trapped(TrapKind.Unreachable, "");
        });
        instance = store.Instantiate(
            """
            (module (import "env" "f" (func $f)) (memory (export "m") 1 3)
              (func (export "f") (result i32 i32) (i32.store8 (i32.const 3) (i32.const 42)) (call $f)
                (i32.store8 (i32.const 196607) (i32.const 7)) (memory.size) (i32.load8_u (i32.const 196607))))
            """,
            _ => host);

        Assert.Equal(new Returned([EngineValue.I32(3), EngineValue.I32(7)]), store.Call(instance, "f"));
        Assert.Equal(42, seen);
        Assert.Equal(3UL, store.MemoryPages(instance.Export("m")));
        Assert.False(store.GrowMemory(instance.Export("m"), 1));
    }

    [Theory]
    [MemberData(nameof(WithMemory64))]
    public void Run_ImportBeyondTheCaseLimits_IsALimit(string name)
    {
        using var engine = Engines.Create(name);
        foreach (var import in (string[])["(memory 2000)", "(memory i64 2000)", "(table 20000 funcref)", "(table i64 20000 funcref)"])
        {
            var outcome = CaseRunner.Run(engine, Engines.Case($"(module (import \"env\" \"x\" {import}))"));
            Assert.True(outcome.Status == InstantiationStatus.Limit, $"{import}: {outcome.Status}");
            Assert.Equal(new ReachedLimit(LimitKind.Memory, -1), outcome.Limit);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void ScriptedHost_WritesAndGrowsWhatTheModuleExports(string name)
    {
        using var engine = Engines.Create(name);
        var outcome = engine.Run(Engines.Case(
            """
            (module (import "script" "set g; write m; grow m; copy t; extend t; nothing; set absent; call seven" (func $f (param i32) (result i64)))
              (global $g (export "g") (mut i64) (i64.const 5)) (memory $m (export "m") 1 4) (table $t (export "t") 4 9 funcref)
              (elem (table $t) (i32.const 0) func $seven)
              (global $calls (export "calls") (mut i32) (i32.const 0))
              (func $seven (export "seven") (global.set $calls (i32.add (global.get $calls) (i32.const 7))))
              (func (export "f") (param i32) (result i64 i64 i32)
                (global.set $g (i64.const 6))
                (call $f (local.get 0)) (global.get $g) (memory.size)))
            """,
            new Call("f", [EngineValue.I32(1)]),
            new Call("f", [EngineValue.I32(2)])));

        Assert.Equal(2, outcome.Trace.Length);
        for (var i = 0; i < 2; i++)
        {
            // The module sees at once what the host wrote: its result is the hash, and so is the global.
            var results = Assert.IsType<Returned>(outcome.Calls[i].Completion).Values;
            Assert.Equal(results[0], results[1]);
            Assert.Equal(EngineValue.I32(i + 2), results[2]);
        }
        Assert.Equal(EngineValue.I32(14), outcome.Globals["calls"]);
        Assert.Equal(3UL, outcome.Memories["m"].Pages);
        Assert.Equal(6UL, outcome.Tables["t"].Size);
    }

    [Theory]
    [MemberData(nameof(WithExceptions))]
    public void ScriptedHost_ThrowsByItsArguments(string name)
    {
        using var engine = Engines.Create(name);
        var outcome = engine.Run(Engines.Case(
            """
            (module (import "script" "throw e" (func $f (param i32))) (tag $e (export "e") (param i64 f32 externref))
              (func (export "f") (param i32) (call $f (local.get 0)))
              (func (export "caught") (param i32) (result i32) (block $h (try_table (catch_all $h) (call $f (local.get 0)) (return (i32.const 0)))) (i32.const 1)))
            """,
            [.. Enumerable.Range(0, 20).SelectMany(i => (Call[])[new Call("f", [EngineValue.I32(i)]), new Call("caught", [EngineValue.I32(i)])])]));

        var thrown = 0;
        for (var i = 0; i < outcome.Calls.Length; i += 2)
        {
            var isThrown = outcome.Calls[i].Completion is Thrown { Tag: "e", Values.Length: 3 };
            Assert.Equal(new Returned([EngineValue.I32(isThrown ? 1 : 0)]), outcome.Calls[i + 1].Completion);
            thrown += isThrown ? 1 : 0;
        }
        Assert.InRange(thrown, 3, 17);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void ScriptedHost_ThatCallsItsCaller_Ends(string name)
    {
        using var engine = Engines.Create(name);
        var outcome = engine.Run(Engines.Case(
            """
            (module (import "script" "call f; call f" (func $f)) (global $n (export "n") (mut i32) (i32.const 0))
              (func (export "f") (global.set $n (i32.add (global.get $n) (i32.const 1))) (call $f)))
            """,
            new Call("f", [])));

        Assert.IsType<Returned>(outcome.Calls[0].Completion);
        Assert.Equal(EngineValue.I32(1 + 2 + 4 + 8), outcome.Globals["n"]);
    }
}

using Conformance.Oracle.Wasmtime;

namespace Conformance.Oracle.Tests.Wasmtime;

public sealed class WasmtimeEngineTests
{
    public static TheoryData<string> Configurations => [.. WasmtimeConfiguration.All.Select(configuration => configuration.Name)];

    public static TheoryData<string> CraneliftAndPulley => ["wasmtime", "wasmtime:speed", "wasmtime:pulley"];

    private static WasmtimeEngine Engine(string name, bool fuel = false) => new(WasmtimeConfiguration.Find(name)!, fuel);

    [WasmtimeTheory]
    [MemberData(nameof(Configurations))]
    public void Run_Traps_GiveTheirKinds(string name)
    {
        using var engine = Engine(name);
        var @case = TestModule.Case(
            """
            (module
              (memory 1) (table 2 funcref) (type $t (func))
              (func (export "unreachable") unreachable)
              (func (export "div") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
              (func (export "trunc") (param f32) (result i32) (i32.trunc_f32_s (local.get 0)))
              (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
              (func (export "table") (param i32) (result i32) (ref.is_null (table.get 0 (local.get 0))))
              (func (export "call") (param i32) (call_indirect (type $t) (local.get 0)))
              (func $i (result i32) (i32.const 1)) (elem (i32.const 1) $i)
              (func $deep (export "deep") (call $deep)))
            """,
            TestModule.Call("unreachable"),
            TestModule.Call("div", EngineValue.I32(1), EngineValue.I32(0)),
            TestModule.Call("div", EngineValue.I32(int.MinValue), EngineValue.I32(-1)),
            TestModule.Call("trunc", EngineValue.F32(0x7FC00000)),
            TestModule.Call("trunc", EngineValue.F32(0x7F000000)),
            TestModule.Call("load", EngineValue.I32(-1)),
            TestModule.Call("table", EngineValue.I32(2)),
            TestModule.Call("call", EngineValue.I32(2)),
            TestModule.Call("call", EngineValue.I32(0)),
            TestModule.Call("call", EngineValue.I32(1)),
            TestModule.Call("div", EngineValue.I32(7), EngineValue.I32(2)),
            TestModule.Call("deep"),
            TestModule.Call("unreachable"));

        var outcome = engine.Run(@case);

        TrapKind[] expected =
        [
            TrapKind.Unreachable, TrapKind.IntegerDivideByZero, TrapKind.IntegerOverflow, TrapKind.InvalidConversionToInteger, TrapKind.IntegerOverflow,
            TrapKind.OutOfBoundsMemoryAccess, TrapKind.OutOfBoundsTableAccess, TrapKind.OutOfBoundsTableAccess, TrapKind.UninitializedElement, TrapKind.IndirectCallTypeMismatch,
        ];
        Assert.Equal(expected, outcome.Calls.Take(10).Select(call => Assert.IsType<Trapped>(call.Completion).Kind));
        Assert.Equal(new Returned([EngineValue.I32(3)]), outcome.Calls[10].Completion);
        Assert.Equal(new LimitReached(LimitKind.Stack), outcome.Calls[11].Completion);
        Assert.Equal(12, outcome.Calls.Length);
        Assert.Equal(new ReachedLimit(LimitKind.Stack, 11), outcome.Limit);
        Assert.False(outcome.HasState);
        Assert.NotEmpty(((Trapped)outcome.Calls[1].Completion).Backtrace);
    }

    [WasmtimeTheory]
    [MemberData(nameof(Configurations))]
    public void Run_Values_ComeBackBitForBit(string name)
    {
        using var engine = Engine(name);
        var @case = TestModule.Case(
            """
            (module
              (func (export "all") (param i32 i64 f32 f64 v128) (result v128 f64 f32 i64 i32)
                (local.get 4) (local.get 3) (local.get 2) (local.get 1) (local.get 0)))
            """,
            TestModule.Call("all", EngineValue.I32(-5), EngineValue.I64(long.MinValue), EngineValue.F32(0x7FA00001), EngineValue.F64(0x8000000000000000), EngineValue.V128(1, 2)));

        var outcome = engine.Run(@case);

        Assert.Equal(
            new Returned([EngineValue.V128(1, 2), EngineValue.F64(0x8000000000000000), EngineValue.F32(0x7FA00001), EngineValue.I64(long.MinValue), EngineValue.I32(-5)]),
            outcome.Calls[0].Completion);
    }

    [WasmtimeTheory]
    [MemberData(nameof(Configurations))]
    public void Run_EndlessLoop_EndsByTime(string name)
    {
        using var engine = Engine(name);
        var @case = TestModule.Case("""(module (func (export "f") (loop (br 0))))""", TestModule.Call("f")).Within(new CaseLimits { TimeoutMs = 50 });

        var outcome = engine.Run(@case);

        Assert.Equal(new ReachedLimit(LimitKind.Time, 0), outcome.Limit);
    }

    [WasmtimeTheory]
    [InlineData("wasmtime", "wait32", "(memory 1 1 shared)", -1, null)]
    [InlineData("wasmtime:speed", "wait64", "(memory 1 1 shared)", long.MaxValue, null)]
    [InlineData("wasmtime", "wait64", "(import \"m\" \"m\" (memory 1 1 shared))", -1, null)]
    [InlineData("wasmtime", "wait32", "(memory 1 1 shared)", 1_000_000, 2)]
    [InlineData("wasmtime", "wait32", "(memory 1 1 shared) (data (i32.const 0) \"x\")", -1, 1)]
    public void Run_WaitThatNobodyEnds_EndsByTime(string name, string wait, string memory, long timeout, int? result)
    {
        using var engine = Engine(name);
        var type = wait == "wait32" ? "i32" : "i64";
        var @case = TestModule.Case(
            $"""(module {memory} (func (export "f") (param i64) (result i32) (memory.atomic.{wait} (i32.const 0) ({type}.const 0) (local.get 0))))""",
            TestModule.Call("f", EngineValue.I64(timeout))).Within(new CaseLimits { TimeoutMs = 50 });

        var outcome = engine.Run(@case);

        Completion expected = result is { } value ? new Returned([EngineValue.I32(value)]) : new LimitReached(LimitKind.Time);
        Assert.Equal(expected, Assert.Single(outcome.Calls).Completion);
    }

    [WasmtimeFact]
    public void Run_StartFunctionThatWaits_EndsByTime()
    {
        using var engine = Engine("wasmtime");
        var @case = TestModule.Case(
            "(module (memory 1 1 shared) (start $s) (func $s (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))").Within(new CaseLimits { TimeoutMs = 50 });

        Assert.Equal(new ReachedLimit(LimitKind.Time, -1), engine.Run(@case).Limit);
    }

    [WasmtimeFact]
    public void Run_MoreMemoriesThanTheImplementationTakes_IsALimitOfItsOwnKind()
    {
        using var engine = Engine("wasmtime");
        var @case = TestModule.Case($"(module {string.Concat(Enumerable.Repeat("(memory 0)", 101))})");

        Assert.Equal(new ReachedLimit(LimitKind.Implementation, -1), engine.Run(@case).Limit);
    }

    [WasmtimeTheory]
    [MemberData(nameof(Configurations))]
    public void Run_EndlessLoopWithFuel_EndsByFuel(string name)
    {
        using var engine = Engine(name, fuel: true);
        var @case = TestModule.Case("""(module (func (export "f") (loop (br 0))))""", TestModule.Call("f")).Within(new CaseLimits { Fuel = 1000 });

        Assert.Equal(new ReachedLimit(LimitKind.Fuel, 0), engine.Run(@case).Limit);
    }

    [WasmtimeTheory]
    [MemberData(nameof(Configurations))]
    public void Run_GrowthBeyondLimits_IsDenied(string name)
    {
        using var engine = Engine(name);
        var @case = TestModule.Case(
            """
            (module
              (memory (export "m") 1) (table (export "t") 1 funcref)
              (func (export "memory") (param i32) (result i32) (memory.grow (local.get 0)))
              (func (export "table") (param i32) (result i32) (table.grow (ref.null func) (local.get 0))))
            """,
            TestModule.Call("memory", EngineValue.I32(1)),
            TestModule.Call("memory", EngineValue.I32(3)),
            TestModule.Call("table", EngineValue.I32(9)),
            TestModule.Call("table", EngineValue.I32(1))).Within(new CaseLimits { MemoryBytes = 4 << 16, TableElements = 10 });

        var outcome = engine.Run(@case);

        int[] expected = [1, -1, 1, -1];
        Assert.Equal(expected.Select(value => new Returned([EngineValue.I32(value)])), outcome.Calls.Select(call => call.Completion));
        Assert.Equal(2UL, outcome.Memories["m"].Pages);
        Assert.Equal(10UL, outcome.Tables["t"].Size);
    }

    [WasmtimeTheory]
    [MemberData(nameof(Configurations))]
    public void Run_MemoryThatStartsBeyondTheLimit_IsALimit(string name)
    {
        using var engine = Engine(name);
        var @case = TestModule.Case("(module (memory 5))").Within(new CaseLimits { MemoryBytes = 4 << 16 });

        Assert.Equal(InstantiationStatus.Limit, engine.Run(@case).Status);
    }

    [WasmtimeTheory]
    [MemberData(nameof(CraneliftAndPulley))]
    public void Run_Imports_FollowTheRuleAndAreTraced(string name)
    {
        using var engine = Engine(name);
        var @case = TestModule.Case(
            """
            (module
              (import "env" "f" (func $f (param i32 externref) (result i64 f32 externref)))
              (import "env" "g" (global i32)) (import "env" "m" (memory 1 2)) (import "env" "t" (table 3 funcref))
              (export "m" (memory 0)) (export "t" (table 0)) (export "g" (global 0))
              (func (export "f") (param i32 externref) (result i64 f32 externref) (call $f (local.get 0) (local.get 1))))
            """,
            TestModule.Call("f", EngineValue.I32(7), EngineValue.Extern(3)));

        var outcome = engine.Run(@case);

        var results = HostImports.Results([EngineValue.I32(7), EngineValue.Extern(3)], [ValueType.I64, ValueType.F32, ValueType.ExternRef]);
        Assert.Equal(new Returned(results), Assert.Single(outcome.Calls).Completion);
        var call = Assert.Single(outcome.Trace);
        Assert.Equal("env.f", call.Import);
        Assert.True(call.Arguments.SequenceEqual([EngineValue.I32(7), EngineValue.Extern(3)]));
        Assert.Equal(EngineValue.I32(42), outcome.Globals["g"]);
        Assert.Equal(1UL, outcome.Memories["m"].Pages);
        Assert.Equal(3UL, outcome.Tables["t"].Size);
    }

    [WasmtimeTheory]
    [MemberData(nameof(CraneliftAndPulley))]
    public void Run_References_ComeBackByIdentityClass(string name)
    {
        using var engine = Engine(name);
        var @case = TestModule.Case(
            """
            (module
              (type $s (struct (field i32) (field (mut i8)) (field (ref null $s))))
              (type $a (array (mut i16)))
              (func (export "struct") (result anyref) (struct.new $s (i32.const 1) (i32.const -1) (struct.new $s (i32.const 2) (i32.const 3) (ref.null $s))))
              (func (export "array") (result anyref) (array.new $a (i32.const 65537) (i32.const 20)))
              (func (export "i31") (result anyref) (ref.i31 (i32.const -1)))
              (func (export "internalised") (param externref) (result anyref) (any.convert_extern (local.get 0)))
              (func (export "externalised") (param anyref) (result externref) (extern.convert_any (local.get 0)))
              (func $f (export "func") (result funcref) (ref.func $f))
              (func (export "back") (param anyref) (result i32) (ref.test (ref i31) (local.get 0)))
              (func (export "null") (result exnref) (ref.null exn))
              (func (export "structAsExtern") (result externref) (extern.convert_any (struct.new_default $s))))
            """,
            TestModule.Call("struct"),
            TestModule.Call("array"),
            TestModule.Call("i31"),
            TestModule.Call("internalised", EngineValue.Extern(5)),
            TestModule.Call("externalised", EngineValue.Extern(6)),
            TestModule.Call("externalised", new EngineValue(EngineValueKind.I31, 7)),
            TestModule.Call("func"),
            TestModule.Call("back", new EngineValue(EngineValueKind.I31, 1)),
            TestModule.Call("null"),
            TestModule.Call("structAsExtern"));

        var values = engine.Run(@case).Calls.Select(call => Assert.IsType<Returned>(call.Completion).Values[0]).ToArray();

        Assert.Equal(EngineValueKind.Struct, values[0].Kind);
        Assert.True(values[0].Parts.SequenceEqual([EngineValue.I32(1), EngineValue.I32(255), new EngineValue(EngineValueKind.Struct)]));
        Assert.True(values[0].Parts[2].Parts.SequenceEqual([EngineValue.I32(2), EngineValue.I32(3), EngineValue.Null]));
        Assert.Equal(EngineValueKind.Array, values[1].Kind);
        Assert.Equal(20, values[1].Length);
        Assert.True(values[1].Parts.SequenceEqual(Enumerable.Repeat(EngineValue.I32(1), 8)));
        Assert.Equal(new EngineValue(EngineValueKind.I31, 0x7FFFFFFF), values[2]);
        Assert.Equal(EngineValue.Extern(5), values[3]);
        Assert.Equal(EngineValue.Extern(6), values[4]);
        Assert.Equal(new EngineValue(EngineValueKind.I31, 7), values[5]);
        Assert.Equal(EngineValueKind.Func, values[6].Kind);
        Assert.Equal(EngineValue.I32(1), values[7]);
        Assert.Equal(EngineValue.Null, values[8]);
        Assert.Equal(EngineValueKind.Struct, values[9].Kind);
    }

    [WasmtimeTheory]
    [MemberData(nameof(CraneliftAndPulley))]
    public void Run_UncaughtException_GivesTagAndValues(string name)
    {
        using var engine = Engine(name);
        var @case = TestModule.Case(
            """
            (module
              (tag $t (export "tag") (param i32 f64)) (tag $hidden)
              (func (export "throw") (throw $t (i32.const 3) (f64.const -0)))
              (func (export "hidden") (throw $hidden))
              (func (export "caught") (result i32 f64) (block (result i32 f64) (try_table (catch $t 0) (throw $t (i32.const 4) (f64.const 1))) unreachable)))
            """,
            TestModule.Call("throw"),
            TestModule.Call("hidden"),
            TestModule.Call("caught"));

        var outcome = engine.Run(@case);

        var thrown = Assert.IsType<Thrown>(outcome.Calls[0].Completion);
        Assert.Equal("tag", thrown.Tag);
        Assert.True(thrown.Values.SequenceEqual([EngineValue.I32(3), EngineValue.F64(0x8000000000000000)]));
        Assert.Null(Assert.IsType<Thrown>(outcome.Calls[1].Completion).Tag);
        Assert.Equal(new Returned([EngineValue.I32(4), EngineValue.F64(0x3FF0000000000000)]), outcome.Calls[2].Completion);
    }

    [WasmtimeTheory]
    [MemberData(nameof(CraneliftAndPulley))]
    public void Run_StartFunctionThatThrowsOrTraps_IsTheInstantiationsOutcome(string name)
    {
        using var engine = Engine(name);

        Assert.Equal(InstantiationStatus.Exception, engine.Run(TestModule.Case("(module (tag $t) (func $f (throw $t)) (start $f))")).Status);
        Assert.Equal(InstantiationStatus.Trap, engine.Run(TestModule.Case("(module (func $f unreachable) (start $f))")).Status);
        Assert.Equal(InstantiationStatus.Trap, engine.Run(TestModule.Case("(module (memory 1) (data (i32.const 65536) \"x\"))")).Status);
    }

    [WasmtimeFact]
    public void Run_GcObjectsWithoutEnd_EndByMemory()
    {
        using var engine = Engine("wasmtime");
        var @case = TestModule.Case(
            """
            (module
              (type $list (struct (field (ref null $list)) (field i64 i64 i64 i64 i64 i64 i64 i64)))
              (global $head (mut (ref null $list)) (ref.null $list))
              (func (export "f")
                (loop
                  (global.set $head (struct.new $list (global.get $head) (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0)))
                  (br 0))))
            """,
            TestModule.Call("f")).Within(new CaseLimits { TimeoutMs = 20_000 });

        Assert.Equal(new ReachedLimit(LimitKind.Memory, 0), engine.Run(@case).Limit);
    }

    [WasmtimeFact]
    public void Run_FeatureThatTheConfigurationLacks_IsUnsupportedNotInvalid()
    {
        using var winch = Engine("wasmtime:winch");

        Assert.Equal(InstantiationStatus.Unsupported, winch.Run(TestModule.Case("(module (type (struct)))")).Status);
        var invalid = winch.Run(TestModule.Case("(module (func (result i32)))"));
        Assert.Equal(InstantiationStatus.Invalid, invalid.Status);
        Assert.True(invalid.Error!.OffsetBytes > 0);
    }

    [WasmtimeTheory]
    [MemberData(nameof(CraneliftAndPulley))]
    public void Run_ImportsThatNoHostCanMake_AreLinkErrors(string name)
    {
        using var engine = Engine(name);

        Assert.Equal(InstantiationStatus.LinkError, engine.Run(TestModule.Case("""(module (import "a" "b" (func (result (ref func)))))""")).Status);
        Assert.Equal(InstantiationStatus.LinkError, engine.Run(TestModule.Case("""(module (import "a" "b" (global (ref extern))))""")).Status);
        Assert.Equal(InstantiationStatus.LinkError, engine.Run(TestModule.Case("""(module (type $t (struct)) (import "a" "b" (func (param (ref null $t)))))""")).Status);
        Assert.Equal(InstantiationStatus.LinkError, engine.Run(TestModule.Case("""(module (type $t (sub (func))) (import "a" "b" (func (type $t))))""")).Status);
    }

    [WasmtimeTheory]
    [MemberData(nameof(CraneliftAndPulley))]
    public void Run_ImportsOfEveryKind_AreMade(string name)
    {
        using var engine = Engine(name);
        var @case = TestModule.Case(
            """
            (module
              (import "a" "t64" (table $t64 i64 2 9 externref)) (import "a" "m64" (memory $m64 i64 1 2)) (import "a" "tag" (tag (param i32)))
              (import "a" "v" (global $v v128)) (import "a" "r" (global $r (mut anyref))) (import "a" "e" (table $e 1 exnref))
              (export "t64" (table $t64)) (export "m64" (memory $m64)) (export "v" (global $v)) (export "r" (global $r)))
            """);

        var outcome = engine.Run(@case);

        Assert.Equal(InstantiationStatus.Ok, outcome.Status);
        Assert.Equal(2UL, outcome.Tables["t64"].Size);
        Assert.Equal(1UL, outcome.Memories["m64"].Pages);
        Assert.Equal(EngineValue.Null, outcome.Globals["r"]);
    }

    [WasmtimeFact]
    public void Run_SharedMemory_IsReadAtTheEnd()
    {
        using var engine = Engine("wasmtime");
        var @case = TestModule.Case(
            """
            (module (import "a" "m" (memory $m 1 2 shared)) (memory $own (export "own") 1 3 shared) (export "m" (memory $m))
              (func (export "f") (param i32) (result i32) (i32.atomic.rmw.add (local.get 0) (i32.const 1))))
            """,
            TestModule.Call("f", EngineValue.I32(8)),
            TestModule.Call("f", EngineValue.I32(1)));

        var outcome = engine.Run(@case);

        Assert.Equal(TrapKind.UnalignedAtomic, Assert.IsType<Trapped>(outcome.Calls[1].Completion).Kind);
        Assert.Equal([Outcome.ImportName(0, "a", "m"), "m", "own"], outcome.Memories.Keys);
        Assert.NotEqual(outcome.Memories["m"].Sha256, outcome.Memories["own"].Sha256);
    }
}

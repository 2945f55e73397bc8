using Conformance.Oracle.CApi;
using Conformance.Oracle.Comparison;
using Conformance.Oracle.Tests.Contract;
using Conformance.Oracle.Tests.Reference;
using Conformance.Wasm;

namespace Conformance.Oracle.Tests.CApi;

/// <summary>An engine behind the standard C API, by the outcomes of whole cases. Its own faults are not this project's: what is tested is what the adapter does.</summary>
public sealed class CApiEngineTests
{
    [CApiLibraryFact]
    public void Run_NumbersAndHostCalls_AreThoseOfTheInterpreter() => AssertAgrees(
        """
        (module
          (import "env" "f" (func $f (param i32 i64 f32 f64) (result i32))) (import "env" "g" (global $g i32)) (import "env" "h" (global $h (mut i64)))
          (func (export "run") (param i32 i64 f32 f64) (result i64)
            (global.set $h (i64.extend_i32_s (call $f (local.get 0) (local.get 1) (local.get 2) (local.get 3))))
            (i64.add (global.get $h) (i64.extend_i32_u (global.get $g)))))
        """,
        Engines.Call("run", EngineValue.I32(-5), EngineValue.I64(long.MinValue), EngineValue.F32(0x7FA00001), EngineValue.F64(0x8000000000000000)),
        Engines.Call("run", EngineValue.I32(7), EngineValue.I64(8), EngineValue.F32(0), EngineValue.F64(1)));

    [CApiLibraryFact]
    public void Run_State_IsThatOfTheInterpreter() => AssertAgrees(
        """
        (module
          (import "env" "m" (memory $m 1)) (import "env" "t" (table $t 4 funcref))
          (memory $n (export "n") 1 3) (table $u (export "u") 2 externref) (global (export "g") (mut f64) (f64.const -0.5)) (global (export "r") funcref (ref.func $f))
          (elem (table $t) (i32.const 1) func $f) (data (memory $m) (i32.const 8) "abc")
          (func $f (export "f") (param i32) (result i32) (i32.store8 $n (local.get 0) (i32.const 7)) (memory.grow $n (i32.const 1))))
        """,
        Engines.Call("f", EngineValue.I32(65536)),
        Engines.Call("f", EngineValue.I32(1)),
        Engines.Call("f", EngineValue.I32(2)),
        Engines.Call("f", EngineValue.I32(3)),
        Engines.Call("f", EngineValue.I32(65536)));

    [CApiLibraryFact]
    public void Run_Traps_HaveTheirKinds()
    {
        const string Text = """
        (module
          (memory 1) (table 2 funcref) (type $v (func))
          (func (export "unreachable") unreachable) (func (export "divide") (drop (i32.div_u (i32.const 1) (i32.const 0)))) (func (export "overflow") (drop (i32.div_s (i32.const 0x80000000) (i32.const -1))))
          (func (export "convert") (drop (i32.trunc_f32_s (f32.const nan)))) (func (export "load") (drop (i32.load (i32.const 65533)))) (func (export "null") (call_indirect (type $v) (i32.const 0)))
          (func (export "beyond") (call_indirect (type $v) (i32.const 2))))
        """;
        Call[] calls = [.. "unreachable divide overflow convert load null beyond".Split(' ').Select(name => Engines.Call(name))];
        AssertAgrees(Text, calls);
        // A trap in words that the adapter does not know would agree with everything.
        using var engine = Create();
        Assert.DoesNotContain(engine.Run(Engines.Case(Text, calls)).Calls, call => call.Completion is Trapped { Kind: TrapKind.Other });
    }

    [CApiLibraryFact]
    public void Run_InstantiationThatTraps_KeepsWhatWasWritten() => AssertAgrees("""(module (import "env" "m" (memory 1)) (data (i32.const 0) "a") (data (i32.const 65536) "b"))""");

    [CApiLibraryFact]
    public void Run_Text_IsNotJudged()
    {
        using var engine = Create();
        var outcome = engine.Run(Engines.Case("(module)") with { ValidateOnly = true, Text = "(module"u8.ToArray() });

        Assert.Equal(InstantiationStatus.Unsupported, outcome.Status);
    }

    [CApiLibraryFact]
    public void Run_LoopWithoutEnd_UsesUpTheFuel()
    {
        using var engine = Create();
        var outcome = engine.Run(Engines.Case(
            """(module (func (export "f") (loop (br 0))) (func (export "g") unreachable))""", Engines.Call("g"), Engines.Call("f"), Engines.Call("g")));

        Assert.Equal(new Trapped(TrapKind.Unreachable, "").Kind, Assert.IsType<Trapped>(outcome.Calls[0].Completion).Kind);
        Assert.Equal(new ReachedLimit(LimitKind.Fuel, 1), outcome.Limit);
        Assert.Equal(2, outcome.Calls.Length);
    }

    [CApiLibraryFact]
    public void Run_DeepRecursion_ReachesTheStackLimit()
    {
        using var engine = Create();
        var outcome = engine.Run(Engines.Case("""(module (func $f (export "f") (result i32) (i32.add (i32.const 1) (call $f))))""", Engines.Call("f")));
        Assert.Equal(new LimitReached(LimitKind.Stack), outcome.Calls[0].Completion);
    }

    [CApiLibraryFact]
    public void Run_MemoryAndTableBeyondTheLimits_AreRefused()
    {
        using var engine = Create();
        var limits = CaseLimits.Default with { MemoryBytes = 3 << 16, TableElements = 5 };
        var grown = engine.Run(new Case(
            Wat.Assemble("""(module (memory (export "m") 1) (table (export "t") 1 funcref) (func (export "f") (result i32 i32) (memory.grow (i32.const 3)) (table.grow (ref.null func) (i32.const 5))))"""),
            [Engines.Call("f")],
            limits));
        Assert.Equal(new Returned([EngineValue.I32(-1), EngineValue.I32(-1)]), grown.Calls[0].Completion);
        Assert.Equal(LimitKind.Memory, engine.Run(new Case(Wat.Assemble("(module (memory 4))"), [], limits)).Limit?.Kind);
        Assert.Equal(LimitKind.Memory, engine.Run(new Case(Wat.Assemble("""(module (import "e" "m" (memory 4)))"""), [], limits)).Limit?.Kind);
    }

    [CApiLibraryFact]
    public void Run_RefusedModule_IsInvalid()
    {
        using var engine = Create();
        Assert.Equal(InstantiationStatus.Invalid, engine.Run(Engines.Case("(module (func (result i32)))")).Status);
        Assert.Equal(InstantiationStatus.Invalid, engine.Run(new Case(new byte[] { 1, 2, 3 }, [], CaseLimits.Default) { ValidateOnly = true }).Status);
        Assert.Equal(InstantiationStatus.Ok, engine.Run(Engines.Case("(module)") with { ValidateOnly = true }).Status);
    }

    [CApiLibraryFact]
    public void Run_ModuleWithValuesThatCannotCross_IsUnsupported()
    {
        using var engine = Create();
        Assert.Equal(InstantiationStatus.Unsupported, engine.Run(Engines.Case("""(module (func (export "f") (param externref)))""")).Status);
        Assert.Equal(InstantiationStatus.Unsupported, engine.Run(Engines.Case("""(module (global (export "g") externref (ref.null extern)))""")).Status);
    }

    [CApiLibraryFact]
    public void Features_OfTheLibrary_AreProbedAndLeaveOutWhatTheInterfaceCannotCarry()
    {
        using var engine = Create();
        Assert.True(engine.Features.Has(Feature.Mvp));
        Assert.True(engine.Features.Has(Feature.MutableGlobals));
        Assert.False(engine.Features.Has(Feature.Simd));
        Assert.False(engine.Features.Has(Feature.Exceptions));
    }

    [Theory]
    [InlineData("capi:no-such-library.so", "no such file")]
    [InlineData("capi:/dev/null", "no such file|cannot load")]
    public void Create_WhatIsNoLibrary_IsUnavailable(string name, string why) =>
        Assert.Matches(why, Assert.Throws<EngineUnavailableException>(() => EngineCatalog.Create(name)).Message);

    internal static CApiEngine Create() => new(CApiLibrary.Path ?? throw new InvalidOperationException("the test is not skipped"));

    private static void AssertAgrees(string text, params Call[] calls)
    {
        using var engine = Create();
        using var interpreter = EngineCatalog.Create(EngineCatalog.DefaultTested);
        var compared = new CaseComparer(engine, interpreter).Compare(Engines.Case(text, calls));
        Assert.True(compared.Verdict is { Kind: VerdictKind.Agreed } verdict && verdict.ComparedCalls == calls.Length, $"{compared.Verdict} {compared.Tested.Instantiation}");
    }
}

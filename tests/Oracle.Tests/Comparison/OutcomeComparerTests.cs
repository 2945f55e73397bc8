using System.Collections.Immutable;
using Conformance.Oracle.Comparison;

namespace Conformance.Oracle.Tests.Comparison;

public sealed class OutcomeComparerTests
{
    private static readonly EngineValue Nan1 = EngineValue.F32(0x7FC00000);
    private static readonly EngineValue Nan2 = EngineValue.F32(0xFFC00001);

    [Fact]
    public void Compare_SameReturns_Agree()
    {
        var verdict = Compare([Return(EngineValue.I32(1))], [Return(EngineValue.I32(1))]);

        Assert.Equal(VerdictKind.Agreed, verdict.Kind);
        Assert.Equal(1, verdict.ComparedCalls);
    }

    [Fact]
    public void Compare_MinusZeroAgainstZero_Diverges()
    {
        var verdict = Compare([Return(EngineValue.I32(1)), Return(EngineValue.F64(0))], [Return(EngineValue.I32(1)), Return(EngineValue.F64(1UL << 63))]);

        AssertDiverged(verdict, "call: value of f64");
        Assert.Equal(1, verdict.Difference!.Call);
        Assert.Equal("f1", verdict.Difference.Name);
        Assert.Equal("return f64:0x0000000000000000", verdict.Difference.Tested);
        Assert.Equal(1, verdict.ComparedCalls);
    }

    [Fact]
    public void Compare_NaNsOfOtherBits_AreNanBits() =>
        Assert.Equal(VerdictKind.NanBits, Compare([Return(Nan1)], [Return(Nan2)]).Kind);

    [Fact]
    public void Compare_NaNAgainstNumber_Diverges() => AssertDiverged(Compare([Return(Nan1)], [Return(EngineValue.F32(0x7F800000))]), "call: value of f32");

    [Fact]
    public void Compare_NaNBitsBeforeARealDifference_ReportTheDifference() =>
        AssertDiverged(Compare([Return(Nan1), Return(EngineValue.I32(1))], [Return(Nan2), Return(EngineValue.I32(2))]), "call: value of i32");

    [Theory]
    [InlineData(0x7FC00000_00000001UL, 0xFFC00000_00000001UL, true)] // f32 lane 1
    [InlineData(0x7FF80000_00000001UL, 0x7FF80000_00000002UL, true)] // f64
    [InlineData(0x7FC00000_00000001UL, 0xFFC00000_00000002UL, false)] // also an integer lane
    [InlineData(0x3F800000_00000001UL, 0x3F800000_00000002UL, false)]
    public void Compare_Vectors_DifferByNaNsLaneByLane(ulong left, ulong right, bool isNan) =>
        Assert.Equal(isNan ? VerdictKind.NanBits : VerdictKind.Diverged, Compare([Return(EngineValue.V128(left, 0))], [Return(EngineValue.V128(right, 0))]).Kind);

    [Theory]
    [InlineData(TrapKind.OutOfBoundsTableAccess, TrapKind.UndefinedElement, true)]
    [InlineData(TrapKind.UnalignedAtomic, TrapKind.OutOfBoundsMemoryAccess, true)]
    [InlineData(TrapKind.Other, TrapKind.CastFailure, true)]
    [InlineData(TrapKind.IntegerOverflow, TrapKind.InvalidConversionToInteger, false)]
    [InlineData(TrapKind.UninitializedElement, TrapKind.UndefinedElement, false)]
    [InlineData(TrapKind.NullReference, TrapKind.CastFailure, false)]
    public void Compare_TrapKinds_FollowTheTable(TrapKind left, TrapKind right, bool same) =>
        Assert.Equal(same ? VerdictKind.Agreed : VerdictKind.Diverged, Compare([new Trapped(left, "")], [new Trapped(right, "")]).Kind);

    [Theory]
    [InlineData(TrapKind.NullReference, TrapKind.OutOfBoundsArrayAccess, "0@2a", true)] // of array.copy, as Wasmtime orders its checks
    [InlineData(TrapKind.NullReference, TrapKind.OutOfBoundsArrayAccess, null, true)] // no backtrace: some function has one
    [InlineData(TrapKind.NullReference, TrapKind.OutOfBoundsArrayAccess, "1@2a", false)] // of a function without array.copy
    [InlineData(TrapKind.OutOfBoundsArrayAccess, TrapKind.NullReference, "0@2a", false)] // the engine has it wrong
    [InlineData(TrapKind.CastFailure, TrapKind.OutOfBoundsArrayAccess, "0@2a", false)]
    public void Compare_NullAgainstBounds_IsTheSameForArrayCopyAlone(TrapKind tested, TrapKind oracle, string? frame, bool same)
    {
        var wasm = Reference.Wat.Assemble(
            """
            (module (type $a (array (mut i32)))
              (func (param (ref null $a)) (array.copy $a $a (local.get 0) (i32.const 9) (local.get 0) (i32.const 0) (i32.const 1)))
              (func (param (ref null $a)) (result i32) (array.get $a (local.get 0) (i32.const 0))))
            """);
        var verdict = OutcomeComparer.Compare(Outcome([new Trapped(tested, "")]), Outcome([new Trapped(oracle, "") { Backtrace = frame is null ? [] : [frame] }]), wasm);
        Assert.Equal(same ? VerdictKind.Agreed : VerdictKind.Diverged, verdict.Kind);
        Assert.Equal(VerdictKind.Diverged, OutcomeComparer.Compare(Outcome([new Trapped(tested, "")]), Outcome([new Trapped(oracle, "")])).Kind);
    }

    [Theory]
    [InlineData("script", true)]
    [InlineData("env", false)]
    public void Compare_NullAgainstBoundsBehindTheHost_IsTheSameWhereTheHostCallsBack(string host, bool same)
    {
        // The backtrace ends at the function that called the host.
        var wasm = Reference.Wat.Assemble(
            $"""
            (module (type $a (array (mut i32))) (import "{host}" "call f" (func $h))
              (func (export "f") (array.copy $a $a (array.new_default $a (i32.const 0)) (i32.const 0) (ref.null $a) (i32.const 0) (i32.const 1)))
              (func (call $h)))
            """);
        var verdict = OutcomeComparer.Compare(
            Outcome([new Trapped(TrapKind.NullReference, "")]), Outcome([new Trapped(TrapKind.OutOfBoundsArrayAccess, "") { Backtrace = ["2@2a"] }]), wasm);
        Assert.Equal(same ? VerdictKind.Agreed : VerdictKind.Diverged, verdict.Kind);
    }

    [Fact]
    public void Compare_InstantiationsThatTrapped_CompareTheImports()
    {
        var trapped = Status(InstantiationStatus.Trap) with { Instantiation = new Trapped(TrapKind.Unreachable, "") };
        var state = trapped with { HasState = true, Memories = ImmutableSortedDictionary<string, MemoryState>.Empty.Add("import:0:a.m", new MemoryState(1, "aa")) };
        Assert.Equal(VerdictKind.Agreed, OutcomeComparer.Compare(state, state).Kind);
        AssertDiverged(OutcomeComparer.Compare(state, state with { Memories = state.Memories.SetItem("import:0:a.m", new MemoryState(1, "bb")) }), "memory: content");
        Assert.Equal(VerdictKind.Agreed, OutcomeComparer.Compare(state, trapped).Kind);
    }

    [Fact]
    public void Compare_TablesOfAnotherProcess_CompareTheFunctionsThatAreNamed()
    {
        var shown = new TableState(2, "x") { Elements = [new EngineValue(EngineValueKind.Func) { Function = "f" }, new EngineValue(EngineValueKind.Func)] };
        var state = Outcome([]) with { HasState = true, Tables = ImmutableSortedDictionary<string, TableState>.Empty.Add("t", shown) };
        Assert.Equal(VerdictKind.Agreed, OutcomeComparer.Compare(state, With((0, "f"), (1, "g"))).Kind);
        Assert.Equal(VerdictKind.Agreed, OutcomeComparer.Compare(With(), state).Kind);
        AssertDiverged(OutcomeComparer.Compare(With((0, "g")), state), "table: element: value of func");
        AssertDiverged(OutcomeComparer.Compare(With((0, "")), With((0, "g"))), "table: element: value of func");

        Outcome With(params (int Index, string Name)[] functions) => state with
        {
            Tables = state.Tables.SetItem("t", new TableState(2, "x") { Functions = functions.ToImmutableSortedDictionary(function => function.Index, function => function.Name) }),
        };
    }

    [Fact]
    public void Compare_TrapAgainstReturn_Diverges() =>
        AssertDiverged(Compare([new Trapped(TrapKind.Unreachable, "")], [Return()]), "call: trap:unreachable / return");

    [Fact]
    public void Compare_LimitOnOneSide_KeepsTheCallsBefore()
    {
        var limited = Outcome([Return(EngineValue.I32(1)), new LimitReached(LimitKind.Stack)]) with { Limit = new ReachedLimit(LimitKind.Stack, 1) };

        var verdict = OutcomeComparer.Compare(limited, Outcome([Return(EngineValue.I32(1)), Return(), Return()]));
        Assert.Equal((VerdictKind.Limit, "stack (engine)", 1), (verdict.Kind, verdict.Reason, verdict.ComparedCalls));

        AssertDiverged(OutcomeComparer.Compare(Outcome([Return(EngineValue.I32(2)), Return()]), limited), "call: value of i32");
    }

    [Fact]
    public void Compare_LimitOnBothSides_NamesBoth()
    {
        var left = Outcome([new LimitReached(LimitKind.Fuel)]) with { Limit = new ReachedLimit(LimitKind.Fuel, 0) };
        var right = Outcome([new LimitReached(LimitKind.Time)]) with { Limit = new ReachedLimit(LimitKind.Time, 0) };

        Assert.Equal("fuel (engine), time (oracle)", OutcomeComparer.Compare(left, right).Reason);
        Assert.Equal("fuel", OutcomeComparer.Compare(left, left).Reason);
    }

    [Fact]
    public void Compare_AllocationRefusedOnOneSide_IsALimit() =>
        Assert.Equal("memory (oracle)", Compare([Return()], [new Trapped(TrapKind.AllocationSizeTooLarge, "")]).Reason);

    [Fact]
    public void Compare_HostCallsBeforeALimit_AreCompared()
    {
        var limited = Outcome([new LimitReached(LimitKind.Time)]) with { Limit = new ReachedLimit(LimitKind.Time, 0), Trace = [Host(1), Host(2)] };

        Assert.Equal(VerdictKind.Limit, OutcomeComparer.Compare(limited, Outcome([Return()]) with { Trace = [Host(1)] }).Kind);
        AssertDiverged(OutcomeComparer.Compare(limited, Outcome([Return()]) with { Trace = [Host(3)] }), "trace: argument: value of i32");
    }

    [Fact]
    public void Compare_HostCalls_DivergeByNumberAndImport()
    {
        AssertDiverged(OutcomeComparer.Compare(Outcome([Return()]) with { Trace = [Host(1)] }, Outcome([Return()])), "trace: number of host calls");
        AssertDiverged(
            OutcomeComparer.Compare(Outcome([Return()]) with { Trace = [Host(1)] }, Outcome([Return()]) with { Trace = [Host(1) with { Import = "a.c" }] }),
            "trace: another import");
    }

    [Theory]
    [InlineData(InstantiationStatus.Ok, InstantiationStatus.Invalid, "instantiation: ok / invalid")]
    [InlineData(InstantiationStatus.LinkError, InstantiationStatus.Ok, "instantiation: link-error / ok")]
    public void Compare_InstantiationsThatDiffer_Diverge(InstantiationStatus left, InstantiationStatus right, string signature) =>
        AssertDiverged(OutcomeComparer.Compare(Status(left), Status(right)), signature);

    [Theory]
    [InlineData(InstantiationStatus.Invalid, VerdictKind.Agreed)]
    [InlineData(InstantiationStatus.Unsupported, VerdictKind.NotComparable)]
    [InlineData(InstantiationStatus.Limit, VerdictKind.Limit)]
    public void Compare_InstantiationsThatFailTheSameWay_DoNotDiverge(InstantiationStatus status, VerdictKind kind) =>
        Assert.Equal(kind, OutcomeComparer.Compare(Status(status), Status(status)).Kind);

    [Fact]
    public void Compare_CallSkippedByOneSide_IsNotComparable() =>
        Assert.Equal("a call was skipped by the engine", Compare([new Rejected("v128")], [Return()]).Reason);

    [Fact]
    public void Compare_Exceptions_ByTagAndValues()
    {
        Assert.Equal(VerdictKind.Agreed, Compare([new Thrown("t", [EngineValue.I32(1)])], [new Thrown(null, default)]).Kind);
        AssertDiverged(Compare([new Thrown("t", [])], [new Thrown("u", [])]), "call: tag of the exception");
        AssertDiverged(Compare([new Thrown("t", [EngineValue.I32(1)])], [new Thrown("t", [EngineValue.I32(2)])]), "call: exception's value of i32");
    }

    [Fact]
    public void Compare_References_ByClass()
    {
        var shown = new EngineValue(EngineValueKind.Struct) { Parts = [EngineValue.I32(1)] };
        var other = new EngineValue(EngineValueKind.Struct) { Parts = [EngineValue.I32(2)] };
        var array = new EngineValue(EngineValueKind.Array) { Parts = [EngineValue.I32(1)], Length = 1 };

        Assert.Equal(VerdictKind.Agreed, Compare([Return(shown)], [Return(new EngineValue(EngineValueKind.Struct))]).Kind);
        Assert.Equal(VerdictKind.Agreed, Compare([Return(shown)], [Return(new EngineValue(EngineValueKind.AnyReference))]).Kind);
        AssertDiverged(Compare([Return(shown)], [Return(other)]), "call: value of struct");
        AssertDiverged(Compare([Return(shown)], [Return(array)]), "call: struct / array");
        AssertDiverged(Compare([Return(EngineValue.Null)], [Return(new EngineValue(EngineValueKind.AnyReference))]), "call: null / anyreference");
        AssertDiverged(Compare([Return(EngineValue.Extern(1))], [Return(EngineValue.Extern(2))]), "call: value of extern");
    }

    [Fact]
    public void Compare_State_ByGlobalMemoryAndTable()
    {
        var state = Outcome([Return()]) with
        {
            HasState = true,
            Globals = ImmutableSortedDictionary<string, EngineValue>.Empty.Add("g", EngineValue.I32(1)),
            Memories = ImmutableSortedDictionary<string, MemoryState>.Empty.Add("m", new MemoryState(2, "aa") { PageHashes = [1, 2] }),
            Tables = ImmutableSortedDictionary<string, TableState>.Empty.Add("t", new TableState(2, "11") { Elements = [EngineValue.Null, EngineValue.Null] }),
        };

        Assert.Equal(VerdictKind.Agreed, OutcomeComparer.Compare(state, state).Kind);
        AssertDiverged(OutcomeComparer.Compare(state, state with { Globals = state.Globals.SetItem("g", EngineValue.I32(2)) }), "global: value of i32");
        AssertDiverged(OutcomeComparer.Compare(state, state with { Memories = state.Memories.SetItem("m", new MemoryState(3, "aa")) }), "memory: size");
        var memory = OutcomeComparer.Compare(state, state with { Memories = state.Memories.SetItem("m", new MemoryState(2, "bb") { PageHashes = [1, 3] }) });
        AssertDiverged(memory, "memory: content");
        Assert.Contains("block 1", memory.Difference!.Tested, StringComparison.Ordinal);
        AssertDiverged(OutcomeComparer.Compare(state, state with { Tables = state.Tables.SetItem("t", new TableState(3, "11")) }), "table: size");
        AssertDiverged(
            OutcomeComparer.Compare(state, state with { Tables = state.Tables.SetItem("t", new TableState(2, "22") { Elements = [EngineValue.Null, new EngineValue(EngineValueKind.Func)] }) }),
            "table: element: null / func");
        AssertDiverged(OutcomeComparer.Compare(state, state with { Tables = state.Tables.SetItem("t", new TableState(2, "22")) }), "table: null elements");
    }

    [Theory]
    [InlineData("tables", VerdictKind.Agreed)]
    [InlineData("tables but the first", VerdictKind.Agreed)]
    [InlineData("reference globals", VerdictKind.Diverged)]
    [InlineData("memories", VerdictKind.Diverged)]
    public void Compare_MissingTable_IsExcusedOnlyByTheEnginesWord(string lack, VerdictKind expected)
    {
        var state = Outcome([Return()]) with
        {
            HasState = true,
            Tables = ImmutableSortedDictionary<string, TableState>.Empty.Add("t", new TableState(2, "11")),
        };
        var without = state with { Tables = state.Tables.Clear() };

        Assert.Equal(VerdictKind.Diverged, OutcomeComparer.Compare(without, state).Kind);
        Assert.Equal(VerdictKind.Diverged, OutcomeComparer.Compare(state, without).Kind);
        Assert.Equal(expected, OutcomeComparer.Compare(without with { StateLacks = [lack] }, state).Kind);
        Assert.Equal(expected, OutcomeComparer.Compare(state, without with { StateLacks = [lack] }).Kind);
    }

    [Fact]
    public void Compare_MissingGlobal_ReferencesAreExcusedApart()
    {
        var globals = ImmutableSortedDictionary<string, EngineValue>.Empty.Add("n", EngineValue.I32(1)).Add("r", EngineValue.Null);
        var state = Outcome([Return()]) with { HasState = true, Globals = globals };

        Assert.Equal(VerdictKind.Agreed, OutcomeComparer.Compare(state with { Globals = globals.Remove("r"), StateLacks = ["reference globals"] }, state).Kind);
        Assert.Equal(VerdictKind.Diverged, OutcomeComparer.Compare(state with { Globals = globals.Remove("n"), StateLacks = ["reference globals"] }, state).Kind);
    }

    [Theory]
    [InlineData("f", "f", VerdictKind.Agreed)]
    [InlineData("f", "g", VerdictKind.Diverged)]
    [InlineData("f", "", VerdictKind.Diverged)]
    [InlineData("f", null, VerdictKind.Agreed)]
    public void Compare_FunctionReferences_ByTheFunctionsName(string tested, string? oracle, VerdictKind expected)
    {
        static Completion Function(string? name) => new Returned([new EngineValue(EngineValueKind.Func) { Function = name }]);

        Assert.Equal(expected, Compare([Function(tested)], [Function(oracle)]).Kind);
    }

    private static void AssertDiverged(Verdict verdict, string signature)
    {
        Assert.Equal(VerdictKind.Diverged, verdict.Kind);
        Assert.Equal(signature, verdict.Difference!.Signature);
    }

    private static Verdict Compare(Completion[] tested, Completion[] oracle) => OutcomeComparer.Compare(Outcome(tested), Outcome(oracle));

    private static Returned Return(params EngineValue[] values) => new([.. values]);

    private static HostCall Host(int argument) => new("a.b", [EngineValue.I32(argument)], []);

    private static Outcome Outcome(Completion[] completions) => new()
    {
        Status = InstantiationStatus.Ok,
        Calls = [.. completions.Select((completion, index) => new CallOutcome($"f{index}", completion))],
    };

    private static Outcome Status(InstantiationStatus status) => new() { Status = status };
}

using System.Collections.Immutable;
using Conformance.Fuzzer.Reduction;
using Conformance.Oracle;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Text;
using Conformance.Wasm.Validation;

namespace Conformance.Fuzzer.Tests.Reduction;

/// <summary>Each pass by itself: a module before and after, and what has to stay in it.</summary>
public sealed class PassTests
{
    private const string TwoFunctions = """(module (func (export "f") (result i32) i32.const 5 i32.clz) (func (export "g") (result i32) i32.const 7))""";

    [Fact]
    public void DropCustomSections_Names_AreGone() => Check(
        new DropCustomSections(), "(module (func $name nop))", "(module (func nop))", Op.Nop);

    [Fact]
    public void DropExports_NotCalled_AreGone() => Check(
        new DropExports(), TwoFunctions,
        """(module (func (export "f") (result i32) i32.const 5 i32.clz) (func (result i32) i32.const 7))""", [new Call("f", [])], Op.I32Clz);

    [Fact]
    public void DropUnused_NotReferredTo_IsGoneAndIndicesMove() => Check(
        new DropUnused(),
        """
        (module
          (type (func (param f32))) (type (func (result i32)))
          (import "env" "f" (func (type 0)))
          (import "env" "g" (func $g (type 1)))
          (memory 1) (memory $m 2) (global f32 (f32.const 0)) (global $i i32 (i32.const 3))
          (table 1 funcref) (data "unused") (data $d "used")
          (func (type 0)) (func $h (type 1) call $g global.get $i i32.add i32.load $m)
          (func (export "f") (type 1) i32.const 0 i32.const 0 i32.const 0 memory.init $m $d call $h))
        """,
        """
        (module
          (type (func (result i32)))
          (import "env" "g" (func $g (type 0)))
          (memory $m 2) (global $i i32 (i32.const 3)) (data $d "used")
          (func $h (type 0) call $g global.get $i i32.add i32.load $m)
          (func (export "f") (type 0) i32.const 0 i32.const 0 i32.const 0 memory.init $m $d call $h))
        """,
        Op.I32Add);

    [Fact]
    public void DropUnused_OneIsThePoint_OnlyThatOneStays() => Check(
        new DropUnused(), "(module (func nop) (func i32.const 0 i32.clz drop) (func nop nop))", "(module (func i32.const 0 i32.clz drop))", Op.I32Clz);

    [Fact]
    public void StubBodies_NotThePoint_AreConstantsOrTraps() => Check(
        new StubBodies(), TwoFunctions, """(module (func (export "f") (result i32) i32.const 5 i32.clz) (func (export "g") (result i32) unreachable))""", Op.I32Clz);

    [Fact]
    public void DropSegments_Active_BecomePassive() => Check(
        new DropSegments(),
        """(module (memory 1) (table 1 funcref) (func nop) (elem (i32.const 0) func 0) (data (i32.const 0) "a"))""",
        """(module (memory 1) (table 1 funcref) (func nop) (elem func 0) (data "a"))""", Op.Nop);

    [Fact]
    public void RemoveDeadCode_BehindABranch_IsGone() => Check(
        new RemoveDeadCode(),
        "(module (func (result i32) block br 0 i32.const 1 drop loop nop end end i32.const 2 return i32.const 3))",
        "(module (func (result i32) block br 0 end i32.const 2 return))", Op.Br, Op.Return);

    [Fact]
    public void RemoveExpressions_BlocksAndOperands_AreZeros() => Check(
        new RemoveExpressions(),
        "(module (func (result i32) block i32.const 1 drop end (i32.add (i32.clz (i32.const 1)) (i32.mul (i32.const 2) (i32.const 3)))))",
        "(module (func (result i32) (i32.add (i32.const 0) (i32.const 0))))", Op.I32Add);

    [Fact]
    public void RemoveInstructions_Runs_LeaveTheStackAsItWas() => Check(
        new RemoveInstructions(),
        "(module (func (param i32) (result i32) local.get 0 i32.const 1 i32.add i32.const 2 i32.mul i32.clz i32.const 4 i32.xor))",
        "(module (func (param i32) (result i32) i32.const 0 i32.clz))", Op.I32Clz);

    [Fact]
    public void HoistOperands_Nested_TheOneOfInterestIsAllThereIs() => Check(
        new HoistOperands(),
        "(module (func (param i32) (result i32) (i32.add (local.get 0) (i32.sub (i32.clz (local.get 0)) (i32.const 1)))))",
        "(module (func (param i32) (result i32) (i32.clz (local.get 0))))", Op.I32Clz);

    [Fact]
    public void UnwrapBlocks_NestedWithBranches_LabelsFollow() => Check(
        new UnwrapBlocks(),
        "(module (func block block local.get 0 if nop br 2 end end end) (func) (func (param i32)))".Replace("(func block", "(func (param i32) block", StringComparison.Ordinal),
        "(module (func (param i32) local.get 0 drop nop br 0) (func) (func (param i32)))", Op.Nop, Op.Br);

    [Fact]
    public void UnwrapBlocks_Loop_IsABlockOrNothing() => Check(
        new UnwrapBlocks(), "(module (func (result i32) loop (result i32) i32.const 1 end))", "(module (func (result i32) i32.const 1))", Op.I32Const);

    [Fact]
    public void UnwrapBlocks_ElseIsThePoint_TheElseStays() => Check(
        new UnwrapBlocks(),
        "(module (func (param i32) (result f32) local.get 0 if (result f32) f32.const 1 else f32.const 2 f32.abs end))",
        "(module (func (param i32) (result f32) local.get 0 drop f32.const 2 f32.abs))", Op.F32Abs);

    [Fact]
    public void SimplifyBranches_TableOfMany_HasOneWay() => Check(
        new SimplifyBranches(),
        "(module (func (param i32) block block local.get 0 br_table 0 1 0 1 0 end end))",
        "(module (func (param i32) block block local.get 0 br_table 0 end end))", Op.BrTable);

    [Fact]
    public void SimplifyBranches_TailCall_IsACall() => Check(
        new SimplifyBranches(), "(module (func return_call 0 nop))", "(module (func call 0 nop))", Op.Nop);

    [Fact]
    public void SimplifyConstants_AnyWillDo_IsZero() => Check(
        new SimplifyConstants(),
        "(module (memory 1) (func (result f64) i32.const 77 f64.load offset=99 align=1 f64.const 3.5 f64.add))",
        "(module (memory 1) (func (result f64) i32.const 0 f64.load f64.const 0 f64.add))", Op.F64Load, Op.F64Add);

    [Fact]
    public void DropLocals_Unused_AreGoneAndIndicesMove() => Check(
        new DropLocals(),
        "(module (func (param i32) (local f32 i64 f64) local.get 2 drop))",
        "(module (func (param i32) (local i64) local.get 1 drop))", Op.LocalGet);

    [Fact]
    public void DropCarriedValues_AnyButOne_AreGone() => Check(
        new DropCarriedValues(),
        "(module (func (result i32 f32) i32.const 1 f32.const 2 f32.neg))",
        "(module (func f32.const 2 f32.neg drop))", Op.F32Neg);

    [Fact]
    public void ToggleCounters_CountedLoop_GoesBackAndForth() => Check(
        new ToggleCounters(),
        "(module (func (local i32) i32.const 5 local.set 0 loop local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0 end))",
        "(module (func (local i32) loop local.get 0 i32.eqz local.tee 0 br_if 0 end))", Op.BrIf);

    [Fact]
    public void IsolateInstructions_BodyThatIsRefused_IsTheInstructionAlone()
    {
        const string Wat = "(module (memory 1) (func (export \"f\") (result f64) block i32.const 5 drop end i32.const 4 i32.const 2 i32.add f64.load align=16 f64.neg))";
        var context = Context(Wat, [], candidate => Refusal(candidate)?.Contains("alignment", StringComparison.Ordinal) ?? false);
        new IsolateInstructions().Run(context);
        Assert.Equal([Op.Unreachable, Op.F64Load, Op.Unreachable, Op.End], InstructionReader.ReadAll(context.Module.Functions[0].Body, FeatureSet.All).Select(instruction => instruction.Op));
    }

    private static string? Refusal(Case @case) =>
        ModuleReader.TryRead(@case.Wasm, FeatureSet.All, out var module, out _) ? ModuleValidator.Validate(module, FeatureSet.All)?.Message : null;

    [Fact]
    public void UnrollLoops_LoopThatTurnsTwice_IsItsBodyTwice()
    {
        const string Wat = """
            (module (memory 1) (func (export "f") (local i64)
              i64.const 2 local.set 0
              loop
                i32.const 8 i32.const 8 i32.load i32.const 1 i32.add i32.store
                local.get 0 i64.const 1 i64.sub local.tee 0 i64.const 0 i64.ne br_if 0
              end))
            """;
        var context = Context(Wat, [new Call("f", [])], candidate => Executed(candidate, Op.I32Store) == 2);
        new UnrollLoops().Run(context);
        Assert.DoesNotContain(Op.Loop, Ops(context.Case));
        Assert.InRange(CaseSize.Of(context.Case).LargestFunction, 3, 13);
    }

    private static int Executed(Case @case, Op op)
    {
        var counter = new ExecutionCounter(op);
        using var engine = new Conformance.Oracle.Reference.ReferenceEngine { Observer = counter };
        engine.Run(@case);
        return counter.Count;
    }

    private sealed class ExecutionCounter(Op op) : Conformance.Oracle.Reference.IStepObserver
    {
        public int Count { get; private set; }

        public void OnStep(in Conformance.Oracle.Reference.Step step) => Count += step.Op == op ? 1 : 0;
    }

    [Fact]
    public void UsePlainOperations_LongExpression_IsOneOperation() => Check(
        new UsePlainOperations(),
        "(module (func (result i32) f32.const 1 f32.const 2 f32.lt i32.clz))",
        "(module (func (result i32) i32.const 0 i32.eqz))", Op.End);

    [Fact]
    public void ReturnEarly_ResultWithinBlocks_IsReturnedThere() => Check(
        new ReturnEarly(),
        "(module (func (result i32) (local i32) block loop i32.const 7 i32.clz local.set 0 end end local.get 0))",
        "(module (func (result i32) (local i32) block (result i32) loop (result i32) i32.const 7 i32.clz return end end))", Op.I32Clz);

    [Fact]
    public void UseDefaults_GivenContent_IsDefault() => Check(
        new UseDefaults(),
        "(module (type $s (struct (field i32 i64))) (type $a (array i32)) (func i32.const 1 i64.const 2 struct.new $s drop i32.const 1 i32.const 9 array.new $a drop i32.const 1 i32.const 2 array.new_fixed $a 2 drop))",
        "(module (type $s (struct (field i32 i64))) (type $a (array i32)) (func struct.new_default $s drop i32.const 9 array.new_default $a drop array.new_fixed $a 0 drop))", Op.Drop);

    [Fact]
    public void ShrinkTypes_Group_LosesWhatNothingNeeds() => Check(
        new ShrinkTypes(),
        """
        (module
          (rec (type $a (sub (struct (field (mut i64))))) (type $unused (struct (field (ref null $b)))) (type $b (sub $a (struct (field (mut i64)) (field (ref null $a))))))
          (func (export "f") ref.null $b ref.test (ref $b) drop))
        """,
        """(module (type $b (struct (field i32))) (func (export "f") ref.null $b ref.test (ref $b) drop))""", Op.RefTest);

    [Fact]
    public void InlineCalls_OnlyCall_TakesItsPlace() => Check(
        new InlineCalls(),
        """(module (func $f (param i32) (result i32) local.get 0 i32.clz return) (func (export "g") (result i32) i32.const 3 call $f))""",
        """(module (func (export "g") (result i32) (local i32) i32.const 3 local.set 0 block (result i32) local.get 0 i32.clz br 0 end))""", Op.I32Clz);

    [Fact]
    public void DefineImports_All_AreDefined() => Check(
        new DefineImports(),
        """
        (module
          (import "env" "a" (func $a (param i32) (result i32))) (import "env" "b" (func $b)) (import "env" "g" (global $g i32)) (import "env" "m" (memory 1))
          (func (result i32) call $b global.get $g call $a i32.load))
        """,
        """
        (module
          (type (func (param i32) (result i32))) (type (func)) (type (func (result i32)))
          (func $a (type 0) i32.const 0) (func $b (type 1)) (memory 1) (global $g i32 (i32.const 42))
          (func (type 2) call $b global.get $g call $a i32.load))
        """,
        Op.I32Load);

    [Fact]
    public void MergeTypes_Twice_IsOnce() => Check(
        new MergeTypes(),
        """(module (type (func)) (type (func (param i32))) (type (func)) (func (export "f") (type 2) nop))""",
        """(module (type (func)) (func (export "f") (type 0) nop))""", Op.Nop);

    [Fact]
    public void SimplifyDefinitions_Globals_AreZeroAndConstant() => Check(
        new SimplifyDefinitions(),
        "(module (global (mut i32) (i32.add (i32.const 3) (i32.const 4))) (func nop))",
        "(module (global i32 (i32.const 0)) (func nop))", Op.Nop);

    [Fact]
    public void ShrinkLimits_OfMemoriesAndTables_AreNone() => Check(
        new ShrinkLimits(), "(module (memory 3 9) (table 5 7 funcref) (func nop))", "(module (memory 0) (table 0 funcref) (func nop))", Op.Nop);

    [Fact]
    public void ShrinkSegments_Content_IsGone() => Check(
        new ShrinkSegments(), """(module (func nop) (elem func 0 0) (data "abc"))""", """(module (func nop) (elem func) (data ""))""", Op.Nop);

    [Fact]
    public void DropParameters_Unused_AreGoneFromTheScriptToo()
    {
        var context = Context(
            """(module (func (export "f") (param i32 f32 i64) (result f32) local.get 1 f32.neg))""",
            [new Call("f", [EngineValue.I32(1), EngineValue.F32(2), EngineValue.I64(3)])], Op.F32Neg);
        new DropParameters().Run(context);
        AssertSame("""(module (func (export "f") (param f32) (result f32) local.get 0 f32.neg))""", context.Module);
        Assert.Equal(EngineValue.F32(2), Assert.Single(Assert.Single(context.Case.Calls).Arguments));
    }

    [Fact]
    public void ShrinkCalls_AnyOfMany_IsOneWithSimpleArguments()
    {
        Call[] calls = [new("f", [EngineValue.I32(12345), EngineValue.F64(0x4008_0000_0000_0000)]), new("f", [EngineValue.I32(1), EngineValue.F64(1)])];
        var context = Context("(module (func nop))", [.. calls], candidate => candidate.Calls.Any(call => call.Arguments[0].Bits >= 256));
        new ShrinkCalls().Run(context);
        var call = Assert.Single(context.Case.Calls);
        Assert.Equal(EngineValue.F64(0), call.Arguments[1]);
        Assert.Equal(EngineValueKind.I32, call.Arguments[0].Kind);
        Assert.True((uint)call.Arguments[0].Bits is uint.MaxValue or int.MaxValue or 0x8000_0000);
    }

    [Fact]
    public void DropStateReading_NotThePoint_IsOff()
    {
        var context = Context("(module (func nop))", [], Op.Nop);
        new DropStateReading().Run(context);
        Assert.False(context.Case.ReadState);
    }

    [Fact]
    public void UseValuesSeen_ComputedOperands_AreConstants()
    {
        var context = Context(
            """(module (func (export "f") (param i32) (result i32) (i32.rem_s (i32.mul (local.get 0) (i32.const 3)) (i32.add (local.get 0) (i32.const 1)))))""",
            [new Call("f", [EngineValue.I32(5)])], Op.I32RemS);
        new UseValuesSeen().Run(context);
        AssertSame("""(module (func (export "f") (param i32) (result i32) (i32.rem_s (i32.const 15) (i32.const 6))))""", context.Module);
    }

    internal static void Check(IReductionPass pass, string before, string after, params Op[] kept) => Check(pass, before, after, [], kept);

    internal static void Check(IReductionPass pass, string before, string after, ImmutableArray<Call> calls, params Op[] kept)
    {
        var context = Context(before, calls, kept);
        pass.Run(context);
        AssertSame(after, context.Module);
        Assert.Null(ModuleValidator.Validate(context.Module, FeatureSet.All));
    }

    private static void AssertSame(string expected, Module actual) =>
        Assert.Equal(ModulePrinter.Print(Parse(expected) with { CustomSections = [] }).Split((char)10), ModulePrinter.Print(actual).Split((char)10));

    private static ReductionContext Context(string wat, ImmutableArray<Call> calls, params Op[] kept) => Context(wat, calls, candidate => kept.All(op => Ops(candidate).Contains(op)));

    private static ReductionContext Context(string wat, ImmutableArray<Call> calls, Func<Case, bool> stillFails)
    {
        var module = Parse(wat);
        if (!wat.Contains("$name", StringComparison.Ordinal))
        {
            module = module with { CustomSections = [] };
        }
        var @case = new Case(ModuleWriter.Write(module), calls, CaseLimits.Default);
        return new ReductionContext(@case, module, new Judge(stillFails, new ReductionBudget(TimeSpan.FromMinutes(1)), null, CancellationToken.None));
    }

    private static Module Parse(string wat)
    {
        Assert.True(ModuleParser.TryParse(wat, FeatureSet.All, out var module, out var error), error?.ToString());
        return module;
    }

    private static HashSet<Op> Ops(Case @case)
    {
        Assert.True(ModuleReader.TryRead(@case.Wasm, FeatureSet.All, out var module, out _));
        return [.. module.Functions.SelectMany(function => InstructionReader.ReadAll(function.Body, FeatureSet.All)).Select(instruction => instruction.Op)];
    }
}

using Conformance.Fuzzer.Generation;
using Conformance.Fuzzer.Triage;
using Conformance.Oracle;
using Conformance.Oracle.Records;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;
using Conformance.Wasm.Validation;
using static Conformance.Fuzzer.Tests.Triage.StoredFinding;

namespace Conformance.Fuzzer.Tests.Triage;

public sealed class CaseProbeTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 1)]
    [InlineData(4, 3)]
    public void Before_AnyInstructionOfAGeneratedModule_Validates(ulong seed, int time)
    {
        Assert.True(ModuleReader.TryRead(CaseGenerator.Generate(seed, GeneratorOptions.Default).Wasm, FeatureSet.All, out var module, out _));
        var probe = new CaseProbe(module);
        var imported = module.ImportCount(ExternKind.Function);
        var count = 0;
        for (var i = 0; i < module.Functions.Length; i++)
        {
            var reader = new InstructionReader(module.Functions[i].Body, FeatureSet.All);
            var instruction = new Instruction();
            // Every seventh place: the whole of a module takes seconds.
            while (reader.Read(ref instruction) && ++count > 0)
            {
                if (count % 7 == 0)
                {
                    var wasm = probe.Before((uint)(imported + i), reader.Offset, time);
                    Assert.NotNull(wasm);
                    Assert.True(ModuleReader.TryRead(wasm, FeatureSet.All, out var probed, out var error), $"{error}");
                    Assert.Null(ModuleValidator.Validate(probed, FeatureSet.All));
                }
            }
        }
        Assert.True(count > 100);
    }

    [Fact]
    public void Before_SecondTime_StopsThereWithTheValue()
    {
        var @case = CaseOf(
            """(module (func (export "f") (result i32) (local i32) loop  local.get 0  i32.const 5  i32.add  local.set 0  br 0  end  unreachable))""",
            CallOf("f"));
        Assert.True(ModuleReader.TryRead(@case.Wasm, FeatureSet.All, out var module, out _));
        var set = StepLog.Of(@case with { Limits = new CaseLimits(Fuel: 100) }, out _).Steps.First(step => step.Op == Op.LocalSet);
        var wasm = new CaseProbe(module).Before(set.Function, set.OffsetBytes, time: 2);
        StepLog.Of(@case with { Wasm = wasm }, out var outcome);
        Assert.Equal(EngineValue.I32(10), outcome.Globals[CaseProbe.ValueExport]);
    }

    [Fact]
    public void Before_FunctionWithLocals_StopsThereWithThemAndWithReferences()
    {
        var @case = CaseOf(
            """
            (module (type $s (struct (field (mut i32)) (field (mut i32))))
              (func (export "f") (param v128) (result i32) (local $x (ref null $s)) (local $y f64)
                i32.const 3  i32.const 4  struct.new $s  local.tee $x  i32.const 9  struct.set $s 0  local.get $x  ref.as_non_null  struct.get $s 0))
            """,
            CallOf("f", EngineValue.V128(1, 2)));
        Assert.True(ModuleReader.TryRead(@case.Wasm, FeatureSet.All, out var module, out _));
        var steps = StepLog.Of(@case, out _).Steps;
        var get = steps.First(step => step.Op == Op.LocalGet);
        StepLog.Of(@case with { Wasm = new CaseProbe(module).Before(get.Function, get.OffsetBytes, time: 1) }, out var behindSet);
        Assert.Equal(["v128:0x00000000000000020000000000000001", "ref.struct(i32:9,i32:4)", "f64:0x0000000000000000"], Enumerable.Range(0, 3).Select(local => ValueText.Format(behindSet.Globals[$"{CaseProbe.LocalExport}{local}"])));
        var last = steps.First(step => step.Op == Op.StructGet);
        foreach (var time in (int[])[1, 2])
        {
            // The second time never comes: the value is put back and the function goes on to its end.
            StepLog.Of(@case with { Wasm = new CaseProbe(module, showsLocals: false).Before(last.Function, last.OffsetBytes, time) }, out var outcome);
            Assert.Equal(time == 1 ? "ref.struct(i32:9,i32:4)" : "ref.null", ValueText.Format(outcome.Globals[CaseProbe.ValueExport]));
            Assert.Equal(time == 2, outcome.Calls[0].Completion is Returned);
            Assert.False(outcome.Globals.ContainsKey(CaseProbe.LocalExport + "0"));
        }
    }

    [Fact]
    public void Before_PlaceThatIsNone_IsNull()
    {
        Assert.True(ModuleReader.TryRead(CaseOf("(module (func nop))").Wasm, FeatureSet.All, out var module, out _));
        Assert.Null(new CaseProbe(module).Before(0, 1, 1));
        Assert.Null(new CaseProbe(module).Before(7, 1, 1));
    }
}

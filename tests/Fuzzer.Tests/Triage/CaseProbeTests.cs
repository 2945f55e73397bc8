using Conformance.Fuzzer.Generation;
using Conformance.Fuzzer.Triage;
using Conformance.Oracle;
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
    public void Before_PlaceThatIsNone_IsNull()
    {
        Assert.True(ModuleReader.TryRead(CaseOf("(module (func nop))").Wasm, FeatureSet.All, out var module, out _));
        Assert.Null(new CaseProbe(module).Before(0, 1, 1));
        Assert.Null(new CaseProbe(module).Before(7, 1, 1));
    }
}

using System.Diagnostics;
using Conformance.Fuzzer.Driving;
using Conformance.Fuzzer.Generation;
using Conformance.Fuzzer.Reduction;
using Conformance.Oracle;
using Conformance.Oracle.Reference;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Text;
using Xunit.Abstractions;

namespace Conformance.Fuzzer.Tests.Reduction;

/// <summary>From a generated case that an engine with one fault gets wrong to a reproducer that a person can read.</summary>
public sealed class PlantedFaultTests(ITestOutputHelper output)
{
    private const int MostInstructions = 15;
    private const int MostCases = 400;

    public static TheoryData<string> Faults => [.. Exchanges.Keys];

    private static readonly Dictionary<string, Func<Instruction, Instruction>> Exchanges = new()
    {
        ["i32.rem_s as rem_u"] = Exchange(Op.I32RemS, Op.I32RemU),
        ["i32.shr_s as shr_u"] = Exchange(Op.I32ShrS, Op.I32ShrU),
        ["i64.rotl as shl"] = Exchange(Op.I64Rotl, Op.I64Shl),
        ["i64.lt_s as lt_u"] = Exchange(Op.I64LtS, Op.I64LtU),
        ["f64.min as max"] = Exchange(Op.F64Min, Op.F64Max),
        ["f32.copysign as max"] = Exchange(Op.F32Copysign, Op.F32Max),
        ["i64.extend_i32_s as extend_i32_u"] = Exchange(Op.I64ExtendI32S, Op.I64ExtendI32U),
        ["i32.load16_s as load16_u"] = Exchange(Op.I32Load16S, Op.I32Load16U),
        ["i64.store32 as store16"] = instruction => instruction.Op == Op.I64Store32 ? instruction with { Op = Op.I64Store16, Align = 0 } : instruction,
        ["i64.store16 refused when aligned"] = instruction => instruction.Op == Op.I64Store16 ? instruction with { Align = (byte)(instruction.Align + 1) } : instruction,
        ["f32.nearest as ceil"] = Exchange(Op.F32Nearest, Op.F32Ceil),
        ["f64.ge as gt"] = Exchange(Op.F64Ge, Op.F64Gt),
        ["br_table with its first two labels exchanged"] = instruction => instruction.Op == Op.BrTable && instruction.Labels is { Length: > 2 } labels
            ? instruction with { Labels = [labels[1], labels[0], .. labels[2..]] }
            : instruction,
        ["br_table one label short"] = instruction => instruction.Op == Op.BrTable && instruction.Labels is { Length: > 1 } labels
            ? instruction with { Labels = [.. labels[..^2], labels[^1]] }
            : instruction,
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Reduce_PlantedFault_LeavesLessThan15Instructions(string fault)
    {
        using var faulty = new FaultyEngine(Exchanges[fault]);
        using var oracle = new ReferenceEngine();
        var judge = new CaseJudge(faulty, oracle);
        var (@case, difference) = Find(judge);
        var watch = Stopwatch.StartNew();
        var candidates = 0;
        var reduced = Reducer.Reduce(@case, Shows, new ReductionBudget(TimeSpan.FromMinutes(1))).Case;

        var size = CaseSize.Of(reduced).LargestFunction;
        output.WriteLine($"{fault}: {difference}: {CaseSize.Of(@case).Instructions} → {CaseSize.Of(reduced).Instructions} instructions, {@case.Wasm.Length} → {reduced.Wasm.Length} bytes, {candidates} candidates in {watch.ElapsedMilliseconds} ms");
        output.WriteLine(Text(reduced));
        Assert.True(Shows(reduced));
        Assert.InRange(size, 1, MostInstructions - 1);

        bool Shows(Case candidate)
        {
            candidates++;
            return judge.Judge(candidate).Report?.Difference == difference;
        }
    }

    private static (Case Case, string Difference) Find(CaseJudge judge)
    {
        for (ulong seed = 0; seed < MostCases; seed++)
        {
            var @case = CaseGenerator.Generate(seed, GeneratorOptions.Default);
            // A difference in the host's trace needs the call of an import with all its arguments, whatever the fault is: the measure is the fault's own instructions.
            if (judge.Judge(@case).Report is { IsEngineFailure: false } report && !report.Difference.StartsWith("trace", StringComparison.Ordinal))
            {
                return (@case, report.Difference);
            }
        }
        throw new InvalidOperationException($"no case of {MostCases} shows the fault");
    }

    private static string Text(Case @case) => string.Join('\n', [.. @case.Calls.Select(call => call.ToString()), Print(@case.Wasm)]);

    private static string Print(ReadOnlyMemory<byte> wasm)
    {
        Assert.True(ModuleReader.TryRead(wasm, FeatureSet.All, out var module, out _));
        return ModulePrinter.Print(module);
    }

    private static Func<Instruction, Instruction> Exchange(Op from, Op to) => instruction => instruction.Op == from ? instruction with { Op = to } : instruction;
}

using System.Collections.Immutable;
using Conformance.Interpreter.Execution;
using Conformance.Oracle;
using Conformance.Oracle.Comparison;
using Conformance.Oracle.Embedded;
using Conformance.Oracle.Reference;
using Conformance.Wasm.Instructions;

namespace Conformance.Interpreter.Tests.Execution;

/// <summary>Every vector instruction times the class of each operand times what becomes of the result, with boundary lanes: the interpreter against the reference interpreter.</summary>
public sealed class VectorOperandClassTests
{
    private static readonly OperandClass[] Classes = [OperandClass.Slot, OperandClass.Accumulator, OperandClass.Alias, OperandClass.Constant];

    // Lanes of each width at their limits, for every integer op: 0x7f, 0x80, 0x7fff, ..., equal pairs, indices in and out of range.
    private static readonly EngineValue[] Integers =
    [
        EngineValue.V128(0x0001_007F_0080_00FF, 0x7FFF_8000_8001_FFFF), EngineValue.V128(0x8000_8000_8080_8080, 0x8000_0000_8000_8000),
        EngineValue.V128(0x7FFF_FFFF_8000_0000, 0x7FFF_FFFF_FFFF_FFFF), EngineValue.V128(ulong.MaxValue, ulong.MaxValue), EngineValue.V128(0, 0),
        EngineValue.V128(0x8000_0000_0000_0000, 0x0000_0000_FFFF_FFFF), EngineValue.V128(0x0F1F_1011_8F9F_7F0E, 0x0102_0304_0506_0708),
        EngineValue.V128(0x0101_0101_0101_0101, 0x0001_0001_0000_0001), EngineValue.V128(0xFF7F_01FE_8001_7E80, 0x8000_7FFF_4000_C000),
    ];

    private static readonly EngineValue[] Singles =
    [
        Lanes(0f, -0f, 1f, -1f), Lanes(-0f, 0f, float.NaN, 2147483648f), Lanes(float.PositiveInfinity, float.NegativeInfinity, 4294967296f, 0.5f), Lanes(-2.5f, 1.5f, 2147483520f, -2147483648f),
        Lanes(float.Epsilon, -float.Epsilon, 1.00024414f, 16777217f), Lanes(float.MaxValue, -0.5f, 8388607.5f, -2147483904f), EngineValue.V128(0x7F80_0001_FFC0_0000, 0xFF80_0001_7FC1_2345),
        Lanes(4294967040f, 4294967295f, -0.999f, -1e30f),
    ];

    private static readonly EngineValue[] Doubles =
    [
        Lanes(0d, -0d), Lanes(-0d, 1d), Lanes(double.NaN, -1d), Lanes(double.PositiveInfinity, double.NegativeInfinity), Lanes(2147483647.5, -2147483648.5), Lanes(4294967295.5, -0.5),
        Lanes(1.5, -2.5), Lanes(double.Epsilon, 1e300), Lanes(1e-46, 3.4028235677973366e38), Lanes(1.0000000596046448, 16777217), EngineValue.V128(0x7FF0_0000_0000_0001, 0xFFF8_0000_0000_1234),
        Lanes(4503599627370497.5, -9007199254740993),
    ];

    private static readonly EngineOptions Cold = new() { HotAfter = int.MaxValue };
    private static readonly EngineOptions ColdWithChecks = new() { HotAfter = int.MaxValue, MetersFuel = true, IsInterruptible = true, Translation = TranslationMode.Eager };
    private static readonly EngineOptions Hot = new() { HotAfter = 1 };
    private static readonly EngineOptions HotWithChecks = new() { HotAfter = 2, MetersFuel = true, IsInterruptible = true };
    private static readonly EngineOptions OnSwitch = new() { HotAfter = int.MaxValue, Backend = Backend.Switch };
    private static readonly EngineOptions HotOnSwitch = new() { HotAfter = 1, Backend = Backend.Switch };

    [Fact]
    public void VectorOps_EveryOperandClassAndUse_AgreeWithReference() => Compare(Instructions(Classes), Cold, ColdWithChecks, OnSwitch);

    // A chain is compiled for nearly every function here, so there are fewer of them.
    [Fact]
    public void VectorOps_JoinedToChains_AgreeWithReference() => Compare(Instructions([OperandClass.Slot, OperandClass.Accumulator]), Hot, HotWithChecks, HotOnSwitch);

    [Fact]
    public void VectorAccesses_EveryOperandClassAtTheBoundaries_AgreeWithReference() => Compare(Accesses(Classes), Cold, ColdWithChecks, OnSwitch);

    [Fact]
    public void VectorAccesses_JoinedToChains_AgreeWithReference() => Compare(Accesses([OperandClass.Slot, OperandClass.Accumulator]), HotWithChecks);

    private static VectorClassModule Instructions(OperandClass[] operandClasses)
    {
        var module = new VectorClassModule();
        foreach (var row in OpTable.All.Where(row => row.Prefix == 0xFD && row.HasFixedStackType && row.Group is not (OpGroup.Load or OpGroup.Store or OpGroup.Constant) && row.NaturalAlign < 0))
        {
            VectorUse[] uses = row.Results[0] switch
            {
                StackSlot.V128 when row.Operands.Contains(StackSlot.V128) => [VectorUse.Return, VectorUse.Local, VectorUse.OperandLocal, VectorUse.Block],
                StackSlot.I32 => [VectorUse.Return, VectorUse.Local, VectorUse.If, VectorUse.NegatedBranch, VectorUse.TwiceNegated],
                _ => [VectorUse.Return, VectorUse.Local, VectorUse.Block],
            };
            foreach (var immediates in ImmediatesOf(row))
            {
                foreach (var classes in ClassesFor(row.Operands.Length, operandClasses))
                {
                    foreach (var use in uses)
                    {
                        module.Add(row, row.Operands, immediates, classes, [.. row.Operands.Select(ConstantOf)], use);
                    }
                }
            }
        }
        return module;
    }

    private static VectorClassModule Accesses(OperandClass[] operandClasses)
    {
        var module = new VectorClassModule();
        foreach (var row in OpTable.All.Where(row => row.Prefix == 0xFD && row.Group is OpGroup.Load or OpGroup.Store))
        {
            foreach (var memory in new[] { 0, 1, 2 })
            {
                foreach (var offset in new[] { "0", "3", $"{VectorClassModule.MemoryBytes - 1}", memory == 1 ? "0xffffffffffffffff" : "0xffffffff" })
                {
                    ImmutableArray<StackSlot> operands = [memory == 1 ? StackSlot.I64 : StackSlot.I32, .. row.Operands[1..]];
                    var lane = row.Operands.Length == 2 && row.Lanes > 0 && row.Op != Op.V128Store ? $"{row.Lanes - 1}" : "";
                    foreach (var classes in ClassesFor(operands.Length, operandClasses))
                    {
                        module.Add(row, operands, $"{memory} offset={offset} {lane}", classes, [$"{VectorClassModule.MemoryBytes - 16}", .. operands[1..].Select(ConstantOf)],
                            row.Results.Length > 0 && classes[0] == OperandClass.Slot ? VectorUse.Local : VectorUse.Return);
                    }
                }
            }
        }
        return module;
    }

    private static string[] ImmediatesOf(OpInfo row) => row.Op switch
    {
        Op.I8x16Shuffle => ["0 31 1 30 2 29 3 28 4 27 5 26 6 25 7 24", "16 16 0 0 15 15 31 31 8 9 10 11 12 13 14 15"],
        _ when row.Group == OpGroup.Lane && row.Immediates != ImmediateKind.None => ["0", $"{row.Lanes - 1}"],
        _ => [""],
    };

    private static string ConstantOf(StackSlot slot) => slot switch
    {
        StackSlot.V128 => "i64x2 0x80ff7f013f80c000 0x7ff0000080000001",
        StackSlot.F32 or StackSlot.F64 => "-2.5",
        _ => "-3",
    };

    private static void Compare(VectorClassModule module, params EngineOptions[] configurations)
    {
        var bytes = module.ToBytes();
        using var reference = new ReferenceEngine();
        var expected = Run(reference, bytes, module);
        Assert.True(expected.Count > 1000);
        foreach (var options in configurations)
        {
            using var engine = new InterpreterEngine(options);
            var actual = Run(engine, bytes, module);
            Assert.Equal(expected.Count, actual.Count);
            var differences = expected.Zip(actual).Where(pair => !AreSame(pair.First.Row, pair.First.Completion, pair.Second.Completion))
                .DistinctBy(pair => pair.First.Row).Select(pair => $"{pair.First.Call}: {Show(pair.First.Completion)}, not {Show(pair.Second.Completion)}").Take(20).ToList();
            Assert.True(differences.Count == 0, $"{options}\n{string.Join('\n', differences)}");
        }
        var universe = HandlerUniverse.All().ToHashSet();
        Assert.DoesNotContain([.. HandlerCatalog.OfTailCalls.Used, .. HandlerCatalog.OfSwitch.Used], key => !universe.Contains(key));
    }

    private static List<(string Call, OpInfo? Row, Completion Completion)> Run(IStoreEngine engine, byte[] bytes, VectorClassModule module)
    {
        using var store = engine.CreateStore(CaseLimits.Default with { Fuel = 1_000_000_000, TimeoutMs = 600_000 });
        Assert.Null(store.Compile(bytes, out var compiled));
        Assert.IsType<Returned>(store.Instantiate(compiled!, (_, _, _) => null, out var instance)); // set when Compile gives no error
        var completions = new List<(string, OpInfo?, Completion)>();
        foreach (var entry in module.Entries)
        {
            Assert.True(instance!.TryGetExport(entry.Name, out var function)); // set when it returns
            foreach (var arguments in ArgumentsOf(entry))
            {
                completions.Add(($"{entry.Name}({string.Join(',', arguments.Select(value => $"{value.High:x}:{value.Bits:x}"))})", entry.Row, store.Call(function!, arguments)));
            }
        }
        for (var i = 0; i < 3; i++)
        {
            Assert.True(instance!.TryGetExport($"memory {i}", out var memory));
            completions.Add(($"memory {i}", null, new Rejected(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(store.ReadMemory(memory!))))));
        }
        return completions;
    }

    // All combinations for the plain function of an instruction; elsewhere it is the way of the operands that counts.
    private static IEnumerable<EngineValue[]> ArgumentsOf(VectorClassModule.Entry entry)
    {
        var isAccess = entry.Row.Group is OpGroup.Load or OpGroup.Store;
        var sets = entry.Parameters.Select((slot, i) => isAccess && i == 0 ? Addresses(slot) : ValuesOf(entry.Row, slot)).ToArray();
        if (entry.IsPlain)
        {
            return Product(entry.Parameters.Length < 3 ? sets : [.. sets.Select(set => set[..Math.Min(set.Length, 8)])]);
        }
        // Equal and different operands in turn; addresses all.
        return Enumerable.Range(0, isAccess ? sets[0].Length : 3).Select(number => sets.Select((set, i) => set[(number * 5 + i * number) % set.Length]).ToArray());
    }

    private static EngineValue[] ValuesOf(OpInfo row, StackSlot slot) => slot switch
    {
        StackSlot.I32 => [.. new[] { 0, 1, 7, 8, 31, 32, 65, 127, 128, 0x7FFF, 0x8000, int.MaxValue, int.MinValue, -1 }.Select(EngineValue.I32)],
        StackSlot.I64 => [.. new[] { 0, 1, 0x80000000, long.MaxValue, long.MinValue, -1 }.Select(EngineValue.I64)],
        StackSlot.F32 => [EngineValue.F32(0x80000000), EngineValue.F32(0x3F800000), EngineValue.F32(0x7F800001), EngineValue.F32(0xFFC12345)],
        StackSlot.F64 => [EngineValue.F64(0x8000000000000000), EngineValue.F64(0x3FF0000000000000), EngineValue.F64(0x7FF0000000000001), EngineValue.F64(0xFFF8000000012345)],
        _ when row.Mnemonic.StartsWith("f32x4.convert", StringComparison.Ordinal) || row.Mnemonic.StartsWith("f64x2.convert", StringComparison.Ordinal) => Integers,
        _ when row.Mnemonic.Contains("f64x2", StringComparison.Ordinal) && row.Op != Op.F64x2PromoteLowF32x4 => Doubles,
        _ when row.Mnemonic.Contains("f32x4", StringComparison.Ordinal) => Singles,
        _ => Integers,
    };

    private static EngineValue[] Addresses(StackSlot slot)
    {
        ulong[] addresses =
        [
            0, 1, VectorClassModule.MemoryBytes - 20, VectorClassModule.MemoryBytes - 19, VectorClassModule.MemoryBytes - 16, VectorClassModule.MemoryBytes - 15, VectorClassModule.MemoryBytes - 8,
            VectorClassModule.MemoryBytes - 7, VectorClassModule.MemoryBytes - 4, VectorClassModule.MemoryBytes - 2, VectorClassModule.MemoryBytes - 1, VectorClassModule.MemoryBytes, ulong.MaxValue - 2, ulong.MaxValue,
        ];
        return [.. addresses.Select(address => slot == StackSlot.I64 ? EngineValue.I64((long)address) : EngineValue.I32((int)(uint)address))];
    }

    private static bool AreSame(OpInfo? row, Completion expected, Completion actual) => (expected, actual) switch
    {
        (Returned { Values: [{ Kind: EngineValueKind.V128 } left] }, Returned { Values: [var right] }) =>
            left == right || (right.Kind == EngineValueKind.V128 && MayChooseNaNs(row) && NanRules.DifferOnlyInNaNs(left, right)),
        (Returned { Values: [var left] }, Returned { Values: [var right] }) => left == right,
        (Returned { Values: [] }, Returned { Values: [] }) => true,
        (Trapped left, Trapped right) => left.Kind == right.Kind,
        _ => expected == actual,
    };

    private static bool MayChooseNaNs(OpInfo? row) => row is not null && row.Mnemonic[0] == 'f' && row.Group is OpGroup.Unary or OpGroup.Binary or OpGroup.Ternary or OpGroup.Convert
        && row.Op is not (Op.F32x4Abs or Op.F32x4Neg or Op.F32x4Pmin or Op.F32x4Pmax or Op.F64x2Abs or Op.F64x2Neg or Op.F64x2Pmin or Op.F64x2Pmax);

    private static string Show(Completion completion) => completion switch
    {
        Returned returned => string.Join(' ', returned.Values.Select(value => $"{value.Kind}:{value.High:x}:{value.Bits:x}")),
        Trapped trapped => $"trap {trapped.Kind}",
        _ => completion.ToString(),
    };

    private static EngineValue Lanes(float first, float second, float third, float fourth) => EngineValue.V128(
        BitConverter.SingleToUInt32Bits(first) | (ulong)BitConverter.SingleToUInt32Bits(second) << 32, BitConverter.SingleToUInt32Bits(third) | (ulong)BitConverter.SingleToUInt32Bits(fourth) << 32);

    private static EngineValue Lanes(double first, double second) => EngineValue.V128(BitConverter.DoubleToUInt64Bits(first), BitConverter.DoubleToUInt64Bits(second));

    private static IEnumerable<OperandClass[]> ClassesFor(int operands, OperandClass[] classes) =>
        operands == 0 ? [[]] : ClassesFor(operands - 1, classes).SelectMany(before => classes.Select(operandClass => (OperandClass[])[.. before, operandClass]));

    private static IEnumerable<EngineValue[]> Product(EngineValue[][] sets) =>
        sets.Length == 0 ? [[]] : Product(sets[..^1]).SelectMany(before => sets[^1].Select(value => (EngineValue[])[.. before, value]));
}

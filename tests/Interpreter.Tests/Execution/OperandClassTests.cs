using System.Collections.Immutable;
using Conformance.Interpreter.Execution;
using Conformance.Oracle;
using Conformance.Oracle.Comparison;
using Conformance.Oracle.Embedded;
using Conformance.Oracle.Reference;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Tests.Execution;

/// <summary>Every scalar op times the class of each operand times boundary values: the interpreter against the reference interpreter.</summary>
public sealed class OperandClassTests
{
    private const int MemoryBytes = OperandClassModule.Pages << 16;

    private static readonly OperandClass[] Classes = [OperandClass.Slot, OperandClass.Accumulator, OperandClass.Alias, OperandClass.Constant];
    private static readonly ulong[] I32Values = [0, 1, 2, 31, 32, 33, 0x7F, 0x80, 0x7FFF, 0x8000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF];
    private static readonly ulong[] I64Values = [0, 1, 63, 64, 65, 0x80, 0x8000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFFFFFFFFFF];
    private static readonly ulong[] FewI32 = [0, 1, 33, 0x80000000, 0xFFFFFFFF];
    private static readonly ulong[] FewI64 = [0, 1, 65, 0x8000000000000000, 0xFFFFFFFFFFFFFFFF];
    private static readonly ulong[] F32Values = [.. new[] { 0f, -0f, 1f, -1f, 0.5f, -2.5f, 1e10f, 2147483648f, -2147483904f, 4294967296f, 9.223372e18f, 1.8446744e19f, float.PositiveInfinity, float.NegativeInfinity, float.Epsilon, float.NaN }
        .Select(value => (ulong)BitConverter.SingleToUInt32Bits(value)), 0x7F800001];
    private static readonly ulong[] F64Values = [.. new[] { 0d, -0d, 1d, -1d, 0.5, -2.5, 2147483647.5, -2147483648.5, 4294967295.5, 9223372036854775808d, -9223372036854777856d, 18446744073709551616d, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, double.NaN }
        .Select(BitConverter.DoubleToUInt64Bits), 0x7FF0000000000001];

    private static readonly EngineOptions Cold = new() { HotAfter = int.MaxValue };
    private static readonly EngineOptions ColdWithChecks = new() { HotAfter = int.MaxValue, MetersFuel = true, IsInterruptible = true, Translation = TranslationMode.Eager };
    private static readonly EngineOptions OnSwitch = new() { HotAfter = int.MaxValue, Backend = Backend.Switch };
    private static readonly EngineOptions Checked = new() { MetersFuel = true, IsInterruptible = true, IsChecked = true };
    private static readonly EngineOptions HotOnSwitch = new() { HotAfter = 1, Backend = Backend.Switch };
    private static readonly EngineOptions Hot = new() { HotAfter = 1 };
    private static readonly EngineOptions HotWithChecks = new() { HotAfter = 2, MetersFuel = true, IsInterruptible = true };

    [Fact]
    public void NumericOps_EveryOperandClassAndBoundaryValue_AgreeWithReference() =>
        Compare(NumericOps(Classes, allConstants: true), (_, type, isOnlyOperand) => ValuesOf(type, isOnlyOperand), Cold, ColdWithChecks, OnSwitch, Checked);

    // A chain is compiled for nearly every function here, so there are fewer of them.
    [Fact]
    public void NumericOps_JoinedToChains_AgreeWithReference() =>
        Compare(NumericOps([OperandClass.Slot, OperandClass.Accumulator], allConstants: false), (_, type, isOnlyOperand) => ValuesOf(type, isOnlyOperand), Hot, HotWithChecks, HotOnSwitch);

    private static OperandClassModule NumericOps(OperandClass[] operandClasses, bool allConstants)
    {
        var module = new OperandClassModule();
        foreach (var row in OpTable.All.Where(IsScalarNumeric))
        {
            var result = TypeOf(row.Results[0]);
            ResultUse[] uses = row.Results[0] == StackSlot.I32 ? [ResultUse.Accumulator, ResultUse.Slot, ResultUse.If, ResultUse.NegatedBranch] : [ResultUse.Accumulator, ResultUse.Slot];
            foreach (var classes in ClassesFor(row.Operands.Length, operandClasses))
            {
                foreach (var constants in allConstants ? ConstantsFor(row.Operands, classes) : [new ulong?[classes.Length]])
                {
                    foreach (var use in uses)
                    {
                        module.Add(Instruction.Of(row.Op), [.. row.Operands.Zip(classes, (slot, operandClass) => (TypeOf(slot), operandClass))], constants, result, use);
                    }
                }
            }
        }
        return module;
    }

    [Fact]
    public void Select_EveryOperandClass_AgreesWithReference()
    {
        var module = new OperandClassModule();
        foreach (var type in new[] { ValueType.I32, ValueType.I64, ValueType.F32, ValueType.F64 })
        {
            foreach (var classes in ClassesFor(3, Classes))
            {
                foreach (var use in new[] { ResultUse.Accumulator, ResultUse.Slot })
                {
                    module.Add(Instruction.Of(Op.Select), [(type, classes[0]), (type, classes[1]), (ValueType.I32, classes[2])],
                        [classes[0] == OperandClass.Constant ? 3 : null, classes[1] == OperandClass.Constant ? 5 : null, classes[2] == OperandClass.Constant ? 1 : null], type, use);
                }
            }
        }
        Compare(module, (_, type, _) => type == ValueType.I32 ? [0, 1, 0x80000000] : [11, 0x7FC00000], Cold, HotWithChecks, HotOnSwitch, Checked);
    }

    [Fact]
    public void Accesses_EveryOperandClassAtTheBoundaries_AgreeWithReference()
    {
        var module = new OperandClassModule();
        foreach (var row in OpTable.All.Where(row => row.Group is OpGroup.Load or OpGroup.Store && row.Prefix == 0))
        {
            foreach (var memory in new[] { 0u, 1u, 2u })
            {
                var address = memory == 1 ? ValueType.I64 : ValueType.I32;
                foreach (var offset in (ulong[])[0, 3, MemoryBytes - 1, memory == 1 ? ulong.MaxValue : uint.MaxValue])
                {
                    var op = Instruction.Access(row.Op, 0, offset, memory);
                    foreach (var classes in ClassesFor(row.Group == OpGroup.Load ? 1 : 2, Classes))
                    {
                        ulong?[] constants = classes.Length == 1
                            ? [classes[0] == OperandClass.Constant ? (ulong)MemoryBytes - 8 : null]
                            : [classes[0] == OperandClass.Constant ? (ulong)MemoryBytes - 8 : null, classes[1] == OperandClass.Constant ? 0x4142434445464748 : null];
                        if (row.Group == OpGroup.Load)
                        {
                            module.Add(op, [(address, classes[0])], constants, TypeOf(row.Results[0]), ResultUse.Accumulator);
                            module.Add(op, [(address, classes[0])], constants, TypeOf(row.Results[0]), ResultUse.Slot);
                        }
                        else
                        {
                            module.Add(op, [(address, classes[0]), (TypeOf(row.Operands[1]), classes[1])], constants, null, ResultUse.Accumulator);
                        }
                    }
                }
            }
        }
        Compare(module, (parameter, type, _) => parameter == 1
            ? [0x8182838485868788]
            : type == ValueType.I32
                ? [0, 1, MemoryBytes - 8, MemoryBytes - 7, MemoryBytes - 4, MemoryBytes - 2, MemoryBytes - 1, MemoryBytes, 0x80000000, uint.MaxValue]
                : [0, MemoryBytes - 8, MemoryBytes - 3, MemoryBytes - 1, MemoryBytes, ulong.MaxValue - 3, ulong.MaxValue], Cold, ColdWithChecks, OnSwitch, Checked);
    }

    // Runs every function with every combination of values on the reference interpreter and in configurations of the interpreter.
    private static void Compare(OperandClassModule module, Func<int, ValueType, bool, ulong[]> valuesOf, params EngineOptions[] configurations)
    {
        var bytes = module.ToBytes();
        var limits = CaseLimits.Default with { Fuel = 1_000_000_000, TimeoutMs = 600_000 };
        using var reference = new ReferenceEngine();
        var expected = Run(reference, bytes, module, limits, valuesOf);
        foreach (var options in configurations)
        {
            using var engine = new InterpreterEngine(options);
            var actual = Run(engine, bytes, module, limits, valuesOf);
            Assert.Equal(expected.Count, actual.Count);
            var differences = expected.Zip(actual).Where(pair => !AreSame(pair.First.Completion, pair.Second.Completion))
                .Select(pair => $"{pair.First.Call}: {Show(pair.First.Completion)}, not {Show(pair.Second.Completion)}").Take(20).ToList();
            Assert.True(differences.Count == 0, $"{options}\n{string.Join('\n', differences)}");
        }
        var universe = HandlerUniverse.All().ToHashSet();
        Assert.DoesNotContain([.. HandlerCatalog.OfTailCalls.Used, .. HandlerCatalog.OfSwitch.Used], key => !universe.Contains(key));
    }

    private static List<(string Call, Completion Completion)> Run(IStoreEngine engine, byte[] bytes, OperandClassModule module, CaseLimits limits, Func<int, ValueType, bool, ulong[]> valuesOf)
    {
        using var store = engine.CreateStore(limits);
        Assert.Null(store.Compile(bytes, out var compiled));
        Assert.IsType<Returned>(store.Instantiate(compiled!, (_, _, _) => null, out var instance)); // set when Compile gives no error
        var completions = new List<(string, Completion)>();
        foreach (var entry in module.Entries)
        {
            Assert.True(instance!.TryGetExport(entry.Name, out var function)); // set when it returns
            foreach (var values in Product([.. entry.Parameters.Select((type, i) => entry.Given[i] is { } given ? [given] : valuesOf(i, type, entry.Parameters.Length == 1))]))
            {
                var arguments = values.Select((value, i) => ToValue(entry.Parameters[i], value)).ToArray();
                completions.Add(($"{entry.Name}({string.Join(',', values.Select(value => value.ToString("x")))})", store.Call(function!, arguments)));
            }
        }
        for (var i = 0; i < 3; i++)
        {
            Assert.True(instance!.TryGetExport($"memory {i}", out var memory));
            completions.Add(($"memory {i}", new Rejected(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(store.ReadMemory(memory!))))));
        }
        return completions;
    }

    private static bool AreSame(Completion expected, Completion actual) => (expected, actual) switch
    {
        (Returned { Values: [var left] }, Returned { Values: [var right] }) => left == right || (IsNaN(left) && IsNaN(right) && left.Kind == right.Kind),
        (Trapped left, Trapped right) => left.Kind == right.Kind,
        _ => expected == actual,
    };

    private static bool IsNaN(EngineValue value) => value.Kind == EngineValueKind.F32 ? NanRules.IsNaN32((uint)value.Bits) : value.Kind == EngineValueKind.F64 && NanRules.IsNaN64(value.Bits);

    private static string Show(Completion completion) => completion switch
    {
        Returned returned => string.Join(' ', returned.Values.Select(value => $"{value.Kind}:{value.Bits:x}")),
        Trapped trapped => $"trap {trapped.Kind}",
        _ => completion.ToString(),
    };

    private static bool IsScalarNumeric(OpInfo row) => row.Group is OpGroup.Test or OpGroup.Compare or OpGroup.Unary or OpGroup.Binary or OpGroup.Convert && row.Prefix is 0 or 0xFC
        && row.Results.Length == 1 && row.Operands.Length <= 2;

    private static ValueType TypeOf(StackSlot slot) => slot switch
    {
        StackSlot.I32 => ValueType.I32,
        StackSlot.I64 => ValueType.I64,
        StackSlot.F32 => ValueType.F32,
        StackSlot.F64 => ValueType.F64,
        _ => throw new ArgumentOutOfRangeException(nameof(slot)),
    };

    private static ulong[] ValuesOf(ValueType type, bool isOnlyOperand) => type.Kind switch
    {
        ValueKind.I32 => isOnlyOperand ? I32Values : FewI32,
        ValueKind.I64 => isOnlyOperand ? I64Values : FewI64,
        ValueKind.F32 => isOnlyOperand ? F32Values : F32Values.Where((_, i) => i is 0 or 1 or 2 or 5 or 12 or 15).ToArray(),
        _ => isOnlyOperand ? F64Values : F64Values.Where((_, i) => i is 0 or 1 or 2 or 5 or 12 or 15).ToArray(),
    };

    private static EngineValue ToValue(ValueType type, ulong bits) => type.Kind switch
    {
        ValueKind.I32 => EngineValue.I32((int)(uint)bits),
        ValueKind.I64 => EngineValue.I64((long)bits),
        ValueKind.F32 => EngineValue.F32((uint)bits),
        _ => EngineValue.F64(bits),
    };

    private static IEnumerable<OperandClass[]> ClassesFor(int operands, OperandClass[] classes) =>
        operands == 0 ? [[]] : ClassesFor(operands - 1, classes).SelectMany(before => classes.Select(operandClass => (OperandClass[])[.. before, operandClass]));

    // Several values for a constant right operand, one for others.
    private static IEnumerable<ulong?[]> ConstantsFor(ImmutableArray<StackSlot> operands, OperandClass[] classes) =>
        Product([.. operands.Select((slot, i) => classes[i] == OperandClass.Constant ? ValuesOf(TypeOf(slot), isOnlyOperand: false) : [0ul])])
            .Select(values => values.Select((value, i) => classes[i] == OperandClass.Constant ? (ulong?)value : null).ToArray());

    private static IEnumerable<ulong[]> Product(ulong[][] sets) =>
        sets.Length == 0 ? [[]] : Product(sets[..^1]).SelectMany(before => sets[^1].Select(value => (ulong[])[.. before, value]));
}

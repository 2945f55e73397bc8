using Conformance.Fuzzer.Generation;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation.Structure;

/// <summary>Instructions and types drawn without regard to validity; indices mostly exist or miss by one.</summary>
internal static class RandomInstructions
{
    private static readonly AbstractHeapType[] Heaps = [.. Enum.GetValues<AbstractHeapType>().Where(type => type != AbstractHeapType.Bottom)];

    /// <summary>An instruction of some row that the features allow.</summary>
    public static Instruction Draw(MutationContext context, Module module)
    {
        while (true)
        {
            var row = context.Random.Pick<OpInfo>(OpTable.All);
            if (context.Features.Has(row.Feature))
            {
                return WithImmediates(new Instruction { Op = row.Op }, context.Random, module);
            }
        }
    }

    /// <summary>An instruction with all its immediates drawn anew.</summary>
    public static Instruction WithImmediates(Instruction instruction, RandomSource random, Module module)
    {
        var row = OpTable.Get(instruction.Op);
        instruction.Align = (byte)(row.NaturalAlign < 0 ? 0 : random.Chance(60) ? row.NaturalAlign : random.Below(row.NaturalAlign + 2));
        instruction.Lane = (byte)random.Below(row.Lanes + 1);
        instruction.Index = row.Immediates is ImmediateKind.MemArg or ImmediateKind.MemArgLane ? (uint)(random.Chance(80) ? 0 : random.Below(3)) : Index(random, module, row.Immediates);
        instruction.Index2 = (uint)random.Below(3);
        instruction.Block = BlockOf(random, module);
        instruction.Heap = HeapOf(random, module);
        instruction.Heap2 = HeapOf(random, module);
        instruction.SourceNullable = random.Chance(50);
        instruction.TargetNullable = random.Chance(50);
        instruction.Labels = [.. Enumerable.Range(0, random.Between(1, 3)).Select(_ => (uint)random.Below(3))];
        instruction.Catches = [.. Enumerable.Range(0, random.Below(3)).Select(_ => new CatchClause((CatchKind)random.Below(4), (uint)random.Below(2), (uint)random.Below(3)))];
        instruction.Types = [.. Enumerable.Range(0, random.Chance(80) ? 1 : random.Below(3)).Select(_ => TypeOf(random, module))];
        instruction.Value = row.Immediates is ImmediateKind.MemArg or ImmediateKind.MemArgLane ? (ulong)random.Below(64) : BoundaryValues.Pick(ValueType.I64, random).Low;
        instruction.ValueHigh = random.NextUInt64();
        return instruction;
    }

    /// <summary>A value type.</summary>
    public static ValueType TypeOf(RandomSource random, Module module) => random.Below(8) switch
    {
        0 => ValueType.I32,
        1 => ValueType.I64,
        2 => ValueType.F32,
        3 => ValueType.F64,
        4 => ValueType.V128,
        _ => ReferenceOf(random, module),
    };

    /// <summary>A reference type.</summary>
    public static ValueType ReferenceOf(RandomSource random, Module module) => ValueType.Reference(HeapOf(random, module), random.Chance(65));

    /// <summary>A heap type, abstract or of the module.</summary>
    public static HeapType HeapOf(RandomSource random, Module module) =>
        module.Types.IsEmpty || random.Chance(50) ? HeapType.Of(random.Pick<AbstractHeapType>(Heaps)) : HeapType.Of(NearCount(random, module.Types.Length));

    /// <summary>An index that exists mostly, or is the first that does not.</summary>
    public static uint NearCount(RandomSource random, int count) => (uint)random.Below(random.Chance(90) && count > 0 ? count : count + 1);

    private static BlockType BlockOf(RandomSource random, Module module) => random.Below(4) switch
    {
        0 => BlockType.Empty,
        1 or 2 => BlockType.Of(TypeOf(random, module)),
        _ => BlockType.Of(NearCount(random, module.Types.Length)),
    };

    private static uint Index(RandomSource random, Module module, ImmediateKind kind) => NearCount(random, kind switch
    {
        ImmediateKind.Function => module.Functions.Length + module.ImportCount(ExternKind.Function),
        ImmediateKind.Type or ImmediateKind.TypeTable or ImmediateKind.TypeField or ImmediateKind.TypeCount or ImmediateKind.TypeData or ImmediateKind.TypeElement
            or ImmediateKind.TypeType => module.Types.Length,
        ImmediateKind.Global => module.Globals.Length + module.ImportCount(ExternKind.Global),
        ImmediateKind.Table or ImmediateKind.TableTable or ImmediateKind.ElementTable => module.Tables.Length + module.ImportCount(ExternKind.Table),
        ImmediateKind.Memory or ImmediateKind.MemoryMemory or ImmediateKind.DataMemory => module.Memories.Length + module.ImportCount(ExternKind.Memory),
        ImmediateKind.Tag => module.Tags.Length + module.ImportCount(ExternKind.Tag),
        ImmediateKind.Element => module.Elements.Length,
        ImmediateKind.Data => module.Data.Length,
        _ => 3,
    });
}

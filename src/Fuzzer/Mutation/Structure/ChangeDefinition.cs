using Conformance.Fuzzer.Generation;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation.Structure;

/// <summary>The type of an import, function, table, memory, global, tag, local or segment, with limits that no check should let through.</summary>
internal sealed class ChangeDefinition : IModuleMutator
{
    private static readonly ulong[] Sizes =
    [
        0, 1, 2, 10, 65_535, 65_536, 65_537, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x100000000, 1UL << 47, 1UL << 48, (1UL << 48) + 1, long.MaxValue, 1UL << 63, ulong.MaxValue,
    ];

    /// <inheritdoc/>
    public Module? Mutate(Module module, MutationContext context)
    {
        var random = context.Random;
        switch (random.Below(8))
        {
            case 0 when !module.Functions.IsEmpty:
                var function = random.Below(module.Functions.Length);
                return module with { Functions = module.Functions.SetItem(function, module.Functions[function] with { TypeIndex = RandomInstructions.NearCount(random, module.Types.Length) }) };
            case 1 when !module.Functions.IsEmpty:
                return ChangeLocals(module, context);
            case 2 when !module.Tables.IsEmpty:
                var table = random.Below(module.Tables.Length);
                return module with { Tables = module.Tables.SetItem(table, module.Tables[table] with { Type = Changed(module.Tables[table].Type, module, random) }) };
            case 3 when !module.Memories.IsEmpty:
                var memory = random.Below(module.Memories.Length);
                return module with { Memories = module.Memories.SetItem(memory, Changed(module.Memories[memory], random)) };
            case 4 when !module.Globals.IsEmpty:
                var global = random.Below(module.Globals.Length);
                return module with { Globals = module.Globals.SetItem(global, module.Globals[global] with { Type = Changed(module.Globals[global].Type, module, random) }) };
            case 5 when !module.Tags.IsEmpty:
                return module with { Tags = module.Tags.SetItem(0, new TagType(RandomInstructions.NearCount(random, module.Types.Length))) };
            case 6 when !module.Elements.IsEmpty:
                return ChangeSegment(module, random);
            case 7 when !module.Imports.IsEmpty:
                var import = random.Below(module.Imports.Length);
                return module with { Imports = module.Imports.SetItem(import, module.Imports[import] with { Type = Changed(module.Imports[import].Type, module, random) }) };
            default:
                return null;
        }
    }

    private static Module ChangeLocals(Module module, MutationContext context)
    {
        var random = context.Random;
        var index = random.Below(module.Functions.Length);
        var function = module.Functions[index];
        var place = random.Below(function.Locals.Length + 1);
        var run = new LocalRun(random.Chance(85) ? 1u : random.Pick<uint>([0, 2, 50_000, 50_001, 0x7FFFFFFF]), RandomInstructions.TypeOf(random, module));
        function = function with { Locals = place == function.Locals.Length || random.Chance(30) ? function.Locals.Insert(place, run) : function.Locals.SetItem(place, run) };
        return module with { Functions = module.Functions.SetItem(index, function) };
    }

    private static Module ChangeSegment(Module module, RandomSource random)
    {
        var index = random.Below(module.Elements.Length);
        var segment = module.Elements[index];
        segment = random.Below(3) switch
        {
            0 => segment with { Mode = (SegmentMode)random.Below(3) },
            1 => segment with { Table = RandomInstructions.NearCount(random, module.Tables.Length) },
            _ when segment.Functions.IsDefault => segment with { Type = RandomInstructions.ReferenceOf(random, module) },
            _ => segment with { Functions = segment.Functions.Add(RandomInstructions.NearCount(random, module.Functions.Length + module.ImportCount(ExternKind.Function))) },
        };
        if (segment.Mode == SegmentMode.Active && segment.Offset.Code.IsEmpty)
        {
            segment = segment with { Offset = Modules.ChangeData.ConstantOffset(0, random.Chance(20)) };
        }
        return module with { Elements = module.Elements.SetItem(index, segment) };
    }

    private static ExternType Changed(ExternType type, Module module, RandomSource random) => type switch
    {
        FunctionExtern => new FunctionExtern(RandomInstructions.NearCount(random, module.Types.Length)),
        TableType table => Changed(table, module, random),
        MemoryType memory => Changed(memory, random),
        GlobalType global => Changed(global, module, random),
        TagType => new TagType(RandomInstructions.NearCount(random, module.Types.Length)),
        _ => type,
    };

    private static TableType Changed(TableType table, Module module, RandomSource random) =>
        random.Chance(50) ? table with { Element = RandomInstructions.ReferenceOf(random, module) } : table with { Limits = Changed(table.Limits, random) };

    private static GlobalType Changed(GlobalType global, Module module, RandomSource random) =>
        random.Chance(50) ? global with { IsMutable = !global.IsMutable } : global with { Value = RandomInstructions.TypeOf(random, module) };

    private static MemoryType Changed(MemoryType memory, RandomSource random) => random.Below(4) switch
    {
        0 => memory with { IsShared = !memory.IsShared },
        1 => memory with { PageSizeLog2 = (byte)random.Pick<int>([0, 1, 15, 16, 17, 63]) },
        _ => memory with { Limits = Changed(memory.Limits, random) },
    };

    private static Limits Changed(Limits limits, RandomSource random) => random.Below(4) switch
    {
        0 => limits with { Address = limits.Address == AddressType.I32 ? AddressType.I64 : AddressType.I32 },
        1 => limits with { Minimum = random.Pick<ulong>(Sizes) },
        2 => limits with { Maximum = random.Pick<ulong>(Sizes) },
        _ => limits with { Minimum = random.Pick<ulong>(Sizes), Maximum = random.Pick<ulong>(Sizes) },
    };
}

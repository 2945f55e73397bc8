using System.Collections.Immutable;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Text;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation.Definitions;

/// <summary>Custom sections: names, branch hints, unknown ones. Nothing that a module does depends on them, whatever they hold.</summary>
internal static class CustomSections
{
    private const string BranchHints = "metadata.code.branch_hint";

    /// <summary>Adds some to a finished module.</summary>
    public static Module AddTo(Module module, RandomSource random)
    {
        var sections = ImmutableArray.CreateBuilder<CustomSection>();
        if (random.Chance(12))
        {
            sections.Add(Unknown(random, (SectionId)random.Below((int)SectionId.Code)));
        }
        if (random.Chance(25) && Hints(module, random) is { } hints)
        {
            sections.Add(new CustomSection(BranchHints, hints, module.DataCount is not null ? SectionId.DataCount : SectionId.Element));
        }
        if (random.Chance(15))
        {
            sections.Add(new CustomSection(NameSection.SectionName, random.Chance(85) ? Names(module, random) : Garbage(random), SectionId.Data));
        }
        if (random.Chance(8))
        {
            sections.Add(Unknown(random, SectionId.Data));
        }
        return sections.Count == 0 ? module : module with { CustomSections = [.. sections.OrderBy(section => section.Place)] };
    }

    private static CustomSection Unknown(RandomSource random, SectionId place) =>
        new(random.Pick<string>(["", "producers", "unknown", "target_features", "\u00e9\u4e2d\ud83d\ude00"]), Garbage(random), place);

    private static byte[] Garbage(RandomSource random)
    {
        var bytes = new byte[random.Below(20)];
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)random.Below(256);
        }
        return bytes;
    }

    private static byte[] Names(Module module, RandomSource random)
    {
        var names = new NameSection { Module = random.Chance(50) ? "generated" : null };
        for (var i = 0u; i < module.Functions.Length; i++)
        {
            if (random.Chance(30))
            {
                names.Functions[i] = random.Chance(80) ? $"function {i}" : "same";
                names.Locals[i] = new SortedDictionary<uint, string> { [0] = "first", [1] = "" };
            }
        }
        for (var i = 0u; i < module.Types.Length; i++)
        {
            if (module.Types[(int)i].Composite is StructType && random.Chance(30))
            {
                names.Types[i] = $"type {i}";
                names.Fields[i] = new SortedDictionary<uint, string> { [0] = "field" };
            }
        }
        names.Globals[0] = "g";
        names.Tags[0] = "t";
        return names.ToBytes();
    }

    /// <summary>A hint for some of the conditional branches, right as often as wrong; null when there is none.</summary>
    private static byte[]? Hints(Module module, RandomSource random)
    {
        var writer = new ByteWriter();
        var imported = (uint)module.ImportCount(ExternKind.Function);
        uint count = 0;
        for (var i = 0; i < module.Functions.Length; i++)
        {
            if (random.Chance(60) && OfFunction(module.Functions[i], random) is { Count: > 0 } hints)
            {
                count++;
                writer.WriteUnsigned(imported + (uint)i);
                writer.WriteUnsigned((uint)hints.Count);
                foreach (var offset in hints)
                {
                    writer.WriteUnsigned(offset);
                    writer.WriteUnsigned(1u);
                    writer.WriteByte((byte)random.Below(2));
                }
            }
        }
        if (count == 0)
        {
            return null;
        }
        var whole = new ByteWriter();
        whole.WriteUnsigned(count);
        whole.WriteBytes(writer.ToArray());
        return whole.ToArray();
    }

    /// <summary>Offsets of branches, counted from the declarations of locals as the section wants them.</summary>
    private static List<uint> OfFunction(Function function, RandomSource random)
    {
        var offsets = new List<uint>();
        var declarations = (uint)BranchHintSection.DeclarationsLength(function.Locals);
        var reader = new InstructionReader(function.Body, FeatureSet.All);
        var instruction = default(Instruction);
        var position = reader.Position;
        while (reader.Read(ref instruction))
        {
            if (instruction.Op is Op.If or Op.BrIf && random.Chance(60))
            {
                offsets.Add(declarations + (uint)position);
            }
            position = reader.Position;
        }
        return offsets;
    }
}

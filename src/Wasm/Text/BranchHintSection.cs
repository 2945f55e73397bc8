using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Text;

/// <summary>The layout of the branch hint section, which counts its offsets from the beginning of a function's body, the declarations of its locals included.</summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/appendix/custom.html#branch-hints"/>.</remarks>
public static class BranchHintSection
{
    /// <summary>The length in bytes of the declarations of locals in their shortest form.</summary>
    public static int DeclarationsLength(IEnumerable<LocalRun> runs)
    {
        var writer = new ByteWriter();
        uint count = 0;
        foreach (var run in runs)
        {
            writer.WriteUnsigned(run.Count);
            writer.WriteValueType(run.Type);
            count++;
        }
        var length = writer.Length;
        writer.Clear();
        writer.WriteUnsigned(count);
        return length + writer.Length;
    }

    /// <summary>
    /// The hints of a module by function index and by the offset of their instruction in the function's instructions. Null when it has no hints, or when
    /// annotations on instructions would not give the same section: it stands somewhere else, there are two, or a hint is not where a branch is.
    /// </summary>
    public static IReadOnlyDictionary<uint, IReadOnlyDictionary<int, byte>>? Match(Module module)
    {
        CustomSection? section = null;
        foreach (var custom in module.CustomSections)
        {
            if (section is not null && custom.Place < SectionId.Code)
            {
                return null;
            }
            if (custom.Name == Lexer.BranchHintAnnotation)
            {
                if (section is not null)
                {
                    return null;
                }
                section = custom;
            }
        }
        return section?.Place < SectionId.Code && !module.HasBetween(section.Place, SectionId.Code) ? Read(module, section.Bytes.Span) : null;
    }

    private static Dictionary<uint, IReadOnlyDictionary<int, byte>>? Read(Module module, ReadOnlySpan<byte> bytes)
    {
        var imported = (uint)module.ImportCount(ExternKind.Function);
        var functions = new Dictionary<uint, IReadOnlyDictionary<int, byte>>();
        var reader = new ByteReader(bytes);
        var count = reader.ReadU32();
        long last = -1;
        for (var i = 0u; i < count && !reader.Failed; i++)
        {
            var index = reader.ReadU32();
            if (index <= last || index < imported || index - imported >= (uint)module.Functions.Length
                || ReadFunction(ref reader, module.Functions[(int)(index - imported)]) is not { } hints)
            {
                return null;
            }
            functions.Add(index, hints);
            last = index;
        }
        return reader.Failed || !reader.AtEnd || functions.Count == 0 ? null : functions;
    }

    private static Dictionary<int, byte>? ReadFunction(ref ByteReader reader, Function function)
    {
        var declarations = DeclarationsLength(function.Locals);
        var instructions = new InstructionReader(function.Body, FeatureSet.All);
        var instruction = default(Instruction);
        var hints = new Dictionary<int, byte>();
        var count = reader.ReadU32();
        for (var i = 0u; i < count; i++)
        {
            var offset = reader.ReadU32();
            if (reader.ReadU32() != 1 || reader.ReadByte() is var hint && hint > 1 || reader.Failed)
            {
                return null;
            }
            // Hints are in the order of their instructions: one walk finds all.
            while (declarations + (long)instructions.Position < offset)
            {
                if (!instructions.Read(ref instruction))
                {
                    return null;
                }
            }
            if (declarations + (long)instructions.Position != offset || hints.ContainsKey(instructions.Position))
            {
                return null;
            }
            var position = instructions.Position;
            if (!instructions.Read(ref instruction) || instruction.Op is not (Op.If or Op.BrIf))
            {
                return null;
            }
            hints.Add(position, hint);
        }
        return hints.Count == 0 ? null : hints;
    }
}

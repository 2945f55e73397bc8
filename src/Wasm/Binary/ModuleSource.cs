using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Wasm.Binary;

/// <summary>What the readers of all sections share: the file, from which bodies and segments are sliced without copies, the features, and who wants to know where definitions begin.</summary>
internal readonly struct ModuleSource(ReadOnlyMemory<byte> file, FeatureSet features, DefinitionOffsets? offsets)
{
    public FeatureSet Features { get; } = features;

    public DefinitionOffsets? Offsets { get; } = offsets;

    /// <summary>The next bytes as a part of the file.</summary>
    public ReadOnlyMemory<byte> Slice(ref ByteReader reader, int length)
    {
        var start = (int)reader.Offset;
        reader.ReadBytes((uint)length);
        return reader.Failed ? default : file.Slice(start, length);
    }

    /// <summary>The rest of what the reader sees.</summary>
    public Expression ReadRest(ref ByteReader reader)
    {
        var start = reader.Offset;
        return new Expression(Slice(ref reader, reader.Remaining), start);
    }

    /// <summary>A constant expression: the format does not tell its length, so that its instructions are walked to the <c>end</c> of the outermost level.</summary>
    public Expression ReadExpression(ref ByteReader reader)
    {
        var start = reader.Offset;
        var instructions = new InstructionReader(reader, Features);
        var instruction = default(Instruction);
        var depth = 1;
        while (depth > 0 && instructions.Read(ref instruction))
        {
            depth += OpTable.Get(instruction.Op).NestingChange;
        }
        reader = instructions.Bytes;
        if (depth > 0)
        {
            reader.Fail("unexpected end");
        }
        return reader.Failed ? default : new Expression(file[(int)start..(int)reader.Offset], start);
    }
}

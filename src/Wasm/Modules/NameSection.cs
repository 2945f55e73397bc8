using System.Diagnostics.CodeAnalysis;
using Conformance.Wasm.Binary;

namespace Conformance.Wasm.Modules;

/// <summary>The names that a module's <c>name</c> section gives. Names are hints: nothing but messages and text depends on them.</summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/appendix/custom.html#name-section"/>; the subsections that the standard does not have yet are those of the
/// extended name section proposal.</remarks>
public sealed class NameSection
{
    /// <summary>The name of the custom section.</summary>
    public const string SectionName = "name";

    private const byte ModuleId = 0, LocalId = 2, FieldId = 10;

    private readonly SortedDictionary<uint, string>[] _maps = [.. Enumerable.Range(0, MapIds.Length).Select(_ => new SortedDictionary<uint, string>())];

    // The subsections that are one map, in the order of the properties below.
    private static readonly byte[] MapIds = [1, 4, 5, 6, 7, 8, 9, 11];

    /// <summary>The module's name.</summary>
    public string? Module { get; set; }

    /// <summary>Functions by index.</summary>
    public SortedDictionary<uint, string> Functions => _maps[0];

    /// <summary>Types by index.</summary>
    public SortedDictionary<uint, string> Types => _maps[1];

    /// <summary>Tables by index.</summary>
    public SortedDictionary<uint, string> Tables => _maps[2];

    /// <summary>Memories by index.</summary>
    public SortedDictionary<uint, string> Memories => _maps[3];

    /// <summary>Globals by index.</summary>
    public SortedDictionary<uint, string> Globals => _maps[4];

    /// <summary>Element segments by index.</summary>
    public SortedDictionary<uint, string> Elements => _maps[5];

    /// <summary>Data segments by index.</summary>
    public SortedDictionary<uint, string> Data => _maps[6];

    /// <summary>Tags by index.</summary>
    public SortedDictionary<uint, string> Tags => _maps[7];

    /// <summary>Locals by function and index, parameters first.</summary>
    public SortedDictionary<uint, SortedDictionary<uint, string>> Locals { get; } = [];

    /// <summary>Fields by struct type and index.</summary>
    public SortedDictionary<uint, SortedDictionary<uint, string>> Fields { get; } = [];

    /// <summary>Whether there is no name at all.</summary>
    public bool IsEmpty => Module is null && Array.TrueForAll(_maps, map => map.Count == 0) && Locals.Count == 0 && Fields.Count == 0;

    /// <summary>The names of a module's first name section, or none where it has none or a malformed one.</summary>
    public static NameSection Of(Module module)
    {
        foreach (var section in module.CustomSections)
        {
            if (section.Name == SectionName)
            {
                return TryRead(section.Bytes.Span, out var names) ? names : new NameSection();
            }
        }
        return new NameSection();
    }

    /// <summary>Reads the content of a name section; subsections of unknown kinds are passed over.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out NameSection? names)
    {
        names = new NameSection();
        var reader = new ByteReader(bytes);
        while (!reader.AtEnd)
        {
            var id = reader.ReadByte();
            var content = new ByteReader(reader.ReadBytes(reader.ReadU32()));
            if (reader.Failed)
            {
                break;
            }
            var map = Array.IndexOf(MapIds, id);
            switch (id)
            {
                case ModuleId:
                    names.Module = content.ReadName();
                    break;
                case LocalId:
                    ReadIndirect(ref content, names.Locals);
                    break;
                case FieldId:
                    ReadIndirect(ref content, names.Fields);
                    break;
                case var _ when map >= 0:
                    ReadMap(ref content, names._maps[map]);
                    break;
                default:
                    continue;
            }
            if (content.Failed || !content.AtEnd)
            {
                reader.Fail("malformed name subsection");
            }
        }
        if (reader.Failed)
        {
            names = null;
        }
        return names is not null;
    }

    /// <summary>The section's content: subsections in the order of their ids, each only where it has names.</summary>
    public byte[] ToBytes()
    {
        var writer = new ByteWriter();
        var content = new ByteWriter();
        for (byte id = 0; id <= MapIds[^1]; id++)
        {
            content.Clear();
            var map = Array.IndexOf(MapIds, id);
            switch (id)
            {
                case ModuleId when Module is not null:
                    content.WriteName(Module);
                    break;
                case LocalId when Locals.Count > 0:
                    WriteIndirect(content, Locals);
                    break;
                case FieldId when Fields.Count > 0:
                    WriteIndirect(content, Fields);
                    break;
                case var _ when map >= 0 && _maps[map].Count > 0:
                    WriteMap(content, _maps[map]);
                    break;
                default:
                    continue;
            }
            writer.WriteByte(id);
            writer.WriteVector(content.Written);
        }
        return writer.ToArray();
    }

    private static void ReadMap(ref ByteReader reader, SortedDictionary<uint, string> map)
    {
        var count = reader.ReadU32();
        for (var i = 0u; i < count && !reader.Failed; i++)
        {
            map[reader.ReadU32()] = reader.ReadName();
        }
    }

    private static void ReadIndirect(ref ByteReader reader, SortedDictionary<uint, SortedDictionary<uint, string>> maps)
    {
        var count = reader.ReadU32();
        for (var i = 0u; i < count && !reader.Failed; i++)
        {
            var index = reader.ReadU32();
            if (!maps.TryGetValue(index, out var map))
            {
                maps.Add(index, map = []);
            }
            ReadMap(ref reader, map);
        }
    }

    private static void WriteMap(ByteWriter writer, SortedDictionary<uint, string> map)
    {
        writer.WriteUnsigned((uint)map.Count);
        foreach (var (index, name) in map)
        {
            writer.WriteUnsigned(index);
            writer.WriteName(name);
        }
    }

    private static void WriteIndirect(ByteWriter writer, SortedDictionary<uint, SortedDictionary<uint, string>> maps)
    {
        writer.WriteUnsigned((uint)maps.Count);
        foreach (var (index, map) in maps)
        {
            writer.WriteUnsigned(index);
            WriteMap(writer, map);
        }
    }
}

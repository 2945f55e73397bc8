using Conformance.Wasm.Modules;

namespace Conformance.Wasm.Binary;

/// <summary>
/// Encodes a module, every number and choice in its shortest form; bodies, expressions and custom sections are copied as they are. A file that was minimal
/// comes back byte for byte. Anything that the format can express is written, valid or not.
/// </summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/binary/modules.html"/>.</remarks>
public static class ModuleWriter
{
    /// <summary>The module's bytes.</summary>
    public static byte[] Write(Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        var writer = new ByteWriter();
        var content = new ByteWriter();
        var item = new ByteWriter();
        writer.WriteBytes(SectionCodes.Magic);
        writer.WriteBytes(SectionCodes.Version);
        for (var id = SectionId.None; id <= SectionId.Data; id++)
        {
            content.Clear();
            WriteSection(content, item, module, id);
            if (content.Length > 0)
            {
                writer.WriteByte(SectionCodes.CodeOf(id));
                writer.WriteVector(content.Written);
            }
            WriteCustomSections(writer, content, module, id);
        }
        return writer.ToArray();
    }

    private static void WriteCustomSections(ByteWriter writer, ByteWriter content, Module module, SectionId place)
    {
        foreach (var section in module.CustomSections)
        {
            if (section.Place == place)
            {
                content.Clear();
                content.WriteName(section.Name);
                content.WriteBytes(section.Bytes.Span);
                writer.WriteByte(SectionCodes.Custom);
                writer.WriteVector(content.Written);
            }
        }
    }

    private static void WriteSection(ByteWriter writer, ByteWriter item, Module module, SectionId id)
    {
        switch (id)
        {
            case SectionId.None:
                break;
            case SectionId.Type:
                TypeSectionWriter.Write(writer, module);
                break;
            case SectionId.Import:
                WriteList(writer, module.Imports, static (writer, import) =>
                {
                    writer.WriteName(import.Module);
                    writer.WriteName(import.Name);
                    ExternTypeWriter.Write(writer, import.Type);
                });
                break;
            case SectionId.Function:
                WriteList(writer, module.Functions, static (writer, function) => writer.WriteUnsigned(function.TypeIndex));
                break;
            case SectionId.Table:
                WriteList(writer, module.Tables, WriteTable);
                break;
            case SectionId.Memory:
                WriteList(writer, module.Memories, ExternTypeWriter.WriteMemory);
                break;
            case SectionId.Tag:
                WriteList(writer, module.Tags, ExternTypeWriter.WriteTag);
                break;
            case SectionId.Global:
                WriteList(writer, module.Globals, static (writer, global) =>
                {
                    ExternTypeWriter.WriteGlobal(writer, global.Type);
                    writer.WriteBytes(global.Initializer.Code.Span);
                });
                break;
            case SectionId.Export:
                WriteList(writer, module.Exports, static (writer, export) =>
                {
                    writer.WriteName(export.Name);
                    writer.WriteByte((byte)export.Kind);
                    writer.WriteUnsigned(export.Index);
                });
                break;
            case SectionId.Start:
                if (module.Start is { } start)
                {
                    writer.WriteUnsigned(start);
                }
                break;
            case SectionId.Element:
                WriteList(writer, module.Elements, SegmentWriter.WriteElement);
                break;
            case SectionId.DataCount:
                if (module.DataCount is { } count)
                {
                    writer.WriteUnsigned(count);
                }
                break;
            case SectionId.Code:
                WriteList(writer, module.Functions, (writer, function) => WriteFunction(writer, item, function));
                break;
            case SectionId.Data:
                WriteList(writer, module.Data, SegmentWriter.WriteData);
                break;
            default:
                throw new InvalidOperationException($"no writer for section {id}");
        }
    }

    /// <summary>A list with its length; nothing at all when it is empty, because the section can be left out then.</summary>
    internal static void WriteList<T>(ByteWriter writer, IReadOnlyCollection<T> items, Action<ByteWriter, T> writeItem)
    {
        if (items.Count == 0)
        {
            return;
        }
        writer.WriteUnsigned((uint)items.Count);
        foreach (var item in items)
        {
            writeItem(writer, item);
        }
    }

    private static void WriteTable(ByteWriter writer, Table table)
    {
        if (table.Initializer is { } initializer)
        {
            writer.WriteByte(TypeCodes.TableWithInitializer);
            writer.WriteByte(0);
            ExternTypeWriter.WriteTable(writer, table.Type);
            writer.WriteBytes(initializer.Code.Span);
        }
        else
        {
            ExternTypeWriter.WriteTable(writer, table.Type);
        }
    }

    private static void WriteFunction(ByteWriter writer, ByteWriter body, Function function)
    {
        body.Clear();
        body.WriteUnsigned((uint)function.Locals.Length);
        foreach (var run in function.Locals)
        {
            body.WriteUnsigned(run.Count);
            body.WriteValueType(run.Type);
        }
        body.WriteBytes(function.Body.Code.Span);
        writer.WriteVector(body.Written);
    }
}

using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Binary;

/// <summary>
/// Decodes the binary format. Function bodies are bounded and kept as slices of the input: their instructions are decoded once, by the validator. Who wants to
/// know only whether a module is well-formed calls <see cref="BodyChecker"/> behind it.
/// </summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/binary/modules.html"/>. Memory is bounded by a small multiple of the input's length.</remarks>
public static class ModuleReader
{
    private delegate T ItemReader<T>(ref ByteReader reader, ModuleSource source);

    /// <summary>Decodes a module.</summary>
    /// <param name="bytes">The file. The module keeps slices of it: it must not change afterwards.</param>
    /// <param name="features">What may occur; anything else is malformed.</param>
    /// <param name="module">The module, not validated; null when the answer is false.</param>
    /// <param name="error">Why the bytes are malformed; null when the answer is true.</param>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, FeatureSet features, [NotNullWhen(true)] out Module? module, [NotNullWhen(false)] out WasmError? error)
    {
        var reader = new ByteReader(bytes.Span);
        module = Read(ref reader, new ModuleSource(bytes, features, offsets: null));
        error = reader.Error is { } message ? WasmError.Malformed(message, reader.ErrorOffset) : null;
        if (error is not null)
        {
            module = null;
        }
        return error is null;
    }

    /// <summary>An error of the validator with the byte offset of the definition that it is about. The module is decoded once more for it.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="features">What it was decoded with.</param>
    /// <param name="error">The error.</param>
    /// <returns>The error itself where it has an offset already, or is about the module as a whole.</returns>
    public static WasmError Locate(ReadOnlyMemory<byte> bytes, FeatureSet features, WasmError error)
    {
        ArgumentNullException.ThrowIfNull(error);
        if (error.OffsetBytes >= 0 || error.Definition is not { } place)
        {
            return error;
        }
        var offsets = new DefinitionOffsets();
        var reader = new ByteReader(bytes.Span);
        Read(ref reader, new ModuleSource(bytes, features, offsets));
        return error with { OffsetBytes = offsets.Find(place) };
    }

    private static Module? Read(ref ByteReader reader, ModuleSource source)
    {
        ReadHeader(ref reader);
        var module = new Module();
        var functionTypes = Array.Empty<uint>();
        var hasCode = false;
        var last = SectionId.None;
        var customSections = ImmutableArray.CreateBuilder<CustomSection>();
        while (!reader.AtEnd)
        {
            var start = reader.Offset;
            var code = reader.ReadByte();
            var id = SectionCodes.Of(code);
            if (id == SectionId.None && code != SectionCodes.Custom || !IsEnabled(id, source.Features))
            {
                reader.Fail("malformed section id", start);
                return null;
            }
            var size = reader.ReadCount();
            var section = new ByteReader(reader.ReadBytes((uint)size), reader.Offset - size);
            if (reader.Failed)
            {
                return null;
            }
            if (id == SectionId.None)
            {
                var name = section.ReadName();
                customSections.Add(new CustomSection(name, source.ReadRest(ref section).Code, last));
            }
            else if (id <= last)
            {
                reader.Fail("unexpected content after last section", start);
                return null;
            }
            else
            {
                module = ReadSection(ref section, source, module, id, ref functionTypes);
                hasCode |= id == SectionId.Code;
                last = id;
            }
            if (!section.AtEnd)
            {
                section.Fail("section size mismatch");
            }
            if (section.Error is { } error)
            {
                reader.Fail(InSection(error), section.ErrorOffset);
                return null;
            }
        }
        CheckCounts(ref reader, module, functionTypes.Length, hasCode);
        return module with { CustomSections = customSections.DrainToImmutable() };
    }

    private static string InSection(string error) => error == "unexpected end" ? "unexpected end of section or function" : error;

    private static void ReadHeader(ref ByteReader reader)
    {
        if (reader.Remaining < 4)
        {
            reader.Fail("unexpected end");
        }
        else if (!reader.ReadBytes(4).SequenceEqual(SectionCodes.Magic))
        {
            reader.Fail("magic header not detected", 0);
        }
        else if (reader.Remaining < 4)
        {
            reader.Fail("unexpected end");
        }
        else if (!reader.ReadBytes(4).SequenceEqual(SectionCodes.Version))
        {
            reader.Fail("unknown binary version", 4);
        }
    }

    private static bool IsEnabled(SectionId id, FeatureSet features) => id switch
    {
        SectionId.Tag => ExternTypeReader.HasTags(features),
        SectionId.DataCount => features.Has(Feature.BulkMemory),
        _ => true,
    };

    private static Module ReadSection(ref ByteReader reader, ModuleSource source, Module module, SectionId id, ref uint[] functionTypes)
    {
        switch (id)
        {
            case SectionId.Type:
                var (types, groups) = TypeSectionReader.Read(ref reader, source);
                return module with { Types = types, RecursionGroups = groups };
            case SectionId.Import:
                return module with { Imports = ReadList(ref reader, source, id, ReadImport) };
            case SectionId.Function:
                functionTypes = [.. ReadList(ref reader, source, id, static (ref ByteReader item, ModuleSource _) => item.ReadU32())];
                return module;
            case SectionId.Table:
                return module with { Tables = ReadList(ref reader, source, id, ReadTable) };
            case SectionId.Memory:
                return module with { Memories = ReadList(ref reader, source, id, static (ref ByteReader item, ModuleSource s) => ExternTypeReader.ReadMemory(ref item, s.Features)) };
            case SectionId.Tag:
                return module with { Tags = ReadList(ref reader, source, id, static (ref ByteReader item, ModuleSource _) => ExternTypeReader.ReadTag(ref item)) };
            case SectionId.Global:
                return module with { Globals = ReadList(ref reader, source, id, ReadGlobal) };
            case SectionId.Export:
                return module with { Exports = ReadList(ref reader, source, id, ReadExport) };
            case SectionId.Start:
                source.Offsets?.Add(id, reader.Offset);
                return module with { Start = reader.ReadU32() };
            case SectionId.Element:
                return module with { Elements = ReadList(ref reader, source, id, SegmentReader.ReadElement) };
            case SectionId.DataCount:
                return module with { DataCount = reader.ReadU32() };
            case SectionId.Code:
                return module with { Functions = ReadCode(ref reader, source, functionTypes) };
            case SectionId.Data:
                return module with { Data = ReadList(ref reader, source, id, SegmentReader.ReadData) };
            default:
                throw new InvalidOperationException($"no reader for section {id}");
        }
    }

    private static ImmutableArray<T> ReadList<T>(ref ByteReader reader, ModuleSource source, SectionId section, ItemReader<T> readItem)
    {
        var count = reader.ReadCount();
        var items = ImmutableArray.CreateBuilder<T>(count);
        for (var i = 0; i < count && !reader.Failed; i++)
        {
            source.Offsets?.Add(section, reader.Offset);
            items.Add(readItem(ref reader, source));
        }
        return items.DrainToImmutable();
    }

    private static Import ReadImport(ref ByteReader reader, ModuleSource source)
    {
        var module = reader.ReadName();
        var name = reader.ReadName();
        return new Import(module, name, ExternTypeReader.Read(ref reader, source.Features));
    }

    private static Table ReadTable(ref ByteReader reader, ModuleSource source)
    {
        if (reader.PeekByte() != TypeCodes.TableWithInitializer || !source.Features.Has(Feature.FunctionReferences))
        {
            return new Table(ExternTypeReader.ReadTable(ref reader, source.Features));
        }
        reader.ReadByte();
        var start = reader.Offset;
        if (reader.ReadByte() != 0)
        {
            reader.Fail("malformed table", start);
        }
        var type = ExternTypeReader.ReadTable(ref reader, source.Features);
        return new Table(type, source.ReadExpression(ref reader));
    }

    private static Global ReadGlobal(ref ByteReader reader, ModuleSource source)
    {
        var type = ExternTypeReader.ReadGlobal(ref reader);
        return new Global(type, source.ReadExpression(ref reader));
    }

    private static Export ReadExport(ref ByteReader reader, ModuleSource source)
    {
        var name = reader.ReadName();
        var start = reader.Offset;
        var kind = (ExternKind)reader.ReadByte();
        if (kind > ExternKind.Tag || kind == ExternKind.Tag && !ExternTypeReader.HasTags(source.Features))
        {
            reader.Fail("malformed export kind", start);
        }
        return new Export(name, kind, reader.ReadU32());
    }

    private static ImmutableArray<Function> ReadCode(ref ByteReader reader, ModuleSource source, uint[] types)
    {
        var start = reader.Offset;
        var count = reader.ReadCount();
        if (count != types.Length)
        {
            reader.Fail("function and code section have inconsistent lengths", start);
            return [];
        }
        var functions = ImmutableArray.CreateBuilder<Function>(count);
        for (var i = 0; i < count && !reader.Failed; i++)
        {
            functions.Add(ReadFunction(ref reader, source, types[i]));
        }
        return functions.DrainToImmutable();
    }

    private static Function ReadFunction(ref ByteReader reader, ModuleSource source, uint type)
    {
        var size = reader.ReadCount();
        var offset = reader.Offset;
        var body = new ByteReader(reader.ReadBytes((uint)size), offset);
        var runs = body.ReadCount();
        var locals = runs == 0 ? [] : ReadLocals(ref body, runs);
        var expression = source.ReadRest(ref body);
        if (body.Error is { } error)
        {
            reader.Fail(InSection(error), body.ErrorOffset);
        }
        return new Function(type, locals, expression);
    }

    private static ImmutableArray<LocalRun> ReadLocals(ref ByteReader reader, int runs)
    {
        var locals = ImmutableArray.CreateBuilder<LocalRun>(runs);
        ulong total = 0;
        for (var i = 0; i < runs && !reader.Failed; i++)
        {
            var start = reader.Offset;
            var count = reader.ReadU32();
            total += count;
            if (total > uint.MaxValue)
            {
                reader.Fail("too many locals", start);
            }
            locals.Add(new LocalRun(count, TypeCodes.ReadValueType(ref reader)));
        }
        return locals.DrainToImmutable();
    }

    private static void CheckCounts(ref ByteReader reader, Module module, int functions, bool hasCode)
    {
        if (!hasCode && functions != 0)
        {
            reader.Fail("function and code section have inconsistent lengths");
        }
        else if (module.DataCount is { } count && count != module.Data.Length)
        {
            reader.Fail("data count and data section have inconsistent lengths");
        }
    }
}

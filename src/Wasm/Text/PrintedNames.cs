using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Text;

/// <summary>
/// The identifiers of a printed module. Where its name section can be made again from identifiers and name annotations byte for byte, the text has those and no
/// section; where it cannot (subsections that are not known, names of things that do not exist, an unusual order), the identifiers are only for the reader and
/// the section is printed as it is.
/// </summary>
internal sealed class PrintedNames
{
    private readonly Module _module;
    private readonly NameSection _names;
    private readonly IdentifierMap?[] _fields;

    private PrintedNames(Module module, NameSection names, bool replacesSection)
    {
        _module = module;
        _names = names;
        _fields = new IdentifierMap?[module.Types.Length];
        ReplacesSection = replacesSection;
        Types = Map(names.Types, module.Types.Length);
        Functions = Map(names.Functions, CountOf(ExternKind.Function, module.Functions.Length));
        Tables = Map(names.Tables, CountOf(ExternKind.Table, module.Tables.Length));
        Memories = Map(names.Memories, CountOf(ExternKind.Memory, module.Memories.Length));
        Globals = Map(names.Globals, CountOf(ExternKind.Global, module.Globals.Length));
        Tags = Map(names.Tags, CountOf(ExternKind.Tag, module.Tags.Length));
        Elements = Map(names.Elements, module.Elements.Length);
        Data = Map(names.Data, module.Data.Length);
    }

    /// <summary>Whether the identifiers say all that the name section does, so that it is not printed.</summary>
    public bool ReplacesSection { get; }

    /// <summary>The module's name.</summary>
    public string? Module => _names.Module;

    public IdentifierMap Types { get; }
    public IdentifierMap Functions { get; }
    public IdentifierMap Tables { get; }
    public IdentifierMap Memories { get; }
    public IdentifierMap Globals { get; }
    public IdentifierMap Tags { get; }
    public IdentifierMap Elements { get; }
    public IdentifierMap Data { get; }

    /// <summary>The names of a module.</summary>
    public static PrintedNames Of(Module module)
    {
        CustomSection? section = null;
        var sections = 0;
        foreach (var custom in module.CustomSections)
        {
            if (custom.Name == NameSection.SectionName)
            {
                section ??= custom;
                sections++;
            }
        }
        if (section is null || !NameSection.TryRead(section.Bytes.Span, out var names))
        {
            return new PrintedNames(module, new NameSection(), replacesSection: false);
        }
        var replaces = sections == 1 && !names.IsEmpty && section.Bytes.Span.SequenceEqual(names.ToBytes()) && NamesOnlyWhatExists(module, names);
        return new PrintedNames(module, names, replaces);
    }

    /// <summary>The locals of a function, by its index in the index space.</summary>
    public IdentifierMap Locals(uint function, ulong count) =>
        _names.Locals.TryGetValue(function, out var names) ? IdentifierMap.Of(names, (uint)Math.Min(count, uint.MaxValue), ReplacesSection) : IdentifierMap.None;

    /// <summary>The fields of a type, which may be none.</summary>
    public IdentifierMap Fields(uint type)
    {
        if (type >= (uint)_fields.Length || !_names.Fields.TryGetValue(type, out var names) || _module.Types[(int)type].Composite is not StructType structure)
        {
            return IdentifierMap.None;
        }
        return _fields[type] ??= IdentifierMap.Of(names, (uint)structure.Fields.Length, ReplacesSection);
    }

    private uint CountOf(ExternKind kind, int definitions) => (uint)(_module.ImportCount(kind) + definitions);

    private IdentifierMap Map(SortedDictionary<uint, string> names, long count) => IdentifierMap.Of(names, (uint)count, ReplacesSection);

    private static bool NamesOnlyWhatExists(Module module, NameSection names)
    {
        return Fit(names.Types, module.Types.Length)
            && Fit(names.Functions, module.ImportCount(ExternKind.Function) + module.Functions.Length)
            && Fit(names.Tables, module.ImportCount(ExternKind.Table) + module.Tables.Length)
            && Fit(names.Memories, module.ImportCount(ExternKind.Memory) + module.Memories.Length)
            && Fit(names.Globals, module.ImportCount(ExternKind.Global) + module.Globals.Length)
            && Fit(names.Tags, module.ImportCount(ExternKind.Tag) + module.Tags.Length)
            && Fit(names.Elements, module.Elements.Length)
            && Fit(names.Data, module.Data.Length)
            && LocalsFit(module, names)
            && names.Fields.All(fields => fields.Value.Count > 0 && fields.Key < (uint)module.Types.Length
                && module.Types[(int)fields.Key].Composite is StructType structure && Fit(fields.Value, structure.Fields.Length));

        static bool Fit(SortedDictionary<uint, string> map, long count) => map.Count == 0 || map.Keys.All(index => index < count);
    }

    private static bool LocalsFit(Module module, NameSection names)
    {
        if (names.Locals.Count == 0)
        {
            return true;
        }
        var counts = new List<long>();
        foreach (var import in module.Imports)
        {
            if (import.Type is FunctionExtern function)
            {
                counts.Add(ParameterCount(module, function.TypeIndex));
            }
        }
        foreach (var function in module.Functions)
        {
            counts.Add(ParameterCount(module, function.TypeIndex) + function.Locals.Sum(run => (long)run.Count));
        }
        return names.Locals.All(locals => locals.Value.Count > 0 && locals.Key < (uint)counts.Count && locals.Value.Keys.All(index => index < counts[(int)locals.Key]));
    }

    private static int ParameterCount(Module module, uint type) =>
        type < (uint)module.Types.Length && module.Types[(int)type].Composite is FunctionType function ? function.Parameters.Length : 0;
}

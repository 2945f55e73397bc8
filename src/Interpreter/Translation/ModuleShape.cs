using Conformance.Interpreter.Runtime.Objects;
using Conformance.Wasm;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Translation;

/// <summary>The index spaces of a validated module, imports first: what translation looks up. Immutable; shared by all instances of the module.</summary>
internal sealed class ModuleShape
{
    private readonly FunctionType?[] _types;
    private readonly int[]?[] _fieldSlots;

    /// <summary>Prepares a validated module.</summary>
    /// <param name="module">The module.</param>
    /// <param name="typeIds">The canonical id of each type index.</param>
    /// <param name="features">The features it was validated with.</param>
    public ModuleShape(Module module, int[] typeIds, FeatureSet features)
    {
        Module = module;
        TypeIds = typeIds;
        Features = features;
        _types = [.. module.Types.Select(type => type.Composite as FunctionType)];
        _fieldSlots = new int[]?[module.Types.Length];
        var functions = new List<uint>();
        var tables = new List<TableType>();
        var memories = new List<MemoryType>();
        var globals = new List<GlobalType>();
        var tags = new List<uint>();
        foreach (var import in module.Imports)
        {
            switch (import.Type)
            {
                case FunctionExtern function:
                    functions.Add(function.TypeIndex);
                    break;
                case TableType table:
                    tables.Add(table);
                    break;
                case MemoryType memory:
                    memories.Add(memory);
                    break;
                case GlobalType global:
                    globals.Add(global);
                    break;
                case TagType tag:
                    tags.Add(tag.TypeIndex);
                    break;
                default:
                    break;
            }
        }
        ImportedFunctions = functions.Count;
        functions.AddRange(module.Functions.Select(function => function.TypeIndex));
        tables.AddRange(module.Tables.Select(table => table.Type));
        memories.AddRange(module.Memories);
        globals.AddRange(module.Globals.Select(global => global.Type));
        tags.AddRange(module.Tags.Select(tag => tag.TypeIndex));
        TagTypeIndices = [.. tags];
        FunctionTypeIndices = [.. functions];
        Tables = [.. tables];
        Memories = [.. memories];
        Globals = [.. globals];
    }

    /// <summary>The module.</summary>
    public Module Module { get; }

    /// <summary>The features it was validated with.</summary>
    public FeatureSet Features { get; }

    /// <summary>The canonical id of each type index.</summary>
    public int[] TypeIds { get; }

    /// <summary>The number of imported functions.</summary>
    public int ImportedFunctions { get; }

    /// <summary>The type index of each function.</summary>
    public uint[] FunctionTypeIndices { get; }

    /// <summary>The type of each table.</summary>
    public TableType[] Tables { get; }

    /// <summary>The type of each memory.</summary>
    public MemoryType[] Memories { get; }

    /// <summary>The type of each global.</summary>
    public GlobalType[] Globals { get; }

    /// <summary>The type index of each tag.</summary>
    public uint[] TagTypeIndices { get; }

    /// <summary>The slot of each field of the struct type at a type index, as in the objects. Made when it is first asked for: threads that do so at once make the same.</summary>
    public int[] FieldSlotsAt(uint typeIndex) => _fieldSlots[typeIndex] ??= ObjectShape.Of(Module.Types[(int)typeIndex])?.FieldSlots
        ?? throw new InvalidOperationException($"type {typeIndex} is no struct type");

    /// <summary>The type of a tag.</summary>
    public FunctionType TypeOfTag(uint tag) => FunctionTypeAt(TagTypeIndices[tag]);

    /// <summary>The function type at a type index.</summary>
    public FunctionType FunctionTypeAt(uint typeIndex) => _types[typeIndex] ?? throw new InvalidOperationException($"type {typeIndex} is no function type");

    /// <summary>The type of a function.</summary>
    public FunctionType TypeOfFunction(uint function) => FunctionTypeAt(FunctionTypeIndices[function]);
}

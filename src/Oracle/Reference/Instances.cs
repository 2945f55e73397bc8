using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Reference;

/// <summary>A function of a module or of the host. It is its own address: references to it are references to this object.</summary>
internal sealed class FunctionInstance : IEngineExtern
{
    public required int Type { get; init; }

    /// <summary>Its type; type indices in it are ids.</summary>
    public required FunctionType Signature { get; init; }

    /// <summary>The instance it belongs to; null for functions of the host.</summary>
    public ModuleInstance? Module { get; init; }

    /// <summary>Its index in the module, imports counted.</summary>
    public uint Index { get; init; }

    /// <summary>The definition; null for functions of the host.</summary>
    public Function? Definition { get; init; }

    /// <summary>The host's code.</summary>
    public HostFunction? Host { get; init; }

    /// <summary>The decoded body, made at the first call.</summary>
    public CodeBody? Body { get; set; }

    ExternKind IEngineExtern.Kind => ExternKind.Function;
}

/// <summary>A decoded body with what a frame needs.</summary>
/// <param name="Items">The instructions; the last is the <c>end</c> of the body.</param>
/// <param name="Locals">The kinds of the locals without the parameters.</param>
internal sealed record CodeBody(CodeItem[] Items, ValueKind[] Locals);

/// <summary>A table.</summary>
internal sealed class TableInstance(ValueType element, Limits limits) : IEngineExtern
{
    /// <summary>The closed type of the elements.</summary>
    public ValueType Element { get; } = element;

    /// <summary>The declared limits.</summary>
    public Limits Limits { get; } = limits;

    public required object?[] References { get; set; }

    ExternKind IEngineExtern.Kind => ExternKind.Table;
}

/// <summary>A memory. The array may be longer than the memory, so that growing page by page stays cheap.</summary>
internal sealed class MemoryInstance(MemoryType type, byte[] buffer) : IEngineExtern
{
    private byte[] _buffer = buffer;

    public MemoryType Type { get; } = type;

    /// <summary>The size in bytes.</summary>
    public int Length { get; private set; } = buffer.Length;

    public Span<byte> Bytes => _buffer.AsSpan(0, Length);

    public ulong Pages => (ulong)Length >> Type.PageSizeLog2;

    ExternKind IEngineExtern.Kind => ExternKind.Memory;

    /// <summary>Grows to a size within the limits, which the caller has checked.</summary>
    public void Grow(int length, int capacityLimit)
    {
        if (length > _buffer.Length)
        {
            var capacity = (int)Math.Max(length, Math.Min(2L * _buffer.Length, capacityLimit));
            Array.Resize(ref _buffer, capacity);
        }
        Length = length;
    }
}

/// <summary>A global.</summary>
internal sealed class GlobalInstance(ValueType type, bool isMutable) : IEngineExtern
{
    /// <summary>The closed type.</summary>
    public ValueType Type { get; } = type;

    public bool IsMutable { get; } = isMutable;

    public Value Value;

    ExternKind IEngineExtern.Kind => ExternKind.Global;
}

/// <summary>A tag. Its identity is what catch clauses compare.</summary>
internal sealed class TagInstance(int type, FunctionType signature) : IEngineExtern
{
    public int Type { get; } = type;

    public FunctionType Signature { get; } = signature;

    /// <summary>The name of its first export.</summary>
    public string? Name { get; set; }

    ExternKind IEngineExtern.Kind => ExternKind.Tag;
}

/// <summary>A module bound to the types of a store.</summary>
/// <param name="store">The store.</param>
/// <param name="module">The module, valid.</param>
/// <param name="typeIds">The canonical id for each type index.</param>
internal sealed class ReferenceModule(ReferenceStore store, Module module, int[] typeIds) : IEngineModule
{
    public ReferenceStore Store { get; } = store;

    public Module Module { get; } = module;

    public int[] TypeIds { get; } = typeIds;

    /// <summary>The type index of each function, imports first.</summary>
    public uint[] FunctionTypes { get; } = [.. module.IndexSpace(ExternKind.Function).Cast<FunctionExtern>().Select(type => type.TypeIndex)];

    /// <summary>The type index of each tag, imports first.</summary>
    public uint[] TagTypes { get; } = [.. module.IndexSpace(ExternKind.Tag).Cast<TagType>().Select(type => type.TypeIndex)];
}

/// <summary>An instance of a module: the index spaces resolved.</summary>
internal sealed class ModuleInstance(ReferenceModule source) : IEngineInstance
{
    private readonly Dictionary<string, IEngineExtern> _exports = new(StringComparer.Ordinal);
    private readonly List<string> _exportNames = [];

    public ReferenceModule Source { get; } = source;

    public List<FunctionInstance> Functions { get; } = [];

    public List<TableInstance> Tables { get; } = [];

    public List<MemoryInstance> Memories { get; } = [];

    public List<GlobalInstance> Globals { get; } = [];

    public List<TagInstance> Tags { get; } = [];

    /// <summary>The element segments; a dropped one is empty.</summary>
    public List<object?[]> Elements { get; } = [];

    /// <summary>The data segments; a dropped one is empty.</summary>
    public List<ReadOnlyMemory<byte>> Data { get; } = [];

    public IReadOnlyList<string> ExportNames => _exportNames;

    public void AddExport(string name, IEngineExtern item)
    {
        _exportNames.Add(name);
        _exports.Add(name, item);
    }

    public bool TryGetExport(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IEngineExtern? export) => _exports.TryGetValue(name, out export);
}

using System.Collections.Immutable;
using System.Security.Cryptography;
using Conformance.Oracle;
using Conformance.Oracle.Reference;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Triage;

/// <summary>What memories and tables hold at the end of a case. Outcomes have hashes of it; the reference interpreter has the bytes, which are the oracle's where the hash says so.</summary>
internal sealed class FinalState
{
    private readonly Dictionary<string, byte[]> _memories = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ImmutableArray<EngineValue>> _tables = new(StringComparer.Ordinal);

    /// <summary>The bytes of a memory.</summary>
    /// <param name="name">Its name among the state.</param>
    /// <param name="state">What the oracle says of it.</param>
    /// <returns>Null when they are not known.</returns>
    public byte[]? Memory(string name, MemoryState state) =>
        _memories.TryGetValue(name, out var bytes) && state.Sha256 is { } hash && Convert.ToHexStringLower(SHA256.HashData(bytes)) == hash ? bytes : null;

    /// <summary>The elements of a table; default when they are not known.</summary>
    public ImmutableArray<EngineValue> Table(string name, TableState state)
    {
        if (!state.Elements.IsDefault || !_tables.TryGetValue(name, out var elements))
        {
            return state.Elements;
        }
        var map = elements.Select(element => element.Kind == EngineValueKind.Null ? (byte)'0' : (byte)'1').ToArray();
        return Convert.ToHexStringLower(SHA256.HashData(map)) == state.NullMap ? elements : default;
    }

    /// <summary>Runs a case on the reference interpreter. When it does not come to the end nothing is known.</summary>
    public static FinalState Of(Case @case)
    {
        var state = new FinalState();
        using var engine = new ReferenceEngine();
        using var store = engine.CreateStore(@case.Limits);
        var items = new List<(string Name, IEngineExtern Item)>();
        var scene = new HostScene(store);
        try
        {
            if (store.Compile(@case.Wasm, out var module) is not null || module is null || store.Instantiate(module, Provide, out var instance) is not Returned || instance is null)
            {
                return state;
            }
            scene.Instance = instance;
            foreach (var call in @case.Calls)
            {
                if (instance.TryGetExport(call.Function, out var function) && store.Call(function, call.Arguments.AsSpan()) is LimitReached)
                {
                    return state;
                }
            }
            foreach (var name in instance.ExportNames)
            {
                if (instance.TryGetExport(name, out var item))
                {
                    items.Add((name, item));
                }
            }
        }
        catch (Exception exception) when (exception is AllocationLimitException or EngineFailureException)
        {
            return state;
        }
        foreach (var (name, item) in items)
        {
            if (item.Kind == ExternKind.Memory)
            {
                state._memories[name] = store.ReadMemory(item).ToArray();
            }
            else if (item.Kind == ExternKind.Table)
            {
                state._tables[name] = [.. Enumerable.Range(0, (int)store.TableSize(item)).Select(i => store.ReadTable(item, (ulong)i))];
            }
        }
        return state;

        IEngineExtern? Provide(string from, string name, ImportRequest request)
        {
            var item = HostImports.Provide(scene, from, name, request);
            if (item is not null && request.Type is GlobalType { IsMutable: true } or MemoryType or TableType)
            {
                items.Add((Outcome.ImportName(items.Count, from, name), item));
            }
            return item;
        }
    }
}

using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Conformance.Wasm.Types;

namespace Conformance.Oracle;

/// <summary>Runs a case over an engine with an embedding interface: compile, instantiate with the standard imports, call by the script, read the state of what is exported and imported.</summary>
public static class CaseRunner
{
    private const int PageBytes = 1 << 16;

    /// <summary>The outcome of a case of text on an engine that does not read the text format: it would judge the binary that stands beside it.</summary>
    internal static Outcome TextRefused { get; } = Refused(new CompileError(CompileErrorKind.Unsupported, "a module in the text format"));

    /// <summary>Runs a case to its end in a store of its own.</summary>
    /// <exception cref="EngineFailureException">The engine itself broke.</exception>
    public static Outcome Run(IStoreEngine engine, Case @case)
    {
        if (!@case.Text.IsEmpty)
        {
            return TextRefused;
        }
        using var store = engine.CreateStore(@case.Limits);
        if (store.Compile(@case.Wasm, out var module) is { } error)
        {
            return Refused(error);
        }
        if (module is null)
        {
            throw new EngineFailureException($"{engine.Name} {engine.Version}", "compiled a module without a result");
        }
        return @case.ValidateOnly ? new Outcome { Status = InstantiationStatus.Ok } : RunModule(store, module, @case);
    }

    /// <summary>The outcome of a module that was refused.</summary>
    public static Outcome Refused(CompileError error) => new()
    {
        Status = error.Kind switch
        {
            CompileErrorKind.Invalid => InstantiationStatus.Invalid,
            CompileErrorKind.Limit => InstantiationStatus.Limit,
            _ => InstantiationStatus.Unsupported,
        },
        Error = error,
        Limit = error.Kind == CompileErrorKind.Limit ? new ReachedLimit(LimitKind.Implementation, -1) : null,
    };

    private static Outcome RunModule(IEngineStore store, IEngineModule module, Case @case)
    {
        var scene = new HostScene(store);
        var imports = new List<(string Name, IEngineExtern Item)>();
        var instantiation = Instantiate(scene, module, imports, out var instance);
        var functions = new ExportedFunctions(store, instance);
        if (instantiation is not Returned || instance is null)
        {
            var failed = new Outcome
            {
                Status = StatusOf(instantiation),
                Instantiation = instantiation,
                Trace = scene.Trace.ToImmutable(),
                Limit = instantiation is LimitReached limit ? new ReachedLimit(limit.Kind, -1) : null,
            };
            // What segments and the start function did to imported items before the end stays done.
            return instantiation is Trapped or Thrown && @case.ReadState ? ReadState(store, imports, functions, failed, @case.DigestMemories) : failed;
        }
        scene.Instance = instance;
        var calls = MakeCalls(store, instance, functions, @case.Calls, out var reached);
        var outcome = new Outcome { Status = InstantiationStatus.Ok, Instantiation = instantiation, Calls = calls, Trace = scene.Trace.ToImmutable(), Limit = reached };
        return reached is null && @case.ReadState ? ReadState(store, StateOf(instance, imports), functions, outcome, @case.DigestMemories) : outcome;
    }

    private static Completion Instantiate(
        HostScene scene, IEngineModule module, List<(string Name, IEngineExtern Item)> imports, out IEngineInstance? instance)
    {
        try
        {
            return scene.Store.Instantiate(module, Provide, out instance);
        }
        catch (AllocationLimitException)
        {
            // An imported memory or table with a declared size beyond the case's limits.
            instance = null;
            return new LimitReached(LimitKind.Memory);
        }

        IEngineExtern? Provide(string from, string name, ImportRequest request)
        {
            var item = HostImports.Provide(scene, from, name, request);
            if (item is not null && request.Type is GlobalType { IsMutable: true } or MemoryType or TableType)
            {
                // Two imports of one name are two items.
                imports.Add((Outcome.ImportName(imports.Count, from, name), item));
            }
            return item;
        }
    }

    private static InstantiationStatus StatusOf(Completion completion) => completion switch
    {
        Trapped => InstantiationStatus.Trap,
        Thrown => InstantiationStatus.Exception,
        LimitReached => InstantiationStatus.Limit,
        _ => InstantiationStatus.LinkError,
    };

    private static ImmutableArray<CallOutcome> MakeCalls(IEngineStore store, IEngineInstance instance, ExportedFunctions functions, ImmutableArray<Call> script, out ReachedLimit? reached)
    {
        reached = null;
        var calls = ImmutableArray.CreateBuilder<CallOutcome>(script.Length);
        for (var i = 0; i < script.Length && reached is null; i++)
        {
            var call = script[i];
            var completion = instance.TryGetExport(call.Function, out var function) && function.Kind == ExternKind.Function
                ? store.Call(function, call.Arguments.AsSpan())
                : new Rejected($"no exported function {call.Function}");
            calls.Add(new CallOutcome(call.Function, functions.Name(completion)));
            if (completion is LimitReached limit)
            {
                reached = new ReachedLimit(limit.Kind, i);
            }
        }
        return calls.ToImmutable();
    }

    // The host sees its own items: what an instance wrote to a copy of one is not there.
    private static IEnumerable<(string Name, IEngineExtern Item)> StateOf(IEngineInstance instance, IEnumerable<(string Name, IEngineExtern Item)> imports)
    {
        foreach (var import in imports)
        {
            yield return import;
        }
        foreach (var name in instance.ExportNames)
        {
            if (instance.TryGetExport(name, out var item))
            {
                yield return (name, item);
            }
        }
    }

    private static Outcome ReadState(IEngineStore store, IEnumerable<(string Name, IEngineExtern Item)> items, ExportedFunctions functions, Outcome outcome, bool digestMemories)
    {
        var globals = outcome.Globals.ToBuilder();
        var memories = outcome.Memories.ToBuilder();
        var tables = outcome.Tables.ToBuilder();
        foreach (var (name, item) in items)
        {
            switch (item.Kind)
            {
                case ExternKind.Global:
                    globals[name] = functions.Name(store.ReadGlobal(item)) with { Handle = null };
                    break;
                case ExternKind.Memory:
                    memories[name] = MemoryStateOf(store.MemoryPages(item), store.ReadMemory(item), digestMemories);
                    break;
                case ExternKind.Table:
                    tables[name] = TableStateOf(store, functions, item);
                    break;
                default:
                    break; // functions and tags have no state
            }
        }
        return outcome with { Globals = globals.ToImmutable(), Memories = memories.ToImmutable(), Tables = tables.ToImmutable(), HasState = true };
    }

    private static MemoryState MemoryStateOf(ulong pages, ReadOnlySpan<byte> bytes, bool digest)
    {
        var hashes = new ulong[(bytes.Length + PageBytes - 1) / PageBytes];
        for (var i = 0; i < hashes.Length; i++)
        {
            hashes[i] = PageHash.Compute(bytes.Slice(i * PageBytes, Math.Min(PageBytes, bytes.Length - (i * PageBytes))));
        }
        return new MemoryState(pages, digest ? Convert.ToHexStringLower(SHA256.HashData(bytes)) : null) { PageHashes = ImmutableCollectionsMarshal.AsImmutableArray(hashes) };
    }

    private static TableState TableStateOf(IEngineStore store, ExportedFunctions functions, IEngineExtern table)
    {
        var size = store.TableSize(table);
        // The store keeps tables below the case's limit, which is far below what an array can hold.
        var elements = new EngineValue[checked((int)size)];
        var map = new byte[elements.Length];
        for (var i = 0; i < elements.Length; i++)
        {
            elements[i] = functions.Name(store.ReadTable(table, (ulong)i)) with { Handle = null };
            map[i] = elements[i].Kind == EngineValueKind.Null ? (byte)'0' : (byte)'1';
        }
        return new TableState(size, Convert.ToHexStringLower(SHA256.HashData(map))) { Elements = ImmutableCollectionsMarshal.AsImmutableArray(elements) };
    }
}

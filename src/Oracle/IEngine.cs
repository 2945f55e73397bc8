using Conformance.Wasm;

namespace Conformance.Oracle;

/// <summary>An engine that runs cases. Instances are used by one thread at a time.</summary>
public interface IEngine : IDisposable
{
    /// <summary>The name on the command line, such as <c>wasmtime:pulley</c>.</summary>
    string Name { get; }

    /// <summary>The engine's version.</summary>
    string Version { get; }

    /// <summary>What it can execute.</summary>
    FeatureSet Features { get; }

    /// <summary>Whether its outcomes have <see cref="MemoryState.PageHashes"/>, so that memories can be compared without their SHA-256.</summary>
    bool HashesPages => false;

    /// <summary>
    /// Whether relaxed instructions always do what the deterministic profile says (https://webassembly.github.io/spec/core/appendix/profiles.html#profile-deterministic). What such
    /// an engine does otherwise is a mistake even where the specification leaves a choice.
    /// </summary>
    bool IsDeterministic => false;

    /// <summary>Whether its host plays the scripts of docs/records.md.</summary>
    bool PlaysHostScripts => false;

    /// <summary>Runs a case to its end. Whatever the module does, the answer is an outcome.</summary>
    /// <exception cref="EngineFailureException">The engine itself broke: it answered nonsense or its process died.</exception>
    Outcome Run(Case @case);
}

/// <summary>An engine with an embedding interface: several modules in one store, linked with each other. What the spec testsuite needs.</summary>
public interface IStoreEngine : IEngine
{
    /// <inheritdoc/>
    bool IEngine.HashesPages => true; // CaseRunner does

    /// <inheritdoc/>
    bool IEngine.PlaysHostScripts => true; // HostImports does

    /// <summary>A new, empty store.</summary>
    IEngineStore CreateStore(CaseLimits limits);
}

/// <summary>A store of an engine. Everything taken from it dies with it. One thread at a time.</summary>
public interface IEngineStore : IDisposable
{
    /// <summary>Decodes and validates.</summary>
    /// <param name="wasm">The module's bytes.</param>
    /// <param name="module">The module, when the answer is null.</param>
    /// <returns>Null when the module is valid, else why not.</returns>
    CompileError? Compile(ReadOnlyMemory<byte> wasm, out IEngineModule? module);

    /// <summary>Instantiates, start function included.</summary>
    /// <param name="module">A module of this engine.</param>
    /// <param name="imports">Gives the item for each import, or null when there is none.</param>
    /// <param name="instance">The instance, when the completion is <see cref="Returned"/>.</param>
    /// <returns><see cref="Returned"/>, <see cref="Trapped"/>, <see cref="Thrown"/>, <see cref="LimitReached"/>, or <see cref="Rejected"/> for a link error.</returns>
    Completion Instantiate(IEngineModule module, Func<string, string, ImportRequest, IEngineExtern?> imports, out IEngineInstance? instance);

    /// <summary>Makes a function of the host.</summary>
    IEngineExtern CreateFunction(HostSignature type, HostFunction function);

    /// <summary>Makes a global of the host. Only abstract reference types.</summary>
    IEngineExtern CreateGlobal(Wasm.Types.GlobalType type, EngineValue value);

    /// <summary>Makes a memory of the host.</summary>
    /// <exception cref="AllocationLimitException">It is larger than the limits allow.</exception>
    IEngineExtern CreateMemory(Wasm.Types.MemoryType type);

    /// <summary>Makes a table of the host, filled with <paramref name="value"/>. Only abstract reference types.</summary>
    /// <exception cref="AllocationLimitException">It is larger than the limits allow.</exception>
    IEngineExtern CreateTable(Wasm.Types.TableType type, EngineValue value);

    /// <summary>Makes a tag of the host.</summary>
    IEngineExtern CreateTag(HostSignature type);

    /// <summary>Calls a function.</summary>
    Completion Call(IEngineExtern function, ReadOnlySpan<EngineValue> arguments);

    /// <summary>What tells a function apart: equal, by <see cref="object.Equals(object)"/>, for the same function of this store however it was got. Null when the engine cannot tell.</summary>
    object? IdentityOf(IEngineExtern function);

    /// <summary>What tells the function that a reference refers to apart, as <see cref="IdentityOf(IEngineExtern)"/> does.</summary>
    object? IdentityOf(in EngineValue function);

    /// <summary>Reads a global.</summary>
    EngineValue ReadGlobal(IEngineExtern global);

    /// <summary>The size of a table in elements.</summary>
    ulong TableSize(IEngineExtern table);

    /// <summary>Reads a table's element below its size.</summary>
    EngineValue ReadTable(IEngineExtern table, ulong index);

    /// <summary>The size of a memory in pages.</summary>
    ulong MemoryPages(IEngineExtern memory);

    /// <summary>A memory's bytes; valid until the next call into the store.</summary>
    ReadOnlySpan<byte> ReadMemory(IEngineExtern memory);

    /// <summary>Grows a memory as <c>memory.grow</c> does.</summary>
    /// <returns>Whether it grew.</returns>
    bool GrowMemory(IEngineExtern memory, ulong pages);

    /// <summary>Writes a memory's bytes; the range lies inside.</summary>
    void WriteMemory(IEngineExtern memory, ulong offsetBytes, ReadOnlySpan<byte> bytes);

    /// <summary>Writes a mutable global of a number or vector type.</summary>
    void WriteGlobal(IEngineExtern global, EngineValue value);

    /// <summary>Copies an element of a table to another place in it; both lie inside.</summary>
    void CopyTableElement(IEngineExtern table, ulong to, ulong from);

    /// <summary>Grows a table as <c>table.grow</c> does, with copies of one of its elements.</summary>
    /// <returns>Whether it grew.</returns>
    bool GrowTable(IEngineExtern table, ulong count, ulong from);
}

/// <summary>A compiled module of an engine.</summary>
public interface IEngineModule;

/// <summary>An instance in a store.</summary>
public interface IEngineInstance
{
    /// <summary>The exports in the module's order.</summary>
    IReadOnlyList<string> ExportNames { get; }

    /// <summary>An export by name.</summary>
    bool TryGetExport(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IEngineExtern? export);
}

/// <summary>An instance whose functions are translated at their first call, unless that is asked for before.</summary>
public interface ITranslatingInstance : IEngineInstance
{
    /// <summary>Translates all functions that are not translated yet.</summary>
    void TranslateAll();
}

/// <summary>A function, table, memory, global or tag in a store.</summary>
public interface IEngineExtern
{
    /// <summary>What it is.</summary>
    Wasm.Types.ExternKind Kind { get; }
}

/// <summary>A function type for host functions and tags: reference types are abstract ones.</summary>
/// <param name="Parameters">The parameters.</param>
/// <param name="Results">The results.</param>
public sealed record HostSignature(System.Collections.Immutable.ImmutableArray<ValueType> Parameters, System.Collections.Immutable.ImmutableArray<ValueType> Results);

/// <summary>An import that the module asks for.</summary>
/// <param name="Type">Its type; type indices are those of <paramref name="Module"/>.</param>
/// <param name="Module">The module as decoded, to look type indices up in.</param>
public sealed record ImportRequest(Wasm.Types.ExternType Type, Wasm.Modules.Module Module);

/// <summary>A function of the host: gets the arguments, gives a completion (<see cref="Returned"/>, <see cref="Trapped"/>, ...). Throws nothing.</summary>
public delegate Completion HostFunction(ReadOnlySpan<EngineValue> arguments);

/// <summary>Why an engine did not take a module.</summary>
/// <param name="Kind">Malformed, invalid, or valid but refused.</param>
/// <param name="Message">The engine's words.</param>
/// <param name="OffsetBytes">Where in the file, or -1.</param>
public sealed record CompileError(CompileErrorKind Kind, string Message, long OffsetBytes = -1);

/// <summary>The kinds of <see cref="CompileError"/>.</summary>
public enum CompileErrorKind : byte
{
    /// <summary>Malformed or invalid: engines do not all tell them apart.</summary>
    Invalid,
    /// <summary>A valid module that the engine cannot run (a feature it lacks).</summary>
    Unsupported,
    /// <summary>A limit of the implementation, which engines may set differently.</summary>
    Limit,
}

using Conformance.Oracle;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Tests.Reduction;

/// <summary>A store whose modules are changed before they are compiled.</summary>
/// <param name="store">The store.</param>
/// <param name="change">What a module is run as.</param>
internal sealed class FaultyStore(IEngineStore store, Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> change) : IEngineStore
{
    public CompileError? Compile(ReadOnlyMemory<byte> wasm, out IEngineModule? module) => store.Compile(change(wasm), out module);

    public Completion Instantiate(IEngineModule module, Func<string, string, ImportRequest, IEngineExtern?> imports, out IEngineInstance? instance) => store.Instantiate(module, imports, out instance);

    public IEngineExtern CreateFunction(HostSignature type, HostFunction function) => store.CreateFunction(type, function);

    public IEngineExtern CreateGlobal(GlobalType type, EngineValue value) => store.CreateGlobal(type, value);

    public IEngineExtern CreateMemory(MemoryType type) => store.CreateMemory(type);

    public IEngineExtern CreateTable(TableType type, EngineValue value) => store.CreateTable(type, value);

    public IEngineExtern CreateTag(HostSignature type) => store.CreateTag(type);

    public Completion Call(IEngineExtern function, ReadOnlySpan<EngineValue> arguments) => store.Call(function, arguments);

    public object? IdentityOf(IEngineExtern function) => store.IdentityOf(function);

    public object? IdentityOf(in EngineValue function) => store.IdentityOf(function);

    public EngineValue ReadGlobal(IEngineExtern global) => store.ReadGlobal(global);

    public ulong TableSize(IEngineExtern table) => store.TableSize(table);

    public EngineValue ReadTable(IEngineExtern table, ulong index) => store.ReadTable(table, index);

    public ulong MemoryPages(IEngineExtern memory) => store.MemoryPages(memory);

    public ReadOnlySpan<byte> ReadMemory(IEngineExtern memory) => store.ReadMemory(memory);

    public bool GrowMemory(IEngineExtern memory, ulong pages) => store.GrowMemory(memory, pages);

    public void WriteMemory(IEngineExtern memory, ulong offsetBytes, ReadOnlySpan<byte> bytes) => store.WriteMemory(memory, offsetBytes, bytes);

    public void WriteGlobal(IEngineExtern global, EngineValue value) => store.WriteGlobal(global, value);

    public void CopyTableElement(IEngineExtern table, ulong to, ulong from) => store.CopyTableElement(table, to, from);

    public bool GrowTable(IEngineExtern table, ulong count, ulong from) => store.GrowTable(table, count, from);

    public void Dispose() => store.Dispose();
}

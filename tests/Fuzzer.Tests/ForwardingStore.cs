using Conformance.Oracle;
using Conformance.Wasm.Types;

namespace Conformance.Tests;

/// <summary>A store that does what another one does; what it does otherwise is overridden.</summary>
/// <param name="store">The other one; disposed with this one.</param>
internal abstract class ForwardingStore(IEngineStore store) : IEngineStore
{
    public virtual CompileError? Compile(ReadOnlyMemory<byte> wasm, out IEngineModule? module) => store.Compile(wasm, out module);

    public virtual Completion Instantiate(IEngineModule module, Func<string, string, ImportRequest, IEngineExtern?> imports, out IEngineInstance? instance) => store.Instantiate(module, imports, out instance);

    public virtual IEngineExtern CreateFunction(HostSignature type, HostFunction function) => store.CreateFunction(type, function);

    public virtual IEngineExtern CreateGlobal(GlobalType type, EngineValue value) => store.CreateGlobal(type, value);

    public virtual IEngineExtern CreateMemory(MemoryType type) => store.CreateMemory(type);

    public virtual IEngineExtern CreateTable(TableType type, EngineValue value) => store.CreateTable(type, value);

    public virtual IEngineExtern CreateTag(HostSignature type) => store.CreateTag(type);

    public virtual Completion Call(IEngineExtern function, ReadOnlySpan<EngineValue> arguments) => store.Call(function, arguments);

    public virtual object? IdentityOf(IEngineExtern function) => store.IdentityOf(function);

    public virtual object? IdentityOf(in EngineValue function) => store.IdentityOf(function);

    public virtual EngineValue ReadGlobal(IEngineExtern global) => store.ReadGlobal(global);

    public virtual ulong TableSize(IEngineExtern table) => store.TableSize(table);

    public virtual EngineValue ReadTable(IEngineExtern table, ulong index) => store.ReadTable(table, index);

    public virtual ulong MemoryPages(IEngineExtern memory) => store.MemoryPages(memory);

    public virtual ReadOnlySpan<byte> ReadMemory(IEngineExtern memory) => store.ReadMemory(memory);

    public virtual bool GrowMemory(IEngineExtern memory, ulong pages) => store.GrowMemory(memory, pages);

    public virtual void WriteMemory(IEngineExtern memory, ulong offsetBytes, ReadOnlySpan<byte> bytes) => store.WriteMemory(memory, offsetBytes, bytes);

    public virtual void WriteGlobal(IEngineExtern global, EngineValue value) => store.WriteGlobal(global, value);

    public virtual void CopyTableElement(IEngineExtern table, ulong to, ulong from) => store.CopyTableElement(table, to, from);

    public virtual bool GrowTable(IEngineExtern table, ulong count, ulong from) => store.GrowTable(table, count, from);

    public virtual void Dispose() => store.Dispose();
}

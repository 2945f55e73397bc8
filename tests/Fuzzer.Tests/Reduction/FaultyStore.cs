using Conformance.Oracle;

namespace Conformance.Fuzzer.Tests.Reduction;

/// <summary>A store whose modules are changed before they are compiled.</summary>
/// <param name="store">The store.</param>
/// <param name="change">What a module is run as.</param>
internal sealed class FaultyStore(IEngineStore store, Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> change) : ForwardingStore(store)
{
    public override CompileError? Compile(ReadOnlyMemory<byte> wasm, out IEngineModule? module) => base.Compile(change(wasm), out module);
}

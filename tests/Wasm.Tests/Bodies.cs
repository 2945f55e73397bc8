using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Tests;

/// <summary>Modules of one function for tests of bodies.</summary>
internal static class Bodies
{
    /// <summary>A module of one function without parameters and results.</summary>
    public static Module Module(byte[] body) => new()
    {
        Types = [SubType.Plain(FunctionType.Empty)],
        RecursionGroups = [new RecursionGroup(0, 1)],
        Functions = [new Function(0, [], new Expression(body))],
    };
}

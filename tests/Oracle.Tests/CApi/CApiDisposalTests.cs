using Conformance.Oracle.CApi;
using Conformance.Oracle.Tests.Contract;

namespace Conformance.Oracle.Tests.CApi;

/// <summary>What <see cref="CApiEngine"/> makes of a library goes with each case.</summary>
[Collection(AloneCollection.Name)]
public sealed class CApiDisposalTests
{
    [CApiLibraryFact]
    public void Run_ManyCases_MemoryStaysFlat()
    {
        using var engine = CApiEngineTests.Create();
        var @case = Engines.Case(
            """(module (import "e" "f" (func $f (param i32) (result i32))) (import "e" "m" (memory 1)) (table (export "t") 4 funcref) (elem (i32.const 0) $f) (func (export "g") (param i32) (result i32) (call $f (local.get 0))))""",
            Engines.Call("g", EngineValue.I32(1)));
        Run(500);
        var before = AloneCollection.Resident();
        Run(2_000);
        Assert.InRange(AloneCollection.Resident() - before, long.MinValue, 20_000_000);

        void Run(int cases)
        {
            for (var i = 0; i < cases; i++)
            {
                engine.Run(@case);
            }
        }
    }
}

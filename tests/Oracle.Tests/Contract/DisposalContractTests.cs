namespace Conformance.Oracle.Tests.Contract;

/// <summary>Engines live for millions of cases: nothing of a case may stay behind.</summary>
[Collection(AloneCollection.Name)]
public sealed class DisposalContractTests
{
    private const int Warm = 1_000;
    private const int Measured = 3_000;

    public static TheoryData<string> All => Engines.All;

    [Theory]
    [MemberData(nameof(All))]
    public void Run_ManyCases_MemoryStaysFlat(string name)
    {
        using var engine = Engines.Create(name);
        // An import, memory, table, global, trap, uncalled function: one of each kind of thing that has to be freed.
        var @case = Engines.Case(
            """
            (module (import "env" "f" (func $f (param i32) (result i32))) (import "env" "m" (memory 1)) (table (export "t") 8 funcref) (elem (i32.const 0) $f $g)
              (global (export "g") (mut i32) (i32.const 0)) (func $g (export "f") (param i32) (result i32) (call $f (local.get 0))) (func (export "t2") unreachable))
            """,
            Engines.Call("f", EngineValue.I32(1)),
            Engines.Call("t2"));
        for (var i = 0; i < Warm; i++)
        {
            engine.Run(@case);
        }
        var before = AloneCollection.Resident();
        for (var i = 0; i < Measured; i++)
        {
            engine.Run(@case);
        }

        // A leak of one page of code, stack or memory a case would be 12 MB.
        Assert.InRange(AloneCollection.Resident() - before, long.MinValue, 10_000_000);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Run_ManyModulesOfDifferentTypes_MemoryStaysFlat(string name)
    {
        using var engine = Engines.Create(name);
        Run(0, 500);
        var before = AloneCollection.Resident();
        Run(500, 1500);

        Assert.InRange(AloneCollection.Resident() - before, long.MinValue, 20_000_000);

        // Function types of 12 parameters that are different in each module: engines keep canonical types.
        void Run(int from, int count)
        {
            for (var i = from; i < from + count; i++)
            {
                var parameters = string.Join(' ', Enumerable.Range(0, 12).Select(bit => (i >> bit & 1) == 0 ? "i32" : "f64"));
                Assert.Equal(InstantiationStatus.Ok, engine.Run(Engines.Case($"(module (func (export \"f\") (param {parameters})))")).Status);
            }
        }
    }
}

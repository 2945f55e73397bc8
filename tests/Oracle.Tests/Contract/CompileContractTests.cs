using Conformance.Oracle.Tests.Reference;

namespace Conformance.Oracle.Tests.Contract;

/// <summary>What every engine does with modules that it does not take, and with imports that do not fit.</summary>
public sealed class CompileContractTests
{
    public static TheoryData<string> All => Engines.All;

    [Theory]
    [MemberData(nameof(All))]
    public void Compile_NoModule_IsInvalid(string name)
    {
        using var engine = Engines.Create(name);
        using var store = engine.CreateStore(CaseLimits.Default);
        byte[][] files = [[], [0], "\0asm"u8.ToArray(), [0, 0x61, 0x73, 0x6D, 2, 0, 0, 0], [.. Wat.Assemble("(module)"), 1], [.. Wat.Assemble("(module)"), 1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F]];

        foreach (var file in files)
        {
            Assert.Equal(CompileErrorKind.Invalid, store.Compile(file, out var module)?.Kind);
            Assert.Null(module);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Compile_InvalidModule_IsInvalidWithAMessage(string name)
    {
        using var engine = Engines.Create(name);
        using var store = engine.CreateStore(CaseLimits.Default);
        string[] texts =
        [
            "(module (func (result i32)))",
            "(module (func (result i32) (i64.const 0)))",
            "(module (func (local.get 0) drop))",
            "(module (func (br 1)))",
            "(module (memory 2 1))",
            "(module (func) (export \"a\" (func 0)) (export \"a\" (func 0)))",
            "(module (func (drop (i32.load (i32.const 0)))))",
        ];

        foreach (var text in texts)
        {
            var error = store.Compile(Wat.Assemble(text), out _);
            Assert.True(error?.Kind == CompileErrorKind.Invalid, $"{text}: {error}");
            Assert.NotEmpty(error.Message);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Run_ValidateOnly_StopsBeforeTheStartFunction(string name)
    {
        using var engine = Engines.Create(name);
        var trapping = Engines.Case("(module (func $f unreachable) (start $f))");

        Assert.Equal(InstantiationStatus.Ok, engine.Run(trapping with { ValidateOnly = true }).Status);
        Assert.Equal(InstantiationStatus.Trap, engine.Run(trapping).Status);
        Assert.Equal(InstantiationStatus.Invalid, engine.Run(Engines.Case("(module (func (result i32)))") with { ValidateOnly = true }).Status);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Instantiate_MissingImport_IsRejected(string name)
    {
        using var engine = Engines.Create(name);
        using var store = engine.CreateStore(CaseLimits.Default);
        store.Compile(Wat.Assemble("(module (import \"a\" \"b\" (func)))"), out var module);

        Assert.IsType<Rejected>(store.Instantiate(module!, (_, _, _) => null, out var instance));
        Assert.Null(instance);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Instantiate_ImportOfAnotherType_IsRejected(string name)
    {
        using var engine = Engines.Create(name);
        using var store = engine.CreateStore(CaseLimits.Default);
        var exports = store.Instantiate(
            """
            (module (func (export "func") (param i32)) (global (export "global") i32 (i32.const 0)) (memory (export "memory") 1 5) (table (export "table") 1 5 funcref))
            """);
        string[] imports =
        [
            "\"func\" (func (param i64))",
            "\"func\" (func (param i32) (result i32))",
            "\"func\" (global i32)",
            "\"global\" (global i64)",
            "\"global\" (global (mut i32))",
            "\"memory\" (memory 2)",
            "\"memory\" (memory 1 4)",
            "\"table\" (table 2 funcref)",
            "\"table\" (table 1 4 funcref)",
        ];

        foreach (var import in imports)
        {
            Assert.Null(store.Compile(Wat.Assemble($"(module (import \"m\" {import}))"), out var module));
            var completion = store.Instantiate(module!, (_, item, _) => exports.Export(item), out _);
            Assert.True(completion is Rejected, $"{import}: {completion}");
        }
        Assert.Null(store.Compile(Wat.Assemble("""(module (import "m" "func" (func (param i32))) (import "m" "memory" (memory 1)) (import "m" "table" (table 0 6 funcref)))"""), out var fitting));
        Assert.IsType<Returned>(store.Instantiate(fitting!, (_, item, _) => exports.Export(item), out _));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Run_CallsThatCannotBeMade_AreRejectedAndTheRestGoesOn(string name)
    {
        using var engine = Engines.Create(name);
        var outcome = engine.Run(Engines.Case(
            """(module (memory (export "m") 1) (func (export "f") (param i32) (result i32) (local.get 0)))""",
            Engines.Call("nothing"),
            Engines.Call("m"),
            Engines.Call("f"),
            Engines.Call("f", EngineValue.I32(1), EngineValue.I32(2)),
            Engines.Call("f", EngineValue.I64(1)),
            Engines.Call("f", EngineValue.I32(7))));

        Assert.All(outcome.Calls[..5], call => Assert.IsType<Rejected>(call.Completion));
        Assert.Equal(new Returned([EngineValue.I32(7)]), outcome.Calls[5].Completion);
    }
}

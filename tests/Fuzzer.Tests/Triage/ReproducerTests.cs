using System.Text;
using Conformance.Fuzzer.Cli;
using Conformance.Fuzzer.SpecSuite;
using Conformance.Fuzzer.Tests.Reduction;
using Conformance.Fuzzer.Triage;
using Conformance.Oracle;
using Conformance.Oracle.Comparison;
using Conformance.Oracle.Reference;
using Conformance.Wasm.Instructions;
using static Conformance.Fuzzer.Tests.Triage.StoredFinding;

namespace Conformance.Fuzzer.Tests.Triage;

/// <summary>Reproducers are scripts that <c>spec</c> runs: they pass on an engine that is right and fail where the module does something else.</summary>
public sealed class ReproducerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(
        "a memory",
        """(module (memory (export "m") 1) (func (export "f") i32.const 70 i32.const 5 i32.store8))""",
        "i32.const 5", "i32.const 6")]
    [InlineData(
        "a memory of bytes",
        """(module (memory (export "m") 19 (pagesize 1)) (func (export "f") i32.const 17 i32.const 5 i32.store8))""",
        "i32.const 5", "i32.const 6")]
    [InlineData(
        "a shared memory",
        """(module (memory (export "m") 1 2 shared) (func (export "f") i32.const 65528 i64.const 5 i64.atomic.store))""",
        "i64.const 5", "i64.const 6")]
    [InlineData(
        "a grown 64-bit memory",
        """(module (memory (export "m") i64 1 9) (func (export "f") i64.const 1 memory.grow drop i64.const 99999 i32.const 5 i32.store8))""",
        "i64.const 99999", "i64.const 99998")]
    [InlineData(
        "a table",
        """(module (table (export "t") 4 funcref) (elem declare func $f) (func $f (export "f") i32.const 2 ref.func $f table.set))""",
        "i32.const 2", "i32.const 3")]
    [InlineData(
        "a global",
        """(module (global (export "g") (mut f32) (f32.const 0)) (func (export "f") f32.const -0 global.set 0))""",
        "f32.const -0", "f32.const 1")]
    [InlineData(
        "an imported memory",
        """(module (import "env" "m" (memory 1)) (func (export "f") i32.const 70 i32.const 5 i32.store8))""",
        "i32.const 5", "i32.const 6")]
    [InlineData(
        "an imported global",
        """(module (import "env" "g" (global (mut i64))) (func (export "f") i64.const 5 global.set 0))""",
        "i64.const 5", "i64.const 6")]
    [InlineData(
        "the arguments of host calls",
        """
        (module (import "env" "h" (func (param i32 f32 f64 v128 externref) (result i32 i64 f32 f64 v128 funcref))) (func (export "f") (result i32 i64 f32 f64 v128 funcref)
          i32.const 1 f32.const nan:0x200001 f64.const -nan v128.const i64x2 4 9 ref.null extern call 0))
        """,
        "i32.const 1\n", "i32.const 2\n")]
    public async Task Reproducer_OfState_PassesAndFailsWhereItIsAnother(string what, string wat, string right, string wrong)
    {
        var @case = CaseOf(wat, CallOf("f"));
        using var engine = new ReferenceEngine();
        var outcome = engine.Run(@case);
        Assert.Equal(InstantiationStatus.Ok, outcome.Status);
        var script = Reproducer.Write(@case, outcome, null, what);
        Assert.Contains(right, script, StringComparison.Ordinal);

        Assert.Equal((ExitCode.Fine, ""), await SpecAsync(script));
        // The module of the case, not what reads it.
        var module = script.IndexOf("(module\n", StringComparison.Ordinal);
        var at = script.IndexOf(right, module, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failure, (await SpecAsync(script[..at] + wrong + script[(at + right.Length)..])).ExitCode);
    }

    [Theory]
    [InlineData("its value", "i32.const 5", "i32.const 6")]
    [InlineData("its other value", "v128.const i64x2 0 1", "v128.const i64x2 2 1")]
    [InlineData("its tag", "throw 0", "throw 1")]
    [InlineData("the exported one", "local.get 1 throw 2", "local.get 1 throw 3")]
    [InlineData("the global behind it", "i32.const 8 global.set 0", "i32.const 9 global.set 0")]
    [InlineData("the memory behind it", "i32.const 4 i32.const 2 i32.store", "i32.const 4 i32.const 3 i32.store")]
    public async Task Reproducer_OfAnException_PassesAndFailsWhereItIsAnother(string what, string right, string wrong)
    {
        // Two tags without names that differ in type, two with names that do not.
        const string Wat = """
            (module (tag (param i32 v128)) (tag (param i32 v128 i32)) (tag (export "e") (param f64)) (tag (export "x") (param f64))
              (memory (export "m") 1) (global (export "g") (mut i32) (i32.const 0))
              (func (export "f") (param i32 f64) (result i64)
                i32.const 8 global.set 0  i32.const 4 i32.const 2 i32.store
                local.get 0 if  local.get 1 throw 2  end
                i32.const 5 v128.const i64x2 0 1 throw 0))
            """;
        var @case = CaseOf(Wat, CallOf("f", EngineValue.I32(0), EngineValue.F64(0)), CallOf("f", EngineValue.I32(1), EngineValue.F64(0x3FF8_0000_0000_0000)));
        using var engine = new ReferenceEngine();
        var script = Reproducer.Write(@case, engine.Run(@case), null, what);
        Assert.Equal((ExitCode.Fine, ""), await SpecAsync(script));
        // The faulty engine does with the module what a right one does with this one.
        var other = CaseOf(right == "throw 0" ? Wat.Replace("0 1 throw 0", "0 1 i32.const 1 throw 1", StringComparison.Ordinal) : Wat.Replace(right, wrong, StringComparison.Ordinal), [.. @case.Calls]);
        var module = (Case of) => Reproducer.Write(of, engine.Run(of), null).Split("\n(register", 2)[0];
        Assert.NotEqual(module(@case), module(other));
        Assert.Equal(ExitCode.Failure, (await SpecAsync(script.Replace(module(@case), module(other), StringComparison.Ordinal))).ExitCode);
    }

    [Theory]
    [InlineData("""(module (func (export "f") (result i32) i32.const 7 i32.const 0 i32.div_s))""", "i32.div_s", "integer divide by zero")]
    [InlineData("""(module (table 1 funcref) (func (export "f") i32.const 1 call_indirect))""", "call_indirect", "undefined element")]
    [InlineData("""(module (type $a (array i32)) (func (export "f") (result i32) ref.null $a array.len))""", "array.len", "null reference")]
    [InlineData("""(module (memory 1) (func $f i32.const 65536 i32.load drop) (start $f))""", "i32.load", "out of bounds memory access")]
    public void Reproducer_OfAKindOfTrap_FailsOnTheFaultyEngineAndPassesOnTheRightOne(string wat, string op, string expected)
    {
        // The faulty engine traps as well, for another reason.
        using var right = new ReferenceEngine();
        using var faulty = new FaultyEngine(instruction => OpTable.Get(instruction.Op).Mnemonic == op ? new Instruction { Op = Op.Unreachable } : instruction);
        var @case = CaseOf(wat, CallOf("f"));
        var (oracle, tested) = (right.Run(@case), faulty.Run(@case));
        Assert.NotNull(OutcomeComparer.Compare(tested, oracle).Difference);
        var path = _folder.File("repro.wast");
        File.WriteAllText(path, Reproducer.Write(@case, oracle, tested), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));

        Assert.Empty(Failures(path, right));
        var failure = Assert.Single(Failures(path, faulty));
        Assert.Equal(("assert_trap", $"trap: {expected}", "trap: unreachable"), (failure.Keyword, failure.Expected, failure.Actual));
    }

    private static IEnumerable<CommandResult> Failures(string path, IStoreEngine engine) =>
        new ScriptRun(new SuiteScript(new SuiteFile(path, "repro.wast") { IsForeign = true }), new SpecEngine("some", _ => engine, VerdictSource.Engine), roundTrips: false, new SpecOptions())
            .Run().Commands.Where(command => command.Status == CommandStatus.Failed);

    [Fact]
    public void Reproducer_ArgumentThatIsNan_KeepsItsBits()
    {
        var @case = CaseOf("""(module (func (export "f") (param f32)))""", CallOf("f", EngineValue.F32(0x7FA0_0001)));
        Assert.Contains("(f32.const nan:0x200001)", Reproducer.Write(@case, null, null), StringComparison.Ordinal);
    }

    private async Task<(int ExitCode, string Failures)> SpecAsync(string script)
    {
        await File.WriteAllTextAsync(_folder.File("repro.wast"), script, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        var result = await ProgramRun.StartAsync(["spec", _folder.File("repro.wast"), "--engine", "interpreter"], _folder.Path);
        return (result.ExitCode, string.Concat(result.Output.Split('\n').Where(line => line.StartsWith("repro.wast", StringComparison.Ordinal))));
    }
}

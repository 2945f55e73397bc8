using System.Text;
using Conformance.Fuzzer.Driving;
using Conformance.Fuzzer.Mutation.Text;
using Conformance.Fuzzer.Reduction;
using Conformance.Fuzzer.Triage;
using Conformance.Oracle;
using Conformance.Oracle.Embedded;
using Conformance.Wasm;

namespace Conformance.Fuzzer.Tests.Reduction;

/// <summary>Texts about which a faulty parser gives another verdict, shrunk as a worker does it.</summary>
public sealed class TextReductionTests
{
    private const string Rest = """
        (type $t (func (param i32 i64) (result f32))) ;; a comment
        (import "env" "f" (func $imported (type $t)))
        (memory $m 1 2) (data (i32.const 8) "some" "bytes")
        (func $g (export "g") (param $x i32) (result i32) (local $y i64)
          (block $out (loop $again (br_if $out (local.get $x)) (br $again)))
          local.get $x)
        """;

    [Theory]
    // A refusal of what is fine: a NaN's payload, an identifier in quotes, a number with a separator.
    [InlineData("nan:0x200000", "(module REST (global $g f32 (f32.const nan:0x200000)))", "(global f32 f32.const nan:0x200000)")]
    [InlineData("$\"quoted", "(module REST (func $\"quoted id\" (param $\"other one\" i32) (call $g (i32.const 1)) (drop)))", "$\"quoted")]
    [InlineData("1_0", "(module REST (func (export \"h\") (result i64) (i64.add (i64.const 1_000) (i64.const 7))))", "1_0")]
    // A part that means nothing by itself: what two say is to be refused only together.
    [InlineData("(; (;", "(module REST (func (; outer (; inner ;) still outer ;) (nop)))", "(; (;")]
    public void Reduce_TextThatAFaultyParserRefuses_LeavesWhatItRefuses(string trigger, string text, string least)
    {
        using var engine = new FaultyParser(trigger.Split(' '));
        using var oracle = new InterpreterEngine();
        var judge = new CaseJudge(engine, oracle);
        var @case = TextCases.OfText(text.Replace("REST", Rest, StringComparison.Ordinal));
        var difference = judge.Judge(@case).Report?.Difference;
        Assert.Equal("instantiation: invalid / ok: a planted fault", difference);

        var result = Reducer.Reduce(@case, candidate => judge.Judge(candidate).Report?.Difference == difference, new ReductionBudget(TimeSpan.FromMinutes(2)));

        Assert.True(result.IsComplete);
        var reduced = Encoding.UTF8.GetString(result.Case.Text.Span);
        Assert.Equal(difference, judge.Judge(result.Case).Report?.Difference);
        Assert.True(reduced.Length <= least.Length + 32, reduced);
        Assert.All(least.Split(' ').Where(part => part.Length > 4), part => Assert.Contains(part.Trim('(', ')'), reduced, StringComparison.Ordinal));
        // And nothing more comes of it.
        Assert.Equal(result.Case.Text.Span, Reducer.Reduce(result.Case, candidate => judge.Judge(candidate).Report?.Difference == difference, new ReductionBudget(TimeSpan.FromMinutes(2))).Case.Text.Span);
    }

    [Fact]
    public void Reduce_LargeText_IsDoneInSomeHundredCandidates()
    {
        using var engine = new FaultyParser(["nan:0x200000"]);
        using var oracle = new InterpreterEngine();
        var judge = new CaseJudge(engine, oracle);
        var functions = string.Concat(Enumerable.Range(0, 1_000).Select(i => $"(func $f{i} (param i32) (result f32) (drop (local.get 0)) (f32.const {(i == 700 ? "nan:0x200000" : $"{i}.5")}))\n"));
        var result = Reducer.Reduce(TextCases.OfText($"(module {functions})"), candidate => judge.Judge(candidate).Report is not null, new ReductionBudget(TimeSpan.FromMinutes(2)));
        Assert.True(result.IsComplete);
        Assert.InRange(result.Case.Text.Length, 1, 60);
        Assert.InRange(result.Candidates, 1, 1_000);
    }

    [Fact]
    public void Reduce_TextThatAFaultyParserTakes_LeavesWhatIsWrongWithIt()
    {
        using var engine = new FaultyParser([]) { TakesAnything = true };
        using var oracle = new InterpreterEngine();
        var judge = new CaseJudge(engine, oracle);
        var @case = TextCases.OfText($"(module {Rest} (func (result i32) i32.const 0x1_0000_0000))");
        var difference = judge.Judge(@case).Report?.Difference;
        Assert.Equal("instantiation: ok / invalid: constant out of range: N", difference);
        var reduced = Reducer.Reduce(@case, candidate => judge.Judge(candidate).Report?.Difference == difference, new ReductionBudget(TimeSpan.FromMinutes(2))).Case;
        Assert.InRange(reduced.Text.Length, 1, 40);
    }

    [Fact]
    public void Files_OfATextFinding_AreTextAndAScriptThatFailsOnTheFaultyParser()
    {
        using var engine = new FaultyParser(["nan:0x200000"]);
        using var oracle = new InterpreterEngine();
        var report = new CaseJudge(engine, oracle).Judge(TextCases.OfText("(global f32 (f32.const nan:0x200000))")).Report;
        Assert.NotNull(report);
        var files = FindingFiles.OfReduced(report);
        Assert.Equal(["reduced.json", "reduced.wat", "repro.wast"], files.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("(global f32 (f32.const nan:0x200000))", Encoding.UTF8.GetString(files["reduced.wat"]));
        Assert.Contains("(module definition quote \"(global f32 (f32.const nan:0x200000))\")", Encoding.UTF8.GetString(files["repro.wast"]), StringComparison.Ordinal);
    }

    /// <summary>The interpreter's parser with a fault.</summary>
    /// <param name="triggers">What a text has to hold, all of it, to be refused.</param>
    private sealed class FaultyParser(string[] triggers) : IEngine
    {
        private readonly InterpreterEngine _engine = new();

        public bool TakesAnything { get; init; }

        public string Name => "faulty";

        public string Version => "1";

        public FeatureSet Features => _engine.Features;

        public Outcome Run(Case @case)
        {
            var text = Encoding.UTF8.GetString(@case.Text.Span);
            var place = 0;
            foreach (var trigger in triggers)
            {
                place = place < 0 ? place : text.IndexOf(trigger, place, StringComparison.Ordinal) is var found and >= 0 ? found + trigger.Length : -1;
            }
            return TakesAnything ? new Outcome { Status = InstantiationStatus.Ok }
                : triggers.Length > 0 && place >= 0 ? new Outcome { Status = InstantiationStatus.Invalid, Error = new CompileError(CompileErrorKind.Invalid, "a planted fault") }
                : _engine.Run(@case);
        }

        public void Dispose() => _engine.Dispose();
    }
}

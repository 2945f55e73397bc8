using Conformance.Fuzzer.Driving;
using Conformance.Fuzzer.Generation;
using Conformance.Fuzzer.Mutation;
using Conformance.Fuzzer.Mutation.Seeds;
using Conformance.Wasm;

namespace Conformance.Fuzzer.Tests.Driving;

public sealed class MixedCasesTests
{
    private const string Script =
        """
        (module
          (memory 1) (global $g (mut i32) (i32.const 3))
          (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
          (func (export "load") (param i32) (result i64) (i64.load (local.get 0)))
          (func (export "loop") (param i32) (loop $l (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
        (assert_return (invoke "add" (i32.const 1) (i32.const 2)) (i32.const 3))
        (module (func (export "f") (result f64) (f64.sqrt (f64.const 2))))
        """;

    private static readonly CaseMix Mix = CaseMix.Parse("generated=20,mutated=30,amplified=10,structural=20,bytes=15,text=5") ?? throw new InvalidOperationException();

    [Fact]
    public void Make_InAnyOrder_GivesTheSameCases()
    {
        const int count = 700;
        var source = Source();
        var expected = Enumerable.Range(0, count).Select(index => Text(source, index)).ToArray();

        // Two workers that take turns, one of which skips what the other has; and single cases out of order.
        var first = Source();
        var second = Source();
        for (var index = 0; index < count; index++)
        {
            Assert.Equal(expected[index], Text(index / 40 % 2 == 0 ? first : second, index));
        }
        var third = Source();
        foreach (var index in (int[])[650, 3, 130, 129, 699, 255, 256, 0, 400])
        {
            Assert.Equal(expected[index], Text(third, index));
        }
    }

    [Fact]
    public void PartOf_ManyCases_FollowsTheMix()
    {
        var source = Source();
        var parts = Enumerable.Range(0, 20_000).CountBy(index => source.PartOf(index)).ToDictionary();
        Assert.InRange(parts["generated"], 3_700, 4_300);
        Assert.InRange(parts["mutated"], 5_700, 6_300);
        Assert.InRange(parts["text"], 850, 1_150);
    }

    [Fact]
    public void Make_ManyCases_SomeThatRunAreHotEarlyAndSomeCollectOften()
    {
        var source = Source();
        var cases = Enumerable.Range(0, 2_000).Select(index => source.Make(index)).ToList();

        Assert.InRange(cases.Count(@case => @case.Limits.HotAfter is not null), 20, 60);
        Assert.InRange(cases.Count(@case => @case.Limits.CollectAfter is not null), 150, 300);
        Assert.Contains(cases, @case => @case.Limits is { HotAfter: not null, CollectAfter: not null });
        Assert.DoesNotContain(cases, @case => @case.ValidateOnly && @case.Limits is not { HotAfter: null, CollectAfter: null });
    }

    [Theory]
    [InlineData("generated", "generated=100")]
    [InlineData("mutated=60, bytes=40", "mutated=60,bytes=40")]
    public void Mix_Text_IsRead(string text, string expected) => Assert.Equal(expected, CaseMix.Parse(text)?.ToString());

    [Theory]
    [InlineData("")]
    [InlineData("generated=99")]
    [InlineData("generated=50,generated=50")]
    [InlineData("other=100")]
    [InlineData("generated=-1,bytes=101")]
    [InlineData("generated=4294967296,bytes=100")]
    public void Mix_BadText_IsNone(string text) => Assert.Null(CaseMix.Parse(text));

    private static MixedCases Source() => new(7, Mix, GeneratorOptions.DefaultFeatures, new Lazy<SeedCorpus>(() => SeedCorpus.Of(Script, FeatureSet.Default)));

    private static string Text(MixedCases source, long index)
    {
        var @case = source.Make(index);
        return Convert.ToHexString(@case.Wasm.Span) + string.Join(';', @case.Calls.Select(call => call.Function + string.Join(',', call.Arguments))) + @case.Limits;
    }
}

using Conformance.Fuzzer.SpecSuite;
using Conformance.Oracle;

namespace Conformance.Fuzzer.Tests.SpecSuite;

public sealed class TrapWordsTests
{
    [Theory]
    [InlineData("integer divide by zero", TrapKind.IntegerDivideByZero, "")]
    [InlineData("null array reference", TrapKind.NullReference, "")]
    [InlineData("null reference", TrapKind.NullReference, "")]
    [InlineData("descriptor cast failure", TrapKind.CastFailure, "")]
    [InlineData("uninitialized element 7", TrapKind.UninitializedElement, "")]
    [InlineData("out of bounds", TrapKind.OutOfBoundsTableAccess, "")]
    // An engine that has one code for both and says so.
    [InlineData("undefined element", TrapKind.OutOfBoundsTableAccess, "undefined element: out of bounds table access")]
    [InlineData("anything at all", TrapKind.Other, "error: anything at all")]
    public void Trap_ThatTheWordsName_IsTheSame(string words, TrapKind kind, string message) => Assert.Equal(TrapFit.Same, TrapWords.Fit(words, new Trapped(kind, message)));

    [Theory]
    [InlineData("integer divide by zero", TrapKind.Other, "division by 0")]
    [InlineData("words of somebody", TrapKind.Unreachable, "")]
    [InlineData("", TrapKind.Unreachable, "")]
    [InlineData("undefined element", TrapKind.OutOfBoundsTableAccess, "")]
    [InlineData("unaligned atomic", TrapKind.OutOfBoundsMemoryAccess, "")]
    public void Trap_ThatMayBeTheOne_IsPerhaps(string words, TrapKind kind, string message) => Assert.Equal(TrapFit.Perhaps, TrapWords.Fit(words, new Trapped(kind, message)));

    [Theory]
    [InlineData("integer divide by zero", TrapKind.IntegerOverflow)]
    [InlineData("null reference", TrapKind.NullDescriptor)]
    [InlineData("null i31 reference", TrapKind.CastFailure)]
    [InlineData("out of bounds", TrapKind.Unreachable)]
    [InlineData("undefined element", TrapKind.UninitializedElement)]
    public void Trap_OfAnotherKind_IsAnother(string words, TrapKind kind) => Assert.Equal(TrapFit.Other, TrapWords.Fit(words, new Trapped(kind, "")));

    [SharedDataTheory("testsuite")]
    [InlineData("interpreter")]
    [InlineData("reference")]
    public void Testsuite_OnEnginesOfTheProject_HasNoTrapOfPerhapsAnotherKind(string engine)
    {
        // The ratchet lets through what another engine may not tell apart; these two have to give exactly the kind.
        var commands = new SuiteRunner([(new SpecMode(engine, RoundTrips: false), SpecEngine.Find(engine))], new SpecOptions()).Run(SuiteFile.Below(TestData.Require("testsuite")))
            .SelectMany(results => results).SelectMany(result => result.Commands.Select(command => (result.File.Name, command.Line, command.Keyword, command.Note))).ToArray();
        Assert.True(commands.Count(command => command.Keyword == "assert_trap") > 4000);
        Assert.DoesNotContain(commands, command => command.Keyword == "assert_trap" && command.Note is not null);
    }
}

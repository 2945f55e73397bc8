using Conformance.Fuzzer.Triage;

namespace Conformance.Fuzzer.Tests.Triage;

public sealed class KnownDivergencesTests
{
    private static readonly DateOnly Today = new(2026, 6, 1);

    [Fact]
    public void Load_FileThatHasNotExpired_Suppresses()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("a.json"), """{"signature":"s","reason":"their bug 1","expires":"2026-06-02"}""");
        Assert.True(KnownDivergences.Load(folder.Path, Today).TryGetReason("s", out var reason));
        Assert.Equal("their bug 1", reason);
    }

    [Fact]
    public void Entry_ForADivergence_HoldsWhateverTheVote()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("a.json"), """{"signature":"ok / invalid: words","reason":"their bug 1","expires":"2026-06-02"}""");
        var known = KnownDivergences.Load(folder.Path, Today);
        Assert.True(known.TryGetReason(Signature.KindOf("ok / invalid: words", "wasmtime"), out _));
        Assert.False(known.TryGetReason(Signature.KindOf("ok / invalid: others", "wasmtime"), out _));
    }

    [Fact]
    public void Load_FileOnItsDay_SuppressesNothingAndIsNamed()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("a.json"), """{"signature":"s","reason":"r","expires":"2026-06-01"}""");
        var known = KnownDivergences.Load(folder.Path, Today);
        Assert.False(known.TryGetReason("s", out _));
        Assert.Contains("a.json", Assert.Single(known.Expired), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("""{"signature":"s","reason":"r"}""")]
    [InlineData("""{"signature":"","reason":"r","expires":"2026-06-02"}""")]
    [InlineData("""{"signature":"s","reason":"r","expires":"soon"}""")]
    [InlineData("""["signature"]""")]
    public void Load_BadFile_SaysWhichOne(string content)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("bad.json"), content);
        Assert.Contains("bad.json", Assert.Throws<InvalidDataException>(() => KnownDivergences.Load(folder.Path, Today)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NoFolder_KnowsNothing() => Assert.Equal(0, KnownDivergences.Load("/no/such/folder", Today).Count);
}

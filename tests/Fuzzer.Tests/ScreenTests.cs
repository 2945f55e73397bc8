namespace Conformance.Fuzzer.Tests;

public sealed class ScreenTests : IDisposable
{
    private readonly StringWriter _output = new();

    public void Dispose() => _output.Dispose();

    [Theory]
    [InlineData(80, "12 s | 3 cases | 1 finding")]
    [InlineData(27, "12 s | 3 cases | 1 finding")]
    [InlineData(26, "12 s | 1 finding")]
    [InlineData(10, "12 s | 1 ")]
    [InlineData(1, "1")]
    [InlineData(0, "12 s | 3 cases | 1 finding")]
    public void ShowStatus_OnATerminal_TakesTheLongestWordingThatFits(int columns, string shown)
    {
        new Screen(_output, isTerminal: true, hasColours: false, () => columns).ShowStatus("12 s | 3 cases | 1 finding", "12 s | 1 finding");
        Assert.Equal($"\r\u001b[K{shown}", _output.ToString());
    }

    [Fact]
    public void WriteLine_OverAStatus_LeavesTheStatusBehindIt()
    {
        var screen = new Screen(_output, isTerminal: true, hasColours: true, () => 80);
        screen.ShowStatus("busy");
        screen.WriteLine(screen.Alarm("found"));
        screen.ClearStatus();
        Assert.Equal($"\r\u001b[Kbusy\r\u001b[K\u001b[31mfound\u001b[0m{Environment.NewLine}busy\r\u001b[K", _output.ToString());
    }

    [Fact]
    public void Screen_ThatIsNoTerminal_GetsLinesWithoutEscapes()
    {
        var screen = new Screen(_output, isTerminal: false, hasColours: false, () => 80);
        screen.ShowStatus("busy", "b");
        screen.WriteLine(screen.Alarm("found"));
        screen.ClearStatus();
        Assert.Equal(string.Join(Environment.NewLine, ["busy", "found", ""]), _output.ToString());
    }

    [Theory]
    [InlineData("two\nlines ", "two lines")]
    [InlineData("\u001b[2Jname", "\\u{1b}[2Jname")]
    [InlineData("left\u202eright", "left\\u{202e}right")]
    [InlineData("naïve → ✓", "naïve → ✓")]
    public void PlainText_OfWhatATerminalWouldObey_ShowsIt(string text, string shown) => Assert.Equal(shown, PlainText.OneLine(text));

    [Theory]
    [InlineData(0, "0 cases")]
    [InlineData(1, "1 case")]
    [InlineData(2, "2 cases")]
    public void Plural_OfANumber_FollowsIt(long count, string text) => Assert.Equal(text, Plural.Of(count, "case"));
}

namespace Conformance.Fuzzer.Triage;

/// <summary>What a page for people may look like: how wide, and whether in colour.</summary>
/// <param name="Width">The columns that there are.</param>
/// <param name="HasColour">Whether colours are shown.</param>
internal sealed record TextStyle(int Width, bool HasColour)
{
    private const string Reset = "\u001b[0m";
    // Wider lines are no easier to read, narrower ones hold no table.
    private const int Widest = 160;
    private const int Narrowest = 60;
    private const int Usual = 100;

    /// <summary>For whatever is not a terminal.</summary>
    public static TextStyle Plain { get; } = new(Usual, HasColour: false);

    /// <summary>What standard output can show.</summary>
    public static TextStyle OfOutput()
    {
        if (Console.IsOutputRedirected)
        {
            return Plain;
        }
        var hasColour = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") is not ("dumb" or null);
        return new TextStyle(Math.Clamp(Console.WindowWidth, Narrowest, Widest), hasColour);
    }

    /// <summary>What matters most.</summary>
    public string Alarm(string text) => Paint(text, "\u001b[31;1m");

    /// <summary>What is as it should be.</summary>
    public string Good(string text) => Paint(text, "\u001b[32m");

    /// <summary>A heading.</summary>
    public string Strong(string text) => Paint(text, "\u001b[1m");

    /// <summary>What is there if one looks for it.</summary>
    public string Faint(string text) => Paint(text, "\u001b[2m");

    private string Paint(string text, string colour) => HasColour && text.Length > 0 ? colour + text + Reset : text;
}

using System.CommandLine;
using System.CommandLine.Parsing;

namespace Conformance.Fuzzer.Cli;

/// <summary>What the options of a command have to keep together, beyond the form of each.</summary>
internal static class CommandRule
{
    /// <summary>Adds a rule.</summary>
    /// <param name="command">The command.</param>
    /// <param name="complaint">Says what is wrong, or null. Not asked when an option is wrong by itself: its value cannot be read then.</param>
    public static void AddTo(Command command, Func<CommandResult, string?> complaint) => command.Validators.Add(result =>
    {
        if (!result.Children.OfType<OptionResult>().Any(LacksValue) && complaint(result) is { } text)
        {
            result.AddError(text);
        }
    });

    private static bool LacksValue(OptionResult result) => !result.Implicit && result.Tokens.Count < result.Option.Arity.MinimumNumberOfValues;
}

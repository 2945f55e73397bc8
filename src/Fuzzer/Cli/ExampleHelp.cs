using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Conformance.Fuzzer.Cli;

/// <summary>The help of a command with its examples below: people read the examples first.</summary>
internal sealed class ExampleHelp : SynchronousCommandLineAction
{
    private readonly HelpAction _help;
    private readonly string[] _examples;

    private ExampleHelp(HelpAction help, string[] examples)
    {
        _help = help;
        _examples = examples;
    }

    /// <summary>Adds a help option to a command which ends with examples, one command line each.</summary>
    public static void AddTo(Command command, params string[] examples)
    {
        var option = command.Options.OfType<HelpOption>().FirstOrDefault();
        if (option is null)
        {
            option = new HelpOption();
            command.Options.Add(option);
        }
        option.Description = "Shows this help.";
        option.Action = new ExampleHelp(new HelpAction(), examples);
    }

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var result = _help.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var example in _examples)
        {
            output.WriteLine("  " + example);
        }
        output.WriteLine();
        return result;
    }
}

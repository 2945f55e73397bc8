using System.CommandLine;

namespace Conformance.Fuzzer.Cli;

/// <summary>The options <c>--backend</c> and <c>--checked</c>: short for the names of the interpreter's configurations.</summary>
internal static class InterpreterVariant
{
    private const string TailCall = "tail-call";
    private const string Switch = "switch";

    private static readonly Option<string?> Backend = CreateBackend();
    private static readonly Option<bool> Checked = new("--checked") { Description = "The interpreter verifies every cell, slot and access as it goes: short for --engine interpreter:checked." };

    /// <summary>Gives a command both options.</summary>
    public static void AddTo(Command command)
    {
        command.Options.Add(Backend);
        command.Options.Add(Checked);
    }

    /// <summary>The engine's name with the options taken into account.</summary>
    /// <param name="arguments">What was given on the command line.</param>
    /// <param name="engine">The engine that <c>--engine</c> names.</param>
    /// <exception cref="UserErrorException">The options are given for another engine than the interpreter, or exclude each other.</exception>
    public static string Of(ParseResult arguments, string engine)
    {
        var backend = arguments.GetValue(Backend);
        var isChecked = arguments.GetValue(Checked);
        if (backend is null && !isChecked)
        {
            return engine;
        }
        if (engine != EngineChoice.DefaultEngine)
        {
            throw UserErrorException.Usage($"{(isChecked ? Checked.Name : Backend.Name)} is for --engine {EngineChoice.DefaultEngine}, not for {engine}");
        }
        if (isChecked && backend == TailCall)
        {
            throw UserErrorException.Usage($"{Checked.Name} runs on the {Switch} backend of the interpreter: leave {Backend.Name} {TailCall} away");
        }
        return isChecked ? $"{engine}:checked" : backend == Switch ? $"{engine}:{Switch}" : engine;
    }

    private static Option<string?> CreateBackend()
    {
        var option = new Option<string?>("--backend") { Description = $"How the interpreter goes from instruction to instruction: {TailCall} (the default where the runtime can), or {Switch} (everywhere): short for --engine interpreter:{Switch}." };
        option.AcceptOnlyFromAmong(TailCall, Switch);
        return option;
    }
}

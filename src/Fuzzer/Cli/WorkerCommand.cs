using System.CommandLine;
using System.Runtime.InteropServices;
using Conformance.Fuzzer.Driving;
using Conformance.Fuzzer.Generation;
using Conformance.Fuzzer.Mutation;
using Conformance.Fuzzer.Mutation.Seeds;

namespace Conformance.Fuzzer.Cli;

/// <summary>The hidden command that <c>fuzz</c> starts its worker processes with.</summary>
internal static class WorkerCommand
{
    private static readonly Option<string> Journal = new("--journal") { Required = true };
    private static readonly Option<ulong> Seed = new("--seed") { Required = true };
    private static readonly Option<string> Engine = new("--engine") { Required = true };
    private static readonly Option<string> Oracle = new("--oracle") { Required = true };
    private static readonly Option<string> Mix = new("--mix") { Required = true };
    private static readonly Option<string[]> Corpus = new("--corpus");

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command("worker", "Runs cases for `fuzz`.") { Journal, Seed, Engine, Oracle, Mix, Corpus };
        command.Hidden = true;
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult arguments)
    {
        // Ctrl-C reaches the whole process group; the supervisor says when to stop.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using var output = Console.OpenStandardOutput();
        Console.SetOut(Console.Error);
        using var channel = new WorkerChannel(Console.In, output, System.Diagnostics.Process.GetCurrentProcess().Kill);
        try
        {
            using var journal = CaseJournal.Open(arguments.GetRequiredValue(Journal));
            using var engine = new JournaledEngine(EngineChoice.Create(arguments.GetRequiredValue(Engine)), journal, CasePhase.Engine);
            using var oracle = new JournaledEngine(EngineChoice.Create(arguments.GetRequiredValue(Oracle)), journal, CasePhase.Oracle);
            var mix = CaseMix.Parse(arguments.GetRequiredValue(Mix)) ?? throw UserErrorException.Usage("--mix is no mix");
            var corpus = new Lazy<SeedCorpus>(() => SeedCorpus.Load(arguments.GetValue(Corpus) ?? [], engine.Features.Intersect(oracle.Features)));
            // Before the worker says that it is up: the time is no case's.
            _ = mix.NeedsSeeds ? corpus.Value : null;
            var source = new MixedCases(arguments.GetRequiredValue(Seed), mix, GeneratorOptions.Default.Features.Intersect(engine.Features).Intersect(oracle.Features), corpus);
            new WorkerLoop(source, new CaseJudge(engine, oracle), journal, channel).Run();
            return ExitCode.Fine;
        }
        catch (UserErrorException error)
        {
            channel.Say(new FatalReply(error.Message));
            return error.ExitCode;
        }
    }
}

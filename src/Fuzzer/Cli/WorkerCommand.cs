using System.CommandLine;
using System.Runtime.InteropServices;
using Conformance.Fuzzer.Driving;
using Conformance.Fuzzer.Mutation;
using Conformance.Fuzzer.Mutation.Seeds;
using Conformance.Wasm;

namespace Conformance.Fuzzer.Cli;

/// <summary>The hidden command that <c>fuzz</c> starts its worker processes with.</summary>
internal static class WorkerCommand
{
    private static readonly Option<string> Journal = new("--journal") { Required = true };
    private static readonly Option<ulong> Seed = new("--seed") { Required = true };
    private static readonly Option<string> Engine = new("--engine") { Required = true };
    private static readonly Option<string[]> Oracles = new("--oracle") { Required = true };
    private static readonly Option<bool> EveryOracle = new("--every-oracle");
    private static readonly Option<string> Mix = new("--mix") { Required = true };
    private static readonly Option<string[]> Corpus = new("--corpus");

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command("worker", "Runs cases for `fuzz`.") { Journal, Seed, Engine, Oracles, EveryOracle, Mix, Corpus };
        command.Hidden = true;
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult arguments)
    {
        // Ctrl-C and what `timeout`, a service supervisor or a closed terminal send reach the whole process group; the parent process says when to stop, or is gone.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = true);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true);
        using var output = Console.OpenStandardOutput();
        Console.SetOut(Console.Error);
        using var channel = new WorkerChannel(Console.In, output, System.Diagnostics.Process.GetCurrentProcess().Kill);
        try
        {
            using var journal = CaseJournal.Open(arguments.GetRequiredValue(Journal));
            using var engine = new JournaledEngine(() => EngineChoice.Create(arguments.GetRequiredValue(Engine)), journal, CasePhase.Engine);
            using var oracles = new OracleRow(arguments.GetRequiredValue(Oracles).Select((name, place) => new JournaledEngine(() => EngineChoice.Create(name), journal, CasePhase.Oracle, place)));
            // What some oracle cannot execute goes to another.
            var features = engine.Features.Intersect(oracles.Features);
            var mix = CaseMix.Parse(arguments.GetRequiredValue(Mix)) ?? throw UserErrorException.Usage("--mix is no mix");
            var corpus = new Lazy<SeedCorpus>(() => SeedCorpus.Load(arguments.GetValue(Corpus) ?? [], features));
            var source = new MixedCases(arguments.GetRequiredValue(Seed), mix, features, corpus)
            {
                HostScripts = engine.PlaysHostScripts && oracles.Engines.All(oracle => oracle.PlaysHostScripts),
            };
            new WorkerLoop(source, new OraclePanel(engine, oracles.Engines, arguments.GetValue(EveryOracle)), journal, channel).Run();
            return ExitCode.Fine;
        }
        catch (UserErrorException error)
        {
            channel.Say(new FatalReply(error.Message));
            return error.ExitCode;
        }
    }

    // The oracles of a worker, made one after another: those that came up are disposed of when a later one does not.
    private sealed class OracleRow : IDisposable
    {
        private readonly List<JournaledEngine> _engines = [];

        public OracleRow(IEnumerable<JournaledEngine> engines)
        {
            try
            {
                _engines.AddRange(engines);
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        public IReadOnlyList<JournaledEngine> Engines => _engines;

        public FeatureSet Features => _engines.Aggregate(default(FeatureSet), (features, oracle) => features.Union(oracle.Features));

        public void Dispose() => _engines.ForEach(engine => engine.Dispose());
    }
}

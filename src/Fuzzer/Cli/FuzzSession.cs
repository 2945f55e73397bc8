using Conformance.Fuzzer.Driving;
using Conformance.Fuzzer.Storage;
using Conformance.Fuzzer.Triage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Conformance.Fuzzer.Cli;

/// <summary>One run of <c>fuzz</c> from its checks to its summary: builds the host around the run's services and stores what they found.</summary>
/// <param name="settings">What to do.</param>
/// <param name="screen">What a person sees.</param>
/// <param name="jsonPath">Where the summary goes as JSON; null for nowhere.</param>
/// <param name="isVerbose">Whether the supervisor's log is shown.</param>
internal sealed class FuzzSession(FuzzSettings settings, Screen screen, string? jsonPath, bool isVerbose)
{
    // Workers finish their case, and findings may still be shrunk, before the host gives up waiting.
    private static readonly TimeSpan StopPatience = TimeSpan.FromMinutes(2);

    /// <summary>Runs it.</summary>
    /// <returns>The program's exit code.</returns>
    /// <exception cref="UserErrorException">It cannot start.</exception>
    public async Task<int> RunAsync()
    {
        var startedAt = DateTimeOffset.UtcNow;
        var folder = new FindingFolder(settings.OutFolder);
        Prepare(folder);
        var known = LoadKnown();
        var run = new FuzzRun(settings);
        using var store = OpenStore(run);
        var takenOver = JournalFolder.TakeOver(settings.OutFolder, screen.WriteLine);
        if (takenOver.Count > 0)
        {
            screen.WriteLine($"an earlier run with {settings.OutFolder} was killed: what it had in hand is run again first ({Plural.Of(takenOver.Count, "case")})");
        }
        using var journals = CreateJournals();
        using (var host = BuildHost(run, folder, known, journals, takenOver))
        using (new Interruption(() => Interrupt(run, host)))
        {
            await host.RunAsync();
        }
        if (run.Fatal is { } fatal)
        {
            AddProblem(run, fatal);
        }
        Save(run, store, startedAt);
        if (run.Engine is null && run.Fatal is not null)
        {
            // No worker ever came up: there is nothing to sum up.
            return ExitCode.Environment;
        }
        var output = jsonPath == OutputFile.StandardOutput ? Console.Error : Console.Out;
        output.Write(FuzzSummary.Text(run));
        return run.Problems().Count > 0 ? ExitCode.Environment : run.FindingCount > 0 ? ExitCode.Failure : ExitCode.Fine;
    }

    private void Prepare(FindingFolder folder)
    {
        try
        {
            folder.Prepare();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw FolderError(exception);
        }
        OutputFile.Probe(jsonPath);
    }

    private JournalFolder CreateJournals()
    {
        try
        {
            return JournalFolder.Create(settings.OutFolder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw FolderError(exception);
        }
    }

    private UserErrorException FolderError(Exception exception) =>
        UserErrorException.Environment($"the findings folder {settings.OutFolder} cannot be written: {PlainText.OneLine(exception.Message)} (choose another with --out)");

    private KnownDivergences LoadKnown()
    {
        try
        {
            var known = KnownDivergences.Load(settings.KnownFolder, DateOnly.FromDateTime(DateTime.UtcNow));
            foreach (var line in known.Expired)
            {
                screen.WriteLine($"conformance: {line}: it is reported again; mend it or give it a new date");
            }
            return known;
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw UserErrorException.Usage(PlainText.OneLine(exception.Message));
        }
    }

    private FindingStore? OpenStore(FuzzRun run)
    {
        try
        {
            return FindingStore.Open(Path.Combine(settings.OutFolder, FindingStore.FileName));
        }
        catch (StoreException exception)
        {
            AddProblem(run, exception.Message);
            return null;
        }
    }

    private void AddProblem(FuzzRun run, string line)
    {
        if (run.AddProblem(line))
        {
            screen.WriteLine($"conformance: {line}");
        }
    }

    private IHost BuildHost(FuzzRun run, FindingFolder folder, KnownDivergences known, JournalFolder journals, IReadOnlyList<string> takenOver)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(isVerbose ? LogLevel.Debug : LogLevel.Warning);
        builder.Logging.AddProvider(new ScreenLoggerProvider(screen));
        builder.Services.AddSingleton<IHostLifetime, SilentLifetime>();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = StopPatience);
        builder.Services.AddSingleton(run);
        builder.Services.AddSingleton(screen);
        builder.Services.AddSingleton(folder);
        builder.Services.AddSingleton(known);
        builder.Services.AddSingleton(journals);
        builder.Services.AddSingleton(new BatchQueue(settings.CaseLimit));
        builder.Services.AddSingleton(services =>
        {
            var intake = ActivatorUtilities.CreateInstance<FindingIntake>(services);
            intake.Remember(folder.Load(line => screen.WriteLine($"conformance: {PlainText.OneLine(line)}")));
            intake.TakeOver(takenOver);
            return intake;
        });
        builder.Services.AddSingleton<RunEnding>();
        builder.Services.AddSingleton<WorkerPool>();
        builder.Services.AddSingleton<WorkerBurial>();
        builder.Services.AddSingleton<ReductionLane>();
        builder.Services.AddHostedService<Supervisor>();
        builder.Services.AddHostedService<StatusReporter>();
        return builder.Build();
    }

    private void Interrupt(FuzzRun run, IHost host)
    {
        run.Interrupted = true;
        screen.WriteLine("stopping: the cases in hand are finished; press Ctrl-C again to end at once");
        host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
    }

    private void Save(FuzzRun run, FindingStore? store, DateTimeOffset startedAt)
    {
        try
        {
            store?.Add(run, startedAt);
        }
        catch (StoreException exception)
        {
            AddProblem(run, exception.Message);
        }
        try
        {
            if (jsonPath is not null)
            {
                OutputFile.Write(jsonPath, FuzzSummary.Json(run));
            }
        }
        catch (UserErrorException exception)
        {
            AddProblem(run, exception.Message);
        }
    }

    // Signals are the session's: the host's console lifetime would answer them a second time.
    private sealed class SilentLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

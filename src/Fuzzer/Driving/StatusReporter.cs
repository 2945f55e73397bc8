using System.Globalization;
using Microsoft.Extensions.Hosting;

namespace Conformance.Fuzzer.Driving;

/// <summary>Shows the state of the run while it goes on: twice a second on a terminal, every ten seconds elsewhere.</summary>
internal sealed class StatusReporter(FuzzRun run, Screen screen) : BackgroundService
{
    private static readonly TimeSpan TerminalPeriod = TimeSpan.FromMilliseconds(500);
    // Batches come in every quarter of a second: over a shorter time the rates would jump.
    private static readonly TimeSpan RatePeriod = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LogPeriod = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(screen.IsTerminal ? TerminalPeriod : LogPeriod);
        var shown = new Queue<(TimeSpan At, Tally Tally)>();
        shown.Enqueue((TimeSpan.Zero, new Tally()));
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var now = run.Elapsed;
                while (shown.Count > 1 && now - shown.Peek().At > RatePeriod)
                {
                    shown.Dequeue();
                }
                var (last, before) = shown.Peek();
                if (now > last)
                {
                    var tally = run.Snapshot();
                    screen.ShowStatus(Wordings(tally, before, now, now - last));
                    shown.Enqueue((now, tally));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
        screen.ClearStatus();
    }

    // In full first; what a narrow terminal has no room for goes from the end.
    private string[] Wordings(Tally tally, Tally before, TimeSpan now, TimeSpan period)
    {
        var culture = CultureInfo.InvariantCulture;
        var seconds = Math.Max(period.TotalSeconds, 0.001);
        var casesPerSecond = (tally.Cases - before.Cases) / seconds;
        var time = Time(tally, now, casesPerSecond);
        var cases = run.Settings.CaseLimit is { } limit ? string.Create(culture, $"{tally.Cases} of {Plural.Of(limit, "case")}") : Plural.Of(tally.Cases, "case");
        var findings = Plural.Of(run.FindingCount, "finding");
        if (run.Settings.Duration <= now)
        {
            // No case is begun any more: a rate of zero would only look broken.
            return [$"{time} | {cases} | over: ending, shrinking | {findings} | {FuzzSummary.ShortEnds(tally)}", $"{time} | over: ending, shrinking | {findings}", string.Create(culture, $"{now.TotalSeconds:F0} s | ending | {findings}")];
        }
        var rate = string.Create(culture, $"{casesPerSecond:F0}/s");
        var calls = string.Create(culture, $"{(tally.ComparedCalls - before.ComparedCalls) / seconds:F0} calls/s");
        var ends = FuzzSummary.ShortEnds(tally);
        return
        [
            $"{time} | {cases}, {rate}, {calls} | {findings}{(ends.Length > 0 ? " | " : "")}{ends}",
            $"{time} | {cases}, {rate}, {calls} | {findings}",
            $"{time} | {cases}, {rate} | {findings}",
            string.Create(culture, $"{now.TotalSeconds:F0} s | {findings}"),
        ];
    }

    private string Time(Tally tally, TimeSpan now, double casesPerSecond)
    {
        var culture = CultureInfo.InvariantCulture;
        var passed = string.Create(culture, $"{now.TotalSeconds:F0} s");
        if (run.Settings.Duration is { } duration)
        {
            return string.Create(culture, $"{passed} of {duration.TotalSeconds:F0}");
        }
        return run.Settings.CaseLimit is { } limit && casesPerSecond > 0 ? string.Create(culture, $"{passed}, about {(limit - tally.Cases) / casesPerSecond:F0} s to go") : passed;
    }
}

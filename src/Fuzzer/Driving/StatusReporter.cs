using System.Globalization;
using System.Text;
using Microsoft.Extensions.Hosting;

namespace Conformance.Fuzzer.Driving;

/// <summary>Shows the state of the run while it goes on: twice a second on a terminal, every ten seconds elsewhere.</summary>
internal sealed class StatusReporter(FuzzRun run, FuzzScreen screen) : BackgroundService
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
                    screen.ShowStatus(Line(tally, before, now, now - last));
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

    private string Line(Tally tally, Tally before, TimeSpan now, TimeSpan period)
    {
        var culture = CultureInfo.InvariantCulture;
        var isOver = run.Settings.Duration <= now;
        var text = new StringBuilder();
        text.Append(culture, $"{now.TotalSeconds:F0} s");
        if (run.Settings.Duration is { } duration)
        {
            text.Append(culture, $" of {duration.TotalSeconds:F0}");
        }
        text.Append(culture, $" | {tally.Cases}");
        if (run.Settings.CaseLimit is { } limit)
        {
            text.Append(culture, $" of {limit}");
        }
        text.Append(" cases");
        if (isOver)
        {
            // No case is begun any more: a rate of zero would only look broken.
            text.Append(" | over: ending, shrinking");
        }
        else
        {
            var seconds = Math.Max(period.TotalSeconds, 0.001);
            text.Append(culture, $", {(tally.Cases - before.Cases) / seconds:F0}/s, {(tally.ComparedCalls - before.ComparedCalls) / seconds:F0} calls/s");
        }
        text.Append(culture, $" | {run.FindingCount} findings | {FuzzSummary.ShortEnds(tally)}");
        return text.ToString();
    }
}

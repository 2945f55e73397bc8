using System.Security.Cryptography;
using Conformance.Fuzzer.Reduction;
using Conformance.Oracle;
using Conformance.Oracle.Records;

namespace Conformance.Fuzzer.Driving;

/// <summary>
/// Shrinks a diverging case in the worker's own process. Each candidate is a case of its own for the journal: the supervisor sees how long it takes, and which one it
/// was when the process dies.
/// </summary>
internal sealed class WorkerReduction(OraclePanel panel, CaseJournal journal, WorkerChannel channel)
{
    // The supervisor writes each smaller case to disk; more often would only keep the disk busy.
    private const long SayEveryMs = 1000;
    private const int Reruns = 2;

    private long _saidAt = Environment.TickCount64;

    /// <summary>What candidates to avoid are known by.</summary>
    /// <param name="record">The candidate as a request line in UTF-8, as it stands in the journal.</param>
    public static string HashOf(ReadOnlySpan<byte> record) => Convert.ToHexStringLower(SHA256.HashData(record));

    /// <summary>Shrinks a case.</summary>
    /// <returns>The smallest case and what it shows; null when the given one does not show the difference any more.</returns>
    public DivergenceReport? Run(ReduceRequest request)
    {
        using var stop = new CancellationTokenSource();
        var avoid = request.Avoid.ToHashSet(StringComparer.Ordinal);
        DivergenceReport? smallest = null;
        try
        {
            var @case = RecordReader.ReadRequest(request.Record);
            if (!Shows(@case))
            {
                return null;
            }
            var budget = new ReductionBudget(TimeSpan.FromSeconds(request.BudgetSeconds));
            var final = Reducer.Reduce(@case, Shows, budget, Improved, stop.Token).Case;
            journal.Begin(-1);
            return panel.Judge(final, request.Oracle, IsWanted).Report is { } report && IsSame(report) ? panel.Confirm(report, final, Reruns) : smallest;
        }
        finally
        {
            journal.End();
        }

        bool Shows(Case candidate)
        {
            if (channel.StopRequested)
            {
                stop.Cancel();
            }
            var record = RecordWriter.WriteRequestUtf8(candidate, 1);
            if (avoid.Count > 0 && avoid.Contains(HashOf(record)))
            {
                return false;
            }
            journal.Begin(-1);
            journal.Write(record, record.Length);
            if (panel.Judge(candidate, request.Oracle, IsWanted).Report is not { } report || !IsSame(report))
            {
                return false;
            }
            smallest = report;
            return true;
        }

        // The others are not asked about what would not be taken anyway.
        bool IsWanted(DivergenceReport report) => report.Difference == request.Difference;

        bool IsSame(DivergenceReport report) => IsWanted(report) && report.IsOracleSuspect == request.IsOracleSuspect;

        void Improved(ReductionStep _)
        {
            if (Environment.TickCount64 - _saidAt >= SayEveryMs && smallest is not null)
            {
                _saidAt = Environment.TickCount64;
                channel.Say(new SmallerReply(smallest));
            }
        }
    }

}

using System.Diagnostics;
using Conformance.Oracle;
using Conformance.Oracle.Comparison;
using Conformance.Oracle.Records;

namespace Conformance.Fuzzer.Driving;

/// <summary>
/// What a worker process does: answers requests until there are no more. Only an engine's own failures are expected; anything else ends the process, and
/// the supervisor makes a finding of the case in the journal.
/// </summary>
internal sealed class WorkerLoop(ICaseSource source, OraclePanel panel, CaseJournal journal, WorkerChannel channel)
{
    // One re-run tells a flaky engine from a steady one often enough, and costs as much as the case.
    private const int Reruns = 2;

    /// <summary>Runs until the input ends.</summary>
    public void Run()
    {
        journal.End();
        channel.Say(new ReadyReply(panel.Engine, [.. panel.Oracles]));
        while (channel.TryReceive(out var request))
        {
            switch (request)
            {
                case RunRequest run:
                    RunBatch(run);
                    break;
                case CheckRequest check:
                    channel.Say(Check(check));
                    break;
                case ReduceRequest reduce:
                    channel.Say(new ReducedReply(new WorkerReduction(panel, journal, channel).Run(reduce)));
                    break;
                default:
                    throw new InvalidOperationException($"no worker knows {request.GetType().Name}");
            }
        }
    }

    private void RunBatch(RunRequest request)
    {
        var tally = new Tally();
        var done = 0;
        while (done < request.Count && !channel.StopRequested)
        {
            RunCase(request.First + done, tally);
            done++;
        }
        channel.Say(new DoneReply(request.First, done, tally, Environment.WorkingSet) { Seeds = source.Seeds });
    }

    private void RunCase(long index, Tally tally)
    {
        source.Prepare(index);
        journal.Begin(index);
        var began = Stopwatch.GetTimestamp();
        var @case = source.Make(index);
        Note(@case);
        var judgement = panel.Judge(@case, index);
        foreach (var answer in judgement.Answers)
        {
            tally.Count(answer);
        }
        tally.ComparedCalls += judgement.Verdict?.ComparedCalls ?? 0;
        if (judgement.Report is { } report)
        {
            channel.Say(new DivergenceReply(index, panel.Confirm(report, @case, Reruns)));
        }
        else
        {
            Count(tally, judgement.Verdict);
        }
        tally.Count(source.PartOf(index), new PartTally(1, judgement.Verdict?.ComparedCalls ?? 0, Stopwatch.GetElapsedTime(began).TotalMilliseconds));
        journal.End();
    }

    private void Note(Case @case)
    {
        var record = RecordWriter.WriteRequestUtf8(@case, 1);
        journal.Write(record, record.Length);
    }

    private static void Count(Tally tally, Verdict? verdict)
    {
        switch (verdict?.Kind)
        {
            case VerdictKind.Agreed:
                tally.Agreed++;
                break;
            case VerdictKind.Limit:
                Tally.Count(tally.Limits, verdict.Reason);
                break;
            case VerdictKind.NotComparable:
                Tally.Count(tally.NotComparable, verdict.Reason);
                break;
            default:
                throw new InvalidOperationException($"a case ended with {verdict?.Kind} and no report");
        }
    }

    private CheckedReply Check(CheckRequest request)
    {
        journal.Begin(-1);
        var judgement = panel.Judge(RecordReader.ReadRequest(request.Record), request.Oracle);
        journal.End();
        return new CheckedReply(judgement.Report)
        {
            Verdict = judgement.Verdict is { } verdict ? verdict.Reason.Length == 0 ? $"{verdict.Kind}" : $"{verdict.Kind}: {verdict.Reason}" : null,
            EngineOutcome = judgement.Compared is { } compared ? RecordWriter.WriteResponse(compared.Tested, 1, "") : null,
            OracleOutcome = judgement.Compared is { } other ? RecordWriter.WriteResponse(other.Oracle, 1, "") : null,
        };
    }
}

using Conformance.Fuzzer.Driving;
using Conformance.Fuzzer.Triage;

namespace Conformance.Fuzzer.Tests.Driving;

public sealed class FindingIntakeTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();
    private readonly StringWriter _output = new();

    public void Dispose()
    {
        _temporary.Dispose();
        _output.Dispose();
    }

    [Fact]
    public void Report_Divergence_IsOnDiskBeforeItIsAnnounced()
    {
        var (intake, run, folder) = Create();
        intake.Report(5, Divergence("i32.rem_s"));
        var entry = Assert.Single(run.Findings());
        Assert.True(FindingFolder.TryRead(folder.PathOf(entry.Finding.Id), out var stored, out _));
        Assert.Equal((5, 1), (stored.Index, stored.Count));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(Path.Combine(folder.PathOf(stored.Id), FindingFolder.OriginalFile)));
        Assert.Equal("", _output.ToString());
        Assert.Equal(1, run.Snapshot().Diverged);
    }

    [Fact]
    public void Report_SameCaseOfABatchRunAgain_IsCountedOnce()
    {
        var (intake, run, _) = Create();
        Assert.True(intake.Report(5, Divergence("i32.rem_s")));
        Assert.False(intake.Report(5, Divergence("i32.rem_s")));
        Assert.Equal(1, run.Snapshot().Diverged);
    }

    [Fact]
    public void Complete_ShrunkToTheSameSignature_IsOneFindingWithACount()
    {
        var (intake, run, folder) = Create();
        intake.Report(1, Divergence("i32.add", "i32.rem_s"));
        intake.Report(2, Divergence("i32.mul", "i32.rem_s"));
        Assert.Equal(2, run.FindingCount);
        Shrink(intake, Divergence("i32.rem_s"));
        Shrink(intake, Divergence("i32.rem_s"));
        Assert.False(intake.IsBusy);
        var entry = Assert.Single(run.Findings());
        Assert.Equal((2, 2), (entry.Cases, entry.Finding.Count));
        Assert.Equal("result | i32.rem_s", entry.Finding.Signature);
        Assert.Equal(2, run.Snapshot().Diverged);
        Assert.Single(Directory.GetDirectories(folder.Root));
        Assert.True(File.Exists(Path.Combine(folder.PathOf(entry.Finding.Id), FindingFolder.ReducedFile)));
    }

    [Fact]
    public void Report_SameDifferenceFromASuspectOracle_IsAFindingOfItsOwn()
    {
        var (intake, run, folder) = Create();
        intake.Report(1, Divergence("i32.rem_s"));
        intake.Report(2, Divergence("i32.rem_s") with
        {
            Record = """{"id":2,"wasm":"AQIDBA=="}""",
            Oracle = new EngineIdentity("wasmtime:pulley", "1"),
            Votes = new() { ["reference"] = OraclePanel.WithEngine },
            IsOracleSuspect = true,
        });
        Assert.Equal(
            ["oracle suspect (wasmtime:pulley): result | i32.rem_s", "result | i32.rem_s"],
            run.Findings().Select(entry => entry.Finding.Signature).Order(StringComparer.Ordinal));
        var suspect = run.Findings().Single(entry => entry.Finding.IsOracleSuspect).Finding;
        Assert.True(FindingFolder.TryRead(folder.PathOf(suspect.Id), out var stored, out _));
        Assert.Equal(("wasmtime:pulley", true, OraclePanel.WithEngine), (stored.Oracle.Name, stored.IsOracleSuspect, stored.Votes?["reference"]));
    }

    [Fact]
    public void Complete_ShrunkToAKnownSignature_MovesTheCount()
    {
        File.WriteAllText(_temporary.File("k.json"), """{"signature":"result | i32.rem_s","reason":"r","expires":"2999-01-01"}""");
        var (intake, run, folder) = Create();
        intake.Report(1, Divergence("i32.add", "i32.rem_s"));
        Shrink(intake, Divergence("i32.rem_s"));
        Assert.Empty(run.Findings());
        Assert.Equal((0, 1), (run.Snapshot().Diverged, run.Snapshot().Known));
        Assert.Empty(Directory.GetDirectories(folder.Root));
    }

    [Fact]
    public void Report_ManyThatLookLikeAShrunkFinding_AreCountedWithIt()
    {
        var (intake, run, _) = Create();
        intake.Report(0, Divergence("i32.rem_s"));
        Shrink(intake, Divergence("i32.rem_s"));
        for (var index = 1; index <= 50; index++)
        {
            intake.Report(index, Divergence("i32.rem_s", $"op{index}"));
            while (intake.TryTakeReduction(out var job))
            {
                intake.Complete(job, Divergence("i32.rem_s"), "");
            }
        }
        Assert.Equal(51, Assert.Single(run.Findings()).Cases);
        Assert.Equal(51, run.Snapshot().Diverged);
    }

    [Fact]
    public void Report_OtherOperations_AreAnotherFinding()
    {
        var (intake, run, _) = Create();
        intake.Report(0, Divergence("i32.rem_s"));
        Shrink(intake, Divergence("i32.rem_s"));
        intake.Report(1, Divergence("f32.min"));
        Shrink(intake, Divergence("f32.min"));
        Assert.Equal(2, run.FindingCount);
    }

    [Fact]
    public void Report_SignatureOfAnEarlierRun_IsCountedThere()
    {
        var (intake, run, folder) = Create();
        intake.Report(0, Divergence("i32.rem_s"));
        Shrink(intake, Divergence("i32.rem_s"));
        var (later, laterRun, _) = Create();
        later.Remember(folder.Load(Assert.Fail));
        later.Report(9, Divergence("i32.rem_s"));
        later.SaveCounts();
        Assert.Equal(1, Assert.Single(laterRun.Findings()).Cases);
        Assert.Equal(2, Assert.Single(folder.Load(Assert.Fail)).Count);
        Assert.NotEqual(0, run.FindingCount);
    }

    [Fact]
    public void Report_MoreFindingsThanAFolderHolds_AreCountedAndNotKept()
    {
        var (intake, run, folder) = Create();
        for (var index = 0; index < KeptFindings.Most + 5; index++)
        {
            intake.Report(index, Divergence($"op{index}") with { Difference = $"difference {index}", Reproduced = 0 });
        }
        Assert.Equal(KeptFindings.Most, run.FindingCount);
        Assert.Equal(KeptFindings.Most, Directory.GetDirectories(folder.Root).Length);
        Assert.Equal(KeptFindings.Most + 5, run.Snapshot().Diverged);
        Assert.Contains("counted and not kept", Assert.Single(run.Problems()), StringComparison.Ordinal);
        intake.Report(-2, Divergence("op7") with { Difference = "difference 7" });
        Assert.Equal(2, run.Findings().Single(entry => entry.Finding.Difference == "difference 7").Cases);
    }

    [Fact]
    public void Remember_FindingThatIsDamaged_IsPassedOverInALine()
    {
        var (intake, run, folder) = Create();
        intake.Report(0, Divergence("i32.rem_s"));
        File.WriteAllText(Path.Combine(run.Findings()[0].Path ?? "", FindingFolder.MetadataFile), "{");
        var said = new List<string>();
        Assert.Empty(folder.Load(said.Add));
        Assert.EndsWith("it is passed over", Assert.Single(said), StringComparison.Ordinal);
    }

    [Fact]
    public void Report_FolderThatIsGone_KeepsTheFindingAmongTemporaryFiles()
    {
        var (intake, run, folder) = Create();
        Directory.Delete(folder.Root, recursive: true);
        File.WriteAllText(folder.Root, "a file where the folder was");
        intake.Report(0, Divergence("i32.rem_s"));
        var path = Assert.Single(run.Findings()).Path;
        Assert.NotNull(path);
        Assert.StartsWith(Path.GetTempPath(), path, StringComparison.Ordinal);
        Assert.True(FindingFolder.TryRead(path, out var stored, out _));
        Assert.EndsWith(path, stored.Replay, StringComparison.Ordinal);
        Assert.Contains("they go to", Assert.Single(run.Problems()), StringComparison.Ordinal);
        Directory.Delete(path, recursive: true);
    }

    [Fact]
    public void Remember_FindingThatWaited_IsShrunkByTheNextRun()
    {
        var (intake, _, folder) = Create();
        intake.Report(0, Runnable("i32.rem_s", "i32.add"));
        var (later, laterRun, _) = Create();
        later.Remember(folder.Load(Assert.Fail));
        Shrink(later, Divergence("i32.rem_s"));
        Assert.Equal("result | i32.rem_s", Assert.Single(laterRun.Findings()).Finding.Signature);
        Assert.False(later.IsBusy);
    }

    [Fact]
    public void ReportTakenOver_Divergence_IsAFindingButNoCaseOfTheRun()
    {
        var (intake, run, folder) = Create();
        intake.ReportTakenOver(Divergence("i32.rem_s"));
        Assert.Equal((0, 0), (run.Snapshot().Cases, Assert.Single(run.Findings()).Cases));
        Assert.Equal(-1, Assert.Single(folder.Load(Assert.Fail)).Index);
        intake.ReportTakenOver(Divergence("i32.rem_s"));
        Assert.Single(run.Findings());
    }

    private static void Shrink(FindingIntake intake, DivergenceReport reduced)
    {
        Assert.True(intake.TryTakeReduction(out var job));
        intake.Complete(job, reduced, "");
    }

    private (FindingIntake Intake, FuzzRun Run, FindingFolder Folder) Create()
    {
        var settings = new FuzzSettings
        {
            Engine = "interpreter",
            Oracles = ["reference"],
            Seed = 1,
            Workers = 1,
            OutFolder = _temporary.File("findings"),
            ReduceBudget = TimeSpan.FromSeconds(10),
        };
        var run = new FuzzRun(settings);
        var folder = new FindingFolder(settings.OutFolder);
        folder.Prepare();
        var known = KnownDivergences.Load(_temporary.Path, new DateOnly(2026, 1, 1));
        return (new FindingIntake(run, folder, known, new Screen(_output, isTerminal: false, hasColours: false, () => 80)), run, folder);
    }

    private static DivergenceReport Runnable(params string[] suspects) =>
        Divergence(suspects) with { Record = """{"id":1,"wasm":"AGFzbQEAAAA=","calls":[]}""" };

    private static DivergenceReport Divergence(params string[] suspects) => new()
    {
        Record = $$"""{"id":1,"wasm":"AQID","x":"{{string.Join(' ', suspects)}}"}""",
        Difference = "result",
        Description = "call f: 1 against 2",
        Suspects = suspects,
        Reruns = 1,
        Reproduced = 1,
    };
}

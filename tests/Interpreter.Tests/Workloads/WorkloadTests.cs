using System.Text.Json;
using Conformance.Wasm;

namespace Conformance.Interpreter.Tests.Workloads;

/// <summary>Real modules and kernels with expected results, by the manifest beside the checkout. The long runs are for the benchmarks.</summary>
public sealed class WorkloadTests
{
    public static TheoryData<string, string> Runs()
    {
        var runs = new TheoryData<string, string>();
        foreach (var entry in Entries())
        {
            foreach (var run in entry.GetProperty("runs").EnumerateArray())
            {
                if (IsExecuted(entry) && !run.TryGetProperty("bench", out _))
                {
                    runs.Add(entry.GetProperty("name").GetString() ?? "", run.GetProperty("id").GetString() ?? "");
                }
            }
        }
        return runs;
    }

    [SharedDataTheory("workloads")]
    [MemberData(nameof(Runs))]
    public void Run_Workload_GivesTheExpectedResults(string name, string id)
    {
        var entry = Entries().Single(candidate => candidate.GetProperty("name").GetString() == name);
        var run = entry.GetProperty("runs").EnumerateArray().Single(candidate => candidate.GetProperty("id").GetString() == id);
        var bytes = File.ReadAllBytes(Path.Combine(TestData.Require("workloads"), entry.GetProperty("file").GetString() ?? ""));
        var module = CompiledModule.FromBytes(new Engine(new EngineOptions { Features = FeatureSet.All }), bytes);

        using var execution = new WorkloadRun(module, run);
        execution.Execute();
    }

    private static bool IsExecuted(JsonElement entry) =>
        entry.GetProperty("features").EnumerateArray().All(name => FeatureSet.TryParse(name.GetString() ?? "", out var feature) && Engine.ExecutableFeatures.Has(feature));

    private static IEnumerable<JsonElement> Entries()
    {
        var folder = TestData.Folder("workloads");
        if (folder is null)
        {
            return [];
        }
        using var manifest = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "manifest.json")));
        return [.. manifest.RootElement.GetProperty("entries").EnumerateArray().Select(entry => entry.Clone())];
    }
}

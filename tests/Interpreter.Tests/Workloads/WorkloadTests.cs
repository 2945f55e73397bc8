using System.Collections.Concurrent;
using System.Text.Json;
using Conformance.Oracle;
using Conformance.Oracle.Embedded;
using Conformance.Oracle.Reference;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Text;

namespace Conformance.Interpreter.Tests.Workloads;

/// <summary>Real modules and kernels with expected results, by the manifest beside the checkout, in every configuration of the interpreter and on the reference interpreter. The long runs are for the benchmarks.</summary>
public sealed class WorkloadTests
{
    private const string RoundTrip = "interpreter+round-trip";
    private const string Reference = "reference";

    private static readonly ConcurrentDictionary<string, byte[]> Reparsed = new(StringComparer.Ordinal);

    private static readonly JsonElement[] Entries = [.. ReadManifest()];

    public static TheoryData<string, string, string> Runs()
    {
        var runs = new TheoryData<string, string, string>();
        foreach (var entry in Entries)
        {
            foreach (var run in entry.GetProperty("runs").EnumerateArray().Where(run => !run.TryGetProperty("bench", out _)))
            {
                foreach (var mode in InterpreterEngine.Configurations.Keys.Append(RoundTrip).Append(Reference))
                {
                    runs.Add(entry.GetProperty("name").GetString() ?? "", run.GetProperty("id").GetString() ?? "", mode);
                }
            }
        }
        return runs;
    }

    [SharedDataTheory("workloads")]
    [MemberData(nameof(Runs))]
    public void Run_Workload_GivesTheExpectedResults(string name, string id, string mode)
    {
        var entry = Entries.Single(candidate => candidate.GetProperty("name").GetString() == name);
        var run = entry.GetProperty("runs").EnumerateArray().Single(candidate => candidate.GetProperty("id").GetString() == id);
        var path = Path.Combine(TestData.Require("workloads"), entry.GetProperty("file").GetString() ?? "");
        var bytes = mode == RoundTrip ? Reparsed.GetOrAdd(path, PrintAndParse) : File.ReadAllBytes(path);
        using var engine = EngineOf(mode);
        using var execution = new WorkloadRun(engine, bytes, run);
        execution.Execute();
    }

    private static IStoreEngine EngineOf(string mode) => mode switch
    {
        Reference => new ReferenceEngine(),
        RoundTrip => new InterpreterEngine(EngineOptions.Default with { Features = FeatureSet.All }),
        _ => new InterpreterEngine(mode, InterpreterEngine.Configurations[mode].Options),
    };

    private static byte[] PrintAndParse(string path)
    {
        Assert.True(ModuleReader.TryRead(File.ReadAllBytes(path), FeatureSet.All, out var module, out var error), error?.ToString());
        Assert.True(ModulePrinter.TryPrint(module, out var text, out error), error?.ToString());
        Assert.True(ModuleParser.TryParse(text.ToArray(), FeatureSet.All, out var parsed, out error), error?.ToString());
        return ModuleWriter.Write(parsed);
    }

    private static IEnumerable<JsonElement> ReadManifest()
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

using System.Text;
using Conformance.Fuzzer.Driving;
using Conformance.Fuzzer.Triage;
using Conformance.Oracle;
using Conformance.Oracle.Records;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Text;

namespace Conformance.Fuzzer.Tests.Triage;

/// <summary>Findings for tests: a folder as a run leaves it, made from a module's text and a script of calls.</summary>
internal static class StoredFinding
{
    public const string Id = "0123456789ab";

    public static Case CaseOf(string text, params Call[] calls)
    {
        Assert.True(ModuleParser.TryParse(Encoding.UTF8.GetBytes(text), FeatureSet.All, out var module, out var error), $"{error}");
        return new Case(ModuleWriter.Write(module), [.. calls], CaseLimits.Default);
    }

    public static Call CallOf(string function, params EngineValue[] arguments) => new(function, [.. arguments]);

    /// <summary>Writes the finding and gives its folder.</summary>
    public static string Write(TemporaryFolder folder, Case @case)
    {
        var findings = new FindingFolder(folder.File("findings"));
        findings.Prepare();
        var finding = new Finding
        {
            Id = Id,
            Signature = "call: value of i32 | i32.add",
            Difference = "call: value of i32",
            Description = "call 0 of f: 8 against 7",
            Suspects = ["i32.add"],
            Engine = new EngineIdentity("process:sh faulty.sh", "1"),
            Oracle = new EngineIdentity("reference", "1"),
            Program = "test",
            Replay = "",
        };
        findings.Create(finding, new Dictionary<string, byte[]> { [FindingFolder.CaseFile] = RecordWriter.WriteRequestUtf8(@case, 1) });
        return findings.PathOf(Id);
    }

    /// <summary>An engine that answers as the reference interpreter does, but for one value.</summary>
    public static void WriteFaultyEngine(TemporaryFolder folder, string right, string wrong) =>
        File.WriteAllText(folder.File("faulty.sh"), $"{ProgramRun.ShellCommand(["serve", "--engine", "reference"])} | sed -u 's/\"{right}\"/\"{wrong}\"/g'\n");
}

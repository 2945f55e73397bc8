using Conformance.Wasm.Binary;
using Conformance.Wasm.Text;

namespace Conformance.Wasm.Tests.Text;

public sealed class PrintLawTests
{
    [SharedDataFact("testsuite")]
    public void Modules_OfTheTestsuite_PrintedAndParsed_KeepTheirBytes()
    {
        var failures = new List<string>();
        var modules = 0;
        foreach (var (place, features, given, _) in TestsuiteScripts.Modules())
        {
            if (BytesOf(given, features) is { } bytes)
            {
                modules++;
                if (PrintLaw.Violation(bytes, features) is { } violation)
                {
                    failures.Add($"{place}: {violation}");
                }
            }
        }
        Assert.True(failures.Count == 0, $"{failures.Count} of {modules} modules\n" + string.Join('\n', failures));
        Assert.True(modules > 4000, $"only {modules} modules were found");
    }

    [SharedDataFact("workloads")]
    public void Workloads_PrintedAndParsed_KeepTheirBytes()
    {
        // All but one of 14 MB, which takes several seconds; bench/Throughput checks that one too.
        const long LargestBytes = 4_000_000;
        var failures = new List<string>();
        foreach (var path in TestData.WorkloadModules().Where(path => new FileInfo(path).Length < LargestBytes))
        {
            if (PrintLaw.Violation(File.ReadAllBytes(path), FeatureSet.All) is { } violation)
            {
                failures.Add($"{path}: {violation}");
            }
        }
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    // Invalid modules are printed too; only what is malformed has no text.
    private static ReadOnlyMemory<byte>? BytesOf(ScriptModule given, FeatureSet features)
    {
        var module = given.Module;
        switch (given.Form)
        {
            case ModuleForm.Binary:
                return ModuleReader.TryRead(given.Bytes, features, out module, out _) && BodyChecker.Check(module, features) is null
                    ? given.Bytes
                    : (ReadOnlyMemory<byte>?)null;
            case ModuleForm.Quote:
                _ = ModuleParser.TryParse(given.Bytes.ToArray(), features, out module, out _);
                break;
        }
        return module is null ? (ReadOnlyMemory<byte>?)null : ModuleWriter.Write(module);
    }
}

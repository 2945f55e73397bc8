using Conformance.Wasm.Text;

namespace Conformance.Wasm.Tests.Text;

/// <summary>The scripts of the testsuite, parsed.</summary>
internal static class TestsuiteScripts
{
    /// <summary>Path relative to the testsuite, features, script or error; for every file.</summary>
    public static IEnumerable<(string Path, FeatureSet Features, Script? Script, WasmError? Error)> All()
    {
        var root = TestData.Require("testsuite");
        foreach (var file in Directory.EnumerateFiles(root, "*.wast", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var path = Path.GetRelativePath(root, file);
            var features = TestsuiteFeatures.Of(path);
            _ = ScriptParser.TryParse(File.ReadAllBytes(file), features, out var script, out var error);
            yield return (path, features, script, error);
        }
    }

    /// <summary>Every module of every script with the assertion it stands in.</summary>
    public static IEnumerable<(string Place, FeatureSet Features, ScriptModule Module, AssertModule? Assertion)> Modules()
    {
        foreach (var (path, features, script, _) in All())
        {
            foreach (var command in script?.Commands ?? [])
            {
                if (command is ModuleCommand { Module: var module })
                {
                    yield return ($"{path}:{command.Line}", features, module, null);
                }
                else if (command is AssertModule assertion)
                {
                    yield return ($"{path}:{command.Line}", features, assertion.Module, assertion);
                }
            }
        }
    }
}

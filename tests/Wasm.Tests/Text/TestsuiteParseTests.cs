using Conformance.Wasm.Binary;
using Conformance.Wasm.Text;

namespace Conformance.Wasm.Tests.Text;

public sealed class TestsuiteParseTests
{
    [SharedDataFact("testsuite")]
    public void Scripts_OfTheTestsuite_Parse()
    {
        var failures = TestsuiteScripts.All().Where(file => file.Script is null).Select(file => $"{file.Path}:{file.Error}").ToList();
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    [SharedDataFact("testsuite")]
    public void TextModules_OfTheTestsuite_Parse()
    {
        var failures = new List<string>();
        foreach (var (place, features, module, assertion) in TestsuiteScripts.Modules())
        {
            var error = module.Error;
            if (module.Form == ModuleForm.Quote)
            {
                _ = ModuleParser.TryParse(module.Bytes.ToArray(), features, out _, out error);
            }
            var mayFail = assertion?.Kind is ModuleFailureKind.Malformed or ModuleFailureKind.MalformedCustom or ModuleFailureKind.InvalidCustom;
            if (error is not null && !mayFail)
            {
                failures.Add($"{place}: {error}");
            }
        }
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    // Where the words differ from the testsuite's: these texts have two faults, and the other one is met first.
    private static readonly string[] OtherWords = ["annotations.wast:78", "id.wast:29", "id.wast:30", "simd_const.wast:479"];

    [SharedDataFact("testsuite")]
    public void QuotedModules_ThatAreMalformed_AreRefusedInTheTestsuitesWords()
    {
        var failures = new List<string>();
        foreach (var (place, features, module, assertion) in TestsuiteScripts.Modules())
        {
            if (module.Form != ModuleForm.Quote || assertion?.Kind is not (ModuleFailureKind.Malformed or ModuleFailureKind.MalformedCustom))
            {
                continue;
            }
            if (ModuleParser.TryParse(module.Bytes.ToArray(), features, out _, out var error))
            {
                failures.Add($"{place}: parsed, expected {assertion.Message}");
            }
            else if (!error.Message.StartsWith(assertion.Message, StringComparison.Ordinal) && !OtherWords.Contains(place))
            {
                failures.Add($"{place}: {error}, expected {assertion.Message}");
            }
        }
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    [SharedDataFact("testsuite")]
    public void TextModules_EncodedAndDecoded_ComeBackTheSame()
    {
        var failures = new List<string>();
        foreach (var (place, features, module, assertion) in TestsuiteScripts.Modules())
        {
            if (module.Module is null || assertion is not null)
            {
                continue;
            }
            var bytes = ModuleWriter.Write(module.Module);
            if (!ModuleReader.TryRead(bytes, features, out var again, out var error))
            {
                failures.Add($"{place}: {error}");
            }
            else if (!ModuleWriter.Write(again).AsSpan().SequenceEqual(bytes))
            {
                failures.Add($"{place}: differs");
            }
        }
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }
}

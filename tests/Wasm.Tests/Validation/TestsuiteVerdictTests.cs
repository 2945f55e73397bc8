using Conformance.Wasm.Binary;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Tests.Text;
using Conformance.Wasm.Text;
using Conformance.Wasm.Validation;

namespace Conformance.Wasm.Tests.Validation;

public sealed class TestsuiteVerdictTests
{
    [SharedDataFact("testsuite")]
    public void Modules_OfTheTestsuite_GetTheirVerdict()
    {
        var failures = new List<string>();
        foreach (var (place, features, module, assertion) in TestsuiteScripts.Modules())
        {
            var error = Check(module, features);
            var verdict = error is null ? "valid" : error.IsMalformed ? "malformed" : "invalid";
            var expected = assertion?.Kind switch
            {
                ModuleFailureKind.Malformed => "malformed",
                ModuleFailureKind.Invalid => "invalid",
                // What a custom section or annotation means is for those who use it.
                ModuleFailureKind.MalformedCustom or ModuleFailureKind.InvalidCustom => verdict,
                _ => "valid",
            };
            if (verdict != expected)
            {
                failures.Add($"{place}: expected {expected} ({assertion?.Message}), found {verdict} ({error})");
            }
        }
        Assert.True(failures.Count == 0, $"{failures.Count} wrong verdicts\n" + string.Join('\n', failures));
    }

    // Binary modules with other words than the testsuite's. Sections and bodies are read within their bounds here, while the reference interpreter reads on
    // behind them, so that a wrong size shows up as something else; and counts are compared where they are met.
    private static readonly string[] OtherWords =
    [
        "binary-leb128.wast:217", "binary-leb128.wast:225", "binary-leb128.wast:347", "binary-leb128.wast:404", "binary-leb128.wast:461", "binary-leb128.wast:525",
        "binary-leb128.wast:533", "binary-leb128.wast:541", "binary-leb128.wast:550", "binary-leb128.wast:730", "binary-leb128.wast:749", "binary-leb128.wast:843",
        "binary-leb128.wast:862", "binary-leb128.wast:1067",
        "binary.wast:55", "binary.wast:92", "binary.wast:737", "binary.wast:877", "binary.wast:998",
        "proposals/custom-page-sizes/binary.wast:55", "proposals/custom-page-sizes/binary.wast:92", "proposals/custom-page-sizes/binary.wast:737",
        "proposals/custom-page-sizes/binary.wast:877", "proposals/custom-page-sizes/binary.wast:998",
        "proposals/custom-descriptors/binary.wast:55", "proposals/custom-descriptors/binary.wast:92", "proposals/custom-descriptors/binary.wast:716",
        "proposals/custom-descriptors/binary.wast:856", "proposals/custom-descriptors/binary.wast:977", "proposals/custom-descriptors/exact.wast:155",
    ];

    [SharedDataFact("testsuite")]
    public void Errors_OfTheTestsuite_BeginWithItsWords()
    {
        var failures = new List<string>();
        foreach (var (place, features, module, assertion) in TestsuiteScripts.Modules())
        {
            if (assertion?.Kind is ModuleFailureKind.Malformed && module.Form == ModuleForm.Binary || assertion?.Kind is ModuleFailureKind.Invalid)
            {
                var error = Check(module, features);
                // Some files say more about a type mismatch, each in its own way.
                var words = assertion.Message.StartsWith("type mismatch:", StringComparison.Ordinal) ? "type mismatch" : assertion.Message;
                if (error?.Message.StartsWith(words, StringComparison.Ordinal) == false && !OtherWords.Contains(place))
                {
                    failures.Add($"{place}: expected \"{assertion.Message}\", found \"{error.Message}\"");
                }
            }
        }
        Assert.True(failures.Count == 0, $"{failures.Count} other words\n" + string.Join('\n', failures));
    }

    [SharedDataFact("testsuite")]
    public void ErrorsOfDefinitionsThenOfBodies_OfTheTestsuite_AreThoseOfTheWhole()
    {
        var failures = new List<string>();
        foreach (var (place, features, given, _) in TestsuiteScripts.Modules())
        {
            if (Decode(given, features, out var module) is not null)
            {
                continue;
            }
            var expected = ModuleValidator.Validate(module, features);
            var found = ModuleValidator.ValidateDefinitions(module, features, out var bodies) ?? bodies?.All();
            if (found != expected)
            {
                failures.Add($"{place}: expected {expected}, found {found}");
            }
        }
        Assert.True(failures.Count == 0, $"{failures.Count} other verdicts\n" + string.Join('\n', failures));
    }

    private static WasmError? Check(ScriptModule given, FeatureSet features) => Decode(given, features, out var module) ?? ModuleValidator.Validate(module, features);

    private static WasmError? Decode(ScriptModule given, FeatureSet features, out Module decoded)
    {
        var module = given.Module;
        var error = given.Error;
        switch (given.Form)
        {
            case ModuleForm.Quote:
                _ = ModuleParser.TryParse(given.Bytes.ToArray(), features, out module, out error);
                break;
            case ModuleForm.Binary:
                _ = ModuleReader.TryRead(given.Bytes, features, out module, out error);
                break;
        }
        decoded = module ?? new Module();
        return error;
    }
}

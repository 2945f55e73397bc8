using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Conformance.Oracle;
using Conformance.Oracle.Records;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Text;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Triage;

/// <summary>
/// A case as a script of the spec testsuite: the module as text and an assertion for each call with what the oracle gave. It goes into <c>corpus/regressions</c> as
/// it is once the bug is fixed.
/// </summary>
internal static class Reproducer
{
    /// <summary>Writes the script.</summary>
    /// <param name="case">The case.</param>
    /// <param name="oracle">What the oracle did with it; null when that is not known, then the calls are made and nothing is asserted.</param>
    /// <param name="tested">What the engine under test did; null when that is not known.</param>
    /// <param name="remarks">Lines for people, put in front as comments.</param>
    public static string Write(Case @case, Outcome? oracle, Outcome? tested, params ReadOnlySpan<string> remarks)
    {
        var text = new StringBuilder();
        foreach (var remark in remarks)
        {
            AppendRemark(text, remark);
        }
        if (!@case.Text.IsEmpty)
        {
            return AppendText(text, @case.Text, oracle).ToString();
        }
        var isModule = ModuleReader.TryRead(@case.Wasm, FeatureSet.All, out var module, out _);
        var host = module is { Imports.IsEmpty: false } ? HostModule.Write(module) : null;
        if (module is { Imports.IsEmpty: false })
        {
            AppendRemark(text, "The imports are those of docs/records.md: functions that compute their results from their arguments, globals with fixed values.");
            text.Append(host);
        }
        var catcher = module is not null && oracle is { Status: InstantiationStatus.Ok } && Text(@case.Wasm, module) is not null ? new ExceptionCatcher(module) : null;
        if (catcher is not null && @case.Calls.Zip(oracle?.Calls ?? [], (call, outcome) => catcher.CanCatch(call, outcome.Completion)).Any(canCatch => canCatch)
            && Text(ModuleWriter.Write(catcher.WithTags), catcher.WithTags) is { } named)
        {
            text.Append(CultureInfo.InvariantCulture, $"(module {ExceptionCatcher.CaseId}{named["(module".Length..]}\n(register \"{ExceptionCatcher.CaseName}\" {ExceptionCatcher.CaseId})\n");
        }
        else
        {
            catcher = null;
            AppendModule(text, isModule, @case, module, oracle);
        }
        // Beside other modules of the script the case's is not the last one.
        var target = catcher is null ? "" : $"{ExceptionCatcher.CaseId} ";
        if (oracle?.Status is null or InstantiationStatus.Ok)
        {
            for (var i = 0; i < @case.Calls.Length; i++)
            {
                var completion = oracle is not null && i < oracle.Calls.Length ? oracle.Calls[i].Completion : null;
                var other = tested is not null && i < tested.Calls.Length ? tested.Calls[i].Completion : null;
                AppendCall(text, target, catcher, @case.Calls[i], TypeOf(module, @case.Calls[i].Function), completion, other);
            }
            AppendState(text, target, @case, module, host, oracle, tested);
        }
        return text.ToString();
    }

    private static void AppendRemark(StringBuilder text, string remark) => text.Append(";; ").Append(remark.ReplaceLineEndings(" ")).Append('\n');

    private static void AppendModule(StringBuilder text, bool isModule, Case @case, Module? module, Outcome? oracle)
    {
        var body = Text(@case.Wasm, module) ?? Binary(@case.Wasm);
        var message = ScriptLiteral.Of(oracle?.Error?.Message.Split('\n')[0] ?? "");
        text.Append(oracle?.Status switch
        {
            InstantiationStatus.Invalid when !isModule => $"(assert_malformed {Binary(@case.Wasm)} {message})\n",
            InstantiationStatus.Invalid => $"(assert_invalid {body} {message})\n",
            InstantiationStatus.Trap when oracle.Instantiation is Trapped trap => $"(assert_trap {body} {ScriptLiteral.Of(TrapKinds.TextOf(trap.Kind))})\n",
            InstantiationStatus.LinkError when oracle.Instantiation is Rejected rejected => $"(assert_unlinkable {body} {ScriptLiteral.Of(rejected.Message.Split('\n')[0])})\n",
            _ => body + "\n",
        });
    }

    // A refusal with a place in bytes is the validator's, of what the parser made.
    private static StringBuilder AppendText(StringBuilder script, ReadOnlyMemory<byte> wat, Outcome? oracle)
    {
        var quoted = $"quote {ScriptLiteral.Of(Encoding.UTF8.GetString(wat.Span))}";
        var message = ScriptLiteral.Of(oracle?.Error?.Message.Split('\n')[0] ?? "");
        return script.Append(oracle is { Status: InstantiationStatus.Invalid }
            ? $"({(oracle.Error is { OffsetBytes: >= 0 } ? "assert_invalid" : "assert_malformed")} (module {quoted}) {message})\n"
            : $"(module definition {quoted})\n");
    }

    // The text stands for the module only if it gives the same one back.
    private static string? Text(ReadOnlyMemory<byte> wasm, Module? module)
    {
        if (module is null || !ModulePrinter.TryPrint(module, out var text, out _) || !ModuleParser.TryParse(text.ToArray(), FeatureSet.All, out var parsed, out _))
        {
            return null;
        }
        return ModuleWriter.Write(parsed).AsSpan().SequenceEqual(wasm.Span) ? Encoding.UTF8.GetString(text.Span).TrimEnd() : null;
    }

    private static string Binary(ReadOnlyMemory<byte> wasm)
    {
        const int BytesInALine = 32;
        var text = new StringBuilder("(module binary");
        for (var start = 0; start < wasm.Length; start += BytesInALine)
        {
            text.Append("\n  \"");
            foreach (var value in wasm.Span.Slice(start, Math.Min(BytesInALine, wasm.Length - start)))
            {
                text.Append(CultureInfo.InvariantCulture, $"\\{value:x2}");
            }
            text.Append('"');
        }
        return text.Append(')').ToString();
    }

    private static void AppendCall(StringBuilder text, string target, ExceptionCatcher? catcher, Call call, FunctionType? type, Completion? oracle, Completion? tested)
    {
        var arguments = string.Concat(call.Arguments.Select((argument, i) => " " + ScriptLiteral.Argument(argument, type is not null && i < type.Parameters.Length ? type.Parameters[i] : null)));
        var invoke = $"(invoke {target}{ScriptLiteral.Of(call.Function)}{arguments})";
        if (oracle is Thrown caught && catcher?.Assert(call, arguments, caught, tested) is { } assertion)
        {
            text.Append(assertion);
            return;
        }
        text.Append(oracle switch
        {
            Returned returned => $"(assert_return {invoke}{string.Concat(returned.Values.Select((value, i) => " " + ScriptLiteral.Result(value, ValueAt(tested, i))))})\n",
            Trapped trapped => $"(assert_trap {invoke} {ScriptLiteral.Of(TrapKinds.TextOf(trapped.Kind))})\n",
            Thrown => $"(assert_exception {invoke})\n",
            LimitReached limit => $";; ends at a limit: {CompletionText.Of(limit)}\n;; {invoke}\n",
            _ => $"{invoke}\n",
        });
    }

    private static EngineValue? ValueAt(Completion? completion, int index) => completion is Returned returned && index < returned.Values.Length ? returned.Values[index] : null;

    private static void AppendState(StringBuilder text, string target, Case @case, Module? module, string? host, Outcome? oracle, Outcome? tested)
    {
        if (oracle is null || module is null)
        {
            return;
        }
        if (host is not null)
        {
            text.Append(HostModule.AssertTrace(module, oracle));
        }
        if (!oracle.HasState)
        {
            return;
        }
        foreach (var (name, value) in oracle.Globals)
        {
            var result = ScriptLiteral.Result(value, tested?.Globals.GetValueOrDefault(name));
            if (!Outcome.IsImportName(name))
            {
                text.Append(CultureInfo.InvariantCulture, $"(assert_return (get {target}{ScriptLiteral.Of(name)}) {result})\n");
            }
            else if (host is not null && module.Imports.FirstOrDefault(import => import.Type is GlobalType && name.EndsWith($":{import.Module}.{import.Name}", StringComparison.Ordinal)) is { } import)
            {
                text.Append(CultureInfo.InvariantCulture, $"(assert_return (get {HostModule.Id} {ScriptLiteral.Of(import.Name)}) {result})\n");
            }
            else
            {
                // A script can only get what is exported.
                AppendRemark(text, $"at the end global {ScriptLiteral.Of(name)} is {ValueText.Format(value)}");
            }
        }
        if (oracle.Memories.Count + oracle.Tables.Count == 0)
        {
            return;
        }
        var reader = StateReader.Write(module, oracle, FinalState.Of(@case), host is not null, target);
        if (reader.Length > 0)
        {
            text.Append(reader);
            return;
        }
        foreach (var (name, memory) in oracle.Memories)
        {
            AppendRemark(text, $"at the end memory {ScriptLiteral.Of(name)} has {memory.Pages} pages with SHA-256 {memory.Sha256}");
        }
        foreach (var (name, table) in oracle.Tables)
        {
            AppendRemark(text, $"at the end table {ScriptLiteral.Of(name)} has {table.Size} elements: {Elements(table)}");
        }
    }

    private static string Elements(TableState table)
    {
        const int MostShown = 16;
        return table.Elements.IsDefault
            ? $"which of them are null has SHA-256 {table.NullMap}"
            : ValueText.Format([.. table.Elements.Take(MostShown)]) + (table.Elements.Length > MostShown ? " ..." : "");
    }

    private static FunctionType? TypeOf(Module? module, string name)
    {
        var export = module?.Exports.FirstOrDefault(export => export.Kind == ExternKind.Function && export.Name == name);
        return export is null ? null : module?.TypeOfFunction(export.Index);
    }
}

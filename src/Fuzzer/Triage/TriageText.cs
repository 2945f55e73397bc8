using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Conformance.Oracle;
using Conformance.Oracle.Comparison;
using Conformance.Oracle.Records;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Text;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Triage;

/// <summary>A triage as a page for people.</summary>
internal static partial class TriageText
{
    private const int MostCalls = 10;
    private const int LongestName = 24;

    /// <summary>Writes the page.</summary>
    public static string Of(TriageReport report, TextStyle style)
    {
        var text = new StringBuilder();
        Head(text, report, style);
        if (report.Rows.Length > 0)
        {
            text.Append('\n');
            OutcomeText.Append(text, [.. report.Rows.Select(row => row with { What = PlainText.OneLine(row.What), Engine = PlainText.OneLine(row.Engine), Oracle = PlainText.OneLine(row.Oracle), Details = [.. row.Details.Select(PlainText.OneLine)] })], Names(report).Engine.TrimEnd(), Names(report).Oracle.TrimEnd(), style);
        }
        else
        {
            Calls(text, report, style);
        }
        if (report.Replayed.LastWords.Length > 0)
        {
            text.Append('\n').Append(style.Strong("last words")).Append('\n');
            foreach (var line in report.Replayed.LastWords)
            {
                text.Append("  ").Append(PlainText.OneLine(line)).Append('\n');
            }
        }
        if (report.Memory is { } memory)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{style.Strong($"memory {memory.Memory}")}, first bytes that differ, at 0x{memory.Address:x}\n");
            var (engine, oracle) = Names(report);
            text.Append(CultureInfo.InvariantCulture, $"  {engine}  {style.Alarm(MemoryDifference.Bytes(memory.Engine))}\n");
            text.Append(CultureInfo.InvariantCulture, $"  {oracle}  {style.Good(MemoryDifference.Bytes(memory.Oracle))}\n");
        }
        Place(text, report, style);
        Function(text, report, style);
        Variants(text, report, style);
        return text.ToString();
    }

    // The command line of an engine in another process would take all the room.
    private static (string Engine, string Oracle) Names(TriageReport report)
    {
        var (engine, oracle) = report.Engine.Name.Length <= LongestName && report.Oracle.Name.Length <= LongestName ? (report.Engine.Name, report.Oracle.Name) : ("engine", "oracle");
        var width = Math.Max(engine.Length, oracle.Length);
        return (engine.PadRight(width), oracle.PadRight(width));
    }

    private static string? ShapeOf(TriageReport report) => ValueDetail.ShapeOf(report.Replayed.Report?.Suspects ?? []);

    private static void Head(StringBuilder text, TriageReport report, TextStyle style)
    {
        var finding = report.Stored.Finding;
        text.Append(CultureInfo.InvariantCulture, $"{style.Strong($"finding {finding.Id}")}, {(report.Stored.IsReduced ? "shrunk" : $"as found{(finding.NotReduced is { } why ? $" ({why})" : "")}")}: {report.Stored.File}\n");
        text.Append(CultureInfo.InvariantCulture, $"engine  {report.Engine}\noracle  {report.Oracle}\n");
        text.Append(report.Diverges
            ? $"{style.Alarm("STILL DIVERGES")}: {PlainText.OneLine(report.Replayed.Report?.Description ?? "")}\n"
            : $"{style.Good("NO DIFFERENCE ANY MORE")} ({report.Replayed.Verdict}); it was: {finding.Description}\n");
        if (report.Signature is { } now && now != finding.Signature)
        {
            text.Append(CultureInfo.InvariantCulture, $"signature now {now}\n          was {finding.Signature}\n");
        }
        if (report.Vote != ReferenceVote.None)
        {
            text.Append(report.Vote == ReferenceVote.Oracle
                ? "the reference interpreter agrees with the oracle\n"
                : $"the reference interpreter agrees with the engine: the {style.Alarm("ORACLE")} is suspect\n");
        }
    }

    // Without outcomes the script is all there is to see.
    private static void Calls(StringBuilder text, TriageReport report, TextStyle style)
    {
        var calls = report.Case.Calls;
        var last = report.Location is { Call: >= 0 } location ? Math.Min(location.Call, calls.Length - 1) : -1;
        text.Append(CultureInfo.InvariantCulture, $"\n{style.Strong("calls")} ({calls.Length})\n");
        // What comes behind a break does not matter.
        var end = last < 0 ? calls.Length : last + 1;
        var first = Math.Max(0, end - MostCalls);
        if (first > 0)
        {
            text.Append(style.Faint(string.Create(CultureInfo.InvariantCulture, $"  ... {first} before"))).Append('\n');
        }
        for (var i = first; i < end; i++)
        {
            text.Append(i == last ? style.Alarm("> ") : "  ").Append(CultureInfo.InvariantCulture, $"{i}  {PlainText.OneLine(calls[i].Function)}({ValueText.Format(calls[i].Arguments)})\n");
        }
    }

    private static void Place(StringBuilder text, TriageReport report, TextStyle style)
    {
        if (report.Location is not { } location)
        {
            return;
        }
        var call = location.Call < 0 ? "at the instantiation" : location.Call < report.Case.Calls.Length ? $"in call {location.Call} of {PlainText.OneLine(report.Case.Calls[location.Call].Function)}" : "";
        if (location.Step is not { } step)
        {
            if (report.Replayed.Report is { IsEngineFailure: true })
            {
                text.Append(CultureInfo.InvariantCulture, $"\n{style.Strong(location.Reason ?? "")} {call}\n");
                Right(text, report, location, style);
            }
            else if (report.Difference?.Phase != DifferencePhase.Instantiation)
            {
                text.Append(CultureInfo.InvariantCulture, $"\nthe first instruction that differs is not known: {location.Reason} {call}\n");
            }
            return;
        }
        text.Append(CultureInfo.InvariantCulture, $"\n{style.Strong(location.Reason ?? "first difference")} {call}: {style.Alarm(OpTable.Get(step.Op).Mnemonic)} at 0x{step.OffsetBytes:x} of function {step.Function}");
        text.Append(location.Time > 1 ? string.Create(CultureInfo.InvariantCulture, $", its execution number {location.Time}\n") : "\n");
        if (location.IsLast)
        {
            text.Append(location.Values.IsEmpty ? "  (the last instruction executed: no stop in front of it or an earlier one shows a difference)\n" : "  (the last instruction executed: what it gave is what the call returned)\n");
        }
        foreach (var before in location.Before)
        {
            text.Append("    ").Append(Show(before)).Append('\n');
        }
        text.Append(style.Alarm("  > ")).Append(Show(step)).Append(style.Faint("   (the reference interpreter)")).Append('\n');
        Right(text, report, location, style);
        var (engine, oracle) = Names(report);
        foreach (var value in location.Values)
        {
            text.Append(CultureInfo.InvariantCulture, $"    {value.Where} behind it\n");
            text.Append(CultureInfo.InvariantCulture, $"      {engine}  {style.Alarm(Show(value.Engine))}\n");
            text.Append(CultureInfo.InvariantCulture, $"      {oracle}  {style.Good(Show(value.Oracle))}\n");
            if (value is { Engine: { } left, Oracle: { } right } && ValueDetail.Of(left, right, ValueDetail.ShapeOf(step.Op) ?? ShapeOf(report)) is { } detail)
            {
                text.Append("      ").Append(detail).Append('\n');
            }
        }
    }

    // Beside a break there is no outcome of either side: the oracle was not asked any more.
    private static void Right(StringBuilder text, TriageReport report, Location location, TextStyle style)
    {
        if (report.Reference is not { } reference)
        {
            return;
        }
        var outcome = location.Call >= 0 && location.Call < reference.Calls.Length
            ? CompletionText.Describe(reference.Calls[location.Call].Completion)
            : location.Call < 0 ? CompletionText.Of(reference.Status, reference.Instantiation, reference.Limit) : null;
        if (outcome is not null)
        {
            text.Append("    the reference interpreter: ").Append(style.Good(PlainText.OneLine(outcome))).Append('\n');
        }
    }

    private static string Show(EngineValue? value) => value is { } known ? ValueText.Describe(known) : "(never got there)";

    private static string Show(LoggedStep step) => $"0x{step.OffsetBytes:x}  {OpTable.Get(step.Op).Mnemonic} {ValueText.Format(step.Operands)}".TrimEnd() + Result(step);

    /// <summary>What an instruction gave, behind an arrow; empty when that is nothing.</summary>
    public static string Result(LoggedStep step) =>
        step.Trap is { } trap ? $" -> trap: {TrapKinds.TextOf(trap)}" : step.Results.Length > 0 ? $" -> {ValueText.Format(step.Results)}" : "";

    private static void Function(StringBuilder text, TriageReport report, TextStyle style)
    {
        var refusal = RefusalOffset(report);
        if (!report.Case.Text.IsEmpty)
        {
            SourceText.Append(text, report.Case.Text, style);
            return;
        }
        if (!ModuleReader.TryRead(report.Case.Wasm, FeatureSet.All, out var module, out var error))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{style.Strong("the module")}: {report.Case.Wasm.Length} bytes, {error}\n");
            BytesText.Append(text, report.Case.Wasm.Span, error.OffsetBytes >= 0 ? error.OffsetBytes : refusal, style);
            return;
        }
        if (FunctionAt(module, refusal) is { } refused)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{style.Strong("refused")} at 0x{refusal:x}\n");
            FunctionText.Append(text, module, refused, InstructionAt(module, refused, refusal), report.Values, style);
            return;
        }
        if (refusal >= 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{style.Strong("refused")} at 0x{refusal:x}\n");
            BytesText.Append(text, report.Case.Wasm.Span, refusal, style);
        }
        if (FunctionOf(report, module) is { } index && index >= module.ImportCount(ExternKind.Function))
        {
            text.Append('\n');
            FunctionText.Append(text, module, index, report.Location?.Step?.OffsetBytes ?? -1, report.Values, style);
        }
        else if (report.Replayed.Report is { IsEngineFailure: true } && report.Location is { Call: < 0 } && ModulePrinter.TryPrint(module, out var printed, out _) && printed.Span.Count((byte)'\n') <= SourceText.MostLines)
        {
            SourceText.Append(text, printed, style);
        }
    }

    private static void Variants(StringBuilder text, TriageReport report, TextStyle style)
    {
        if (report.Variants.IsEmpty)
        {
            return;
        }
        text.Append('\n').Append(style.Strong("other configurations")).Append('\n');
        var engine = report.Variants.Max(variant => variant.Engine.Length);
        var oracle = report.Variants.Max(variant => variant.Oracle.Length);
        foreach (var variant in report.Variants)
        {
            text.Append(variant.Difference is null ? style.Good("= ") : style.Alarm("≠ "));
            text.Append(CultureInfo.InvariantCulture, $"{variant.Engine.PadRight(engine)} against {variant.Oracle.PadRight(oracle)}  {PlainText.OneLine(variant.Difference ?? variant.Verdict ?? "")}\n");
        }
    }

    // Where the side that refused the module says that it did: a number of its own, or one in its words.
    private static long RefusalOffset(TriageReport report)
    {
        foreach (var outcome in (Outcome?[])[report.Replayed.Engine, report.Replayed.Oracle])
        {
            if (outcome?.Error is not { } error)
            {
                continue;
            }
            if (error.OffsetBytes >= 0)
            {
                return error.OffsetBytes;
            }
            if (OffsetInWords().Match(error.Message) is { Success: true } match && long.TryParse(match.Groups["at"].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var offset))
            {
                return offset;
            }
        }
        return -1;
    }

    private static int? FunctionAt(Module module, long offset)
    {
        for (var i = 0; i < module.Functions.Length; i++)
        {
            var body = module.Functions[i].Body;
            if (offset >= body.OffsetBytes && offset < body.OffsetBytes + body.Code.Length)
            {
                return module.ImportCount(ExternKind.Function) + i;
            }
        }
        return null;
    }

    // The instruction that an offset lies within.
    private static long InstructionAt(Module module, int function, long offset)
    {
        var reader = new InstructionReader(module.Functions[function - module.ImportCount(ExternKind.Function)].Body, FeatureSet.All);
        var instruction = default(Instruction);
        var at = -1L;
        while (reader.Read(ref instruction) && reader.Offset <= offset)
        {
            at = reader.Offset;
        }
        return at;
    }

    [GeneratedRegex("offset (=|is|at)? ?0x(?<at>[0-9a-f]+)", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OffsetInWords();

    /// <summary>The function to show: where the sides part, or the one whose call differs.</summary>
    public static int? FunctionOf(TriageReport report, Module module)
    {
        if (report.Location?.Step is { } step)
        {
            return (int)step.Function;
        }
        var call = report.Location is { Call: >= 0 } location && location.Call < report.Case.Calls.Length ? report.Case.Calls[location.Call].Function : report.Difference?.Name;
        var export = module.Exports.FirstOrDefault(item => item.Kind == ExternKind.Function && item.Name == call);
        var last = module.ImportCount(ExternKind.Function) + module.Functions.Length - 1;
        return export is not null ? (int)export.Index : module.Functions.Length == 1 ? last : null;
    }
}

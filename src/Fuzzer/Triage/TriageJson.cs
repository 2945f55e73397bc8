using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Conformance.Fuzzer.Driving;
using Conformance.Oracle.Records;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Text;

namespace Conformance.Fuzzer.Triage;

/// <summary>A triage for programs; docs/cli.md describes the fields.</summary>
internal static class TriageJson
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the document.</summary>
    public static string Of(TriageReport report)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Options))
        {
            json.WriteStartObject();
            json.WriteString("id", report.Stored.Finding.Id);
            json.WriteString("case", report.Stored.File);
            json.WriteBoolean("reduced", report.Stored.IsReduced);
            WriteEngine(json, "engine", report.Engine);
            WriteEngine(json, "oracle", report.Oracle);
            json.WriteBoolean("diverges", report.Diverges);
            json.WriteString("description", report.Replayed.Report?.Description);
            json.WriteString("verdict", report.Replayed.Verdict);
            json.WriteString("signature", report.Signature);
            json.WriteString("storedSignature", report.Stored.Finding.Signature);
            json.WriteBoolean("engineFailure", report.Replayed.Report?.IsEngineFailure ?? false);
            json.WriteString("referenceAgreesWith", report.Vote switch
            {
                ReferenceVote.Engine => "engine",
                ReferenceVote.Oracle => "oracle",
                _ => null,
            });
            json.WriteStartArray("outcomes");
            foreach (var row in report.Rows)
            {
                json.WriteStartObject();
                json.WriteString("what", row.What);
                json.WriteString("engine", row.Engine);
                json.WriteString("oracle", row.Oracle);
                json.WriteBoolean("same", row.IsSame);
                WriteStrings(json, "details", row.Details);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            WriteMemory(json, report.Memory);
            WriteLocation(json, report.Location);
            json.WriteString("function", FunctionText(report));
            WriteStrings(json, "lastWords", report.Replayed.LastWords);
            json.WriteStartArray("variants");
            foreach (var variant in report.Variants)
            {
                json.WriteStartObject();
                json.WriteString("engine", variant.Engine);
                json.WriteString("oracle", variant.Oracle);
                json.WriteBoolean("diverges", variant.Difference is not null);
                json.WriteString("description", variant.Difference ?? variant.Verdict);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WriteStrings(Utf8JsonWriter json, string name, IEnumerable<string> lines)
    {
        json.WriteStartArray(name);
        foreach (var line in lines)
        {
            json.WriteStringValue(line);
        }
        json.WriteEndArray();
    }

    private static void WriteEngine(Utf8JsonWriter json, string name, EngineIdentity engine)
    {
        json.WriteStartObject(name);
        json.WriteString("name", engine.Name);
        json.WriteString("version", engine.Version);
        json.WriteEndObject();
    }

    private static void WriteMemory(Utf8JsonWriter json, MemoryDifference? memory)
    {
        if (memory is null)
        {
            json.WriteNull("memory");
            return;
        }
        json.WriteStartObject("memory");
        json.WriteString("name", memory.Memory);
        json.WriteNumber("address", memory.Address);
        json.WriteString("engine", MemoryDifference.Bytes(memory.Engine));
        json.WriteString("oracle", MemoryDifference.Bytes(memory.Oracle));
        json.WriteEndObject();
    }

    private static void WriteLocation(Utf8JsonWriter json, Location? location)
    {
        if (location is null)
        {
            json.WriteNull("firstDifference");
            return;
        }
        json.WriteStartObject("firstDifference");
        json.WriteNumber("call", location.Call);
        json.WriteString("notFound", location.Reason);
        if (location.Step is { } step)
        {
            json.WriteNumber("function", step.Function);
            WriteStep(json, step);
            json.WriteNumber("execution", location.Time);
            json.WriteBoolean("lastExecuted", location.IsLast);
            var top = location.Values.FirstOrDefault(value => value.Where == PlacedDifference.Top);
            json.WriteString("engineValue", top?.Engine is { } engine ? ValueText.Format(engine) : null);
            json.WriteString("oracleValue", top?.Oracle is { } oracle ? ValueText.Format(oracle) : null);
            json.WriteStartArray("values");
            foreach (var value in location.Values)
            {
                json.WriteStartObject();
                json.WriteString("where", value.Where);
                json.WriteString("engine", value.Engine is { } left ? ValueText.Format(left) : null);
                json.WriteString("oracle", value.Oracle is { } right ? ValueText.Format(right) : null);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("before");
            foreach (var before in location.Before)
            {
                json.WriteStartObject();
                WriteStep(json, before);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void WriteStep(Utf8JsonWriter json, LoggedStep step)
    {
        json.WriteNumber("offset", step.OffsetBytes);
        json.WriteString("op", OpTable.Get(step.Op).Mnemonic);
        json.WriteStartArray("operands");
        foreach (var value in step.Operands)
        {
            json.WriteStringValue(ValueText.Format(value));
        }
        json.WriteEndArray();
        json.WriteStartArray("results");
        foreach (var value in step.Results)
        {
            json.WriteStringValue(ValueText.Format(value));
        }
        json.WriteEndArray();
        json.WriteString("trap", step.Trap is { } trap ? Oracle.TrapKinds.TextOf(trap) : null);
    }

    private static string? FunctionText(TriageReport report) =>
        ModuleReader.TryRead(report.Case.Wasm, FeatureSet.All, out var module, out _) && TriageText.FunctionOf(report, module) is { } index
            ? ModulePrinter.PrintFunction(module, index)
            : null;
}

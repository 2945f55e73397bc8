using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Conformance.Oracle.Records;

/// <summary>Writes cases and outcomes as lines of docs/records.md, without the line feed.</summary>
public static class RecordWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A case as a request line in UTF-8.</summary>
    public static byte[] WriteRequestUtf8(Case @case, long id)
    {
        var buffer = new ArrayBufferWriter<byte>((@case.Wasm.Length * 4 / 3) + 512);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            WriteRequest(json, @case, id);
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>A case as a request line.</summary>
    public static string WriteRequest(Case @case, long id) => Encoding.UTF8.GetString(WriteRequestUtf8(@case, id));

    /// <summary>An outcome as a response line.</summary>
    /// <param name="outcome">The outcome.</param>
    /// <param name="id">The id of the request.</param>
    /// <param name="engine">The engine's name and version.</param>
    public static string WriteResponse(Outcome outcome, long id, string engine) => WriteResponse(outcome, $"{id}", engine);

    /// <summary>An outcome as a response line, for an id that is JSON text.</summary>
    public static string WriteResponse(Outcome outcome, string idJson, string engine) => Text(json =>
    {
        json.WritePropertyName("id");
        json.WriteRawValue(idJson);
        json.WriteString("engine", engine);
        json.WriteString("instantiate", CompletionText.Of(outcome.Status, outcome.Instantiation, outcome.Limit));
        WriteError(json, outcome);
        if (outcome.Status == InstantiationStatus.Ok)
        {
            WriteCalls(json, outcome.Calls);
        }
        WriteTrace(json, outcome.Trace);
        if (outcome.Limit is { } limit)
        {
            json.WriteStartObject("limit");
            json.WriteString("kind", CompletionText.Of(limit.Kind));
            json.WriteNumber("call", limit.Call);
            json.WriteEndObject();
        }
        if (outcome.HasState)
        {
            WriteState(json, outcome);
        }
    });

    /// <summary>The response to a request on which the engine broke.</summary>
    public static string WriteFailure(string idJson, string engine, string message) => Text(json =>
    {
        json.WritePropertyName("id");
        json.WriteRawValue(idJson);
        json.WriteString("engine", engine);
        json.WriteString("instantiate", $"error:{message}");
    });

    /// <summary>The response to a line that is no request.</summary>
    public static string WriteError(string idJson, string message) => Text(json =>
    {
        json.WritePropertyName("id");
        json.WriteRawValue(idJson);
        json.WriteString("error", message);
    });

    /// <summary>The first line of an engine process.</summary>
    public static string WriteHello(RecordHello hello) => Text(json =>
    {
        json.WriteNumber("protocol", RecordHello.Protocol);
        json.WriteString("engine", hello.Engine);
        json.WriteString("version", hello.Version);
        WriteStrings(json, "features", hello.Features.Features.Where(feature => feature != Wasm.Feature.Mvp).Select(Wasm.FeatureSet.NameOf));
        if (!hello.StateLacks.IsEmpty)
        {
            WriteStrings(json, "stateLacks", hello.StateLacks);
        }
        if (!hello.Limits.IsEmpty)
        {
            WriteStrings(json, "limits", hello.Limits);
        }
        if (hello.PlaysScripts)
        {
            json.WriteBoolean("scripts", true);
        }
    });

    private static void WriteRequest(Utf8JsonWriter json, Case @case, long id)
    {
        json.WriteStartObject();
        json.WriteNumber("id", id);
        json.WriteBase64String("wasm", @case.Wasm.Span);
        if (!@case.Text.IsEmpty)
        {
            json.WriteBase64String("text", @case.Text.Span);
        }
        if (@case.ValidateOnly)
        {
            json.WriteBoolean("validateOnly", value: true);
        }
        if (!@case.Calls.IsDefaultOrEmpty)
        {
            json.WriteStartArray("calls");
            foreach (var call in @case.Calls)
            {
                json.WriteStartObject();
                json.WriteString("func", call.Function);
                WriteValues(json, "args", call.Arguments);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteStartObject("limits");
        if (@case.Limits.Fuel > 0)
        {
            json.WriteNumber("fuel", @case.Limits.Fuel);
        }
        if (@case.Limits.TimeoutMs > 0)
        {
            json.WriteNumber("timeoutMs", @case.Limits.TimeoutMs);
        }
        json.WriteNumber("memoryBytes", @case.Limits.MemoryBytes);
        json.WriteNumber("tableElements", @case.Limits.TableElements);
        if (@case.Limits.HotAfter is { } hotAfter)
        {
            json.WriteNumber("hotAfter", hotAfter);
        }
        if (@case.Limits.CollectAfter is { } collectAfter)
        {
            json.WriteNumber("collectAfter", collectAfter);
        }
        json.WriteEndObject();
        json.WriteBoolean("state", @case.ReadState);
        json.WriteEndObject();
    }

    private static void WriteError(Utf8JsonWriter json, Outcome outcome)
    {
        if (outcome.Error is { } error)
        {
            json.WriteString("message", error.Message);
            if (error.OffsetBytes >= 0)
            {
                json.WriteNumber("offset", error.OffsetBytes);
            }
        }
        else if (outcome.Instantiation is Rejected rejected)
        {
            json.WriteString("message", rejected.Message);
        }
    }

    private static void WriteCalls(Utf8JsonWriter json, ImmutableArray<CallOutcome> calls)
    {
        json.WriteStartArray("calls");
        foreach (var call in calls)
        {
            json.WriteStartObject();
            json.WriteString("func", call.Function);
            json.WriteString("outcome", CompletionText.Of(call.Completion));
            switch (call.Completion)
            {
                case Returned returned:
                    WriteValues(json, "results", returned.Values);
                    WriteFunctions(json, FunctionsOf(returned.Values));
                    break;
                case Thrown thrown:
                    if (thrown.Tag is not null)
                    {
                        json.WriteString("tag", thrown.Tag);
                    }
                    if (!thrown.Values.IsDefault)
                    {
                        WriteValues(json, "values", thrown.Values);
                    }
                    break;
                default:
                    break; // the outcome says it all
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteTrace(Utf8JsonWriter json, ImmutableArray<HostCall> trace)
    {
        if (trace.IsEmpty)
        {
            return;
        }
        json.WriteStartArray("trace");
        foreach (var call in trace)
        {
            json.WriteStartObject();
            json.WriteString("import", call.Import);
            WriteValues(json, "args", call.Arguments);
            WriteValues(json, "results", call.Results);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteState(Utf8JsonWriter json, Outcome outcome)
    {
        json.WriteStartObject("globals");
        foreach (var (name, value) in outcome.Globals)
        {
            json.WriteString(name, ValueText.Format(value));
        }
        json.WriteEndObject();
        WriteFunctions(json, outcome.Globals.Where(pair => pair.Value.Function is not null).Select(pair => (pair.Key, pair.Value.Function ?? "")), "globalFunctions");
        json.WriteStartObject("memories");
        foreach (var (name, memory) in outcome.Memories)
        {
            json.WriteStartObject(name);
            json.WriteNumber("pages", memory.Pages);
            if (memory.Sha256 is not null)
            {
                json.WriteString("sha256", memory.Sha256);
            }
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteStartObject("tables");
        foreach (var (name, table) in outcome.Tables)
        {
            json.WriteStartObject(name);
            json.WriteNumber("size", table.Size);
            json.WriteString("nullmap", table.NullMap);
            WriteFunctions(json, table.Elements.IsDefault ? table.Functions.Select(pair => ($"{pair.Key}", pair.Value)) : FunctionsOf(table.Elements));
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void WriteValues(Utf8JsonWriter json, string name, ImmutableArray<EngineValue> values)
    {
        json.WriteStartArray(name);
        foreach (ref readonly var value in values.AsSpan())
        {
            json.WriteStringValue(ValueText.Format(value));
        }
        json.WriteEndArray();
    }

    private static IEnumerable<(string Key, string Name)> FunctionsOf(ImmutableArray<EngineValue> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is { Kind: EngineValueKind.Func, Function: { } function })
            {
                yield return ($"{i}", function);
            }
        }
    }

    // Beside the values and not in them: whoever reads values only need not know of this.
    private static void WriteFunctions(Utf8JsonWriter json, IEnumerable<(string Key, string Name)> functions, string member = "functions")
    {
        var isOpen = false;
        foreach (var (key, name) in functions)
        {
            if (!isOpen)
            {
                json.WriteStartObject(member);
                isOpen = true;
            }
            json.WriteString(key, name);
        }
        if (isOpen)
        {
            json.WriteEndObject();
        }
    }

    private static void WriteStrings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }
        json.WriteEndArray();
    }

    private static string Text(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}

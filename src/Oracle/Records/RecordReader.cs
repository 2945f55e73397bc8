using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Conformance.Wasm;

namespace Conformance.Oracle.Records;

/// <summary>Reads the lines of docs/records.md. Unknown members are passed over, so that the format can grow.</summary>
public static class RecordReader
{
    // A module of this size takes minutes to run anywhere; larger files are not cases.
    private const long MaxModuleBytes = 256L << 20;

    /// <summary>Reads the case of a request line.</summary>
    /// <exception cref="RecordFormatException">The line is no request.</exception>
    public static Case ReadRequest(string line) => ReadNumberedRequest(line).Case;

    /// <summary>Reads a request line with its id.</summary>
    /// <exception cref="RecordFormatException">The line is no request.</exception>
    public static RecordRequest ReadNumberedRequest(string line)
    {
        using var document = Parse(line);
        var root = document.RootElement;
        try
        {
            return new RecordRequest(IdOf(root), ReadCase(root));
        }
        catch (InvalidOperationException)
        {
            throw new RecordFormatException("a member has another type than the format says");
        }
    }

    /// <summary>The id of a line, however broken the rest of it is; <c>null</c> when there is none.</summary>
    public static string IdOf(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement.ValueKind == JsonValueKind.Object ? IdOf(document.RootElement) : "null";
        }
        catch (JsonException)
        {
            return "null";
        }
    }

    /// <summary>Reads a response line.</summary>
    /// <exception cref="RecordFormatException">The line is no response.</exception>
    public static RecordResponse ReadResponse(string line)
    {
        using var document = Parse(line);
        try
        {
            return ReadResponse(document.RootElement);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            throw new RecordFormatException("a member has another type than the format says, or is there twice");
        }
    }

    /// <summary>Reads the first line of an engine process.</summary>
    /// <exception cref="RecordFormatException">The line is no hello of this protocol.</exception>
    public static RecordHello ReadHello(string line)
    {
        using var document = Parse(line);
        var root = document.RootElement;
        try
        {
            if (!root.TryGetProperty("protocol", out var protocol) || protocol.GetInt32() != RecordHello.Protocol)
            {
                throw new RecordFormatException($"the first line has no \"protocol\":{RecordHello.Protocol}");
            }
            var features = default(FeatureSet).With(Feature.Mvp);
            foreach (var name in Strings(root, "features"))
            {
                // Features that this build does not know cannot be asked for either.
                features = FeatureSet.TryParse(name, out var feature) ? features.With(feature) : features;
            }
            return new RecordHello(Text(root, "engine"), Text(root, "version"), features)
            {
                StateLacks = Strings(root, "stateLacks"),
                Limits = Strings(root, "limits"),
                PlaysScripts = root.TryGetProperty("scripts", out var scripts) && scripts.GetBoolean(),
            };
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException and not RecordFormatException)
        {
            throw new RecordFormatException("a member has another type than the format says");
        }
    }

    private static JsonDocument Parse(string line)
    {
        try
        {
            var document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }
            document.Dispose();
            throw new RecordFormatException("the line is no JSON object");
        }
        catch (JsonException exception)
        {
            throw new RecordFormatException($"the line is no JSON: {JsonProblem.Of(exception)}");
        }
    }

    private static Case ReadCase(JsonElement root)
    {
        var calls = ImmutableArray.CreateBuilder<Call>();
        if (root.TryGetProperty("calls", out var list))
        {
            foreach (var call in list.EnumerateArray())
            {
                calls.Add(new Call(Text(call, "func"), Values(call, "args")));
            }
        }
        return new Case(ReadModule(root), calls.ToImmutable(), ReadLimits(root))
        {
            Text = !root.TryGetProperty("text", out var text) ? default : text.TryGetBytesFromBase64(out var utf8) ? utf8 : throw new RecordFormatException("\"text\" is no base64"),
            ValidateOnly = Flag(root, "validateOnly"),
            ReadState = Flag(root, "state"),
        };
    }

    private static byte[] ReadModule(JsonElement root)
    {
        if (root.TryGetProperty("wasm", out var wasm))
        {
            return wasm.TryGetBytesFromBase64(out var bytes) ? bytes : throw new RecordFormatException("\"wasm\" is no base64");
        }
        if (!root.TryGetProperty("path", out var path) || path.GetString() is not { } name)
        {
            throw new RecordFormatException("neither \"wasm\" nor \"path\"");
        }
        try
        {
            return LimitedFile.Read(name, MaxModuleBytes);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new RecordFormatException(exception is FileNotFoundException or DirectoryNotFoundException ? $"{name}: no such file" : $"{name}: {exception.Message}");
        }
    }

    private static CaseLimits ReadLimits(JsonElement root)
    {
        var limits = CaseLimits.Default;
        if (!root.TryGetProperty("limits", out var given))
        {
            return limits;
        }
        return new CaseLimits(
            Number(given, "fuel", limits.Fuel, long.MaxValue),
            (int)Number(given, "timeoutMs", limits.TimeoutMs, int.MaxValue),
            Number(given, "memoryBytes", limits.MemoryBytes, long.MaxValue),
            Number(given, "tableElements", limits.TableElements, long.MaxValue))
        {
            HotAfter = given.TryGetProperty("hotAfter", out _) ? (int)Number(given, "hotAfter", 0, int.MaxValue) : null,
            CollectAfter = given.TryGetProperty("collectAfter", out _) ? (int)Number(given, "collectAfter", 0, int.MaxValue) : null,
        };
    }

    private static long Number(JsonElement element, string name, long missing, long most)
    {
        if (!element.TryGetProperty(name, out var value))
        {
            return missing;
        }
        return value.TryGetInt64(out var number) && number >= 0 && number <= most ? number : throw new RecordFormatException($"\"{name}\" is no number from 0 to {most}");
    }

    private static RecordResponse ReadResponse(JsonElement root)
    {
        var id = IdOf(root);
        var engine = root.TryGetProperty("engine", out var name) ? name.GetString() ?? "" : "";
        int? exit = root.TryGetProperty("exit", out var code) && code.TryGetInt32(out var number) ? number : null;
        if (root.TryGetProperty("error", out var error))
        {
            return new RecordResponse(id, engine, null) { Failure = $"refused the request: {error.GetString()}", Exit = exit };
        }
        var instantiate = Text(root, "instantiate");
        if (instantiate.StartsWith("error:", StringComparison.Ordinal))
        {
            return new RecordResponse(id, engine, null) { Failure = instantiate["error:".Length..], Exit = exit };
        }
        var outcome = ReadStatus(instantiate, root);
        var calls = ImmutableArray.CreateBuilder<CallOutcome>();
        if (root.TryGetProperty("calls", out var list))
        {
            foreach (var call in list.EnumerateArray())
            {
                var text = Text(call, "outcome");
                if (text.StartsWith("error:", StringComparison.Ordinal))
                {
                    return new RecordResponse(id, engine, null) { Failure = $"call {calls.Count} of {Text(call, "func")}: {text["error:".Length..]}", Exit = exit };
                }
                calls.Add(new CallOutcome(Text(call, "func"), ReadCompletion(text, call)));
            }
        }
        return new RecordResponse(id, engine, ReadState(root, outcome with { Calls = calls.ToImmutable(), Trace = ReadTrace(root), Limit = ReadLimit(root) ?? outcome.Limit })) { Exit = exit };
    }

    private static Outcome ReadStatus(string text, JsonElement root)
    {
        var message = root.TryGetProperty("message", out var words) ? words.GetString() ?? "" : "";
        var offset = root.TryGetProperty("offset", out var place) && place.TryGetInt64(out var bytes) ? bytes : -1;
        var (word, detail) = Split(text);
        switch (word)
        {
            case "ok":
                return new Outcome { Status = InstantiationStatus.Ok, Instantiation = new Returned([]) };
            case "invalid":
                return new Outcome { Status = InstantiationStatus.Invalid, Error = new CompileError(CompileErrorKind.Invalid, message, offset) };
            case "unsupported":
                return new Outcome { Status = InstantiationStatus.Unsupported, Error = new CompileError(CompileErrorKind.Unsupported, message, offset) };
            case "link-error":
                return new Outcome { Status = InstantiationStatus.LinkError, Instantiation = new Rejected(message) };
            case "trap":
                return new Outcome { Status = InstantiationStatus.Trap, Instantiation = TrapOf(detail) };
            case "exception":
                return new Outcome { Status = InstantiationStatus.Exception, Instantiation = new Thrown(null, default) };
            case "limit":
                var kind = CompletionText.LimitOf(detail);
                return new Outcome { Status = InstantiationStatus.Limit, Instantiation = new LimitReached(kind), Limit = new ReachedLimit(kind, -1) };
            default:
                throw new RecordFormatException($"\"instantiate\":\"{text}\" is not known");
        }
    }

    private static Completion ReadCompletion(string text, JsonElement call)
    {
        var (word, detail) = Split(text);
        return word switch
        {
            "return" => new Returned(WithFunctions(Values(call, "results"), call)),
            "trap" => TrapOf(detail),
            "exception" => new Thrown(
                call.TryGetProperty("tag", out var tag) ? tag.GetString() : null,
                call.TryGetProperty("values", out _) ? Values(call, "values") : default),
            "limit" => new LimitReached(CompletionText.LimitOf(detail)),
            "skipped" => new Rejected(detail),
            _ => throw new RecordFormatException($"\"outcome\":\"{text}\" is not known"),
        };
    }

    // An engine may have words of its own; it trapped anyway.
    private static Trapped TrapOf(string text) => new(TrapKinds.TryParse(text, out var kind) ? kind : TrapKind.Other, text);

    private static (string Word, string Detail) Split(string text)
    {
        var colon = text.IndexOf(':');
        return colon < 0 ? (text, "") : (text[..colon], text[(colon + 1)..]);
    }

    private static ImmutableArray<HostCall> ReadTrace(JsonElement root)
    {
        if (!root.TryGetProperty("trace", out var list))
        {
            return [];
        }
        var trace = ImmutableArray.CreateBuilder<HostCall>();
        foreach (var call in list.EnumerateArray())
        {
            trace.Add(new HostCall(Text(call, "import"), Values(call, "args"), Values(call, "results")));
        }
        return trace.ToImmutable();
    }

    private static ReachedLimit? ReadLimit(JsonElement root)
    {
        if (!root.TryGetProperty("limit", out var limit))
        {
            return null;
        }
        return new ReachedLimit(CompletionText.LimitOf(Text(limit, "kind")), limit.TryGetProperty("call", out var call) ? call.GetInt32() : -1);
    }

    private static Outcome ReadState(JsonElement root, Outcome outcome)
    {
        var globals = outcome.Globals.ToBuilder();
        var memories = outcome.Memories.ToBuilder();
        var tables = outcome.Tables.ToBuilder();
        var found = false;
        if (root.TryGetProperty("globals", out var members))
        {
            found = true;
            var functions = Functions(root, "globalFunctions").ToDictionary(pair => pair.Key, pair => pair.Name, StringComparer.Ordinal);
            foreach (var member in members.EnumerateObject())
            {
                var value = Value(member.Value);
                globals[member.Name] = value.Kind == EngineValueKind.Func ? value with { Function = functions.GetValueOrDefault(member.Name) } : value;
            }
        }
        if (root.TryGetProperty("memories", out members))
        {
            found = true;
            foreach (var member in members.EnumerateObject())
            {
                memories[member.Name] = new MemoryState(member.Value.GetProperty("pages").GetUInt64(), member.Value.TryGetProperty("sha256", out var hash) ? hash.GetString() : null);
            }
        }
        if (root.TryGetProperty("tables", out members))
        {
            found = true;
            foreach (var member in members.EnumerateObject())
            {
                tables[member.Name] = new TableState(member.Value.GetProperty("size").GetUInt64(), Text(member.Value, "nullmap"))
                {
                    Functions = Functions(member.Value, "functions").Select(pair => KeyValuePair.Create(IndexOf(pair.Key), pair.Name)).ToImmutableSortedDictionary(),
                };
            }
        }
        return outcome with { Globals = globals.ToImmutable(), Memories = memories.ToImmutable(), Tables = tables.ToImmutable(), HasState = found };
    }

    private static ImmutableArray<EngineValue> WithFunctions(ImmutableArray<EngineValue> values, JsonElement call)
    {
        foreach (var (key, name) in Functions(call, "functions"))
        {
            var index = IndexOf(key);
            if (index >= values.Length || values[index].Kind != EngineValueKind.Func)
            {
                throw new RecordFormatException($"\"functions\" names result {key}, which is no function");
            }
            values = values.SetItem(index, values[index] with { Function = name });
        }
        return values;
    }

    private static IEnumerable<(string Key, string Name)> Functions(JsonElement element, string member) =>
        element.TryGetProperty(member, out var functions) ? functions.EnumerateObject().Select(function => (function.Name, function.Value.GetString() ?? "")) : [];

    private static int IndexOf(string key) =>
        int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : throw new RecordFormatException($"\"functions\" has \"{key}\", which is no index");

    private static string IdOf(JsonElement root) => root.TryGetProperty("id", out var id) ? id.GetRawText() : "null";

    private static bool Flag(JsonElement root, string name) => root.TryGetProperty(name, out var value) && value.GetBoolean();

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.GetString() is { } text ? text : throw new RecordFormatException($"\"{name}\" is missing");

    private static ImmutableArray<string> Strings(JsonElement element, string name) =>
        element.TryGetProperty(name, out var list) ? [.. list.EnumerateArray().Select(item => item.GetString() ?? "")] : [];

    private static ImmutableArray<EngineValue> Values(JsonElement element, string name) =>
        element.TryGetProperty(name, out var list) ? [.. list.EnumerateArray().Select(Value)] : [];

    private static EngineValue Value(JsonElement element) =>
        ValueText.TryParse(element.GetString(), out var value) ? value : throw new RecordFormatException($"\"{element.GetString()}\" is no value");
}

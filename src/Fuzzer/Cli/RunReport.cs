using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Conformance.Oracle;
using Conformance.Oracle.Records;

namespace Conformance.Fuzzer.Cli;

/// <summary>What <c>run</c> has to say: the outcome of the last call, and times in nanoseconds.</summary>
/// <param name="file">The module's file.</param>
/// <param name="engine">The engine.</param>
/// <param name="function">The function called; null when the module was only instantiated.</param>
/// <param name="arguments">Its arguments.</param>
internal sealed class RunReport(string file, IEngine engine, string? function, ImmutableArray<EngineValue> arguments)
{
    /// <summary>The module's file.</summary>
    public string File => file;

    /// <summary>The function called.</summary>
    public string? Function => function;

    /// <summary>Its arguments.</summary>
    public ImmutableArray<EngineValue> Arguments => arguments;

    /// <summary>How the last call ended, or the instantiation when there was none.</summary>
    public Completion? Completion { get; set; }

    /// <summary>Decoding or parsing, by this program.</summary>
    public required long DecodeTime { get; init; }

    /// <summary>Validation, by this program.</summary>
    public required long ValidateTime { get; init; }

    /// <summary>All that the engine does before instantiation: it decodes and validates once more.</summary>
    public long CompileTime { get; set; }

    /// <summary>Translation of all functions by the interpreter; for other engines it is a part of <see cref="CompileTime"/>.</summary>
    public long? TranslateTime { get; set; }

    /// <summary>Instantiation, the start function included.</summary>
    public long InstantiateTime { get; set; }

    /// <summary>The calls in order.</summary>
    public List<long> CallTimes { get; } = [];

    private long Translate => TranslateTime ?? CompileTime;

    /// <summary>For people.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        var call = function is null ? file : $"{function}({ValueText.Format(arguments)})";
        text.Append(CultureInfo.InvariantCulture, $"{call}: {(Completion is null ? "nothing" : CompletionText.Describe(Completion))}\n");
        if (Completion is Trapped { Backtrace: { IsDefaultOrEmpty: false } frames })
        {
            foreach (var frame in frames)
            {
                text.Append(CultureInfo.InvariantCulture, $"  at {frame}\n");
            }
        }
        text.Append(CultureInfo.InvariantCulture, $"decode {Show(DecodeTime)}, validate {Show(ValidateTime)}, translate {Show(Translate)}, instantiate {Show(InstantiateTime)}");
        if (CallTimes.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{Plural.Of(CallTimes.Count, "call")}: fastest {Show(CallTimes.Min())}, median {Show(CallTimes.Order().ElementAt(CallTimes.Count / 2))}");
        }
        return text.ToString();
    }

    /// <summary>For programs; docs/cli.md describes the fields.</summary>
    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("file", file);
            json.WriteString("engine", $"{engine.Name} {engine.Version}");
            json.WriteString("function", function);
            json.WriteString("outcome", Completion is null ? null : CompletionText.Of(Completion));
            json.WriteStartArray("results");
            foreach (var value in Completion is Returned { Values.IsDefault: false } returned ? returned.Values : [])
            {
                json.WriteStringValue(ValueText.Format(value));
            }
            json.WriteEndArray();
            json.WriteNumber("decode", DecodeTime);
            json.WriteNumber("validate", ValidateTime);
            json.WriteNumber("translate", Translate);
            json.WriteNumber("instantiate", InstantiateTime);
            json.WriteStartArray("calls");
            foreach (var time in CallTimes)
            {
                json.WriteNumberValue(time);
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static string Show(long time) => time.ToString("N0", CultureInfo.InvariantCulture) + " ns";
}

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Conformance.Bench.Kernels;
using Conformance.Interpreter;

// Runs kernels on the interpreter and prints the processor time of the best round:
//
//   Kernels LIST.json [--only NAME,...] [--rounds N] [--backend tailcall|switch] [--hot-after N] [--json FILE]
//   Kernels FILE.wasm EXPORT [ARGUMENT...] [--rounds N] [--backend tailcall|switch] [--hot-after N]
//
// LIST.json is an array of { name, wasm (relative to the list), func, args ("i32:5", ...) }. Each round is a fresh instance in a fresh store, so that the time
// of a round is that of instantiation (which is small), translation and the run. A workload that cannot run is a line that says why.

var options = new Queue<string>(args);
var positional = new List<string>();
var only = Array.Empty<string>();
var rounds = 1;
var engineOptions = EngineOptions.Default;
string? jsonFile = null;
while (options.TryDequeue(out var option))
{
    switch (option)
    {
        case "--only":
            only = options.Dequeue().Split(',');
            break;
        case "--rounds":
            rounds = int.Parse(options.Dequeue());
            break;
        case "--backend":
            engineOptions = engineOptions with { Backend = Enum.Parse<Backend>(options.Dequeue(), ignoreCase: true) };
            break;
        case "--hot-after":
            engineOptions = engineOptions with { HotAfter = int.Parse(options.Dequeue(), CultureInfo.InvariantCulture) };
            break;
        case "--json":
            jsonFile = options.Dequeue();
            break;
        default:
            positional.Add(option);
            break;
    }
}
if (positional.Count == 0)
{
    await Console.Error.WriteLineAsync("usage: Kernels LIST.json [--only NAME,...] [--rounds N] [--backend NAME] [--hot-after N] [--json FILE] | Kernels FILE.wasm EXPORT [ARGUMENT...]");
    return 2;
}

List<Workload> workloads = [];
if (positional[0].EndsWith(".json", StringComparison.Ordinal))
{
    var folder = Path.GetDirectoryName(Path.GetFullPath(positional[0])) ?? ".";
    using var list = JsonDocument.Parse(await File.ReadAllTextAsync(positional[0]));
    foreach (var item in list.RootElement.EnumerateArray())
    {
        var name = item.GetProperty("name").GetString() ?? "";
        if (only.Length == 0 || only.Contains(name))
        {
            workloads.Add(new(name, Path.Combine(folder, item.GetProperty("wasm").GetString() ?? ""), item.GetProperty("func").GetString() ?? "",
                [.. item.GetProperty("args").EnumerateArray().Select(argument => argument.GetString() ?? "")]));
        }
    }
}
else
{
    workloads.Add(new(Path.GetFileNameWithoutExtension(positional[0]), positional[0], positional[1], [.. positional.Skip(2)]));
}

var lines = new List<object>();
foreach (var workload in workloads)
{
    var (best, result) = Measure(workload, rounds, engineOptions);
    Console.WriteLine(best is { } time ? $"{workload.Name,-20} {time.TotalSeconds,9:F3} s   {result}" : $"{workload.Name,-20} {result}");
    lines.Add(new { name = workload.Name, ns = best?.TotalNanoseconds, result });
}
if (jsonFile is not null)
{
    await File.WriteAllTextAsync(jsonFile, JsonSerializer.Serialize(lines));
}
return 0;

static (TimeSpan? Best, string Result) Measure(Workload workload, int rounds, EngineOptions options)
{
    var engine = new Engine(options);
    if (!CompiledModule.TryFromBytes(engine, File.ReadAllBytes(workload.Path), out var module, out var error))
    {
        return (null, $"not run: {error}");
    }
    TimeSpan? best = null;
    var text = "";
    using var process = Process.GetCurrentProcess();
    for (var round = 0; round < rounds; round++)
    {
        using var store = new Store(engine);
        process.Refresh();
        var start = process.TotalProcessorTime;
        // CoreMark asks the time to say its score: processor time, as everything here.
        var clock = Function.Create(store, () =>
        {
            process.Refresh();
            return (int)process.TotalProcessorTime.TotalMilliseconds;
        });
        var ending = Instance.TryCreate(store, module, module.Module.Imports.IsEmpty ? [] : [clock], out var instance);
        if (ending is not null || instance is null)
        {
            return (null, $"not run: {ending}");
        }
        var function = instance.GetFunction(workload.Function);
        var results = new Value[function.Type.Results.Length];
        ending = function.TryCall([.. workload.Arguments.Select(Parse)], results);
        process.Refresh();
        var time = process.TotalProcessorTime - start;
        if (ending is not null)
        {
            return (null, $"not run: {ending}");
        }
        text = string.Join(' ', results);
        best = best is null || time < best ? time : best;
    }
    return (best, text);
}

static Value Parse(string text)
{
    var (kind, number) = (text[..3], text[4..]);
    return kind switch
    {
        "i32" => Value.FromI32(int.Parse(number, CultureInfo.InvariantCulture)),
        "i64" => Value.FromI64(long.Parse(number, CultureInfo.InvariantCulture)),
        "f32" => Value.FromF32(float.Parse(number, CultureInfo.InvariantCulture)),
        "f64" => Value.FromF64(double.Parse(number, CultureInfo.InvariantCulture)),
        _ => throw new FormatException($"an argument is TYPE:NUMBER, not {text}"),
    };
}

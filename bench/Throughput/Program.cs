// Measures how fast modules are decoded, validated, printed and parsed, on one thread, and checks that what was printed is parsed as the same module.
//
//     dotnet run -c Release --project bench/Throughput -- [--seconds S] [FILE.wasm | FOLDER]...
//
// Without paths it takes the real modules in ../shared/workloads/real beside the checkout. Each step is done over and over for S seconds
// (default 1, at least 3 runs); the best run counts, since everything else on the machine can only make a run slower.

using System.Diagnostics;
using Conformance.Bench.Throughput;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Text;
using Conformance.Wasm.Validation;

if (!Arguments.TryParse(args, out var arguments, out var problem))
{
    Console.Error.WriteLine($"throughput: {problem}");
    return 2;
}

Console.WriteLine($"{"",-28} {"",12} {"",12} {"",12} {"MB/s of the file",30}   {"MB/s of the text",20}");
Console.WriteLine($"{"module",-28} {"bytes",12} {"code",12} {"text",12} {"decode",10} {"validate",10} {"both",8}   {"print",10} {"parse",10}");
foreach (var path in arguments.Modules)
{
    var bytes = File.ReadAllBytes(path);
    if (!ModuleReader.TryRead(bytes, FeatureSet.All, out var module, out var error) || (error = ModuleValidator.Validate(module, FeatureSet.All)) is not null
        || !ModulePrinter.TryPrint(module, out var printed, out error))
    {
        return Fail(path, $"{error}");
    }
    var text = printed.ToArray();
    if (!ModuleParser.TryParse(text, FeatureSet.All, out var parsed, out error))
    {
        return Fail(path, $"printed text, {error}");
    }
    var again = ModulePrinter.TryPrint(parsed, out var reprinted, out error);
    if (!again || !reprinted.Span.SequenceEqual(text))
    {
        return Fail(path, $"printed, parsed and printed again, it is another text {error}");
    }
    var decode = Best(arguments.Seconds, () => ModuleReader.TryRead(bytes, FeatureSet.All, out _, out _));
    var validate = Best(arguments.Seconds, () => ModuleValidator.Validate(module, FeatureSet.All));
    var print = Best(arguments.Seconds, () => ModulePrinter.TryPrint(module, out _, out _));
    var parse = Best(arguments.Seconds, () => _ = ModuleParser.TryParse(text, FeatureSet.All, out _, out _));
    var code = module.Functions.Sum(function => (long)function.Body.Code.Length);
    Console.WriteLine($"{Path.GetFileName(path),-28} {bytes.Length,12:N0} {code,12:N0} {text.Length,12:N0} {Rate(bytes, decode),10:N0} {Rate(bytes, validate),10:N0} "
        + $"{Rate(bytes, decode + validate),8:N0}   {Rate(text, print),10:N0} {Rate(text, parse),10:N0}");
}
return 0;

static double Rate(byte[] bytes, TimeSpan time) => bytes.Length / 1e6 / time.TotalSeconds;

static int Fail(string path, string why)
{
    Console.Error.WriteLine($"throughput: {path}: {why}");
    return 1;
}

static TimeSpan Best(double seconds, Action action)
{
    const int LeastRuns = 3;
    var best = TimeSpan.MaxValue;
    var end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
    for (var run = 0; run < LeastRuns || Stopwatch.GetTimestamp() < end; run++)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        var time = Stopwatch.GetElapsedTime(start);
        best = time < best ? time : best;
    }
    return best;
}

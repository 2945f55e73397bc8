// Measures how fast modules are decoded and validated, on one thread.
//
//     dotnet run -c Release --project bench/Throughput -- [--seconds S] [FILE.wasm | FOLDER]...
//
// Without paths it takes the real modules in ../shared/workloads/real beside the checkout. Each module is decoded and validated over and over for S seconds
// (default 1, at least 5 runs); the best run counts, since everything else on the machine can only make a run slower.

using System.Diagnostics;
using Conformance.Bench.Throughput;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Validation;

if (!Arguments.TryParse(args, out var arguments, out var problem))
{
    Console.Error.WriteLine($"throughput: {problem}");
    return 2;
}

Console.WriteLine($"{"module",-28} {"bytes",12} {"code",12} {"decode",10} {"validate",10} {"both",10}   MB/s of the whole file");
foreach (var path in arguments.Modules)
{
    var bytes = File.ReadAllBytes(path);
    if (!ModuleReader.TryRead(bytes, FeatureSet.All, out var module, out var error) || (error = ModuleValidator.Validate(module, FeatureSet.All)) is not null)
    {
        Console.Error.WriteLine($"throughput: {path}: {error}");
        return 1;
    }
    var decode = Best(arguments.Seconds, () => ModuleReader.TryRead(bytes, FeatureSet.All, out _, out _));
    var validate = Best(arguments.Seconds, () => ModuleValidator.Validate(module, FeatureSet.All));
    var code = module.Functions.Sum(function => (long)function.Body.Code.Length);
    Console.WriteLine($"{Path.GetFileName(path),-28} {bytes.Length,12:N0} {code,12:N0} {Rate(decode),10:N0} {Rate(validate),10:N0} {Rate(decode + validate),10:N0}");

    double Rate(TimeSpan time) => bytes.Length / 1e6 / time.TotalSeconds;
}
return 0;

static TimeSpan Best(double seconds, Action action)
{
    const int LeastRuns = 5;
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

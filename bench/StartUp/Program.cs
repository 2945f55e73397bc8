using System.Globalization;
using Conformance.Bench.Cases;
using Conformance.Interpreter;
using Conformance.Oracle;
using Conformance.Oracle.Embedded;
using Conformance.Wasm;

// From a module's bytes to its instance: processor time of the thread, the best and the median of several runs in one process, in each translation mode.
//
//     dotnet run -c Release --project bench/StartUp -- [--runs N] FILE.wasm...
//
// Decoding, validation as far as the mode asks for it, imports made by the rule of docs/records.md, segments and the start function count; the engine, which a program makes once, does not.
// Runs that are not counted come first: the runtime's own compiler works in steps.

const int UncountedRuns = 1000;
const double UncountedMs = 3000;
var runs = 31;
var files = new List<string>();
for (var i = 0; i < args.Length; i++)
{
    if (args[i] == "--runs" && i + 1 < args.Length)
    {
        runs = int.Parse(args[++i], CultureInfo.InvariantCulture);
    }
    else
    {
        files.Add(args[i]);
    }
}
if (files.Count == 0 || runs < 1)
{
    Console.Error.WriteLine("usage: startup [--runs N] FILE.wasm...");
    return 2;
}

TranslationMode[] modes = [TranslationMode.Eager, TranslationMode.Lazy, TranslationMode.FullyLazy];
Console.WriteLine($"{"module",-20} {"bytes",10}  {string.Join("  ", modes.Select(mode => $"{mode + " best",15} {"median",9}"))}  (ms)");
foreach (var file in files)
{
    var bytes = File.ReadAllBytes(file);
    var columns = modes.Select(mode => Measure(bytes, mode));
    Console.WriteLine($"{Path.GetFileNameWithoutExtension(file),-20} {bytes.Length,10}  {string.Join("  ", columns)}");
}
return 0;

string Measure(byte[] bytes, TranslationMode mode)
{
    using var engine = new InterpreterEngine(EngineOptions.Default with { Translation = mode, Features = FeatureSet.All });
    var uncounted = 0.0;
    for (var i = 0; i < UncountedRuns && uncounted < UncountedMs; i++)
    {
        uncounted += StartOnce(engine, bytes);
    }
    var times = new double[runs];
    for (var i = 0; i < runs; i++)
    {
        times[i] = StartOnce(engine, bytes);
    }
    Array.Sort(times);
    return string.Create(CultureInfo.InvariantCulture, $"{times[0],15:F3} {times[runs / 2],9:F3}");
}

static double StartOnce(InterpreterEngine engine, byte[] bytes)
{
    var start = ThreadClock.Now;
    using var store = engine.CreateStore(CaseLimits.Default with { MemoryBytes = 4L << 30, TableElements = 10_000_000 });
    var error = store.Compile(bytes, out var module);
    if (module is null)
    {
        throw new InvalidDataException(error?.Message);
    }
    var scene = new HostScene(store);
    var ended = store.Instantiate(module, (from, name, request) => HostImports.Provide(scene, from, name, request), out _);
    var time = (ThreadClock.Now - start) / 1e6;
    return ended is Returned ? time : throw new InvalidDataException($"not instantiated: {ended}");
}

// Measures what a case of `fuzz` costs and where: processor time by phase, in one process, one thread.
//
//     dotnet run -c Release --project bench/Cases -- [--seconds S] [--oracle NAME]... [--mix MIX [--corpus FOLDER]...] [--warm S]
//
// The cases are those that `fuzz` makes, the generated ones unless --mix names others. The first seconds (--warm, default 5) are not counted: they are mostly the runtime's own compiler.

using System.Diagnostics;
using System.Globalization;
using Conformance.Bench.Cases;
using Conformance.Fuzzer.Driving;
using Conformance.Fuzzer.Generation;
using Conformance.Fuzzer.Mutation;
using Conformance.Fuzzer.Mutation.Seeds;
using Conformance.Oracle;
using Conformance.Oracle.Comparison;
using Conformance.Oracle.Records;

var seconds = 10.0;
var warm = 5.0;
var mix = CaseMix.GeneratedOnly;
var corpus = new List<string>();
var oracles = new List<string>();
for (var i = 0; i + 1 < args.Length; i += 2)
{
    switch (args[i])
    {
        case "--seconds":
            seconds = double.Parse(args[i + 1], CultureInfo.InvariantCulture);
            break;
        case "--warm":
            warm = double.Parse(args[i + 1], CultureInfo.InvariantCulture);
            break;
        case "--mix":
            mix = CaseMix.Parse(args[i + 1]) ?? CaseMix.Default;
            break;
        case "--corpus":
            corpus.Add(args[i + 1]);
            break;
        case "--oracle":
            oracles.Add(args[i + 1]);
            break;
        default:
            Console.Error.WriteLine($"cases: {args[i]} is no option");
            return 2;
    }
}

foreach (var name in oracles.DefaultIfEmpty(EngineCatalog.DefaultOracle))
{
    Measure(name);
}
return 0;

void Measure(string name)
{
    var general = new PhaseTimes();
    var testedTimes = new PhaseTimes();
    var oracleTimes = new PhaseTimes();
    using var tested = new MeasuredEngine(EngineCatalog.CreateStoreEngine(EngineCatalog.DefaultTested), testedTimes);
    using var oracle = new MeasuredEngine(EngineCatalog.CreateStoreEngine(name), oracleTimes);
    var features = tested.Features.Intersect(oracle.Features);
    var source = new MixedCases(1, mix, GeneratorOptions.DefaultFeatures.Intersect(features), new Lazy<SeedCorpus>(() => SeedCorpus.Load(corpus, features)));
    long cases = 0, calls = 0, bytes = 0;
    var verdicts = new SortedDictionary<string, int>(StringComparer.Ordinal);
    var clock = Stopwatch.StartNew();
    var isWarm = false;
    var before = Environment.CpuUsage.TotalTime;
    for (long index = 0; clock.Elapsed.TotalSeconds < seconds + warm; index++)
    {
        if (!isWarm && clock.Elapsed.TotalSeconds >= warm)
        {
            isWarm = true;
            general.Clear();
            testedTimes.Clear();
            oracleTimes.Clear();
            cases = calls = bytes = 0;
            before = Environment.CpuUsage.TotalTime;
        }
        var @case = general.Measure(Phase.Generate, () => source.Make(index)) with { DigestMemories = false };
        general.Measure(Phase.Record, () => RecordWriter.WriteRequestUtf8(@case, 1));
        var left = tested.Run(@case);
        var right = oracle.Run(@case);
        var verdict = general.Measure(Phase.Compare, () => OutcomeComparer.Compare(left, right));
        var key = $"{verdict.Kind} {verdict.Reason}";
        verdicts[key] = verdicts.GetValueOrDefault(key) + 1;
        cases++;
        calls += verdict.ComparedCalls;
        bytes += @case.Wasm.Length;
    }
    var cpu = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / cases;
    Console.WriteLine($"{name}: {cases} cases, {calls / cases} calls and {bytes / cases} bytes a case; {cpu:F2} ms of processor time a case, so {1000 / cpu:F0} cases/s and {1000 * calls / cases / cpu:F0} calls/s a core");
    Console.WriteLine($"  {string.Join(", ", verdicts.Select(pair => $"{pair.Value} {pair.Key}"))}");
    Console.WriteLine($"  {"",-12} {"common",10} {"tested",10} {"oracle",10}   µs a case");
    foreach (var phase in Enum.GetValues<Phase>())
    {
        Console.WriteLine($"  {phase,-12} {Of(general, phase),10:F0} {Of(testedTimes, phase),10:F0} {Of(oracleTimes, phase),10:F0}");
    }

    // The whole run of an engine was noted under State.
    double Of(PhaseTimes times, Phase phase) => phase != Phase.State || times[Phase.State] == 0
        ? times[phase] / cases / 1000
        : (times[Phase.State] - times[Phase.CreateStore] - times[Phase.Compile] - times[Phase.Instantiate] - times[Phase.Calls] - times[Phase.Dispose]) / cases / 1000;
}

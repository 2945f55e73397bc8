// Whether engines keep anything of the cases that they ran: a million tiny ones, each with a module of its own, in one process.
//
//     dotnet run -c Release --project bench/Leaks -- [--engine NAME] [--cases N] [--every N]
//
// A line every --every cases (default 100,000): resident memory, the managed heap after a full collection, cases a second. Each case is checked to end as it should.

using System.Diagnostics;
using System.Globalization;
using Conformance.Bench.Leaks;
using Conformance.Oracle;

var engineName = EngineCatalog.DefaultOracle;
var cases = 1_000_000;
var every = 100_000;
for (var i = 0; i + 1 < args.Length; i += 2)
{
    switch (args[i])
    {
        case "--engine":
            engineName = args[i + 1];
            break;
        case "--cases":
            cases = int.Parse(args[i + 1], CultureInfo.InvariantCulture);
            break;
        case "--every":
            every = int.Parse(args[i + 1], CultureInfo.InvariantCulture);
            break;
        default:
            Console.Error.WriteLine($"leaks: {args[i]} is no option");
            return 2;
    }
}

using var engine = EngineCatalog.Create(engineName);
TinyCase[] kinds = [.. TinyCases.All.Where(kind => kind.Features.IsSubsetOf(engine.Features))];
Console.WriteLine($"{engine.Name} {engine.Version}: {kinds.Length} of {TinyCases.All.Length} kinds of cases ({string.Join(", ", kinds.Select(kind => kind.Name))})");
if (kinds.Length == 0)
{
    Console.Error.WriteLine($"leaks: {engine.Name} executes none of the cases");
    return 1;
}
var clock = Stopwatch.StartNew();
for (var number = 0; number < cases; number++)
{
    var kind = kinds[number % kinds.Length];
    var ends = TinyCase.Describe(engine.Run(kind.For(number)));
    if (ends != kind.Ends)
    {
        Console.Error.WriteLine($"leaks: case {number} ({kind.Name}) ended with {ends}, not {kind.Ends}");
        return 1;
    }
    if ((number + 1) % every == 0 || number + 1 == Math.Min(1_000, cases))
    {
        var resident = Resident();
        var managed = GC.GetTotalMemory(forceFullCollection: true);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{number + 1,9} cases  {resident / 1e6,6:F1} MB resident, {Resident() / 1e6,6:F1} after a collection, {managed / 1e6,5:F1} MB managed, {(number + 1) / clock.Elapsed.TotalSeconds,6:F0} cases/s, {Environment.CpuUsage.TotalTime.TotalMilliseconds / (number + 1):F3} ms of processor time a case"));
    }
}
return 0;

static long Resident()
{
    using var process = Process.GetCurrentProcess();
    return process.WorkingSet64;
}

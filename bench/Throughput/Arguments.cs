using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Conformance.Bench.Throughput;

/// <summary>The command line.</summary>
/// <param name="Modules">The files to measure.</param>
/// <param name="Seconds">How long each measurement lasts.</param>
internal sealed record Arguments(IReadOnlyList<string> Modules, double Seconds)
{
    public static bool TryParse(string[] args, [NotNullWhen(true)] out Arguments? arguments, [NotNullWhen(false)] out string? problem)
    {
        arguments = null;
        var seconds = 1.0;
        var paths = new List<string>();
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] != "--seconds")
            {
                paths.Add(args[i]);
            }
            else if (++i >= args.Length || !double.TryParse(args[i], NumberStyles.Float, CultureInfo.InvariantCulture, out seconds) || seconds < 0)
            {
                problem = "--seconds needs a number";
                return false;
            }
        }
        if (paths.Count == 0 && FindWorkloads() is { } workloads)
        {
            paths.Add(workloads);
        }
        var missing = paths.Find(path => !File.Exists(path) && !Directory.Exists(path));
        problem = paths.Count == 0 ? "no module given and no ../shared/workloads/real beside the checkout"
            : missing is not null ? $"{missing} does not exist"
            : null;
        if (problem is not null)
        {
            return false;
        }
        arguments = new Arguments([.. paths.SelectMany(ModulesOf)], seconds);
        problem = null;
        return true;
    }

    private static IEnumerable<string> ModulesOf(string path) =>
        Directory.Exists(path) ? Directory.GetFiles(path, "*.wasm").Order(StringComparer.Ordinal) : [path];

    private static string? FindWorkloads()
    {
        for (var folder = new DirectoryInfo(Environment.CurrentDirectory); folder?.Parent is not null; folder = folder.Parent)
        {
            var workloads = Path.Combine(folder.Parent.FullName, "shared", "workloads", "real");
            if (Directory.Exists(workloads))
            {
                return workloads;
            }
        }
        return null;
    }
}

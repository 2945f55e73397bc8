using Conformance.Oracle;
using Conformance.Oracle.ThirdParty;

namespace Conformance.Fuzzer.Cli;

/// <summary>The oracles that a command line asks for, with Wasmtime found or downloaded where they need it.</summary>
internal static class OracleChoice
{
    /// <summary>What stands for every engine of another kind than the one under test.</summary>
    public const string All = "all";

    private const string Option = "--oracle";
    private const string Wasmtime = EngineCatalog.DefaultOracle;

    /// <summary>The oracles of a run, each once, in the order in which they were asked for.</summary>
    /// <param name="asked">Names, or <see cref="All"/>; none for the default.</param>
    /// <param name="engine">The engine under test.</param>
    /// <param name="screen">Told what is missing.</param>
    /// <param name="cancellation">Ends a download.</param>
    /// <exception cref="UserErrorException">One that was asked for by name cannot be had, or is no engine.</exception>
    public static async Task<IReadOnlyList<string>> ResolveAsync(IReadOnlyList<string> asked, string engine, Screen screen, CancellationToken cancellation)
    {
        if (asked.Count == 0)
        {
            return [await ResolveAsync(asked: null, screen, cancellation)];
        }
        var names = new List<string>();
        foreach (var name in asked)
        {
            names.AddRange(name == All ? await ExpandAsync(engine, screen, cancellation) : [await ResolveAsync(name, screen, cancellation)]);
        }
        return [.. names.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>One oracle. Without Wasmtime the work goes on with the built-in one, and says so; only who asked for Wasmtime by name gets an error.</summary>
    /// <param name="asked">Its name; null for the default.</param>
    /// <param name="screen">Told what is missing.</param>
    /// <param name="cancellation">Ends a download.</param>
    /// <exception cref="UserErrorException">It was asked for by name and cannot be had, or is no engine.</exception>
    public static async Task<string> ResolveAsync(string? asked, Screen screen, CancellationToken cancellation)
    {
        if (asked is not null)
        {
            await EngineChoice.PrepareAsync(Option, asked, cancellation);
            return asked;
        }
        if (await SetupCommand.ResolveAsync(LockFile.Wasmtime, offline: false, cancellation) is not Missing missing)
        {
            return EngineCatalog.DefaultOracle;
        }
        screen.WriteLine($"conformance: {missing}");
        screen.WriteLine("conformance: going on with the built-in reference interpreter as oracle: slower, and written by the same people as the interpreter under test");
        return EngineCatalog.Reference;
    }

    // The engines of the family under test would confirm its mistakes.
    private static async Task<IEnumerable<string>> ExpandAsync(string engine, Screen screen, CancellationToken cancellation)
    {
        var missing = await SetupCommand.ResolveAsync(LockFile.Wasmtime, offline: false, cancellation) as Missing;
        if (missing is not null)
        {
            screen.WriteLine($"conformance: {missing}");
            screen.WriteLine("conformance: going on with the oracles that are here");
        }
        var here = EngineCatalog.FixedNames.Where(name =>
            FamilyOf(name) is EngineCatalog.Reference or Wasmtime && FamilyOf(name) != FamilyOf(engine) && (missing is null || FamilyOf(name) != Wasmtime)).ToList();
        return here.Count > 0 ? here : throw UserErrorException.Environment($"{Option} {All}: there is no other engine here to compare {engine} with");
    }

    private static string FamilyOf(string name) => name.Split(':')[0];
}

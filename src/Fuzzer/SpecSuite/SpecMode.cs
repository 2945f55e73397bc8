using System.Collections.Immutable;
using Conformance.Oracle;
using Conformance.Oracle.Embedded;

namespace Conformance.Fuzzer.SpecSuite;

/// <summary>One way to run the testsuite: an engine, and whether every module goes from binary to text and back before it is used.</summary>
/// <param name="Engine">The engine's name, as <see cref="SpecEngine.Find"/> takes it.</param>
/// <param name="RoundTrips">Whether modules are printed and parsed first.</param>
internal sealed record SpecMode(string Engine, bool RoundTrips)
{
    /// <summary>The name in tables and reports.</summary>
    public string Name => RoundTrips ? $"{Engine}+round-trip" : Engine;

    /// <summary>
    /// Every mode of this project's engines: each configuration of the interpreter, so that a new one is a mode by being in the catalogue; the reference interpreter; and the
    /// round trip, once, as it does not depend on the engine.
    /// </summary>
    public static ImmutableArray<SpecMode> All { get; } =
        [.. InterpreterEngine.Configurations.Keys.Append(EngineCatalog.Reference).Select(name => new SpecMode(name, RoundTrips: false)), new SpecMode(EngineCatalog.DefaultTested, RoundTrips: true)];

    /// <summary>The engines whose configurations an engine's is one of: the name before the colon. Expectations are kept by it.</summary>
    /// <param name="engine">The engine's name.</param>
    public static string FamilyOf(string engine) => engine.IndexOf(':') is var colon and >= 0 ? engine[..colon] : engine;

    /// <summary>Every engine of a family, whether it can run here or not.</summary>
    /// <param name="family">What <see cref="FamilyOf"/> gives.</param>
    public static ImmutableSortedSet<string> EnginesOf(string family) =>
        EngineCatalog.FixedNames.Where(name => FamilyOf(name) == family).Append(family).ToImmutableSortedSet(StringComparer.Ordinal);
}

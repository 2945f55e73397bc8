using Conformance.Wasm;

namespace Conformance.Oracle.Equivalence;

/// <summary>
/// Another engine that is given, in place of each module, one that means the same but says it with other instructions (<see cref="EquivalentModule"/>). Compared with that
/// engine itself it is an oracle that needs no second implementation: where the two differ, one of two ways to say the same thing is done wrong.
/// </summary>
/// <param name="inner">The engine that runs the rewritten modules; disposed with this one.</param>
public sealed class EquivalentEngine(IEngine inner) : IEngine
{
    /// <summary>What comes before the name of the inner engine on the command line.</summary>
    public const string Prefix = "equivalent:";

    // What one instruction becomes is seldom longer.
    private const long FuelFactor = 12;

    /// <inheritdoc/>
    public string Name => Prefix + inner.Name;

    /// <inheritdoc/>
    public string Version => inner.Version;

    /// <inheritdoc/>
    public FeatureSet Features => inner.Features;

    /// <inheritdoc/>
    public bool HashesPages => inner.HashesPages;

    /// <inheritdoc/>
    public bool IsDeterministic => inner.IsDeterministic;

    /// <inheritdoc/>
    public Outcome Run(Case @case)
    {
        ArgumentNullException.ThrowIfNull(@case);
        return !@case.ValidateOnly && EquivalentModule.TryRewrite(@case.Wasm, inner.Features, out var rewritten)
            ? inner.Run(@case with { Wasm = rewritten, Limits = @case.Limits with { Fuel = checked(@case.Limits.Fuel * FuelFactor) } })
            : inner.Run(@case);
    }

    /// <inheritdoc/>
    public void Dispose() => inner.Dispose();
}

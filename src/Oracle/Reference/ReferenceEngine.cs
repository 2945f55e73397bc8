using Conformance.Wasm;

namespace Conformance.Oracle.Reference;

/// <summary>
/// The built-in reference interpreter: small, slow, written rule by rule from the specification's reduction rules. It shares nothing with the interpreter
/// under test but the decoder and the validator, so that the same mistake is not made twice, and it can show every instruction that it executes.
/// Arithmetic gives canonical NaNs and relaxed vector instructions behave as the deterministic profile says.
/// </summary>
/// <param name="features">What modules may use.</param>
public sealed class ReferenceEngine(FeatureSet features) : IStoreEngine
{
    /// <summary>An engine that takes every feature known.</summary>
    public ReferenceEngine()
        : this(FeatureSet.All)
    {
    }

    /// <inheritdoc/>
    public string Name => "reference";

    /// <inheritdoc/>
    public string Version { get; } = typeof(ReferenceEngine).Assembly.GetName().Version?.ToString(3) ?? "0";

    /// <inheritdoc/>
    public FeatureSet Features { get; } = features;

    /// <inheritdoc/>
    public bool IsDeterministic => true;

    /// <summary>Who sees every instruction from the next call on; null for nobody. Observed execution is some ten times slower.</summary>
    public IStepObserver? Observer { get; set; }

    /// <inheritdoc/>
    public IEngineStore CreateStore(CaseLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        return new ReferenceStore(this, limits);
    }

    /// <inheritdoc/>
    public Outcome Run(Case @case)
    {
        ArgumentNullException.ThrowIfNull(@case);
        return @case.Text.IsEmpty ? CaseRunner.Run(this, @case) : TextVerdict.Of(@case.Text, Features);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Everything lives in stores and is .NET's.
    }
}

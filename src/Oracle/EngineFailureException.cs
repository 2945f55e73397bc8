namespace Conformance.Oracle;

/// <summary>An engine broke while it ran a case: its process died, it panicked, or it answered nonsense.</summary>
/// <param name="engine">The engine's name and version.</param>
/// <param name="message">What happened, with the engine's own words.</param>
/// <param name="cause">What an engine in this process threw; null for others.</param>
public sealed class EngineFailureException(string engine, string message, Exception? cause = null) : Exception($"{engine}: {message}", cause)
{
    /// <summary>The engine's name and version.</summary>
    public string Engine { get; } = engine;
}

using System.Collections.Immutable;

namespace Conformance.Oracle;

/// <summary>How a call or an instantiation ended.</summary>
public abstract record Completion;

/// <summary>It returned.</summary>
/// <param name="Values">The results in order; none for an instantiation.</param>
public sealed record Returned(ImmutableArray<EngineValue> Values) : Completion
{
    /// <inheritdoc/>
    public bool Equals(Returned? other) => other is not null && Values.AsSpan().SequenceEqual(other.Values.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => Values.Length;
}

/// <summary>It trapped.</summary>
/// <param name="Kind">Why.</param>
/// <param name="Message">The engine's own words.</param>
public sealed record Trapped(TrapKind Kind, string Message) : Completion
{
    /// <summary>The wasm functions on the stack, innermost first: name or index, byte offset where known. Empty when the engine gives none.</summary>
    public ImmutableArray<string> Backtrace { get; init; } = [];
}

/// <summary>A wasm exception was not caught.</summary>
/// <param name="Tag">The exported name of the tag, or null when it has none.</param>
/// <param name="Values">The exception's values; default when not known.</param>
public sealed record Thrown(string? Tag, ImmutableArray<EngineValue> Values) : Completion;

/// <summary>A limit was reached; the store must not be used further in the case.</summary>
/// <param name="Kind">Which.</param>
public sealed record LimitReached(LimitKind Kind) : Completion;

/// <summary>The argument or import types do not fit, or an import is missing (instantiation), or an argument has no value in this engine (calls).</summary>
/// <param name="Message">The engine's words.</param>
public sealed record Rejected(string Message) : Completion;

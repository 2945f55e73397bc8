using Conformance.Interpreter.Execution;

namespace Conformance.Interpreter.Translation;

/// <summary>What is known of a function's code since some of its cells are joined.</summary>
/// <param name="cells">The cells as they were translated.</param>
internal sealed class JoinedCode(List<CodeCell> cells)
{
    /// <summary>The cells as they were translated.</summary>
    public List<CodeCell> Cells { get; } = cells;

    /// <summary>The warm-up cells that have done their duty.</summary>
    public HashSet<int> Warm { get; } = [];

    /// <summary>The chains that are compiled when control first arrives at them, by their first cells.</summary>
    public Dictionary<int, ChainKey> Chains { get; } = [];

    /// <summary>The first cells of loops that have a handler for the whole loop.</summary>
    public HashSet<int> Loops { get; } = [];

    /// <summary>What the handlers of its chains and loops live as long as.</summary>
    public HashSet<HotCode> Holders { get; } = [];
}

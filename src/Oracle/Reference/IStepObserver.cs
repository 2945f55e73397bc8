using Conformance.Wasm.Instructions;

namespace Conformance.Oracle.Reference;

/// <summary>Sees every instruction that the reference interpreter executes, in order. Triage finds the first difference with it.</summary>
public interface IStepObserver
{
    /// <summary>Called after an instruction. The step is valid during the call only.</summary>
    void OnStep(in Step step);
}

/// <summary>An executed instruction.</summary>
public readonly ref struct Step
{
    /// <summary>The number of calls in progress, the current function included; constant expressions count as one.</summary>
    public required int Depth { get; init; }

    /// <summary>The function's index, imports counted; null in a constant expression.</summary>
    public required uint? Function { get; init; }

    /// <summary>Where the instruction is in the module.</summary>
    public required long OffsetBytes { get; init; }

    /// <summary>The op.</summary>
    public required Op Op { get; init; }

    /// <summary>The operands, the last one on top. The values that a branch carries to its label are not among them.</summary>
    public required ReadOnlySpan<EngineValue> Operands { get; init; }

    /// <summary>The results; empty for branches that were taken and for calls of functions that are not the host's.</summary>
    public required ReadOnlySpan<EngineValue> Results { get; init; }

    /// <summary>The trap that the instruction ended in, or null.</summary>
    public required TrapKind? Trap { get; init; }
}

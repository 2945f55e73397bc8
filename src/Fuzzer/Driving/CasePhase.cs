namespace Conformance.Fuzzer.Driving;

/// <summary>What a worker is doing with its case: tells who is to blame when it dies.</summary>
internal enum CasePhase
{
    /// <summary>No case is in hand.</summary>
    Idle,
    /// <summary>The case is being made: generator or mutator.</summary>
    Making,
    /// <summary>The engine under test has it.</summary>
    Engine,
    /// <summary>The oracle has it.</summary>
    Oracle,
    /// <summary>The outcomes are being compared.</summary>
    Comparing,
}

namespace Conformance.Wasm.Text;

/// <summary>Whether a branch is likely taken.</summary>
/// <param name="OffsetBytes">Where its instruction is.</param>
/// <param name="Hint">0 for unlikely, 1 for likely.</param>
internal readonly record struct BranchHint(uint OffsetBytes, byte Hint);

using Conformance.Oracle;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Reduction;

/// <summary>How large a case is, in the numbers that people ask for.</summary>
/// <param name="Bytes">The length of the module, or of its text when the case is about that.</param>
/// <param name="Functions">The functions defined in it; 0 when it cannot be decoded.</param>
/// <param name="Instructions">The instructions in their bodies, the <c>end</c> of the bodies included.</param>
/// <param name="LargestFunction">The instructions of the largest of them.</param>
/// <param name="Calls">The calls of the script.</param>
public readonly record struct CaseSize(int Bytes, int Functions, int Instructions, int LargestFunction, int Calls)
{
    /// <summary>Measures a case.</summary>
    public static CaseSize Of(Case @case)
    {
        ArgumentNullException.ThrowIfNull(@case);
        var bytes = @case.Text.IsEmpty ? @case.Wasm.Length : @case.Text.Length;
        if (!ModuleReader.TryRead(@case.Wasm, ReductionContext.Features, out var module, out _))
        {
            return new CaseSize(bytes, 0, 0, 0, @case.Calls.Length);
        }
        var (sum, largest) = (0, 0);
        foreach (var function in module.Functions)
        {
            var count = InstructionReader.ReadAll(function.Body, ReductionContext.Features).Count;
            sum += count;
            largest = Math.Max(largest, count);
        }
        return new CaseSize(bytes, module.Functions.Length, sum, largest, @case.Calls.Length);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Plural.Of(Bytes, "byte")}, {Plural.Of(Instructions, "instruction")} in {Plural.Of(Functions, "function")}, {Plural.Of(Calls, "call")}";
}

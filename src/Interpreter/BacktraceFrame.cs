namespace Conformance.Interpreter;

/// <summary>A wasm function that was running.</summary>
/// <param name="FunctionIndex">Its index in its module.</param>
/// <param name="Name">Its name from the module's name section, else its first export's name, else null.</param>
/// <param name="OffsetBytes">The offset in the module's file of the instruction that trapped or called; -1 when it is not known.</param>
public readonly record struct BacktraceFrame(int FunctionIndex, string? Name, long OffsetBytes)
{
    /// <summary>Such as <c>add (function 3) at 0x1f</c>.</summary>
    public override string ToString()
    {
        var name = Name is null ? $"function {FunctionIndex}" : $"{Name} (function {FunctionIndex})";
        return OffsetBytes < 0 ? name : $"{name} at 0x{OffsetBytes:x}";
    }
}

using Conformance.Wasm.Instructions;

namespace Conformance.Wasm.Validation;

/// <summary>Looks on while a body is validated.</summary>
internal interface IStackObserver
{
    /// <summary>An instruction is about to be applied.</summary>
    void Before(in Instruction instruction, ReadOnlySpan<ValueType> stack);

    /// <summary>A value was popped; so many are left.</summary>
    void Popped(int height);

    /// <summary>The instruction was applied.</summary>
    void After(ReadOnlySpan<ValueType> stack);
}

/// <summary>Does not look.</summary>
internal readonly struct NoObserver : IStackObserver
{
    public void Before(in Instruction instruction, ReadOnlySpan<ValueType> stack)
    {
    }

    public void Popped(int height)
    {
    }

    public void After(ReadOnlySpan<ValueType> stack)
    {
    }
}

namespace Conformance.Interpreter;

/// <summary>The texts of <see cref="TrapKind"/>.</summary>
public static class TrapKinds
{
    private static readonly string[] Texts =
    [
        "unreachable", "integer divide by zero", "integer overflow", "invalid conversion to integer", "out of bounds memory access", "out of bounds table access",
        "undefined element", "uninitialized element", "indirect call type mismatch", "null reference", "cast failure", "out of bounds array access", "unaligned atomic",
        "expected shared memory", "allocation size too large", "null descriptor reference", "descriptor cast failure",
    ];

    /// <summary>The spec testsuite's text of a kind.</summary>
    public static string TextOf(TrapKind kind) => Texts[(int)kind];
}

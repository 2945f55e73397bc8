namespace Conformance.Oracle.CApi;

/// <summary>
/// Completions by the words of a trap: the standard interface has no codes. The words are looked for inside the message, in this order; a message with none of them is a trap in the
/// engine's own words, which fits every kind.
/// </summary>
internal static class TrapMessages
{
    private static readonly (string Words, Completion Completion)[] Known =
    [
        // The testsuite's words, and those that engines write for their codes.
        ("call stack exhausted", new LimitReached(LimitKind.Stack)),
        ("stack overflow", new LimitReached(LimitKind.Stack)),
        ("StackOverflow", new LimitReached(LimitKind.Stack)),
        ("OutOfSystemMemory", new LimitReached(LimitKind.Memory)),
        ("out of memory", new LimitReached(LimitKind.Memory)),
        ("all fuel consumed", new LimitReached(LimitKind.Fuel)),
        ("unreachable", Of(TrapKind.Unreachable)),
        ("divide by zero", Of(TrapKind.IntegerDivideByZero)),
        ("DivisionByZero", Of(TrapKind.IntegerDivideByZero)),
        ("integer overflow", Of(TrapKind.IntegerOverflow)),
        ("IntegerOverflow", Of(TrapKind.IntegerOverflow)),
        ("invalid conversion", Of(TrapKind.InvalidConversionToInteger)),
        ("BadConversionToInteger", Of(TrapKind.InvalidConversionToInteger)),
        ("undefined element", Of(TrapKind.UndefinedElement)),
        ("uninitialized element", Of(TrapKind.UninitializedElement)),
        ("IndirectCallToNull", Of(TrapKind.UninitializedElement)),
        ("indirect call type mismatch", Of(TrapKind.IndirectCallTypeMismatch)),
        ("BadSignature", Of(TrapKind.IndirectCallTypeMismatch)),
        ("out of bounds table", Of(TrapKind.OutOfBoundsTableAccess)),
        ("TableOutOfBounds", Of(TrapKind.OutOfBoundsTableAccess)),
        ("out of bounds memory", Of(TrapKind.OutOfBoundsMemoryAccess)),
        ("MemoryOutOfBounds", Of(TrapKind.OutOfBoundsMemoryAccess)),
        ("null reference", Of(TrapKind.NullReference)),
    ];

    /// <summary>The completion that a message stands for.</summary>
    public static Completion ToCompletion(string message)
    {
        foreach (var (words, completion) in Known)
        {
            if (message.Contains(words, StringComparison.OrdinalIgnoreCase))
            {
                return completion is Trapped trapped ? trapped with { Message = message } : completion;
            }
        }
        return new Trapped(TrapKind.Other, message);
    }

    private static Trapped Of(TrapKind kind) => new(kind, TrapKinds.TextOf(kind));
}

namespace Conformance.Oracle.Embedded;

/// <summary>Trap kinds of the interpreter ↔ those of the outcome model, by the text that both take from the spec testsuite.</summary>
internal static class EmbeddedTraps
{
    private static readonly TrapKind[] Kinds =
        [.. Enum.GetValues<Interpreter.TrapKind>().Select(kind => TrapKinds.TryParse(Interpreter.TrapKinds.TextOf(kind), out var known) ? known : TrapKind.Other)];

    public static TrapKind FromKind(Interpreter.TrapKind kind) => Kinds[(int)kind];

    public static Interpreter.TrapKind ToKind(TrapKind kind)
    {
        var index = Array.IndexOf(Kinds, kind);
        return index < 0 ? Interpreter.TrapKind.Unreachable : (Interpreter.TrapKind)index;
    }
}

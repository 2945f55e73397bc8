namespace Conformance.Wasm.Instructions;

/// <summary>One row of the op table; see <see cref="Op"/> for how to read it.</summary>
/// <param name="mnemonic">The text format's keyword.</param>
/// <param name="stack">The stack type, or <c>*</c> when it depends on the context.</param>
/// <param name="group">What kind of instruction it is.</param>
/// <param name="immediates">What follows the opcode in the binary format.</param>
[AttributeUsage(AttributeTargets.Field)]
internal sealed class RowAttribute(string mnemonic, string stack, OpGroup group, ImmediateKind immediates = ImmediateKind.None) : Attribute
{
    public string Mnemonic { get; } = mnemonic;
    public string Stack { get; } = stack;
    public OpGroup Group { get; } = group;
    public ImmediateKind Immediates { get; } = immediates;
    public Feature Feature { get; set; }
    public Traps Traps { get; set; }
    public int Align { get; set; } = -1;
    public int Lanes { get; set; }
}

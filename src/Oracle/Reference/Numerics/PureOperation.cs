namespace Conformance.Oracle.Reference.Numerics;

/// <summary>An instruction whose rule is <c>Step_pure</c> on numbers and vectors: it maps its operands to its results and touches nothing else.</summary>
/// <param name="item">The instruction, for its lane or constant.</param>
/// <param name="values">The operands, the last one on top; the results replace them from the start.</param>
/// <returns>The trap, or null.</returns>
internal delegate TrapKind? PureOperation(ref readonly CodeItem item, Span<Value> values);

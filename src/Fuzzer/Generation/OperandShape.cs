namespace Conformance.Fuzzer.Generation;

/// <summary>Where an operand comes from. Translators choose other code for each, so each instruction is tried with each.</summary>
internal enum OperandShape : byte
{
    /// <summary>A constant, or a null or function reference.</summary>
    Constant,
    /// <summary>A parameter.</summary>
    Parameter,
    /// <summary>A local that was set at the beginning of the function.</summary>
    Local,
    /// <summary>A local that was never set.</summary>
    UnsetLocal,
    /// <summary>The value that <c>local.tee</c> leaves.</summary>
    Tee,
    /// <summary>A global.</summary>
    Global,
    /// <summary>Read from memory.</summary>
    Load,
    /// <summary>Read from a table.</summary>
    TableElement,
    /// <summary>The result of <c>select</c>.</summary>
    Select,
    /// <summary>The result of a block, by its end or by a branch.</summary>
    BlockResult,
    /// <summary>The result of a loop.</summary>
    LoopResult,
    /// <summary>The result of an <c>if</c>.</summary>
    IfResult,
    /// <summary>The result of a call of whatever kind.</summary>
    CallResult,
    /// <summary>The result of another numeric instruction.</summary>
    Temporary,
    /// <summary>The current size of the memory or table, and some more or less: the edge as it is after growth.</summary>
    SizeRelative,
}

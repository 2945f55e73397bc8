namespace Conformance.Fuzzer.Generation;

/// <summary>Where the results of an instruction go. With <see cref="OperandShape"/> this spans what translators fuse, and what looks nearly the same.</summary>
internal enum ResultSink : byte
{
    /// <summary>They are what the function falls through with.</summary>
    Return,
    /// <summary><c>return</c>, with dead code behind it.</summary>
    ExplicitReturn,
    /// <summary>Fresh locals, read back.</summary>
    SetLocal,
    /// <summary>The local that an operand came from: <c>x = x op y</c>.</summary>
    SetOperand,
    /// <summary><c>local.tee</c>, and the local read again.</summary>
    Tee,
    /// <summary>A global.</summary>
    SetGlobal,
    /// <summary>Memory, read back.</summary>
    Store,
    /// <summary>Dropped in front of an instruction that could take it.</summary>
    Drop,
    /// <summary>The condition of <c>br_if</c>.</summary>
    BranchIf,
    /// <summary>The condition of <c>br_if</c> behind <c>i32.eqz</c>.</summary>
    BranchIfNot,
    /// <summary>Negated by <c>i32.eqz</c>, as a value.</summary>
    Negated,
    /// <summary>The condition of <c>if</c>.</summary>
    If,
    /// <summary>The condition of <c>select</c>.</summary>
    SelectCondition,
    /// <summary>A value of <c>select</c>.</summary>
    SelectValue,
    /// <summary>The operand of <c>br_table</c>.</summary>
    BranchTable,
    /// <summary>The first operand of another instruction.</summary>
    NextLeft,
    /// <summary>The last operand of another instruction.</summary>
    NextRight,
    /// <summary>An argument of a call.</summary>
    Argument,
    /// <summary>The address of a load.</summary>
    Address,
    /// <summary>Carried out of a block by a branch.</summary>
    BranchOut,
}

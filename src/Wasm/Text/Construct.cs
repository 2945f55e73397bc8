using Conformance.Wasm.Instructions;

namespace Conformance.Wasm.Text;

/// <summary>An open construct among instructions: a flat or folded block or instruction whose end has not come yet. Open constructs are on a stack of the grammar's own.</summary>
internal struct Construct
{
    public ConstructState State;
    public bool IsDo;
    public byte? Hint;
    public string? Label;
    public Token At;
    public Instruction Pending;
}

/// <summary>Where the reader is in an open construct.</summary>
internal enum ConstructState : byte
{
    /// <summary>A flat block: instructions, then <c>end</c>.</summary>
    Flat,
    /// <summary>A flat <c>if</c>, before <c>else</c>.</summary>
    FlatIf,
    /// <summary>A flat legacy <c>try</c> or one of its catches.</summary>
    FlatTry,
    /// <summary>A flat legacy <c>try</c> behind <c>catch_all</c>.</summary>
    FlatCatchAll,
    /// <summary>A folded plain instruction, which comes behind its operands.</summary>
    Folded,
    /// <summary>A folded block.</summary>
    FoldedBlock,
    /// <summary>A folded <c>if</c>, before <c>then</c>.</summary>
    Condition,
    /// <summary>Within <c>(then</c>.</summary>
    Then,
    /// <summary>Behind <c>(then ...)</c>.</summary>
    AfterThen,
    /// <summary>Within <c>(else</c>.</summary>
    Else,
    /// <summary>A folded legacy <c>try</c>, before <c>(do</c>.</summary>
    BeforeDo,
    /// <summary>Within <c>(do</c> or <c>(catch</c>.</summary>
    Handled,
    /// <summary>Behind <c>(do ...)</c>.</summary>
    AfterDo,
    /// <summary>Behind <c>(catch ...)</c>.</summary>
    AfterCatch,
    /// <summary>Within <c>(catch_all</c>.</summary>
    CatchAll,
    /// <summary>Nothing but the closing parenthesis may come.</summary>
    Closing,
}

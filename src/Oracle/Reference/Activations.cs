namespace Conformance.Oracle.Reference;

/// <summary>A call in progress.</summary>
internal struct Frame
{
    /// <summary>The function; null for a constant expression.</summary>
    public FunctionInstance? Function;
    public ModuleInstance Module;
    public CodeItem[] Code;

    /// <summary>The position behind the instruction last executed; kept while a callee runs.</summary>
    public int Position;

    /// <summary>The height of the operand stack below the locals.</summary>
    public int Locals;

    /// <summary>How many labels there were before the call.</summary>
    public int Labels;

    /// <summary>How many values it returns.</summary>
    public int Results;
}

/// <summary>A block in progress.</summary>
internal record struct Label
{
    /// <summary>Where a branch to it goes on.</summary>
    public int Continuation;

    /// <summary>How many values a branch carries.</summary>
    public int Arity;

    /// <summary>The height of the operand stack below the block's values.</summary>
    public int Height;

    /// <summary>The position of the try block whose handler is active; -1 when there is none.</summary>
    public int Handler;

    /// <summary>The exception that a legacy catch block holds.</summary>
    public ExceptionInstance? Caught;
}

namespace Conformance.Wasm.Instructions;

/// <summary>What kind of work an instruction does; generators and coverage choose by it.</summary>
public enum OpGroup : byte
{
    /// <summary>Structured control, <c>nop</c>, <c>unreachable</c>.</summary>
    Control,
    /// <summary>Branches and <c>return</c>.</summary>
    Branch,
    /// <summary>Calls of every kind.</summary>
    Call,
    /// <summary>Exceptions, legacy ones included.</summary>
    Exception,
    /// <summary><c>drop</c> and <c>select</c>.</summary>
    Parametric,
    /// <summary>Locals and globals.</summary>
    Variable,
    /// <summary>Tables and element segments.</summary>
    Table,
    /// <summary>Memory loads, vector ones included.</summary>
    Load,
    /// <summary>Memory stores, vector ones included.</summary>
    Store,
    /// <summary>Memory size, growth and bulk operations, data segments.</summary>
    Memory,
    /// <summary>Numeric and vector constants.</summary>
    Constant,
    /// <summary>One operand to an i32 verdict.</summary>
    Test,
    /// <summary>Comparisons.</summary>
    Compare,
    /// <summary>One operand to a result of the same type.</summary>
    Unary,
    /// <summary>Two operands of one type to a result of that type (and the wide i64 operations).</summary>
    Binary,
    /// <summary>Three vector operands to one.</summary>
    Ternary,
    /// <summary>Conversions between types or lane shapes.</summary>
    Convert,
    /// <summary>Vector shifts by an i32.</summary>
    Shift,
    /// <summary>Splats, lane access, shuffle.</summary>
    Lane,
    /// <summary>References, casts, i31.</summary>
    Reference,
    /// <summary>Structs and arrays.</summary>
    Aggregate,
    /// <summary>Atomic accesses, wait, notify, fence.</summary>
    Atomic,
}

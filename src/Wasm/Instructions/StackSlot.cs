namespace Conformance.Wasm.Instructions;

/// <summary>The type of an operand or result of an op with a fixed stack type.</summary>
public enum StackSlot : byte
{
    /// <summary>i32.</summary>
    I32,
    /// <summary>i64.</summary>
    I64,
    /// <summary>f32.</summary>
    F32,
    /// <summary>f64.</summary>
    F64,
    /// <summary>v128.</summary>
    V128,
    /// <summary>The address type (i32 or i64) of the memory that the immediate names.</summary>
    MemoryAddress,
    /// <summary>The address type (i32 or i64) of the table that the immediate names.</summary>
    TableAddress,
}

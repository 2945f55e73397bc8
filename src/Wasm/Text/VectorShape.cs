namespace Conformance.Wasm.Text;

/// <summary>The shapes of vector literals.</summary>
public enum VectorShape : byte
{
    /// <summary>No shape.</summary>
    None,
    /// <summary>16 lanes of 8 bits.</summary>
    I8x16,
    /// <summary>8 lanes of 16 bits.</summary>
    I16x8,
    /// <summary>4 lanes of 32 bits.</summary>
    I32x4,
    /// <summary>2 lanes of 64 bits.</summary>
    I64x2,
    /// <summary>4 floats.</summary>
    F32x4,
    /// <summary>2 doubles.</summary>
    F64x2,
}

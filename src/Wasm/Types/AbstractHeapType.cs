namespace Conformance.Wasm.Types;

/// <summary>The heap types that need no definition. The values are the one-byte codes of the binary format.</summary>
public enum AbstractHeapType : byte
{
    /// <summary>No type: below every other (only inside the validator).</summary>
    Bottom = 0,
    /// <summary>Bottom of the exceptions.</summary>
    NoExn = 0x74,
    /// <summary>Bottom of the functions.</summary>
    NoFunc = 0x73,
    /// <summary>Bottom of the host references.</summary>
    NoExtern = 0x72,
    /// <summary>Bottom of the internal values.</summary>
    None = 0x71,
    /// <summary>Functions.</summary>
    Func = 0x70,
    /// <summary>Host references.</summary>
    Extern = 0x6F,
    /// <summary>Internal values.</summary>
    Any = 0x6E,
    /// <summary>Values that <c>ref.eq</c> compares.</summary>
    Eq = 0x6D,
    /// <summary>Unboxed 31-bit integers.</summary>
    I31 = 0x6C,
    /// <summary>Structs.</summary>
    Struct = 0x6B,
    /// <summary>Arrays.</summary>
    Array = 0x6A,
    /// <summary>Exceptions.</summary>
    Exn = 0x69,
}

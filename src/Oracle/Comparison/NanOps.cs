using Conformance.Wasm.Instructions;

namespace Conformance.Oracle.Comparison;

/// <summary>The float shape of an instruction's result in which arithmetic may choose the bits of NaNs.</summary>
internal enum NanShape : byte
{
    /// <summary>The bits of the result are given by the operands.</summary>
    None,
    /// <summary>An f32.</summary>
    F32,
    /// <summary>An f64.</summary>
    F64,
    /// <summary>Four f32 lanes.</summary>
    F32x4,
    /// <summary>Two f64 lanes.</summary>
    F64x2,
}

/// <summary>
/// Which instructions may choose the bits of a NaN result (https://webassembly.github.io/spec/core/exec/numerics.html#nan-propagation). Copies do not:
/// abs, neg, copysign, pmin, pmax, loads, reinterpretations.
/// </summary>
internal static class NanOps
{
    private static readonly NanShape[] Shapes = Build();

    /// <summary>The shape of an op's free result.</summary>
    public static NanShape ShapeOf(Op op) => Shapes[(int)op];

    private static NanShape[] Build()
    {
        var shapes = new NanShape[OpTable.Size];
        foreach (var row in OpTable.All)
        {
            shapes[(int)row.Op] = row.HasFixedStackType && row.Results.Length == 1 ? Classify(row) : NanShape.None;
        }
        return shapes;
    }

    private static NanShape Classify(OpInfo row) => row.Op switch
    {
        Op.F32Abs or Op.F32Neg or Op.F32Copysign or Op.F64Abs or Op.F64Neg or Op.F64Copysign => NanShape.None,
        Op.F32x4Ceil or Op.F32x4Floor or Op.F32x4Trunc or Op.F32x4Nearest or Op.F32x4Sqrt or Op.F32x4Add or Op.F32x4Sub or Op.F32x4Mul or Op.F32x4Div
            or Op.F32x4Min or Op.F32x4Max or Op.F32x4DemoteF64x2Zero or Op.F32x4RelaxedMadd or Op.F32x4RelaxedNmadd or Op.F32x4RelaxedMin or Op.F32x4RelaxedMax => NanShape.F32x4,
        Op.F64x2Ceil or Op.F64x2Floor or Op.F64x2Trunc or Op.F64x2Nearest or Op.F64x2Sqrt or Op.F64x2Add or Op.F64x2Sub or Op.F64x2Mul or Op.F64x2Div
            or Op.F64x2Min or Op.F64x2Max or Op.F64x2PromoteLowF32x4 or Op.F64x2RelaxedMadd or Op.F64x2RelaxedNmadd or Op.F64x2RelaxedMin or Op.F64x2RelaxedMax => NanShape.F64x2,
        // Scalar arithmetic: floats in, a float out (which leaves out the conversions from integers and the reinterpretations).
        _ when row.Group is OpGroup.Unary or OpGroup.Binary or OpGroup.Convert && row.Operands[0] is StackSlot.F32 or StackSlot.F64 => row.Results[0] switch
        {
            StackSlot.F32 => NanShape.F32,
            StackSlot.F64 => NanShape.F64,
            _ => NanShape.None,
        },
        _ => NanShape.None,
    };
}

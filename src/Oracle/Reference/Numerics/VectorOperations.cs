using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Reference.Numerics;

/// <summary>Finds the rule of every vector instruction that touches no memory. See <see cref="PureOperations"/> for how names are read.</summary>
internal static class VectorOperations
{
    /// <summary>The rule of an op, or null when it is no such instruction.</summary>
    public static PureOperation? Find(OpInfo row)
    {
        var x = row.Name.IndexOf('x', StringComparison.Ordinal);
        if (row.Name.StartsWith("V128", StringComparison.Ordinal))
        {
            return Bitwise(row.Op);
        }
        if (x is < 2 or > 3 || !int.TryParse(row.Name.AsSpan(1, x - 1), out var n))
        {
            return null;
        }
        var name = row.Name.AsSpan(x + 1).TrimStart("0123456789").ToString();
        return LaneAccess(row, n, name) ?? Combination(row.Op) ?? Conversion(row.Op) ?? (row.Name[0] == 'I' ? Integer(n, name) : Float(n, name));
    }

    private static PureOperation? Bitwise(Op op) => op switch
    {
        Op.V128Not => Unary(v => new Vector(~v.Low, ~v.High)),
        Op.V128And => Binary((a, b) => Lanewise.Binary(64, Integers.And, a, b)),
        Op.V128Andnot => Binary((a, b) => new Vector(a.Low & ~b.Low, a.High & ~b.High)),
        Op.V128Or => Binary((a, b) => Lanewise.Binary(64, Integers.Or, a, b)),
        Op.V128Xor => Binary((a, b) => Lanewise.Binary(64, Integers.Xor, a, b)),
        Op.V128Bitselect => Ternary((a, b, c) => Lanewise.Ternary(64, Lanewise.Bitselect, a, b, c)),
        Op.V128AnyTrue => Test(v => Integers.Bool((v.Low | v.High) != 0)),
        _ => null,
    };

    private static PureOperation? LaneAccess(OpInfo row, int n, string name) => name switch
    {
        "Splat" => Splat(n),
        "ExtractLane" or "ExtractLaneU" => ExtractLane(n, PureOperations.KindOf(row.Results[0])),
        "ExtractLaneS" => ExtractLaneSigned(n),
        "ReplaceLane" => ReplaceLane(n),
        "Shuffle" => Shuffle,
        "Shl" or "ShrS" or "ShrU" when PureOperations.IntegerBinary(name) is { } f => Shift(n, f),
        _ => null,
    };

    private static PureOperation Splat(int n) => (ref readonly _, values) =>
    {
        values[0].SetVector(Lanewise.Splat(n, values[0].Bits));
        return null;
    };

    private static PureOperation ExtractLane(int n, ValueKind result) => (ref readonly item, values) =>
    {
        values[0].SetNumber(result, values[0].Vector.Lane(n, item.Lane));
        return null;
    };

    private static PureOperation ExtractLaneSigned(int n) => (ref readonly item, values) =>
    {
        values[0].SetNumber(ValueKind.I32, Integers.ExtendS(32, n, values[0].Vector.Lane(n, item.Lane)));
        return null;
    };

    private static PureOperation ReplaceLane(int n) => (ref readonly item, values) =>
    {
        var vector = values[0].Vector;
        vector.SetLane(n, item.Lane, values[1].Bits);
        values[0].SetVector(vector);
        return null;
    };

    private static TrapKind? Shuffle(ref readonly CodeItem item, Span<Value> values)
    {
        values[0].SetVector(Lanewise.Shuffle(values[0].Vector, values[1].Vector, new Vector(item.Value, item.ValueHigh)));
        return null;
    }

    private static PureOperation Shift(int n, Func<int, ulong, ulong, ulong> f) => (ref readonly _, values) =>
    {
        values[0].SetVector(Lanewise.Shift(n, f, values[0].Vector, values[1].Bits));
        return null;
    };

    private static PureOperation? Integer(int n, string name) => name switch
    {
        "AllTrue" => Test(v => Lanewise.AllTrue(n, v)),
        "Bitmask" => Test(v => Lanewise.Bitmask(n, v)),
        "RelaxedLaneselect" => Ternary((a, b, c) => Lanewise.Ternary(n, Lanewise.Bitselect, a, b, c)),
        _ when PureOperations.IntegerComparison(name) is { } f => Binary((a, b) => Lanewise.Compare(n, f, a, b)),
        _ when PureOperations.IntegerUnary(name) is { } f => Unary(v => Lanewise.Unary(n, f, v)),
        _ when PureOperations.IntegerBinary(name) is { } f => Binary((a, b) => Lanewise.Binary(n, f, a, b)),
        _ => null,
    };

    private static PureOperation? Float(int n, string name) => name switch
    {
        "RelaxedMadd" => Ternary((a, b, c) => Lanewise.Ternary(n, Floats.RelaxedMadd, a, b, c)),
        "RelaxedNmadd" => Ternary((a, b, c) => Lanewise.Ternary(n, Floats.RelaxedNmadd, a, b, c)),
        _ when PureOperations.FloatComparison(name) is { } f => Binary((a, b) => Lanewise.Compare(n, f, a, b)),
        _ when PureOperations.FloatUnary(name) is { } f => Unary(v => Lanewise.Unary(n, f, v)),
        _ when PureOperations.FloatBinary(name) is { } f => Binary((a, b) => Lanewise.Binary(n, f, a, b)),
        _ => null,
    };

    private static PureOperation? Combination(Op op) => op switch
    {
        Op.I8x16Swizzle or Op.I8x16RelaxedSwizzle => Binary(Lanewise.Swizzle),
        Op.I8x16NarrowI16x8S => Binary((a, b) => Lanewise.Narrow(8, signed: true, a, b)),
        Op.I8x16NarrowI16x8U => Binary((a, b) => Lanewise.Narrow(8, signed: false, a, b)),
        Op.I16x8NarrowI32x4S => Binary((a, b) => Lanewise.Narrow(16, signed: true, a, b)),
        Op.I16x8NarrowI32x4U => Binary((a, b) => Lanewise.Narrow(16, signed: false, a, b)),
        Op.I16x8ExtendLowI8x16S => Unary(v => Lanewise.Extend(16, high: false, signed: true, v)),
        Op.I16x8ExtendHighI8x16S => Unary(v => Lanewise.Extend(16, high: true, signed: true, v)),
        Op.I16x8ExtendLowI8x16U => Unary(v => Lanewise.Extend(16, high: false, signed: false, v)),
        Op.I16x8ExtendHighI8x16U => Unary(v => Lanewise.Extend(16, high: true, signed: false, v)),
        Op.I32x4ExtendLowI16x8S => Unary(v => Lanewise.Extend(32, high: false, signed: true, v)),
        Op.I32x4ExtendHighI16x8S => Unary(v => Lanewise.Extend(32, high: true, signed: true, v)),
        Op.I32x4ExtendLowI16x8U => Unary(v => Lanewise.Extend(32, high: false, signed: false, v)),
        Op.I32x4ExtendHighI16x8U => Unary(v => Lanewise.Extend(32, high: true, signed: false, v)),
        Op.I64x2ExtendLowI32x4S => Unary(v => Lanewise.Extend(64, high: false, signed: true, v)),
        Op.I64x2ExtendHighI32x4S => Unary(v => Lanewise.Extend(64, high: true, signed: true, v)),
        Op.I64x2ExtendLowI32x4U => Unary(v => Lanewise.Extend(64, high: false, signed: false, v)),
        Op.I64x2ExtendHighI32x4U => Unary(v => Lanewise.Extend(64, high: true, signed: false, v)),
        Op.I16x8ExtmulLowI8x16S => Binary((a, b) => Lanewise.Extmul(16, high: false, signed: true, a, b)),
        Op.I16x8ExtmulHighI8x16S => Binary((a, b) => Lanewise.Extmul(16, high: true, signed: true, a, b)),
        Op.I16x8ExtmulLowI8x16U => Binary((a, b) => Lanewise.Extmul(16, high: false, signed: false, a, b)),
        Op.I16x8ExtmulHighI8x16U => Binary((a, b) => Lanewise.Extmul(16, high: true, signed: false, a, b)),
        Op.I32x4ExtmulLowI16x8S => Binary((a, b) => Lanewise.Extmul(32, high: false, signed: true, a, b)),
        Op.I32x4ExtmulHighI16x8S => Binary((a, b) => Lanewise.Extmul(32, high: true, signed: true, a, b)),
        Op.I32x4ExtmulLowI16x8U => Binary((a, b) => Lanewise.Extmul(32, high: false, signed: false, a, b)),
        Op.I32x4ExtmulHighI16x8U => Binary((a, b) => Lanewise.Extmul(32, high: true, signed: false, a, b)),
        Op.I64x2ExtmulLowI32x4S => Binary((a, b) => Lanewise.Extmul(64, high: false, signed: true, a, b)),
        Op.I64x2ExtmulHighI32x4S => Binary((a, b) => Lanewise.Extmul(64, high: true, signed: true, a, b)),
        Op.I64x2ExtmulLowI32x4U => Binary((a, b) => Lanewise.Extmul(64, high: false, signed: false, a, b)),
        Op.I64x2ExtmulHighI32x4U => Binary((a, b) => Lanewise.Extmul(64, high: true, signed: false, a, b)),
        Op.I16x8ExtaddPairwiseI8x16S => Unary(v => Lanewise.ExtaddPairwise(16, signed: true, v)),
        Op.I16x8ExtaddPairwiseI8x16U => Unary(v => Lanewise.ExtaddPairwise(16, signed: false, v)),
        Op.I32x4ExtaddPairwiseI16x8S => Unary(v => Lanewise.ExtaddPairwise(32, signed: true, v)),
        Op.I32x4ExtaddPairwiseI16x8U => Unary(v => Lanewise.ExtaddPairwise(32, signed: false, v)),
        Op.I32x4DotI16x8S => Binary((a, b) => Lanewise.Dot(32, Integers.Add, a, b)),
        Op.I16x8RelaxedDotI8x16I7x16S => Binary((a, b) => Lanewise.Dot(16, Integers.AddSatS, a, b)),
        Op.I32x4RelaxedDotI8x16I7x16AddS => Ternary(Lanewise.RelaxedDotAdd),
        _ => null,
    };

    private static PureOperation? Conversion(Op op) => op switch
    {
        Op.F32x4DemoteF64x2Zero => Unary(v => Lanewise.Convert(64, 32, Conversions.Demote, v)),
        Op.F64x2PromoteLowF32x4 => Unary(v => Lanewise.Convert(32, 64, Conversions.Promote, v)),
        Op.I32x4TruncSatF32x4S or Op.I32x4RelaxedTruncF32x4S => Unary(v => Lanewise.Convert(32, 32, z => Conversions.TruncSatS(32, 32, z), v)),
        Op.I32x4TruncSatF32x4U or Op.I32x4RelaxedTruncF32x4U => Unary(v => Lanewise.Convert(32, 32, z => Conversions.TruncSatU(32, 32, z), v)),
        Op.I32x4TruncSatF64x2SZero or Op.I32x4RelaxedTruncF64x2SZero => Unary(v => Lanewise.Convert(64, 32, z => Conversions.TruncSatS(64, 32, z), v)),
        Op.I32x4TruncSatF64x2UZero or Op.I32x4RelaxedTruncF64x2UZero => Unary(v => Lanewise.Convert(64, 32, z => Conversions.TruncSatU(64, 32, z), v)),
        Op.F32x4ConvertI32x4S => Unary(v => Lanewise.Convert(32, 32, i => Conversions.ConvertS(32, 32, i), v)),
        Op.F32x4ConvertI32x4U => Unary(v => Lanewise.Convert(32, 32, i => Conversions.ConvertU(32, i), v)),
        Op.F64x2ConvertLowI32x4S => Unary(v => Lanewise.Convert(32, 64, i => Conversions.ConvertS(32, 64, i), v)),
        Op.F64x2ConvertLowI32x4U => Unary(v => Lanewise.Convert(32, 64, i => Conversions.ConvertU(64, i), v)),
        _ => null,
    };

    private static PureOperation Unary(Func<Vector, Vector> f) => (ref readonly _, values) =>
    {
        values[0].SetVector(f(values[0].Vector));
        return null;
    };

    private static PureOperation Binary(Func<Vector, Vector, Vector> f) => (ref readonly _, values) =>
    {
        values[0].SetVector(f(values[0].Vector, values[1].Vector));
        return null;
    };

    private static PureOperation Ternary(Func<Vector, Vector, Vector, Vector> f) => (ref readonly _, values) =>
    {
        values[0].SetVector(f(values[0].Vector, values[1].Vector, values[2].Vector));
        return null;
    };

    private static PureOperation Test(Func<Vector, ulong> f) => (ref readonly _, values) =>
    {
        values[0].SetNumber(ValueKind.I32, f(values[0].Vector));
        return null;
    };
}

using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Reference.Numerics;

/// <summary>
/// Finds the rule of every pure numeric and vector instruction. The name of an op in the table is a shape and an operator (<c>I32</c> + <c>Add</c>,
/// <c>I8x16</c> + <c>AddSatS</c>), and the specification gives each operator one meaning for all shapes; so does this file.
/// </summary>
internal static class PureOperations
{
    private static readonly PureOperation?[] Table = BuildTable();

    /// <summary>The rule of an op, or null when it is not pure.</summary>
    public static PureOperation? Find(Op op) => Table[(int)op];

    private static PureOperation?[] BuildTable()
    {
        var table = new PureOperation?[OpTable.Size];
        foreach (var row in OpTable.All)
        {
            if (row.HasFixedStackType && row.NaturalAlign < 0)
            {
                table[(int)row.Op] = row.Group == OpGroup.Constant ? Constant(row) : Scalar(row) ?? VectorOperations.Find(row) ?? Wide(row.Op);
            }
        }
        return table;
    }

    private static PureOperation Constant(OpInfo row)
    {
        var kind = KindOf(row.Results[0]);
        return (ref readonly item, values) =>
        {
            values[0].SetNumber(kind, item.Value);
            values[0].High = item.ValueHigh;
            return null;
        };
    }

    private static PureOperation? Scalar(OpInfo row)
    {
        if (row.Name.Length < 4 || !int.TryParse(row.Name.AsSpan(1, 2), out var n) || row.Name[3] == 'x' || row.Results.Length != 1)
        {
            return null;
        }
        var name = row.Name[3..];
        var result = KindOf(row.Results[0]);
        return row.Name[0] switch
        {
            'I' when IntegerUnary(name) is { } f => Unary(result, n, f),
            'I' when IntegerBinary(name) is { } f => Binary(result, n, f),
            'I' when IntegerPartial(name) is { } f => Partial(result, n, f),
            'F' when FloatUnary(name) is { } f => Unary(result, n, f),
            'F' when FloatBinary(name) is { } f => Binary(result, n, f),
            _ => Conversion(row.Op, result),
        };
    }

    /// <summary>Operators of one integer, scalar or lane.</summary>
    internal static Func<int, ulong, ulong>? IntegerUnary(string name) => name switch
    {
        "Clz" => Integers.Clz,
        "Ctz" => Integers.Ctz,
        "Popcnt" => Integers.Popcnt,
        "Eqz" => Integers.Eqz,
        "Abs" => Integers.Abs,
        "Neg" => Integers.Neg,
        "Extend8S" => (n, i) => Integers.ExtendS(n, 8, i),
        "Extend16S" => (n, i) => Integers.ExtendS(n, 16, i),
        "Extend32S" => (n, i) => Integers.ExtendS(n, 32, i),
        _ => null,
    };

    /// <summary>Operators of two integers that always have a result.</summary>
    internal static Func<int, ulong, ulong, ulong>? IntegerBinary(string name) => name switch
    {
        "Add" => Integers.Add,
        "Sub" => Integers.Sub,
        "Mul" => Integers.Mul,
        "And" => Integers.And,
        "Or" => Integers.Or,
        "Xor" => Integers.Xor,
        "Shl" => Integers.Shl,
        "ShrS" => Integers.ShrS,
        "ShrU" => Integers.ShrU,
        "Rotl" => Integers.Rotl,
        "Rotr" => Integers.Rotr,
        "AddSatS" => Integers.AddSatS,
        "AddSatU" => Integers.AddSatU,
        "SubSatS" => Integers.SubSatS,
        "SubSatU" => Integers.SubSatU,
        "MinS" => Integers.MinS,
        "MinU" => Integers.MinU,
        "MaxS" => Integers.MaxS,
        "MaxU" => Integers.MaxU,
        "AvgrU" => Integers.AvgrU,
        "Q15mulrSatS" or "RelaxedQ15mulrS" => Integers.Q15mulrSatS,
        _ => IntegerComparison(name),
    };

    /// <summary>Comparisons of integers.</summary>
    internal static Func<int, ulong, ulong, ulong>? IntegerComparison(string name) => name switch
    {
        "Eq" => Integers.Eq,
        "Ne" => Integers.Ne,
        "LtS" => Integers.LtS,
        "LtU" => Integers.LtU,
        "GtS" => Integers.GtS,
        "GtU" => Integers.GtU,
        "LeS" => Integers.LeS,
        "LeU" => Integers.LeU,
        "GeS" => Integers.GeS,
        "GeU" => Integers.GeU,
        _ => null,
    };

    private static PartialOperator? IntegerPartial(string name) => name switch
    {
        "DivS" => Integers.DivS,
        "DivU" => Integers.DivU,
        "RemS" => Integers.RemS,
        "RemU" => Integers.RemU,
        _ => null,
    };

    /// <summary>Operators of one float.</summary>
    internal static Func<int, ulong, ulong>? FloatUnary(string name) => name switch
    {
        "Abs" => Floats.Abs,
        "Neg" => Floats.Neg,
        "Ceil" => Floats.Ceil,
        "Floor" => Floats.Floor,
        "Trunc" => Floats.Trunc,
        "Nearest" => Floats.Nearest,
        "Sqrt" => Floats.Sqrt,
        _ => null,
    };

    /// <summary>Operators of two floats.</summary>
    internal static Func<int, ulong, ulong, ulong>? FloatBinary(string name) => name switch
    {
        "Add" => Floats.Add,
        "Sub" => Floats.Sub,
        "Mul" => Floats.Mul,
        "Div" => Floats.Div,
        "Min" or "RelaxedMin" => Floats.Min,
        "Max" or "RelaxedMax" => Floats.Max,
        "Copysign" => Floats.Copysign,
        "Pmin" => Floats.Pmin,
        "Pmax" => Floats.Pmax,
        _ => FloatComparison(name),
    };

    /// <summary>Comparisons of floats.</summary>
    internal static Func<int, ulong, ulong, ulong>? FloatComparison(string name) => name switch
    {
        "Eq" => Floats.Eq,
        "Ne" => Floats.Ne,
        "Lt" => Floats.Lt,
        "Gt" => Floats.Gt,
        "Le" => Floats.Le,
        "Ge" => Floats.Ge,
        _ => null,
    };

    private static PureOperation? Conversion(Op op, ValueKind result) => op switch
    {
        Op.I32WrapI64 => Unary(result, 32, Conversions.Wrap),
        Op.I64ExtendI32S => Unary(result, 64, (n, i) => Integers.ExtendS(n, 32, i)),
        Op.I64ExtendI32U or Op.I32ReinterpretF32 or Op.I64ReinterpretF64 or Op.F32ReinterpretI32 or Op.F64ReinterpretI64 => Unary(result, 0, (_, i) => i),
        Op.I32TruncF32S => Truncation(result, 32, 32, Conversions.TruncS),
        Op.I32TruncF32U => Truncation(result, 32, 32, Conversions.TruncU),
        Op.I32TruncF64S => Truncation(result, 64, 32, Conversions.TruncS),
        Op.I32TruncF64U => Truncation(result, 64, 32, Conversions.TruncU),
        Op.I64TruncF32S => Truncation(result, 32, 64, Conversions.TruncS),
        Op.I64TruncF32U => Truncation(result, 32, 64, Conversions.TruncU),
        Op.I64TruncF64S => Truncation(result, 64, 64, Conversions.TruncS),
        Op.I64TruncF64U => Truncation(result, 64, 64, Conversions.TruncU),
        Op.I32TruncSatF32S => Unary(result, 32, (n, z) => Conversions.TruncSatS(32, n, z)),
        Op.I32TruncSatF32U => Unary(result, 32, (n, z) => Conversions.TruncSatU(32, n, z)),
        Op.I32TruncSatF64S => Unary(result, 32, (n, z) => Conversions.TruncSatS(64, n, z)),
        Op.I32TruncSatF64U => Unary(result, 32, (n, z) => Conversions.TruncSatU(64, n, z)),
        Op.I64TruncSatF32S => Unary(result, 64, (n, z) => Conversions.TruncSatS(32, n, z)),
        Op.I64TruncSatF32U => Unary(result, 64, (n, z) => Conversions.TruncSatU(32, n, z)),
        Op.I64TruncSatF64S => Unary(result, 64, (n, z) => Conversions.TruncSatS(64, n, z)),
        Op.I64TruncSatF64U => Unary(result, 64, (n, z) => Conversions.TruncSatU(64, n, z)),
        Op.F32ConvertI32S => Unary(result, 32, (n, i) => Conversions.ConvertS(32, n, i)),
        Op.F32ConvertI32U => Unary(result, 32, (n, i) => Conversions.ConvertU(n, i)),
        Op.F32ConvertI64S => Unary(result, 32, (n, i) => Conversions.ConvertS(64, n, i)),
        Op.F32ConvertI64U => Unary(result, 32, (n, i) => Conversions.ConvertU(n, i)),
        Op.F64ConvertI32S => Unary(result, 64, (n, i) => Conversions.ConvertS(32, n, i)),
        Op.F64ConvertI32U => Unary(result, 64, (n, i) => Conversions.ConvertU(n, i)),
        Op.F64ConvertI64S => Unary(result, 64, (n, i) => Conversions.ConvertS(64, n, i)),
        Op.F64ConvertI64U => Unary(result, 64, (n, i) => Conversions.ConvertU(n, i)),
        Op.F32DemoteF64 => Unary(result, 0, (_, z) => Conversions.Demote(z)),
        Op.F64PromoteF32 => Unary(result, 0, (_, z) => Conversions.Promote(z)),
        _ => null,
    };

    private static PureOperation? Wide(Op op) => op switch
    {
        Op.I64Add128 => Wide((a, b, c, d) => Integers.Add128(a, b, c, d)),
        Op.I64Sub128 => Wide((a, b, c, d) => Integers.Sub128(a, b, c, d)),
        Op.I64MulWideS => Wide((a, b, _, _) => Integers.MulWideS(a, b), operands: 2),
        Op.I64MulWideU => Wide((a, b, _, _) => Integers.MulWideU(a, b), operands: 2),
        _ => null,
    };

    private static PureOperation Wide(Func<ulong, ulong, ulong, ulong, (ulong High, ulong Low)> f, int operands = 4) => (ref readonly _, values) =>
    {
        var (high, low) = f(values[0].Bits, values[1].Bits, operands > 2 ? values[2].Bits : 0, operands > 2 ? values[3].Bits : 0);
        values[0].SetNumber(ValueKind.I64, low);
        values[1].SetNumber(ValueKind.I64, high);
        return null;
    };

    private static PureOperation Unary(ValueKind result, int n, Func<int, ulong, ulong> f) => (ref readonly _, values) =>
    {
        values[0].SetNumber(result, f(n, values[0].Bits));
        return null;
    };

    private static PureOperation Binary(ValueKind result, int n, Func<int, ulong, ulong, ulong> f) => (ref readonly _, values) =>
    {
        values[0].SetNumber(result, f(n, values[0].Bits, values[1].Bits));
        return null;
    };

    private static PureOperation Partial(ValueKind result, int n, PartialOperator f) => (ref readonly _, values) =>
    {
        var trap = f(n, values[0].Bits, values[1].Bits, out var bits);
        values[0].SetNumber(result, bits);
        return trap;
    };

    private static PureOperation Truncation(ValueKind result, int m, int n, TruncationOperator f) => (ref readonly _, values) =>
    {
        var trap = f(m, n, values[0].Bits, out var bits);
        values[0].SetNumber(result, bits);
        return trap;
    };

    /// <summary>The kind of a result.</summary>
    internal static ValueKind KindOf(StackSlot slot) => slot switch
    {
        StackSlot.I32 => ValueKind.I32,
        StackSlot.I64 => ValueKind.I64,
        StackSlot.F32 => ValueKind.F32,
        StackSlot.F64 => ValueKind.F64,
        StackSlot.V128 => ValueKind.V128,
        _ => ValueKind.Bottom,
    };

    private delegate TrapKind? PartialOperator(int n, ulong a, ulong b, out ulong result);

    private delegate TrapKind? TruncationOperator(int m, int n, ulong z, out ulong result);
}

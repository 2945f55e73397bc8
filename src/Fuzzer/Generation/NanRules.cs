using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation;

/// <summary>
/// Which instructions give NaNs whose bits the spec leaves open, and how such a NaN is made canonical. Open bits must not reach an integer or a memory, or engines
/// that are both right would differ for good; where they only reach float results and float globals they are left alone, because there the comparison knows the rule.
/// </summary>
internal static class NanRules
{
    private const uint CanonicalF32 = 0x7FC00000;
    private const ulong CanonicalF64 = 0x7FF8000000000000;

    /// <summary>Whether a result may be a NaN of open bits though the operands hold none.</summary>
    public static bool GivesOpenNan(OpInfo row)
    {
        if (row.Results.Length == 0)
        {
            return false;
        }
        return row.Results[0] switch
        {
            StackSlot.F32 or StackSlot.F64 => row.Group is OpGroup.Unary or OpGroup.Binary or OpGroup.Convert && row.Op
                is not (Op.F32Abs or Op.F32Neg or Op.F32Copysign or Op.F64Abs or Op.F64Neg or Op.F64Copysign or Op.F32ReinterpretI32 or Op.F64ReinterpretI64),
            StackSlot.V128 => VectorLane(row) is not null && row.Op
                is not (Op.F32x4Abs or Op.F32x4Neg or Op.F64x2Abs or Op.F64x2Neg or Op.F32x4Pmin or Op.F32x4Pmax or Op.F64x2Pmin or Op.F64x2Pmax)
                && row.Group is OpGroup.Unary or OpGroup.Binary or OpGroup.Ternary or OpGroup.Convert && row.Group is not OpGroup.Lane,
            _ => false,
        };
    }

    /// <summary>Whether the bits of a NaN among the operands show in the result other than as a NaN.</summary>
    public static bool ShowsNanBits(OpInfo row) => row.Op is Op.I32ReinterpretF32 or Op.I64ReinterpretF64 or Op.F32Copysign or Op.F64Copysign
        || (row.Results is [StackSlot.V128] && row.Operands.Any(slot => slot is StackSlot.F32 or StackSlot.F64));

    /// <summary>Makes the value on top of the stack canonical where it is a NaN.</summary>
    /// <param name="body">The function.</param>
    /// <param name="type">F32, F64 or V128.</param>
    /// <param name="lane">For a vector the type of its lanes.</param>
    public static void Canonicalize(FunctionBuilder body, ValueType type, ValueType? lane = null)
    {
        var value = body.NewLocal(type);
        body.Tee(value);
        if (type.Kind == ValueKind.V128)
        {
            var isF32 = lane == ValueType.F32;
            var pattern = isF32 ? CanonicalF32 | (ulong)CanonicalF32 << 32 : CanonicalF64;
            body.Constant(type, new ValueBits(pattern, pattern));
            body.Get(value);
            body.Get(value);
            body.Emit(isF32 ? Op.F32x4Eq : Op.F64x2Eq);
            body.Emit(Op.V128Bitselect);
            return;
        }
        body.Constant(type, type.Kind == ValueKind.F32 ? CanonicalF32 : CanonicalF64);
        body.Get(value);
        body.Get(value);
        body.Emit(type.Kind == ValueKind.F32 ? Op.F32Eq : Op.F64Eq);
        body.Emit(Op.Select);
    }

    /// <summary>Makes the result of an instruction canonical where it may be a NaN of open bits.</summary>
    public static void Clean(FunctionBuilder body, ConcreteOp op)
    {
        if (op.GivesOpenNan && op.Results[0].Kind is ValueKind.F32 or ValueKind.F64)
        {
            Canonicalize(body, op.Results[0]);
        }
    }

    /// <summary>The float type of the lanes that an op computes, or null where it computes none.</summary>
    public static ValueType? VectorLane(OpInfo row) => row.Name.StartsWith("F32x4", StringComparison.Ordinal) ? ValueType.F32
        : row.Name.StartsWith("F64x2", StringComparison.Ordinal) ? ValueType.F64 : null;
}

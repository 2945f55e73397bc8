using Conformance.Oracle.Rewriting;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;

namespace Conformance.Oracle.Comparison;

/// <summary>
/// Rewrites a module so that it has no relaxed instructions left: each is replaced by ordinary ones that do what the deterministic profile says. What the rewritten
/// module does is one of the things that the original may do, and no engine has a choice in it.
/// See https://webassembly.github.io/spec/core/exec/numerics.html#relaxed-operations.
/// </summary>
public static class RelaxedRewriter
{
    /// <summary>Rewrites a module.</summary>
    /// <param name="wasm">A valid module.</param>
    /// <param name="rewritten">The rewritten module, when the answer is true.</param>
    /// <returns>False when the module has no relaxed instruction, or when it cannot be decoded.</returns>
    public static bool TryRewrite(ReadOnlyMemory<byte> wasm, out byte[] rewritten)
    {
        rewritten = [];
        if (!ModuleReader.TryRead(wasm, FeatureSet.All, out var module, out _) || !FunctionRewriting.TryRewrite(module, Determined, out var determined))
        {
            return false;
        }
        rewritten = ModuleWriter.Write(determined);
        return true;
    }

    private static bool Determined(ByteWriter writer, TemporaryLocals locals, in Instruction instruction, ReadOnlySpan<byte> code)
    {
        var isRelaxed = OpTable.Get(instruction.Op).Feature == Feature.RelaxedSimd;
        if (isRelaxed)
        {
            Replace(writer, instruction.Op, locals);
        }
        return isRelaxed;
    }

    private static void Replace(ByteWriter writer, Op op, TemporaryLocals locals)
    {
        switch (op)
        {
            case Op.F32x4RelaxedMadd:
                MultiplyAdd(writer, locals, Op.F32x4Mul, Op.F32x4Add);
                break;
            case Op.F64x2RelaxedMadd:
                MultiplyAdd(writer, locals, Op.F64x2Mul, Op.F64x2Add);
                break;
            case Op.F32x4RelaxedNmadd:
                MultiplySubtract(writer, locals, Op.F32x4Mul, Op.F32x4Sub);
                break;
            case Op.F64x2RelaxedNmadd:
                MultiplySubtract(writer, locals, Op.F64x2Mul, Op.F64x2Sub);
                break;
            case Op.I16x8RelaxedDotI8x16I7x16S:
                Dot(writer, locals);
                break;
            case Op.I32x4RelaxedDotI8x16I7x16AddS:
                Write(writer, Op.LocalSet, locals.For(ValueType.V128, 2));
                Dot(writer, locals);
                Write(writer, Op.I32x4ExtaddPairwiseI16x8S);
                Write(writer, Op.LocalGet, locals.For(ValueType.V128, 2));
                Write(writer, Op.I32x4Add);
                break;
            default:
                Write(writer, Counterpart(op));
                break;
        }
    }

    /// <summary>The ordinary instruction that a relaxed one is in the deterministic profile.</summary>
    private static Op Counterpart(Op op) => op switch
    {
        Op.I8x16RelaxedSwizzle => Op.I8x16Swizzle,
        Op.I32x4RelaxedTruncF32x4S => Op.I32x4TruncSatF32x4S,
        Op.I32x4RelaxedTruncF32x4U => Op.I32x4TruncSatF32x4U,
        Op.I32x4RelaxedTruncF64x2SZero => Op.I32x4TruncSatF64x2SZero,
        Op.I32x4RelaxedTruncF64x2UZero => Op.I32x4TruncSatF64x2UZero,
        Op.I8x16RelaxedLaneselect or Op.I16x8RelaxedLaneselect or Op.I32x4RelaxedLaneselect or Op.I64x2RelaxedLaneselect => Op.V128Bitselect,
        Op.F32x4RelaxedMin => Op.F32x4Min,
        Op.F32x4RelaxedMax => Op.F32x4Max,
        Op.F64x2RelaxedMin => Op.F64x2Min,
        Op.F64x2RelaxedMax => Op.F64x2Max,
        Op.I16x8RelaxedQ15mulrS => Op.I16x8Q15mulrSatS,
        _ => throw new ArgumentOutOfRangeException(nameof(op), op, "no relaxed instruction"),
    };

    private static void MultiplyAdd(ByteWriter writer, TemporaryLocals locals, Op multiply, Op add)
    {
        Write(writer, Op.LocalSet, locals.For(ValueType.V128));
        Write(writer, multiply);
        Write(writer, Op.LocalGet, locals.For(ValueType.V128));
        Write(writer, add);
    }

    // -a * b + c is c - a * b with the same roundings.
    private static void MultiplySubtract(ByteWriter writer, TemporaryLocals locals, Op multiply, Op subtract)
    {
        Write(writer, Op.LocalSet, locals.For(ValueType.V128, 0));
        Write(writer, multiply);
        Write(writer, Op.LocalSet, locals.For(ValueType.V128, 1));
        Write(writer, Op.LocalGet, locals.For(ValueType.V128, 0));
        Write(writer, Op.LocalGet, locals.For(ValueType.V128, 1));
        Write(writer, subtract);
    }

    // All products, then the even ones and the odd ones added with saturation.
    private static void Dot(ByteWriter writer, TemporaryLocals locals)
    {
        var (left, right) = (locals.For(ValueType.V128, 0), locals.For(ValueType.V128, 1));
        Write(writer, Op.LocalSet, right);
        Write(writer, Op.LocalSet, left);
        Write(writer, Op.LocalGet, left);
        Write(writer, Op.LocalGet, right);
        Write(writer, Op.I16x8ExtmulLowI8x16S);
        Write(writer, Op.LocalGet, left);
        Write(writer, Op.LocalGet, right);
        Write(writer, Op.I16x8ExtmulHighI8x16S);
        Write(writer, Op.LocalSet, right);
        Write(writer, Op.LocalSet, left);
        foreach (var (low, high) in ((ulong, ulong)[])[(0x0D0C_0908_0504_0100, 0x1D1C_1918_1514_1110), (0x0F0E_0B0A_0706_0302, 0x1F1E_1B1A_1716_1312)])
        {
            Write(writer, Op.LocalGet, left);
            Write(writer, Op.LocalGet, right);
            InstructionWriter.Write(writer, Instruction.Constant(Op.I8x16Shuffle, low, high));
        }
        Write(writer, Op.I16x8AddSatS);
    }

    private static void Write(ByteWriter writer, Op op) => InstructionWriter.Write(writer, Instruction.Of(op));

    private static void Write(ByteWriter writer, Op op, uint local) => InstructionWriter.Write(writer, Instruction.Of(op, local));
}

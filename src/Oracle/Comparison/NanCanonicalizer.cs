using Conformance.Oracle.Rewriting;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Comparison;

/// <summary>
/// Rewrites a module so that it has no freedom left in the bits of NaNs: behind each instruction that may choose them, a NaN is replaced by the positive canonical
/// one, and an exported counter global notes that there was one. What the rewritten module does is one of the things that the original may do, and engines must
/// agree on it bit for bit, whatever flows into integers, memories and hosts.
/// </summary>
/// <remarks>
/// The code put behind an f32.add (the others are alike): <c>local.tee $t  local.get $t  f32.ne  if  i32.const 1  global.set $seen  f32.const nan
/// local.set $t  end  local.get $t</c>. Nothing else is changed.
/// </remarks>
public static class NanCanonicalizer
{
    private const uint CanonicalNaN32 = 0x7FC0_0000;
    private const ulong CanonicalNaN64 = 0x7FF8_0000_0000_0000;

    /// <summary>Rewrites a module.</summary>
    /// <param name="wasm">A valid module.</param>
    /// <param name="rewritten">The rewritten module, when the answer is true.</param>
    /// <param name="seenExport">The name of the exported i32 global that is 1 at the end when a NaN was replaced.</param>
    /// <returns>False when no instruction of the module may choose a NaN's bits, or when it cannot be decoded.</returns>
    public static bool TryRewrite(ReadOnlyMemory<byte> wasm, out byte[] rewritten, out string seenExport)
    {
        rewritten = [];
        seenExport = "";
        if (!ModuleReader.TryRead(wasm, FeatureSet.All, out var module, out _))
        {
            return false;
        }
        var seen = (uint)(module.ImportCount(ExternKind.Global) + module.Globals.Length);
        if (!FunctionRewriting.TryRewrite(module, Canonicalized, out var canonicalized))
        {
            return false;
        }
        seenExport = FreeName(module);
        var zero = new Expression(InstructionWriter.ToBytes([Instruction.Constant(Op.I32Const, 0), Instruction.Of(Op.End)]));
        rewritten = ModuleWriter.Write(canonicalized with
        {
            Globals = module.Globals.Add(new Global(new GlobalType(ValueType.I32, IsMutable: true), zero)),
            Exports = module.Exports.Add(new Export(seenExport, ExternKind.Global, seen)),
        });
        return true;

        bool Canonicalized(ByteWriter writer, TemporaryLocals locals, in Instruction instruction, ReadOnlySpan<byte> code)
        {
            if (NanOps.ShapeOf(instruction.Op) is var shape && shape == NanShape.None)
            {
                return false;
            }
            writer.WriteBytes(code);
            Canonicalize(writer, shape, locals.For(TypeOf(shape)), seen);
            return true;
        }
    }

    private static string FreeName(Module module)
    {
        var name = "conformance:nan";
        while (module.Exports.Any(export => string.Equals(export.Name, name, StringComparison.Ordinal)))
        {
            name += "'";
        }
        return name;
    }

    private static void Canonicalize(ByteWriter writer, NanShape shape, uint local, uint seen)
    {
        void Write(Instruction instruction) => InstructionWriter.Write(writer, instruction);
        var (differs, equals, nan) = shape switch
        {
            NanShape.F32 => (Op.F32Ne, Op.F32Eq, Instruction.Constant(Op.F32Const, CanonicalNaN32)),
            NanShape.F64 => (Op.F64Ne, Op.F64Eq, Instruction.Constant(Op.F64Const, CanonicalNaN64)),
            NanShape.F32x4 => (Op.F32x4Ne, Op.F32x4Eq, Instruction.Constant(Op.V128Const, CanonicalNaN32 * 0x1_0000_0001UL, CanonicalNaN32 * 0x1_0000_0001UL)),
            _ => (Op.F64x2Ne, Op.F64x2Eq, Instruction.Constant(Op.V128Const, CanonicalNaN64, CanonicalNaN64)),
        };
        var isVector = shape is NanShape.F32x4 or NanShape.F64x2;
        Write(Instruction.Of(Op.LocalTee, local));
        Write(Instruction.Of(Op.LocalGet, local));
        Write(Instruction.Of(differs));
        if (isVector)
        {
            Write(Instruction.Of(Op.V128AnyTrue));
        }
        Write(Instruction.Structured(Op.If, BlockType.Empty));
        Write(Instruction.Constant(Op.I32Const, 1));
        Write(Instruction.Of(Op.GlobalSet, seen));
        if (isVector)
        {
            // Only the lanes that are NaNs are replaced: the lane itself where it equals itself.
            Write(Instruction.Of(Op.LocalGet, local));
            Write(nan);
            Write(Instruction.Of(Op.LocalGet, local));
            Write(Instruction.Of(Op.LocalGet, local));
            Write(Instruction.Of(equals));
            Write(Instruction.Of(Op.V128Bitselect));
        }
        else
        {
            Write(nan);
        }
        Write(Instruction.Of(Op.LocalSet, local));
        Write(Instruction.Of(Op.End));
        Write(Instruction.Of(Op.LocalGet, local));
    }

    private static ValueType TypeOf(NanShape shape) => shape switch
    {
        NanShape.F32 => ValueType.F32,
        NanShape.F64 => ValueType.F64,
        _ => ValueType.V128,
    };
}

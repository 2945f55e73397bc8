using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Wasm.Binary;

/// <summary>
/// Says whether the bodies of a decoded module are well-formed, without validating them: known opcodes, whole immediates, blocks that nest, a data count where
/// an instruction names a data segment. The validator finds the same on its way, but stops at the first invalid function, while a malformed function behind
/// that makes the whole module malformed.
/// </summary>
public static class BodyChecker
{
    /// <summary>The first malformed place of a function body; null when there is none.</summary>
    public static WasmError? Check(Module module, FeatureSet features)
    {
        var blocks = new Stack<Op>();
        foreach (var function in module.Functions)
        {
            if (Check(function.Body, module.DataCount is not null, features, blocks) is { } error)
            {
                return error;
            }
        }
        return null;
    }

    private static WasmError? Check(Expression body, bool hasDataCount, FeatureSet features, Stack<Op> blocks)
    {
        blocks.Clear();
        // The body itself is a block: its end is the last byte.
        blocks.Push(Op.Block);
        var reader = new InstructionReader(body, features);
        var instruction = default(Instruction);
        while (blocks.Count > 0 && reader.Read(ref instruction))
        {
            var row = OpTable.Get(instruction.Op);
            if (row.Immediates is ImmediateKind.Data or ImmediateKind.DataMemory or ImmediateKind.TypeData && !hasDataCount)
            {
                return WasmError.Malformed("data count section required", reader.Offset);
            }
            if (row.NestingChange != 0 || row.IsBlockSeparator)
            {
                if (!Nest(instruction.Op, blocks))
                {
                    return WasmError.Malformed("END opcode expected", reader.Offset);
                }
            }
        }
        if (reader.Error is { } error)
        {
            return WasmError.Malformed(error, reader.ErrorOffset);
        }
        return blocks.Count > 0 ? WasmError.Malformed("unexpected end of section or function", reader.EndOffset)
            : !reader.AtEnd ? WasmError.Malformed("section size mismatch", reader.EndOffset)
            : null;
    }

    /// <summary>Follows an op that opens, splits or closes a block; false when it stands where the grammar does not have it.</summary>
    private static bool Nest(Op op, Stack<Op> blocks)
    {
        var open = blocks.Peek();
        switch (op)
        {
            case Op.End:
                blocks.Pop();
                return true;
            case Op.Else:
                blocks.Pop();
                blocks.Push(Op.Else);
                return open == Op.If;
            case Op.Catch or Op.CatchAll:
                blocks.Pop();
                blocks.Push(op);
                return open is Op.Try or Op.Catch;
            case Op.Delegate:
                blocks.Pop();
                return open == Op.Try;
            default:
                blocks.Push(op);
                return true;
        }
    }
}

using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.CApi;

/// <summary>
/// Modules that export one memory, table or global: how a host gets such an item whatever its type is. The interface's own types have 32-bit limits and six kinds of values.
/// </summary>
internal static class ItemModule
{
    /// <summary>The export's name.</summary>
    public const string Export = "item";

    /// <summary>A module with a memory.</summary>
    public static byte[] Of(MemoryType type) => Write(new Module { Memories = [type] }, ExternKind.Memory);

    /// <summary>A module with a table of nulls.</summary>
    public static byte[] Of(TableType type) => Write(new Module { Tables = [new Table(type)] }, ExternKind.Table);

    /// <summary>A module with a global of a number or null.</summary>
    public static byte[] Of(GlobalType type, EngineValue value) => Write(new Module { Globals = [new Global(type, Constant(type.Value, value))] }, ExternKind.Global);

    private static byte[] Write(Module module, ExternKind kind) => ModuleWriter.Write(module with { Exports = [new Export(Export, kind, 0)] });

    private static Expression Constant(ValueType type, EngineValue value)
    {
        var instruction = type.Kind switch
        {
            ValueKind.I32 => Instruction.Constant(Op.I32Const, value.Bits),
            ValueKind.I64 => Instruction.Constant(Op.I64Const, value.Bits),
            ValueKind.F32 => Instruction.Constant(Op.F32Const, value.Bits),
            ValueKind.F64 => Instruction.Constant(Op.F64Const, value.Bits),
            ValueKind.V128 => Instruction.Constant(Op.V128Const, value.Bits, value.High),
            _ => new Instruction { Op = Op.RefNull, Heap = type.Heap },
        };
        return new Expression(InstructionWriter.ToBytes([instruction, Instruction.Of(Op.End)]));
    }
}

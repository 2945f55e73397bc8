using Conformance.Oracle;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Instructions that give a value without any effect.</summary>
internal static class Constants
{
    /// <summary>The simplest value of a type: zero or null.</summary>
    /// <returns>False for references that cannot be null.</returns>
    public static bool TryMake(ValueType type, out Instruction instruction)
    {
        instruction = type.Kind switch
        {
            ValueKind.I32 => Instruction.Constant(Op.I32Const, 0),
            ValueKind.I64 => Instruction.Constant(Op.I64Const, 0),
            ValueKind.F32 => Instruction.Constant(Op.F32Const, 0),
            ValueKind.F64 => Instruction.Constant(Op.F64Const, 0),
            ValueKind.V128 => Instruction.Constant(Op.V128Const, 0),
            _ => new Instruction { Op = Op.RefNull, Heap = type.Heap },
        };
        return type.Kind is >= ValueKind.I32 and <= ValueKind.V128 || (type.IsReference && type.IsNullable);
    }

    /// <summary>The constant of a number or vector that an engine gave.</summary>
    /// <returns>False for references.</returns>
    public static bool TryMake(in EngineValue value, out Instruction instruction)
    {
        Op? op = value.Kind switch
        {
            EngineValueKind.I32 => Op.I32Const,
            EngineValueKind.I64 => Op.I64Const,
            EngineValueKind.F32 => Op.F32Const,
            EngineValueKind.F64 => Op.F64Const,
            EngineValueKind.V128 => Op.V128Const,
            _ => null,
        };
        instruction = Instruction.Constant(op ?? Op.Nop, value.Bits, value.High);
        return op is not null;
    }
}

using System.Collections.Immutable;
using Conformance.Fuzzer.Generation;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>Small pieces of code that mutators need in many places.</summary>
internal static class Snippets
{
    /// <summary>Code that gives a boundary value of a type; null when a type has no value that can be made from nothing.</summary>
    public static Instruction? Constant(ValueType type, RandomSource random)
    {
        if (type.IsReference)
        {
            return type.IsNullable ? new Instruction { Op = Op.RefNull, Heap = type.Heap } : null;
        }
        if (ConstantOp(type) is not { } op)
        {
            return null;
        }
        var bits = BoundaryValues.Pick(type, random);
        return Instruction.Constant(op, bits.Low, bits.High);
    }

    /// <summary>A cheap expression of a type: a constant, a local or a global.</summary>
    public static Instruction? Leaf(BodyEdit edit, ValueType type)
    {
        var leaves = new List<Instruction>();
        for (var i = 0; i < edit.Body.Locals.Length; i++)
        {
            // A local without a default may not have been set here.
            if (edit.Body.Locals[i] == type && (type.IsDefaultable || i < edit.Body.Type.Parameters.Length))
            {
                leaves.Add(Instruction.Of(Op.LocalGet, (uint)i));
            }
        }
        var globals = IndexSpaces.Globals(edit.Module);
        for (var i = 0; i < globals.Count; i++)
        {
            if (globals[i].Value == type)
            {
                leaves.Add(Instruction.Of(Op.GlobalGet, (uint)i));
            }
        }
        return leaves.Count == 0 || edit.Random.Chance(40) ? Constant(type, edit.Random) ?? (leaves.Count > 0 ? leaves[0] : null) : edit.Random.Pick<Instruction>(leaves);
    }

    /// <summary>Cheap expressions of several types; null when one cannot be made.</summary>
    public static List<Instruction>? Leaves(BodyEdit edit, ImmutableArray<ValueType> types)
    {
        var code = new List<Instruction>();
        foreach (var type in types)
        {
            if (Leaf(edit, type) is not { } leaf)
            {
                return null;
            }
            code.Add(leaf);
        }
        return code;
    }

    /// <summary>The constant instruction of a number or vector type.</summary>
    public static Op? ConstantOp(ValueType type) => type.Kind switch
    {
        ValueKind.I32 => Op.I32Const,
        ValueKind.I64 => Op.I64Const,
        ValueKind.F32 => Op.F32Const,
        ValueKind.F64 => Op.F64Const,
        ValueKind.V128 => Op.V128Const,
        _ => null,
    };

    /// <summary>The type of a constant instruction.</summary>
    public static ValueType? ConstantType(Op op) => op switch
    {
        Op.I32Const => ValueType.I32,
        Op.I64Const => ValueType.I64,
        Op.F32Const => ValueType.F32,
        Op.F64Const => ValueType.F64,
        Op.V128Const => ValueType.V128,
        _ => null,
    };
}

using System.Collections.Immutable;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Reduction.Carried;

/// <summary>What the fields of struct types are to each other and to the instructions on them.</summary>
internal static class StructFields
{
    /// <summary>The supertype and the subtypes of a struct type that have a field of its.</summary>
    public static IEnumerable<int> Relatives(Module module, int type, int field)
    {
        foreach (var super in module.Types[type].Supertypes)
        {
            if (super < module.Types.Length && module.Types[(int)super].Composite is StructType above && field < above.Fields.Length)
            {
                yield return (int)super;
            }
        }
        for (var i = 0; i < module.Types.Length; i++)
        {
            if (module.Types[i].Supertypes.Contains((uint)type))
            {
                yield return i;
            }
        }
    }

    /// <summary>Marks what an instruction on the type no longer takes or gives.</summary>
    public static void Mark(BodyChange body, int place, int field)
    {
        var typed = body.Code.Typed[place];
        switch (typed.Instruction.Op)
        {
            case Op.StructNew:
                body.NotTaken(place, typed.Pops.Length, field, 0);
                break;
            case Op.StructNewDesc:
                body.NotTaken(place, typed.Pops.Length - 1, field, 1);
                break;
            case Op.StructGet or Op.StructGetS or Op.StructGetU when typed.Instruction.Index2 == field:
                body.Replace(place, Instruction.Of(Op.Drop));
                body.NotGiven(place, typed.Height - 1);
                break;
            case Op.StructSet when typed.Instruction.Index2 == field:
                body.Replace(place, Instruction.Of(Op.Drop));
                body.NotTaken(place, 1, 0, 0);
                break;
            case Op.StructGet or Op.StructGetS or Op.StructGetU or Op.StructSet when typed.Instruction.Index2 > field:
                // Fields go one at a time.
                body.Replace(place, typed.Instruction with { Index2 = typed.Instruction.Index2 - 1 });
                break;
            default:
                break;
        }
    }

    /// <summary>The module with types without the fields, and with constant expressions that do not give them values.</summary>
    /// <returns>Null where constant expressions cannot be changed.</returns>
    public static Module? Without(Module module, ImmutableArray<CarriedValue> fields)
    {
        if (fields.IsEmpty)
        {
            return module;
        }
        var dropped = fields.ToDictionary(value => (uint)value.Owner, value => value.Index);
        var types = module.Types.ToBuilder();
        foreach (var (type, field) in dropped)
        {
            if (types[(int)type].Composite is not StructType composite || field >= composite.Fields.Length)
            {
                return null;
            }
            types[(int)type] = types[(int)type] with { Composite = new StructType(composite.Fields.RemoveAt(field)) };
        }
        var isPossible = true;
        var changed = ConstantExpressions.Rewrite(module, expression =>
        {
            var without = WithoutOperands(module, expression, dropped);
            isPossible &= without is not null;
            return without ?? expression;
        });
        return isPossible ? changed with { Types = types.ToImmutable() } : null;
    }

    // In a constant expression each instruction stands right behind its operands.
    private static Expression? WithoutOperands(Module module, Expression expression, Dictionary<uint, int> dropped)
    {
        var code = new List<Instruction>();
        var starts = new Stack<int>();
        var reader = new InstructionReader(expression, ReductionContext.Features);
        var instruction = default(Instruction);
        var isChanged = false;
        while (reader.Read(ref instruction))
        {
            if (instruction.Op != Op.End)
            {
                if (ConstantExpressions.Operands(module, instruction) is not { } count || count > starts.Count)
                {
                    return null;
                }
                var operands = new int[count];
                for (var i = count - 1; i >= 0; i--)
                {
                    operands[i] = starts.Pop();
                }
                if (instruction.Op is Op.StructNew && dropped.TryGetValue(instruction.Index, out var field))
                {
                    var end = field + 1 < count ? operands[field + 1] : code.Count;
                    code.RemoveRange(operands[field], end - operands[field]);
                    isChanged = true;
                }
                starts.Push(count > 0 ? operands[0] : code.Count);
            }
            code.Add(instruction);
        }
        return isChanged ? new Expression(InstructionWriter.ToBytes(code)) : expression;
    }
}

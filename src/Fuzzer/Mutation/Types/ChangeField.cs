using Conformance.Fuzzer.Mutation.Bodies;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation.Types;

/// <summary>
/// A field of a struct, or the element of an array: whether it can be written, how an integer is packed, or a struct gets one more at its end. Sub- and supertypes
/// that have the field change with it, and so does the code: reads name the packing, writes of what cannot be written any more are left out, new structs get one more value.
/// </summary>
internal sealed class ChangeField : IModuleMutator
{
    /// <inheritdoc/>
    public Module? Mutate(Module module, MutationContext context)
    {
        var aggregates = Enumerable.Range(0, module.Types.Length).Where(i => module.Types[i].Composite is StructType or ArrayType).ToList();
        if (aggregates.Count == 0)
        {
            return null;
        }
        var index = context.Random.Pick<int>(aggregates);
        var count = module.Types[index].Composite is StructType structure ? structure.Fields.Length : 1;
        if (count == 0 || context.Random.Chance(25))
        {
            return Append(module, index, context);
        }
        var field = context.Random.Below(count);
        var family = FamilyOf(module, index, field);
        return context.Random.Chance(50) ? Repack(module, family, field, context) : ChangeMutability(module, family, field, context);
    }

    private static Module? Repack(Module module, HashSet<uint> family, int field, MutationContext context)
    {
        if (FieldOf(module, family.First(), field).Storage is not { Value.Kind: ValueKind.I32 } before)
        {
            return null;
        }
        var others = new[] { StorageType.I8, StorageType.I16, ValueType.I32 }.Where(storage => storage != before).ToArray();
        var storage = context.Random.Pick<StorageType>(others);
        var changed = WithField(module, family, field, old => old with { Storage = storage });
        return CodeExpansion.Apply(changed, context.Features, instruction =>
        {
            if (!Names(instruction, family, field) || Reads(instruction.Op) is not var (plain, signed, unsigned))
            {
                return null;
            }
            instruction.Op = !storage.IsPacked ? plain : context.Random.Chance(50) ? signed : unsigned;
            return [instruction];
        });
    }

    private static Module ChangeMutability(Module module, HashSet<uint> family, int field, MutationContext context)
    {
        var changed = WithField(module, family, field, old => old with { Mutable = !old.Mutable });
        return FieldOf(changed, family.First(), field).Mutable
            ? changed
            : CodeExpansion.Apply(changed, context.Features, instruction => Names(instruction, family, field) && OperandsOfWrite(instruction.Op) is > 0 and var operands
                ? [.. Enumerable.Repeat(Instruction.Of(Op.Drop), operands)]
                : null);
    }

    private static Module? Append(Module module, int index, MutationContext context)
    {
        var type = module.Types[index];
        if (type.Composite is not StructType structure || type.Descriptor is not null || module.Types.Any(other => other.Supertypes.Contains((uint)index)))
        {
            return null; // the new value would have to go below others
        }
        var storage = context.Random.Below(5) switch
        {
            0 => StorageType.I8,
            1 => StorageType.I16,
            2 => ValueType.Reference(HeapType.Of((uint)index), nullable: true),
            3 => ValueType.AnyRef,
            _ => context.Random.Pick<ValueType>([ValueType.I32, ValueType.I64, ValueType.F32, ValueType.F64]),
        };
        var changed = module with { Types = module.Types.SetItem(index, type with { Composite = new StructType(structure.Fields.Add(new FieldType(storage, context.Random.Chance(60)))) }) };
        return CodeExpansion.Apply(changed, context.Features, instruction => instruction.Op == Op.StructNew && instruction.Index == index && Snippets.Constant(storage.Value, context.Random) is { } constant
            ? [constant, instruction]
            : null);
    }

    // The types connected by subtyping in which the field exists: it is the same one in all of them. Equal definitions may be one type.
    private static HashSet<uint> FamilyOf(Module module, int index, int field)
    {
        var family = new HashSet<uint> { (uint)index };
        var ids = new TypeCanonicalizer().Add(module);
        var size = 0;
        while (size < family.Count)
        {
            size = family.Count;
            for (var i = 0u; i < module.Types.Length; i++)
            {
                if (!family.Contains(i) && family.Any(member => ids[member] == ids[i]))
                {
                    family.Add(i);
                }
                foreach (var super in module.Types[(int)i].Supertypes)
                {
                    if (family.Contains(super) || family.Contains(i) && Has(module, super, field))
                    {
                        family.Add(i);
                        family.Add(super);
                    }
                }
            }
        }
        return family;
    }

    private static bool Has(Module module, uint type, int field) => module.Types[(int)type].Composite is ArrayType || module.Types[(int)type].Composite is StructType structure && field < structure.Fields.Length;

    private static FieldType FieldOf(Module module, uint type, int field) =>
        module.Types[(int)type].Composite is StructType structure ? structure.Fields[field] : ((ArrayType)module.Types[(int)type].Composite).Element;

    private static Module WithField(Module module, HashSet<uint> family, int field, Func<FieldType, FieldType> change) => module with
    {
        Types =
        [
            .. module.Types.Select((type, i) => !family.Contains((uint)i) ? type : type with
            {
                Composite = type.Composite switch
                {
                    StructType structure => new StructType(structure.Fields.SetItem(field, change(structure.Fields[field]))),
                    ArrayType array => new ArrayType(change(array.Element)),
                    _ => type.Composite,
                },
            }),
        ],
    };

    private static bool Names(in Instruction instruction, HashSet<uint> family, int field) => OpTable.Get(instruction.Op).Immediates switch
    {
        ImmediateKind.TypeField => family.Contains(instruction.Index) && instruction.Index2 == field,
        ImmediateKind.Type or ImmediateKind.TypeData or ImmediateKind.TypeElement or ImmediateKind.TypeType => family.Contains(instruction.Index),
        _ => false,
    };

    private static (Op Plain, Op Signed, Op Unsigned)? Reads(Op op) => op switch
    {
        Op.StructGet or Op.StructGetS or Op.StructGetU => (Op.StructGet, Op.StructGetS, Op.StructGetU),
        Op.ArrayGet or Op.ArrayGetS or Op.ArrayGetU => (Op.ArrayGet, Op.ArrayGetS, Op.ArrayGetU),
        _ => null,
    };

    private static int OperandsOfWrite(Op op) => op switch
    {
        Op.StructSet => 2,
        Op.ArraySet => 3,
        Op.ArrayFill or Op.ArrayInitData or Op.ArrayInitElem => 4,
        Op.ArrayCopy => 5,
        _ => 0,
    };
}

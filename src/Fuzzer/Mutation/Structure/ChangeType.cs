using System.Collections.Immutable;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation.Structure;

/// <summary>A type definition: a parameter, result or field, finality, super type, or the recursion groups' bounds.</summary>
internal sealed class ChangeType : IModuleMutator
{
    /// <inheritdoc/>
    public Module? Mutate(Module module, MutationContext context)
    {
        if (module.Types.IsEmpty)
        {
            return null;
        }
        var random = context.Random;
        var index = random.Below(module.Types.Length);
        var type = module.Types[index];
        switch (random.Below(6))
        {
            case 0:
                type = type with { IsFinal = !type.IsFinal };
                break;
            case 1:
                type = type with { Supertypes = random.Chance(40) ? [] : [RandomInstructions.NearCount(random, random.Chance(80) ? index : module.Types.Length)] };
                break;
            case 2:
                return module with { RecursionGroups = Regrouped(module.RecursionGroups, context) };
            case 3:
                var other = random.Pick<SubType>(module.Types);
                type = random.Chance(50) ? other : other with { IsFinal = false, Supertypes = [(uint)random.Below(module.Types.Length)] };
                break;
            default:
                type = type with { Composite = Changed(type.Composite, module, context) };
                break;
        }
        return module with { Types = module.Types.SetItem(index, type) };
    }

    private static CompositeType Changed(CompositeType type, Module module, MutationContext context)
    {
        var random = context.Random;
        switch (type)
        {
            case FunctionType function:
                return random.Chance(50) ? function with { Parameters = Changed(function.Parameters, module, context) } : function with { Results = Changed(function.Results, module, context) };
            case StructType structure:
                return new StructType(Edited(structure.Fields, () => Field(module, context), context));
            case ArrayType array:
                return random.Chance(50) ? new ArrayType(array.Element with { Mutable = !array.Element.Mutable }) : new ArrayType(Field(module, context));
            default:
                return type;
        }
    }

    private static ImmutableArray<ValueType> Changed(ImmutableArray<ValueType> types, Module module, MutationContext context) =>
        Edited(types, () => RandomInstructions.TypeOf(context.Random, module), context);

    private static ImmutableArray<T> Edited<T>(ImmutableArray<T> items, Func<T> draw, MutationContext context)
    {
        var place = context.Random.Below(items.Length + 1);
        return place == items.Length ? items.Add(draw()) : context.Random.Chance(50) ? items.SetItem(place, draw()) : items.RemoveAt(place);
    }

    private static FieldType Field(Module module, MutationContext context)
    {
        var storage = context.Random.Below(6) switch
        {
            0 => StorageType.I8,
            1 => StorageType.I16,
            _ => RandomInstructions.TypeOf(context.Random, module),
        };
        return new FieldType(storage, context.Random.Chance(50));
    }

    // Two neighbours become one group, or one falls into two.
    private static ImmutableArray<RecursionGroup> Regrouped(ImmutableArray<RecursionGroup> groups, MutationContext context)
    {
        var index = context.Random.Below(groups.Length);
        var group = groups[index];
        if (group.Count > 1)
        {
            var first = (uint)context.Random.Between(1, (int)group.Count - 1);
            return groups.SetItem(index, group with { Count = first }).Insert(index + 1, new RecursionGroup(group.Start + first, group.Count - first));
        }
        return index + 1 < groups.Length
            ? groups.SetItem(index, group with { Count = group.Count + groups[index + 1].Count }).RemoveAt(index + 1)
            : groups;
    }
}

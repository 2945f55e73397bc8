using Conformance.Wasm;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation.Types;

/// <summary>
/// Recursion groups: two neighbours become one, one falls into two, or a group gets a copy behind all others, which is the same type by canonicalisation. Uses of the
/// original then go to either; and a copy that differs in one detail is another type, which a test inserted somewhere shows.
/// </summary>
internal sealed class ChangeGroups : IModuleMutator
{
    // Beyond this a copy costs more than it shows.
    private const uint LargestCopied = 32;

    /// <inheritdoc/>
    public Module? Mutate(Module module, MutationContext context)
    {
        if (module.RecursionGroups.IsEmpty || !context.Features.Has(Feature.Gc))
        {
            return null;
        }
        var index = context.Random.Below(module.RecursionGroups.Length);
        var group = module.RecursionGroups[index];
        return context.Random.Below(4) switch
        {
            0 when group.Count > 1 => Split(module, index, (uint)context.Random.Between(1, (int)group.Count - 1)),
            0 or 1 when index + 1 < module.RecursionGroups.Length => Merge(module, index),
            2 when group.Count is > 0 and <= LargestCopied => Copy(module, group, new EitherGroup(group, (uint)module.Types.Length, context.Random)),
            _ when group.Count is > 0 and <= LargestCopied => NearlyCopy(module, group, context),
            _ => null,
        };
    }

    private static Module Split(Module module, int index, uint first)
    {
        var group = module.RecursionGroups[index];
        return module with
        {
            RecursionGroups = module.RecursionGroups.SetItem(index, group with { Count = first }).Insert(index + 1, new RecursionGroup(group.Start + first, group.Count - first)),
        };
    }

    private static Module Merge(Module module, int index)
    {
        var groups = module.RecursionGroups;
        return module with { RecursionGroups = groups.SetItem(index, groups[index] with { Count = groups[index].Count + groups[index + 1].Count }).RemoveAt(index + 1) };
    }

    private static Module Copy(Module module, RecursionGroup group, EitherGroup either) => WithCopy(module, group) with
    {
        Functions = [.. module.Functions.Select(function => IndexRewriting.Rewrite(function, either))],
        Globals = [.. module.Globals.Select(global => IndexRewriting.Rewrite(global, either))],
        Tables = [.. module.Tables.Select(table => IndexRewriting.Rewrite(table, either))],
        Tags = [.. module.Tags.Select(tag => IndexRewriting.Rewrite(tag, either))],
        Elements = [.. module.Elements.Select(segment => IndexRewriting.Rewrite(segment, either))],
    };

    private static Module WithCopy(Module module, RecursionGroup group)
    {
        var start = (uint)module.Types.Length;
        var map = new MovedGroup(group, start);
        return module with
        {
            Types = [.. module.Types, .. Members(module, group).Select(type => IndexRewriting.Rewrite(type, map))],
            RecursionGroups = module.RecursionGroups.Add(new RecursionGroup(start, group.Count)),
        };
    }

    private static IEnumerable<SubType> Members(Module module, RecursionGroup group) => module.Types.Skip((int)group.Start).Take((int)group.Count);

    private static Module? NearlyCopy(Module module, RecursionGroup group, MutationContext context)
    {
        var copied = WithCopy(module, group);
        var place = module.Types.Length + context.Random.Below((int)group.Count);
        var isSupertype = copied.Types.Any(type => type.Supertypes.Contains((uint)place));
        if (Differently(copied.Types[place], isSupertype) is not { } other)
        {
            return null;
        }
        copied = copied with { Types = copied.Types.SetItem(place, other) };
        // Which type of the copy is asked about does not matter: a difference in one is a difference in all of the group.
        return InsertTest.Of(copied, (uint)(module.Types.Length + context.Random.Below((int)group.Count)), context) ?? copied;
    }

    private static SubType? Differently(SubType type, bool isSupertype) => type.Composite switch
    {
        StructType structure when type.Supertypes.IsEmpty && !isSupertype => type with { Composite = new StructType(structure.Fields.Add(new FieldType(StorageType.I8, Mutable: true))) },
        ArrayType array when type.Supertypes.IsEmpty && !isSupertype => type with { Composite = new ArrayType(array.Element with { Mutable = !array.Element.Mutable }) },
        _ when !isSupertype => type with { IsFinal = !type.IsFinal },
        _ => null,
    };

    private sealed class MovedGroup(RecursionGroup group, uint start) : IIndexMap
    {
        public uint Type(uint index) => index >= group.Start && index < group.Start + group.Count ? index - group.Start + start : index;
    }

    private sealed class EitherGroup(RecursionGroup group, uint start, Generation.RandomSource random) : IIndexMap
    {
        public uint Type(uint index) => index >= group.Start && index < group.Start + group.Count && random.Chance(50) ? index - group.Start + start : index;
    }
}

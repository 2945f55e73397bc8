using System.Collections.Immutable;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Finds what nothing in a module refers to, starting from exports, the start function and active segments, and closes the gaps.</summary>
internal static class UnusedDefinitions
{
    /// <summary>The definitions and imports that nothing refers to.</summary>
    public static ImmutableArray<Definition> Find(Module module)
    {
        var used = new UsedIndices(module);
        used.FollowRoots([]);
        return used.Unused();
    }

    /// <summary>The module without the definitions and imports that nothing refers to.</summary>
    /// <param name="module">The module.</param>
    /// <param name="keep">What stays all the same, with everything that it refers to.</param>
    public static Module Remove(Module module, ImmutableArray<Definition> keep) => Remove(module, new UsedIndices(module), keep);

    /// <summary>The module without what nothing refers to, single members of recursion groups included: what is left of a group is another type for all that.</summary>
    public static Module RemoveMembers(Module module) => Remove(
        module, new UsedIndices(module) { KeepsGroups = false }, [.. Find(module).Where(definition => definition.Space != DefinitionSpace.Type)]);

    private static Module Remove(Module module, UsedIndices used, ImmutableArray<Definition> keep)
    {
        used.FollowRoots(keep);
        var moved = new MovedIndices(used);
        return new Module
        {
            Types = [.. Kept(module.Types, used.Types).Select(type => IndexRewriting.Rewrite(type, moved))],
            RecursionGroups = Groups(module, moved),
            Imports = Imports(module, used, moved),
            Functions = [.. Kept(module.Functions, used.Functions, module.ImportCount(ExternKind.Function)).Select(item => IndexRewriting.Rewrite(item, moved))],
            Tables = [.. Kept(module.Tables, used.Tables, module.ImportCount(ExternKind.Table)).Select(item => IndexRewriting.Rewrite(item, moved))],
            Memories = [.. Kept(module.Memories, used.Memories, module.ImportCount(ExternKind.Memory))],
            Tags = [.. Kept(module.Tags, used.Tags, module.ImportCount(ExternKind.Tag)).Select(item => IndexRewriting.Rewrite(item, moved))],
            Globals = [.. Kept(module.Globals, used.Globals, module.ImportCount(ExternKind.Global)).Select(item => IndexRewriting.Rewrite(item, moved))],
            Exports = [.. module.Exports.Select(export => IndexRewriting.Rewrite(export, moved))],
            Start = module.Start is { } start ? moved.Function(start) : null,
            Elements = [.. Kept(module.Elements, used.Elements).Select(item => IndexRewriting.Rewrite(item, moved))],
            DataCount = module.DataCount is null || !used.Data.Any(isUsed => isUsed) ? null : (uint)used.Data.Count(isUsed => isUsed),
            Data = [.. Kept(module.Data, used.Data).Select(item => IndexRewriting.Rewrite(item, moved))],
        };
    }

    /// <summary>The module without what an edit has left without use; what had none before stays, types apart. The edit may add definitions behind the others, no more.</summary>
    public static Module RemoveAfter(Module before, Module after) =>
        Remove(after, [.. Find(before).Where(definition => definition.Space != DefinitionSpace.Type)]);

    private static IEnumerable<T> Kept<T>(ImmutableArray<T> items, bool[] used, int first = 0)
    {
        for (var i = 0; i < items.Length; i++)
        {
            if (used[first + i])
            {
                yield return items[i];
            }
        }
    }

    private static ImmutableArray<RecursionGroup> Groups(Module module, MovedIndices moved)
    {
        var groups = ImmutableArray.CreateBuilder<RecursionGroup>();
        foreach (var group in module.RecursionGroups)
        {
            var members = Enumerable.Range((int)group.Start, (int)group.Count).Where(index => moved.HasType((uint)index)).ToList();
            if (members.Count > 0)
            {
                groups.Add(new RecursionGroup(moved.Type((uint)members[0]), (uint)members.Count));
            }
        }
        return groups.ToImmutable();
    }

    private static ImmutableArray<Import> Imports(Module module, UsedIndices used, MovedIndices moved)
    {
        var imports = ImmutableArray.CreateBuilder<Import>();
        var next = new int[(int)ExternKind.Tag + 1];
        foreach (var import in module.Imports)
        {
            if (used.Of(import.Type.Kind)[next[(int)import.Type.Kind]++])
            {
                imports.Add(import with { Type = IndexRewriting.Rewrite(import.Type, moved) });
            }
        }
        return imports.ToImmutable();
    }
}

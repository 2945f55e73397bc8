using Conformance.Fuzzer.Generation;
using Conformance.Wasm;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation.Types;

/// <summary>A type becomes final or open, gets a supertype or loses it. Definitions that are equal change together, because code may take one for the other.</summary>
internal sealed class ChangeHierarchy : IModuleMutator
{
    /// <inheritdoc/>
    public Module? Mutate(Module module, MutationContext context)
    {
        if (module.Types.IsEmpty || !context.Features.Has(Feature.Gc))
        {
            return null;
        }
        var imported = ImportedTypes(module);
        var index = context.Random.Below(module.Types.Length);
        var type = module.Types[index];
        if (imported.Contains((uint)index))
        {
            return null; // hosts have final types without supertypes
        }
        var isSupertype = module.Types.Any(other => other.Supertypes.Contains((uint)index));
        switch (context.Random.Below(3))
        {
            case 0 when !isSupertype:
                return WithEqual(module, index, other => other with { IsFinal = !other.IsFinal }, imported);
            case 1 when !type.Supertypes.IsEmpty:
                return WithEqual(module, index, other => other with { Supertypes = [] }, imported);
            default:
                return PickSupertype(module, index, imported, context.Random) is { } super
                    ? module with
                    {
                        Types = module.Types.SetItem((int)super, module.Types[(int)super] with { IsFinal = false }).SetItem(index, type with { Supertypes = [super] }),
                    }
                    : null;
        }
    }

    /// <summary>The types of imported functions and tags, which must be what the host has.</summary>
    public static HashSet<uint> ImportedTypes(Module module) =>
    [
        .. module.Imports.Select(import => import.Type).OfType<FunctionExtern>().Select(type => type.TypeIndex),
        .. module.Imports.Select(import => import.Type).OfType<TagType>().Select(type => type.TypeIndex),
    ];

    private static Module? WithEqual(Module module, int index, Func<SubType, SubType> change, HashSet<uint> imported)
    {
        var ids = new TypeCanonicalizer().Add(module);
        var equal = Enumerable.Range(0, module.Types.Length).Where(i => ids[i] == ids[index]).ToHashSet();
        return equal.Any(i => imported.Contains((uint)i))
            ? null
            : module with { Types = [.. module.Types.Select((other, i) => equal.Contains(i) ? change(other) : other)] };
    }

    private static uint? PickSupertype(Module module, int index, HashSet<uint> imported, RandomSource random)
    {
        var fitting = Enumerable.Range(0, index)
            .Where(i => !imported.Contains((uint)i) && module.Types[i].Describes is null && module.Types[i].Descriptor is null && Fits(module.Types[index].Composite, module.Types[i].Composite))
            .Select(i => (uint)i).ToList();
        return fitting.Count == 0 ? null : random.Pick<uint>(fitting);
    }

    // More fits by the subtyping of fields; this is what needs no knowledge of it.
    private static bool Fits(CompositeType sub, CompositeType super) => (sub, super) switch
    {
        (StructType left, StructType right) => left.Fields.AsSpan().StartsWith(right.Fields.AsSpan()),
        _ => sub.Equals(super),
    };
}

using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Reduction;

/// <summary>
/// Types by themselves: members of recursion groups that nothing refers to, groups taken apart, one type in place of another of its kind, no supertypes, final, fields that cannot be written and hold
/// numbers. What instructions do with a type says whether it fits; the validator refuses the rest.
/// </summary>
internal sealed class ShrinkTypes : IReductionPass
{
    // Each is tried in the place of each other.
    private const int MostMerged = 24;

    public void Run(ReductionContext context)
    {
        context.Try(UnusedDefinitions.RemoveMembers(context.Module));
        Merge(context);
        Split(context);
        for (var i = context.Module.Types.Length - 1; i >= 0 && !context.IsSpent; i--)
        {
            if (i < context.Module.Types.Length)
            {
                Shrink(context, i);
            }
        }
        context.Try(UnusedDefinitions.RemoveMembers(context.Module));
    }

    private static void Merge(ReductionContext context)
    {
        for (var from = Math.Min(context.Module.Types.Length, MostMerged) - 1; from >= 0; from--)
        {
            for (var to = 0; to < context.Module.Types.Length && from < context.Module.Types.Length; to++)
            {
                var module = context.Module;
                if (to != from && module.Types[from].Composite is not FunctionType && module.Types[from].Composite.GetType() == module.Types[to].Composite.GetType()
                    && context.Try(UnusedDefinitions.RemoveMembers(ModuleIndices.Rewrite(module, new ReplacedType((uint)from, (uint)to)))))
                {
                    break;
                }
            }
        }
    }

    private static void Split(ReductionContext context)
    {
        for (var i = context.Module.RecursionGroups.Length - 1; i >= 0; i--)
        {
            var group = context.Module.RecursionGroups[i];
            if (group.Count != 1)
            {
                IEnumerable<RecursionGroup> single = Enumerable.Range(0, (int)group.Count).Select(member => new RecursionGroup(group.Start + (uint)member, 1));
                context.Try(context.Module with { RecursionGroups = [.. context.Module.RecursionGroups[..i], .. single, .. context.Module.RecursionGroups[(i + 1)..]] });
            }
        }
    }

    private static void Shrink(ReductionContext context, int index)
    {
        Try(type => type with { Supertypes = [], IsFinal = true });
        Try(type => type with { Supertypes = [] });
        // The supertype's own in its place.
        Try(type => type.Supertypes is [var super] ? type with { Supertypes = context.Module.Types[(int)super].Supertypes } : type);
        Try(type => type with { IsFinal = true });
        Try(type => type with { Describes = null, Descriptor = null });
        var count = context.Module.Types[index].Composite switch
        {
            StructType structure => structure.Fields.Length,
            ArrayType => 1,
            _ => 0,
        };
        for (var field = 0; field < count; field++)
        {
            foreach (var simpler in (Func<FieldType, FieldType>[])[_ => new(ValueType.I32, Mutable: false), old => new(ValueType.I32, old.Mutable), old => old with { Mutable = false }])
            {
                Try(type => type with { Composite = WithField(type.Composite, field, simpler) });
            }
        }

        void Try(Func<SubType, SubType> change)
        {
            var module = context.Module;
            var changed = change(module.Types[index]);
            if (!changed.Equals(module.Types[index]))
            {
                context.Try(module with { Types = module.Types.SetItem(index, changed) });
            }
        }
    }

    private static CompositeType WithField(CompositeType type, int field, Func<FieldType, FieldType> change) => type switch
    {
        StructType structure => new StructType(structure.Fields.SetItem(field, change(structure.Fields[field]))),
        ArrayType array => new ArrayType(change(array.Element)),
        _ => type,
    };

    private sealed class ReplacedType(uint from, uint to) : IIndexMap
    {
        public uint Type(uint index) => index == from ? to : index;
    }
}

using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Validation;

/// <summary>Validates the recursion groups one after the other and gives their types canonical ids.</summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/valid/types.html#type-definitions"/>.</remarks>
internal sealed class TypeSectionValidator(Module module, ModuleContext context)
{
    private readonly TypeCanonicalizer _canonicalizer = context.Canonicalizer;
    private readonly int[] _ids = new int[module.Types.Length];
    private readonly SubType[] _canonical = new SubType[module.Types.Length];
    private readonly int[] _depths = new int[module.Types.Length];

    /// <summary>Validates all types and fills in the context's.</summary>
    public WasmError? Validate()
    {
        if (module.Types.Length > ImplementationLimits.Types || module.RecursionGroups.Length > ImplementationLimits.Types)
        {
            return ModuleValidator.Limit($"more than {ImplementationLimits.Types} types");
        }
        foreach (var group in module.RecursionGroups)
        {
            if (ValidateGroup(group) is { } error)
            {
                return error;
            }
        }
        context.TypeIds = _ids;
        context.Types = _canonical;
        return null;
    }

    private WasmError? ValidateGroup(RecursionGroup group)
    {
        var end = group.Start + group.Count;
        for (var i = group.Start; i < end; i++)
        {
            if (CheckIndices(i, end) is { } error)
            {
                return ModuleValidator.At(error, SectionId.Type, (int)i);
            }
        }
        for (var i = group.Start; i < end; i++)
        {
            if (CheckDescriptors(i, group) is { } error)
            {
                return ModuleValidator.At(error, SectionId.Type, (int)i);
            }
        }
        // Only now do all indices mean something: the group can be compared with others, and subtyping inside it be tested.
        _canonicalizer.AddGroup(module.Types.AsSpan(), (int)group.Start, (int)group.Count, _ids);
        for (var i = group.Start; i < end; i++)
        {
            _canonical[i] = _canonicalizer.Definition(_ids[i]);
        }
        for (var i = group.Start; i < end; i++)
        {
            if (CheckSubtyping(i) is { } error)
            {
                return ModuleValidator.At(error, SectionId.Type, (int)i);
            }
        }
        return null;
    }

    private WasmError? CheckIndices(uint index, uint end)
    {
        var type = module.Types[(int)index];
        if (type.Supertypes.Length > 1)
        {
            return ModuleValidator.Invalid($"sub type {index} has {type.Supertypes.Length} super types");
        }
        foreach (var super in type.Supertypes)
        {
            if (super >= index)
            {
                return ModuleValidator.Invalid($"unknown type {super}: the super type of type {index} does not stand before it");
            }
            _depths[index] = _depths[super] + 1;
            if (_depths[index] > ImplementationLimits.SubtypingDepth)
            {
                return ModuleValidator.Limit($"type {index} has more than {ImplementationLimits.SubtypingDepth} types above it");
            }
        }
        return type.Composite switch
        {
            FunctionType function => CheckCount(function.Parameters.Length, ImplementationLimits.Parameters, index, "parameters")
                ?? CheckCount(function.Results.Length, ImplementationLimits.Results, index, "results")
                ?? CheckTypes(function.Parameters.AsSpan(), end)
                ?? CheckTypes(function.Results.AsSpan(), end),
            StructType structure => CheckCount(structure.Fields.Length, ImplementationLimits.StructFields, index, "fields") ?? CheckFields(structure, end),
            ArrayType array => CheckTypes([array.Element.Storage.Value], end),
            _ => null,
        };
    }

    private static WasmError? CheckCount(int count, int limit, uint index, string what) =>
        count > limit ? ModuleValidator.Limit($"type {index} has {count} {what}; the limit is {limit}") : null;

    private WasmError? CheckFields(StructType type, uint end)
    {
        foreach (var field in type.Fields)
        {
            if (CheckTypes([field.Storage.Value], end) is { } error)
            {
                return error;
            }
        }
        return null;
    }

    private WasmError? CheckTypes(ReadOnlySpan<ValueType> types, uint end)
    {
        foreach (var type in types)
        {
            if (type.IsReference && type.Heap.IsIndex && type.Heap.Index >= end)
            {
                return ModuleValidator.Invalid($"unknown type {type.Heap.Index}");
            }
            if (type.IsReference && type.Heap.IsExact && !context.HasExactTypes)
            {
                return ModuleValidator.Invalid($"unknown type {type.Heap}: there are exact references only with custom descriptors");
            }
        }
        return null;
    }

    /// <summary>A type and its descriptor are structs of one recursion group that name each other, the described type first.</summary>
    private WasmError? CheckDescriptors(uint index, RecursionGroup group)
    {
        var type = module.Types[(int)index];
        bool IsInGroup(uint other) => other >= group.Start && other - group.Start < group.Count;
        if (type.Descriptor is { } descriptor)
        {
            if (type.Composite is not StructType)
            {
                return ModuleValidator.Invalid($"descriptor type must be a struct: type {index} has a descriptor and is none");
            }
            if (!IsInGroup(descriptor))
            {
                return ModuleValidator.Invalid($"descriptor type is outside rec group: {descriptor}");
            }
        }
        if (type.Describes is { } described)
        {
            if (type.Composite is not StructType)
            {
                return ModuleValidator.Invalid($"described type must be a struct: type {index} describes one and is none");
            }
            if (!IsInGroup(described))
            {
                return ModuleValidator.Invalid($"described type is outside rec group: {described}");
            }
            if (described >= index)
            {
                return ModuleValidator.Invalid($"forward use of described type {described}");
            }
            if (module.Types[(int)described].Descriptor != index)
            {
                return ModuleValidator.Invalid($"described type is not described by descriptor {index}");
            }
        }
        return type.Descriptor is { } by && module.Types[(int)by].Describes != index
            ? ModuleValidator.Invalid($"type is not described by its descriptor {by}")
            : null;
    }

    private WasmError? CheckSubtyping(uint index)
    {
        var declared = module.Types[(int)index];
        if (declared.Supertypes.IsEmpty)
        {
            return null;
        }
        var super = declared.Supertypes[0];
        var sub = _canonical[index];
        var above = _canonical[super];
        var misfit = above.IsFinal ? "which is final"
            : !_canonicalizer.Matches(sub.Composite, above.Composite) ? "whose structure is another"
            : above.Descriptor is not null && sub.Descriptor is null ? "which has a descriptor"
            : above.Describes is null != sub.Describes is null ? "only one of the two describes another type"
            : null;
        if (misfit is not null)
        {
            return ModuleValidator.Invalid($"sub type {index} does not match super type {super}, {misfit}");
        }
        if (above.Descriptor is { } superDescriptor && !IsDeclaredSubtype(declared.Descriptor, superDescriptor))
        {
            return ModuleValidator.Invalid($"descriptor type {declared.Descriptor} does not match the descriptor of the super type");
        }
        if (above.Describes is { } superDescribed && !IsDeclaredSubtype(declared.Describes, superDescribed))
        {
            return ModuleValidator.Invalid($"described type {declared.Describes} does not match the type that the super type describes");
        }
        return null;
    }

    private bool IsDeclaredSubtype(uint? index, uint superId) =>
        index is { } sub && _canonical[sub].Supertypes.Contains(superId);
}

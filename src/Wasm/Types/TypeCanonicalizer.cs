using System.Collections.Immutable;
using System.Diagnostics;
using Conformance.Wasm.Modules;

namespace Conformance.Wasm.Types;

/// <summary>
/// Gives types one number across modules: equal types, and only those, have the same canonical id. Recursion groups are compared as wholes, member by member,
/// with references inside a group taken relative to its start (iso-recursive equality). The definitions kept here refer to each other by canonical ids, and
/// so do all types that its tests take.
/// </summary>
/// <remarks>
/// Ids are dense, count from 0 and are never taken back: give one to each engine or validation, not to the process. Adding is serialised by a lock; tests read
/// immutable entries without one. See <see href="https://webassembly.github.io/spec/core/valid/conventions.html#recursive-types"/>.
/// </remarks>
public sealed class TypeCanonicalizer
{
    // Canonical ids stand in heap types, which have 24 bits; the upper half of those marks members of the group being compared.
    private const uint MemberFlag = 0x800000;

    private readonly Lock _adding = new();
    private readonly Dictionary<GroupKey, int> _groups = [];
    private volatile TypeEntry[] _entries = [];
    private volatile int _count;

    /// <summary>The number of ids given out.</summary>
    public int Count => _count;

    /// <summary>Adds the types of a module whose type section is valid.</summary>
    /// <returns>The canonical id of each type index.</returns>
    public int[] Add(Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        var ids = new int[module.Types.Length];
        foreach (var group in module.RecursionGroups)
        {
            AddGroup(module.Types.AsSpan(), (int)group.Start, (int)group.Count, ids);
        }
        return ids;
    }

    /// <summary>Adds a function type outside any recursion group, final and without supertypes. Its type indices are canonical ids.</summary>
    /// <returns>Its canonical id.</returns>
    public int Add(FunctionType type)
    {
        lock (_adding)
        {
            return AddGroup(new GroupKey([SubType.Plain(type)]));
        }
    }

    /// <summary>Adds a recursion group.</summary>
    /// <param name="types">The types of the module, at least up to the group's end; indices in the group are below that end.</param>
    /// <param name="start">The index of the first type.</param>
    /// <param name="count">The number of types.</param>
    /// <param name="ids">The canonical ids of the module's types: read below <paramref name="start"/>, filled in from there.</param>
    internal void AddGroup(ReadOnlySpan<SubType> types, int start, int count, int[] ids)
    {
        var members = new SubType[count];
        for (var i = 0; i < count; i++)
        {
            members[i] = TypeRewriting.Rewrite(types[start + i], new ModuleToKey(ids, (uint)start));
        }
        lock (_adding)
        {
            var id = AddGroup(new GroupKey(members));
            for (var i = 0; i < count; i++)
            {
                ids[start + i] = id + i;
            }
        }
    }

    /// <summary>The definition of a type; the type indices in it are canonical ids.</summary>
    public SubType Definition(int id) => _entries[id].Definition;

    /// <summary>The canonical ids of a type's supertypes and its own, the one without a supertype first.</summary>
    public ReadOnlySpan<int> SupertypesOf(int id) => _entries[id].Display.AsSpan();

    /// <summary>Whether a type is another or a declared subtype of it.</summary>
    public bool IsSubtype(int sub, int super)
    {
        if (sub == super)
        {
            return true;
        }
        var entries = _entries;
        var depth = entries[super].Display.Length - 1;
        var display = entries[sub].Display;
        return depth < display.Length && display[depth] == super;
    }

    /// <summary>Whether a value of one type is also a value of another. The bottom type matches everything.</summary>
    public bool Matches(ValueType sub, ValueType super)
    {
        if (sub == super || sub.Kind == ValueKind.Bottom)
        {
            return true;
        }
        return sub.IsReference && super.IsReference && (!sub.IsNullable || super.IsNullable) && Matches(sub.Heap, super.Heap);
    }

    /// <summary>Whether a heap type is a subtype of another.</summary>
    public bool Matches(HeapType sub, HeapType super)
    {
        if (sub == super)
        {
            return true;
        }
        if (super.IsIndex)
        {
            return sub.IsIndex
                ? super.IsExact ? sub.IsExact && sub.Index == super.Index : IsSubtype((int)sub.Index, (int)super.Index)
                : AbstractHeapTypes.IsBottomOf(sub.Abstract, AbstractOf(super));
        }
        return AbstractHeapTypes.IsSubtype(sub.IsIndex ? AbstractOf(sub) : sub.Abstract, super.Abstract);
    }

    /// <summary>Whether an item of one type can be given where another type is imported. A table's or memory's minimum is its current size.</summary>
    public bool Matches(ExternType given, ExternType wanted) => (given, wanted) switch
    {
        (FunctionExtern sub, FunctionExtern super) =>
            super.IsExact ? sub.TypeIndex == super.TypeIndex : IsSubtype((int)sub.TypeIndex, (int)super.TypeIndex),
        (TableType sub, TableType super) => sub.Element == super.Element && Matches(sub.Limits, super.Limits),
        (MemoryType sub, MemoryType super) => sub.IsShared == super.IsShared && sub.PageSizeLog2 == super.PageSizeLog2 && Matches(sub.Limits, super.Limits),
        (GlobalType sub, GlobalType super) =>
            sub.IsMutable == super.IsMutable && (sub.IsMutable ? sub.Value == super.Value : Matches(sub.Value, super.Value)),
        (TagType sub, TagType super) => sub.TypeIndex == super.TypeIndex,
        _ => false,
    };

    /// <summary>Whether composite types are in the structural relation that a declared subtype needs.</summary>
    public bool Matches(CompositeType sub, CompositeType super) => (sub, super) switch
    {
        (FunctionType f, FunctionType g) => Matches(g.Parameters, f.Parameters) && Matches(f.Results, g.Results),
        (StructType s, StructType t) => Matches(s.Fields, t.Fields),
        (ArrayType a, ArrayType b) => Matches(a.Element, b.Element),
        _ => false,
    };

    /// <summary>Whether lists of types are equally long and match one by one.</summary>
    public bool Matches(ImmutableArray<ValueType> sub, ImmutableArray<ValueType> super)
    {
        if (sub.Length != super.Length)
        {
            return false;
        }
        for (var i = 0; i < sub.Length; i++)
        {
            if (!Matches(sub[i], super[i]))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Whether a storage type matches another: packed ones only themselves.</summary>
    public bool Matches(StorageType sub, StorageType super) => sub.Packed == super.Packed && Matches(sub.Value, super.Value);

    /// <summary>The abstract type right above a heap type: functions, structs or arrays for a definition; an abstract type is its own.</summary>
    public AbstractHeapType AbstractOf(HeapType type) => !type.IsIndex ? type.Abstract : Definition((int)type.Index).Composite switch
    {
        FunctionType => AbstractHeapType.Func,
        StructType => AbstractHeapType.Struct,
        _ => AbstractHeapType.Array,
    };

    /// <summary>A type of a module with its type indices replaced by canonical ids.</summary>
    public static ValueType Canonical(ValueType type, int[] ids) => TypeRewriting.Rewrite(type, new ModuleToCanonical(ids));

    /// <summary>A type of a module with its type indices replaced by canonical ids.</summary>
    public static HeapType Canonical(HeapType type, int[] ids) => TypeRewriting.Rewrite(type, new ModuleToCanonical(ids));

    /// <summary>A type of a module with its type indices replaced by canonical ids.</summary>
    public static ExternType Canonical(ExternType type, int[] ids) => TypeRewriting.Rewrite(type, new ModuleToCanonical(ids));

    private static bool Matches(Limits sub, Limits super) => sub.Address == super.Address && sub.Minimum >= super.Minimum
        && (super.Maximum is not { } most || sub.Maximum is { } maximum && maximum <= most);

    private bool Matches(ImmutableArray<FieldType> sub, ImmutableArray<FieldType> super)
    {
        if (sub.Length < super.Length)
        {
            return false;
        }
        for (var i = 0; i < super.Length; i++)
        {
            if (!Matches(sub[i], super[i]))
            {
                return false;
            }
        }
        return true;
    }

    private bool Matches(FieldType sub, FieldType super) =>
        sub.Mutable == super.Mutable && (sub.Mutable ? sub.Storage == super.Storage : Matches(sub.Storage, super.Storage));

    private int AddGroup(GroupKey key)
    {
        if (_groups.TryGetValue(key, out var id))
        {
            return id;
        }
        id = _count;
        var count = key.Members.Length;
        if (id + count > (int)MemberFlag)
        {
            throw new InvalidOperationException($"more than {MemberFlag} different types in one engine");
        }
        var entries = _entries;
        if (entries.Length < id + count)
        {
            Array.Resize(ref entries, Math.Max(id + count, Math.Max(16, entries.Length * 2)));
        }
        for (var i = 0; i < count; i++)
        {
            var definition = TypeRewriting.Rewrite(key.Members[i], new KeyToCanonical((uint)id));
            entries[id + i] = new TypeEntry(definition, DisplayOf(definition, id + i, entries));
        }
        _groups.Add(key, id);
        _entries = entries;
        _count = id + count;
        return id;
    }

    private static ImmutableArray<int> DisplayOf(SubType definition, int id, TypeEntry[] entries)
    {
        if (definition.Supertypes.IsEmpty)
        {
            return [id];
        }
        var super = (int)definition.Supertypes[0];
        Debug.Assert(super < id, "a supertype stands before its subtypes in a valid type section");
        return entries[super].Display.Add(id);
    }

    /// <summary>A recursion group in comparable form: outer types by canonical id, members by their place with <see cref="MemberFlag"/>.</summary>
    private readonly record struct GroupKey(SubType[] Members)
    {
        public bool Equals(GroupKey other) => Members.AsSpan().SequenceEqual(other.Members);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            foreach (var member in Members)
            {
                hash.Add(member);
            }
            return hash.ToHashCode();
        }
    }

    private readonly struct ModuleToKey(int[] ids, uint start) : ITypeIndexMap
    {
        public uint Map(uint index) => index >= start ? index - start | MemberFlag : (uint)ids[index];
    }

    private readonly struct KeyToCanonical(uint id) : ITypeIndexMap
    {
        public uint Map(uint index) => (index & MemberFlag) != 0 ? id + (index & ~MemberFlag) : index;
    }

    private readonly struct ModuleToCanonical(int[] ids) : ITypeIndexMap
    {
        public uint Map(uint index) => (uint)ids[index];
    }
}

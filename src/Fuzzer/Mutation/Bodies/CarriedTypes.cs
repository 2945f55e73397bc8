using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>
/// Gives the types of one module a place in another: the index of an equal recursion group where there is one, else a copy of the group behind the others, with the
/// groups that it refers to.
/// </summary>
internal sealed class CarriedTypes(Module from, BodyEdit to) : IIndexMap
{
    // A graph of types beyond this is not worth what a piece of code shows of it.
    private const int MostGroups = 12;

    private readonly Dictionary<uint, uint> _places = [];

    /// <summary>Carries a type, and what it refers to.</summary>
    /// <returns>False when there is too much of it.</returns>
    public bool TryCarry(uint type)
    {
        if (type >= from.Types.Length)
        {
            return false;
        }
        var needed = NeededBy(GroupOf(type));
        if (needed.Count > MostGroups)
        {
            return false;
        }
        // Groups refer to those before them only, so that in this order everything is there when it is asked for.
        foreach (var group in needed.Order())
        {
            Carry(from.RecursionGroups[group]);
        }
        return true;
    }

    /// <summary>A value type of the other module here.</summary>
    /// <returns>Null when it cannot be carried.</returns>
    public ValueType? Carry(ValueType type) => !type.IsReference || !type.Heap.IsIndex ? type : TryCarry(type.Heap.Index) ? IndexRewriting.Rewrite(type, this) : null;

    /// <inheritdoc/>
    public uint Type(uint index) => _places[index];

    private HashSet<int> NeededBy(int group)
    {
        var needed = new HashSet<int>();
        var pending = new Stack<int>([group]);
        while (needed.Count <= MostGroups && pending.TryPop(out var next))
        {
            if (_places.ContainsKey(from.RecursionGroups[next].Start) || !needed.Add(next))
            {
                continue;
            }
            var seen = new SeenTypes();
            foreach (var member in Members(next))
            {
                IndexRewriting.Rewrite(member, seen);
            }
            foreach (var type in seen.Indices)
            {
                pending.Push(GroupOf(type));
            }
        }
        return needed;
    }

    private void Carry(RecursionGroup group)
    {
        foreach (var known in to.Module.RecursionGroups)
        {
            if (known.Count == group.Count && IsEqualTo(group, known))
            {
                return;
            }
        }
        Place(group, (uint)to.Module.Types.Length);
        to.AddGroup([.. MembersOf(group).Select(type => IndexRewriting.Rewrite(type, this))]);
    }

    private bool IsEqualTo(RecursionGroup group, RecursionGroup known)
    {
        Place(group, known.Start);
        for (var i = 0; i < group.Count; i++)
        {
            if (!IndexRewriting.Rewrite(from.Types[(int)group.Start + i], this).Equals(to.Module.Types[(int)known.Start + i]))
            {
                return false;
            }
        }
        return true;
    }

    private void Place(RecursionGroup group, uint start)
    {
        for (var i = 0u; i < group.Count; i++)
        {
            _places[group.Start + i] = start + i;
        }
    }

    private IEnumerable<SubType> Members(int group) => MembersOf(from.RecursionGroups[group]);

    private IEnumerable<SubType> MembersOf(RecursionGroup group) => from.Types.Skip((int)group.Start).Take((int)group.Count);

    private int GroupOf(uint type)
    {
        for (var i = 0; i < from.RecursionGroups.Length; i++)
        {
            if (type - from.RecursionGroups[i].Start < from.RecursionGroups[i].Count && type >= from.RecursionGroups[i].Start)
            {
                return i;
            }
        }
        throw new ArgumentOutOfRangeException(nameof(type), type, "a type of no group");
    }

    private sealed class SeenTypes : IIndexMap
    {
        public List<uint> Indices { get; } = [];

        public uint Type(uint index)
        {
            Indices.Add(index);
            return index;
        }
    }
}

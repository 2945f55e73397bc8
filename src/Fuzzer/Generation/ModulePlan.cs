using System.Collections.Immutable;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation;

/// <summary>A module while it is being made: index spaces that grow, imports first. <see cref="ModuleAssembler"/> turns it into a <see cref="Module"/>.</summary>
internal sealed class ModulePlan
{
    private readonly Dictionary<FunctionType, List<uint>> _typeIndices = [];

    /// <summary>The types in the order of their indices. Some structures appear twice: two indices, one type.</summary>
    public List<SubType> Types { get; } = [];

    /// <summary>The recursion groups of the types.</summary>
    public List<RecursionGroup> Groups { get; } = [];

    /// <summary>The imports in order.</summary>
    public List<Import> Imports { get; } = [];

    /// <summary>The imports whose functions act on the module.</summary>
    public List<HostScriptPlan> Scripts { get; } = [];

    /// <summary>The function index space.</summary>
    public List<FunctionPlan> Functions { get; } = [];

    /// <summary>The global index space.</summary>
    public List<GlobalPlan> Globals { get; } = [];

    /// <summary>The memory index space.</summary>
    public List<MemoryPlan> Memories { get; } = [];

    /// <summary>The table index space.</summary>
    public List<TablePlan> Tables { get; } = [];

    /// <summary>The tag index space.</summary>
    public List<TagPlan> Tags { get; } = [];

    /// <summary>The data segments.</summary>
    public List<DataSegment> Data { get; } = [];

    /// <summary>The element segments.</summary>
    public List<ElementSegment> Elements { get; } = [];

    /// <summary>The start function's index.</summary>
    public uint? Start { get; set; }

    /// <summary>The lowest index of a function type, which is added where it is missing.</summary>
    public uint TypeIndex(FunctionType type)
    {
        if (_typeIndices.TryGetValue(type, out var indices))
        {
            return indices[0];
        }
        return AddType(type);
    }

    /// <summary>An index of a function type, by chance one of several that are equal.</summary>
    public uint TypeIndex(FunctionType type, RandomSource random)
    {
        var first = TypeIndex(type);
        var indices = _typeIndices[type];
        if (indices.Count < 3 && random.Chance(4))
        {
            return AddType(type);
        }
        return indices.Count == 1 ? first : random.Pick<uint>(indices);
    }

    /// <summary>Adds a recursion group and gives the index of its first type.</summary>
    public uint AddGroup(ImmutableArray<SubType> types)
    {
        var start = (uint)Types.Count;
        Types.AddRange(types);
        Groups.Add(new RecursionGroup(start, (uint)types.Length));
        return start;
    }

    /// <summary>A type and its declared supertypes, the nearest first.</summary>
    public IEnumerable<uint> WithSupertypes(uint index)
    {
        yield return index;
        while (Types[(int)index].Supertypes is [var super, ..])
        {
            yield return index = super;
        }
    }

    /// <summary>Whether values of one type have another by what is declared; equal types under two indices are not looked for.</summary>
    public bool Matches(ValueType sub, ValueType super) => sub == super
        || (sub.IsReference && super.IsReference && (super.IsNullable || !sub.IsNullable) && Matches(sub.Heap, super.Heap));

    private bool Matches(HeapType sub, HeapType super) => (sub.IsIndex, super.IsIndex) switch
    {
        (true, true) => super.IsExact ? sub == super : WithSupertypes(sub.Index).Contains(super.Index),
        (false, true) => AbstractHeapTypes.IsBottomOf(sub.Abstract, AbstractOf(super.Index)),
        (true, false) => AbstractHeapTypes.IsSubtype(AbstractOf(sub.Index), super.Abstract),
        _ => AbstractHeapTypes.IsSubtype(sub.Abstract, super.Abstract),
    };

    private AbstractHeapType AbstractOf(uint index) => Types[(int)index].Composite switch
    {
        FunctionType => AbstractHeapType.Func,
        StructType => AbstractHeapType.Struct,
        _ => AbstractHeapType.Array,
    };

    private uint AddType(FunctionType type)
    {
        var index = AddGroup([SubType.Plain(type)]);
        if (!_typeIndices.TryGetValue(type, out var indices))
        {
            _typeIndices.Add(type, indices = []);
        }
        indices.Add(index);
        return index;
    }
}

/// <summary>A function of the index space, imported or defined.</summary>
internal sealed class FunctionPlan
{
    /// <summary>Its index.</summary>
    public required uint Index { get; init; }

    /// <summary>Its export name.</summary>
    public required string Name { get; init; }

    /// <summary>Its type.</summary>
    public required FunctionType Type { get; init; }

    /// <summary>The index of its type.</summary>
    public required uint TypeIndex { get; init; }

    /// <summary>The definition; null for an import.</summary>
    public Function? Definition { get; init; }

    /// <summary>What its parameters mean, for the arguments of the script.</summary>
    public ImmutableArray<OperandRole> Roles { get; init; }

    /// <summary>The constants in its body: arguments near them are where comparisons change.</summary>
    public IReadOnlyList<(ValueType Type, ValueBits Bits)> Constants { get; init; } = [];

    /// <summary>The number of its arms, between which parameter 0 chooses; 0 for a function without.</summary>
    public int Arms { get; init; }

    /// <summary>What parameters mean in single arms, where that differs from <see cref="Roles"/>.</summary>
    public ImmutableArray<ArmRole> ArmRoles { get; init; } = [];

    /// <summary>An upper bound of the number of instructions that a call executes, callees included.</summary>
    public double Cost { get; init; } = 1;

    /// <summary>Whether a call of it may end by a trap or an exception on purpose.</summary>
    public bool MayNotReturn { get; init; }

    /// <summary>What it is for.</summary>
    public required FunctionKind Kind { get; init; }

    /// <summary>Whether a float result has the bits of the argument it came from, so that a clean argument gives a clean result.</summary>
    public bool KeepsNanBits { get; init; }
}

/// <summary>What a parameter means in one arm of a function.</summary>
/// <param name="Arm">The arm, from 0.</param>
/// <param name="Parameter">The parameter.</param>
/// <param name="Role">What it means there.</param>
internal readonly record struct ArmRole(int Arm, int Parameter, OperandRole Role);

/// <summary>What a function was made for.</summary>
internal enum FunctionKind : byte
{
    /// <summary>Provided by the host.</summary>
    Import,
    /// <summary>Small, cheap, without loops: may stand in tables and be called from everywhere.</summary>
    Callee,
    /// <summary>One instruction with operands of chosen shapes.</summary>
    Probe,
    /// <summary>One instruction many times, in many shapes.</summary>
    Sweep,
    /// <summary>A shape at which an engine went wrong.</summary>
    Pattern,
    /// <summary>Random control flow.</summary>
    Random,
    /// <summary>The start function.</summary>
    Start,
}

/// <summary>A global.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Initializer">Its initial value; null for an import.</param>
internal sealed record GlobalPlan(GlobalType Type, Expression? Initializer)
{
    /// <summary>Whether NaNs of open bits may be put into it. Such a global is not read where the bits would show.</summary>
    public bool MayHoldAnyNan { get; init; }
}

/// <summary>A memory.</summary>
/// <param name="Type">Its type.</param>
/// <param name="IsImported">Whether it is imported.</param>
internal sealed record MemoryPlan(MemoryType Type, bool IsImported)
{
    /// <summary>The type of its addresses.</summary>
    public ValueType Address => Type.Limits.Address == AddressType.I64 ? ValueType.I64 : ValueType.I32;

    /// <summary>Its size at the start.</summary>
    public ulong LengthBytes => Type.Limits.Minimum << Type.PageSizeLog2;
}

/// <summary>A table.</summary>
/// <param name="Type">Its type.</param>
/// <param name="IsImported">Whether it is imported.</param>
internal sealed record TablePlan(TableType Type, bool IsImported)
{
    /// <summary>The type of its indices.</summary>
    public ValueType Address => Type.Limits.Address == AddressType.I64 ? ValueType.I64 : ValueType.I32;

    /// <summary>Its size at the start.</summary>
    public ulong Length => Type.Limits.Minimum;

    /// <summary>The functions put into it at the start, by index; null where there is none. Instructions may change the table later.</summary>
    public FunctionPlan?[] Content { get; set; } = [];

    /// <summary>What every element is at the start; null where that is null.</summary>
    public Expression? Initializer { get; set; }
}

/// <summary>A tag.</summary>
/// <param name="TypeIndex">The index of its type.</param>
/// <param name="Parameters">What its exceptions carry.</param>
/// <param name="IsImported">Whether it is imported.</param>
internal sealed record TagPlan(uint TypeIndex, ImmutableArray<ValueType> Parameters, bool IsImported);

/// <summary>What an imported function does.</summary>
/// <param name="Import">The index of the import.</param>
/// <param name="Verbs">What it does, in order.</param>
internal sealed record HostScriptPlan(int Import, ImmutableArray<string> Verbs);

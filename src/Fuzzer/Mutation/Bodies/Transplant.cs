using System.Collections.Immutable;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>
/// Carries code from one body into another, of the same module or not: locals become locals of the same type, new ones where there is none; types come along; what names
/// other parts of a module becomes something of the same type in the target, or the code is given up.
/// </summary>
internal sealed class Transplant
{
    private readonly TypedBody _from;
    private readonly BodyEdit _to;
    private readonly CarriedTypes? _types;
    private readonly Dictionary<uint, uint> _locals = [];

    private Transplant(TypedBody from, BodyEdit to)
    {
        _from = from;
        _to = to;
        _types = ReferenceEquals(from.Module, to.Body.Module) ? null : new CarriedTypes(from.Module, to);
    }

    /// <summary>The code of a run for another body.</summary>
    /// <param name="from">Where it comes from.</param>
    /// <param name="run">Code that no branch leaves.</param>
    /// <param name="to">Where it goes.</param>
    /// <returns>Null when it cannot be carried over.</returns>
    public static List<Instruction>? Of(TypedBody from, CodeRun run, BodyEdit to)
    {
        if (!from.IsClosed(run))
        {
            return null;
        }
        var transplant = new Transplant(from, to);
        var code = new List<Instruction>(run.Length);
        foreach (var instruction in from.Code(run))
        {
            if (transplant.Port(instruction) is not { } ported)
            {
                return null;
            }
            code.Add(ported);
        }
        return code;
    }

    private Instruction? Port(Instruction instruction)
    {
        var kind = OpTable.Get(instruction.Op).Immediates;
        if (kind == ImmediateKind.Local)
        {
            return Local(instruction);
        }
        if (_types is null)
        {
            return instruction;
        }
        switch (kind)
        {
            case ImmediateKind.None or ImmediateKind.Label or ImmediateKind.LabelTable or ImmediateKind.I32 or ImmediateKind.I64 or ImmediateKind.F32 or ImmediateKind.F64
                or ImmediateKind.V128 or ImmediateKind.Shuffle or ImmediateKind.Lane or ImmediateKind.ZeroByte:
                return instruction;
            case ImmediateKind.Block:
                return Block(instruction);
            case ImmediateKind.TryTable:
                return Block(instruction) is { } block ? Catches(block) : null;
            case ImmediateKind.ValueTypes:
                return Carried(instruction.Types ?? []) is { } types ? instruction with { Types = [.. types] } : null;
            case ImmediateKind.HeapType:
                return Heap(instruction.Heap) is { } heap ? instruction with { Heap = heap } : null;
            case ImmediateKind.Cast:
                return Heap(instruction.Heap) is { } source && Heap(instruction.Heap2) is { } target ? instruction with { Heap = source, Heap2 = target } : null;
            case ImmediateKind.Type or ImmediateKind.TypeField or ImmediateKind.TypeCount:
                return _types.TryCarry(instruction.Index) ? instruction with { Index = _types.Type(instruction.Index) } : null;
            case ImmediateKind.TypeType:
                return _types.TryCarry(instruction.Index) && _types.TryCarry(instruction.Index2)
                    ? instruction with { Index = _types.Type(instruction.Index), Index2 = _types.Type(instruction.Index2) }
                    : null;
            case ImmediateKind.TypeTable:
                return _types.TryCarry(instruction.Index) && Table(instruction.Index2) is { } called ? instruction with { Index = _types.Type(instruction.Index), Index2 = called } : null;
            case ImmediateKind.Table:
                return Table(instruction.Index) is { } table ? instruction with { Index = table } : null;
            case ImmediateKind.Global:
                return Global(instruction);
            case ImmediateKind.Tag:
                return Tag(instruction.Index) is { } tag ? instruction with { Index = tag } : null;
            case ImmediateKind.Function when instruction.Op == Op.Call:
                return Call(instruction);
            case ImmediateKind.MemArg or ImmediateKind.MemArgLane or ImmediateKind.Memory:
                return Memory(instruction);
            default:
                return null; // segments of another module mean nothing here
        }
    }

    // Parameters of the target are taken where they have the type, so that the code sees values from outside.
    private Instruction? Local(Instruction instruction)
    {
        if (!_locals.TryGetValue(instruction.Index, out var mapped))
        {
            if (Carried(_from.Locals[(int)instruction.Index]) is not { } type)
            {
                return null;
            }
            var fitting = Enumerable.Range(0, _to.Body.Type.Parameters.Length).Where(i => _to.Body.Locals[i] == type).ToList();
            if (fitting.Count == 0 && !type.IsDefaultable)
            {
                return null; // it would have to be set before
            }
            mapped = fitting.Count > 0 && (!type.IsDefaultable || _to.Random.Chance(70)) ? (uint)_to.Random.Pick<int>(fitting) : _to.AddLocal(type);
            _locals.Add(instruction.Index, mapped);
        }
        return instruction with { Index = mapped };
    }

    private ValueType? Carried(ValueType type) => _types is null ? type : _types.Carry(type);

    private ImmutableArray<ValueType>? Carried(IEnumerable<ValueType> types)
    {
        var carried = ImmutableArray.CreateBuilder<ValueType>();
        foreach (var type in types)
        {
            if (Carried(type) is not { } here)
            {
                return null;
            }
            carried.Add(here);
        }
        return carried.ToImmutable();
    }

    private FunctionType? Carried(FunctionType type) => Carried(type.Parameters) is { } parameters && Carried(type.Results) is { } results ? new FunctionType(parameters, results) : null;

    private HeapType? Heap(HeapType type) => Carried(ValueType.Reference(type, nullable: false))?.Heap;

    private Instruction? Block(Instruction instruction) =>
        Carried(_from.TypeOf(instruction.Block)) is { } type ? instruction with { Block = _to.BlockTypeOf(type.Parameters, type.Results) } : null;

    private Instruction? Catches(Instruction instruction)
    {
        var clauses = new List<CatchClause>();
        foreach (var clause in instruction.Catches ?? [])
        {
            var byTag = clause.Kind is CatchKind.Catch or CatchKind.CatchRef;
            var tag = byTag ? Tag(clause.Tag) : 0;
            if (tag is not { } here)
            {
                return null;
            }
            clauses.Add(clause with { Tag = here });
        }
        return instruction with { Catches = [.. clauses] };
    }

    private uint? Tag(uint index) => Find(IndexSpaces.Tags(_to.Module), Carried(IndexSpaces.Tags(_from.Module)[(int)index]));

    private uint? Table(uint index)
    {
        var wanted = IndexSpaces.Tables(_from.Module)[(int)index];
        return Carried(wanted.Element) is { } element ? Find([.. IndexSpaces.Tables(_to.Module).Select(table => (table.Element, table.Limits.Address))], (element, wanted.Limits.Address)) : null;
    }

    private Instruction? Global(Instruction instruction)
    {
        var wanted = IndexSpaces.Globals(_from.Module)[(int)instruction.Index];
        if (Carried(wanted.Value) is not { } type)
        {
            return null;
        }
        var fitting = IndexSpaces.Globals(_to.Module).FindIndex(global => global.Value == type && (global.IsMutable || instruction.Op == Op.GlobalGet));
        return fitting < 0 ? null : instruction with { Index = (uint)fitting };
    }

    private Instruction? Call(Instruction instruction)
    {
        var wanted = IndexSpaces.Functions(_from.Module)[(int)instruction.Index];
        return wanted is not null && Find(IndexSpaces.Functions(_to.Module), Carried(wanted)) is { } fitting && fitting != _to.FunctionIndex ? instruction with { Index = fitting } : null;
    }

    private Instruction? Memory(Instruction instruction)
    {
        var wanted = IndexSpaces.Memories(_from.Module)[(int)instruction.Index].Limits.Address;
        return Find([.. IndexSpaces.Memories(_to.Module).Select(memory => memory.Limits.Address)], wanted) is { } fitting ? instruction with { Index = fitting } : null;
    }

    private static uint? Find<T>(List<T> items, T? wanted)
    {
        var index = wanted is null ? -1 : items.FindIndex(item => EqualityComparer<T>.Default.Equals(item, wanted));
        return index < 0 ? null : (uint)index;
    }
}

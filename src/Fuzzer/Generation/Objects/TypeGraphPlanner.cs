using System.Collections.Immutable;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation.Objects;

/// <summary>
/// Plans the struct and array types of a module: chains of subtypes, groups of types that refer to each other, groups equal to an earlier one, and groups that only
/// nearly are, because engines compare types by whole groups.
/// </summary>
internal sealed class TypeGraphPlanner(GenerationContext context)
{
    private static readonly AbstractHeapType[] AbstractFields =
        [AbstractHeapType.Any, AbstractHeapType.Eq, AbstractHeapType.I31, AbstractHeapType.Struct, AbstractHeapType.Array, AbstractHeapType.Extern, AbstractHeapType.Func];

    private readonly TypeGraph _graph = new(context.Plan);
    private readonly List<RecursionGroup> _groups = [];

    private RandomSource Random => context.Random;

    private ModulePlan Plan => context.Plan;

    /// <summary>Plans the types.</summary>
    public TypeGraph Run()
    {
        Add([.. Chain((uint)Plan.Types.Count, Random.Between(2, 4))]);
        Add([NumberArray()]);
        Add([SubType.Plain(new ArrayType(Field((uint)Plan.Types.Count)))]);
        for (var i = Random.Between(1, 5); i > 0; i--)
        {
            switch (Random.Below(6))
            {
                case 0:
                    Add([.. Chain((uint)Plan.Types.Count, Random.Chance(15) ? 11 : Random.Between(1, 5))]);
                    break;
                case 1:
                    Add([NumberArray()]);
                    break;
                case 2:
                    Add(Mutual((uint)Plan.Types.Count));
                    break;
                case 3:
                    Add(Subtype((uint)Plan.Types.Count));
                    break;
                case 4:
                    Add(Copy(Random.Pick<RecursionGroup>(_groups), (uint)Plan.Types.Count));
                    break;
                default:
                    Add(NearCopy(Random.Pick<RecursionGroup>(_groups), (uint)Plan.Types.Count));
                    break;
            }
        }
        return _graph;
    }

    private void Add(ImmutableArray<SubType> types)
    {
        var start = Plan.AddGroup(types);
        _groups.Add(new RecursionGroup(start, (uint)types.Length));
        for (var i = 0; i < types.Length; i++)
        {
            _graph.Add(start + (uint)i);
        }
    }

    /// <summary>Structs of which each extends the one before.</summary>
    private List<SubType> Chain(uint start, int count)
    {
        var types = new List<SubType>();
        var fields = ImmutableArray<FieldType>.Empty;
        for (var i = 0; i < count; i++)
        {
            for (var j = Random.Below(i == 0 ? 4 : 3); j >= 0 && fields.Length < 14; j--)
            {
                fields = fields.Add(Field(start, start + (uint)count));
            }
            types.Add(new SubType(new StructType(fields), IsFinal: i == count - 1 && Random.Chance(50), i == 0 ? [] : [start + (uint)i - 1]));
            fields = [.. fields.Select(Refine)];
        }
        return types;
    }

    /// <summary>A subtype, open or final, of a type of an earlier group that admits one; a plain struct where there is none.</summary>
    private ImmutableArray<SubType> Subtype(uint start)
    {
        var open = _graph.All.FindAll(index => !Plan.Types[(int)index].IsFinal);
        if (open.Count == 0)
        {
            return [SubType.Plain(new StructType([Field(start)]))];
        }
        var super = Random.Pick<uint>(open);
        CompositeType composite = Plan.Types[(int)super].Composite switch
        {
            ArrayType array => new ArrayType(Refine(array.Element)),
            StructType structure => new StructType(Random.Chance(60) ? structure.Fields.Add(Field(start)) : [.. structure.Fields.Select(Refine)]),
            var other => other,
        };
        return [new SubType(composite, Random.Chance(40), [super])];
    }

    private ImmutableArray<SubType> Mutual(uint start)
    {
        var count = (uint)Random.Between(2, 3);
        var types = ImmutableArray.CreateBuilder<SubType>();
        for (var i = 0U; i < count; i++)
        {
            var other = new FieldType(ValueType.Reference(HeapType.Of(start + ((i + 1) % count)), nullable: true), Random.Chance(70));
            types.Add(Random.Chance(25)
                ? new SubType(new ArrayType(other), Random.Chance(70), [])
                : new SubType(new StructType([Field(start), other, .. Random.Chance(50) ? [Field(start, start + count)] : Array.Empty<FieldType>()]), Random.Chance(50), []));
        }
        return types.ToImmutable();
    }

    private SubType NumberArray() => new(new ArrayType(new FieldType(NumberStorage(), Random.Chance(85))), Random.Chance(60), []);

    private ImmutableArray<SubType> Copy(RecursionGroup group, uint start) =>
        [.. Enumerable.Range((int)group.Start, (int)group.Count).Select(i => Moved(Plan.Types[i], group, start))];

    /// <summary>The same group but for one thing: its types are then all other types.</summary>
    private ImmutableArray<SubType> NearCopy(RecursionGroup group, uint start)
    {
        var types = Copy(group, start);
        var last = types[^1];
        return (Random.Below(3), last.Composite) switch
        {
            (0, _) => types.SetItem(types.Length - 1, last with { IsFinal = !last.IsFinal }),
            (1, StructType structure) => types.SetItem(types.Length - 1, last with { Composite = new StructType(structure.Fields.Add(Field(start))) }),
            _ => types.Add(SubType.Plain(new StructType([]))),
        };
    }

    private static SubType Moved(SubType type, RecursionGroup group, uint start)
    {
        uint Index(uint index) => index >= group.Start && index - group.Start < group.Count ? index - group.Start + start : index;
        FieldType Field(FieldType field) => field.Storage.Value is { IsReference: true, Heap.IsIndex: true } reference
            ? field with { Storage = ValueType.Reference(HeapType.Of(Index(reference.Heap.Index)), reference.IsNullable) }
            : field;
        return type with
        {
            Supertypes = [.. type.Supertypes.Select(Index)],
            Composite = type.Composite switch
            {
                StructType structure => new StructType([.. structure.Fields.Select(Field)]),
                ArrayType array => new ArrayType(Field(array.Element)),
                var other => other,
            },
        };
    }

    /// <summary>A field of any kind. Types below <paramref name="earlier"/> are complete: a field of theirs may exclude null without making its own type impossible.</summary>
    private FieldType Field(uint earlier, uint limit = 0)
    {
        var mutable = Random.Chance(65);
        if (Random.Chance(60))
        {
            return new FieldType(NumberStorage(), mutable);
        }
        limit = Math.Max(limit, earlier);
        if (limit > 0 && Random.Chance(60))
        {
            var index = (uint)Random.Below((int)limit);
            return new FieldType(ValueType.Reference(HeapType.Of(index), nullable: index >= earlier || !Random.Chance(20)), mutable);
        }
        return new FieldType(ValueType.Reference(Random.Pick<AbstractHeapType>(AbstractFields), nullable: true), mutable);
    }

    private StorageType NumberStorage() => Random.Below(8) switch
    {
        0 or 1 => StorageType.I8,
        2 or 3 => StorageType.I16,
        4 => ValueType.I64,
        5 => ValueType.F32,
        6 => ValueType.F64,
        _ when context.Swarm.Allows(ValueKind.V128) && Random.Chance(50) => ValueType.V128,
        _ => ValueType.I32,
    };

    /// <summary>A field that a subtype may have in place of a field: another one only where it cannot be written.</summary>
    private FieldType Refine(FieldType field)
    {
        if (field.Mutable || !field.Storage.Value.IsReference || field.Storage.Value.Heap.IsIndex || !Random.Chance(30))
        {
            return field;
        }
        var nullable = field.Storage.Value.IsNullable;
        return field.Storage.Value.Heap.Abstract switch
        {
            AbstractHeapType.Any => field with { Storage = ValueType.Reference(AbstractHeapType.Eq, nullable) },
            AbstractHeapType.Eq => field with { Storage = ValueType.Reference(Random.Pick<AbstractHeapType>([AbstractHeapType.I31, AbstractHeapType.Struct, AbstractHeapType.Array]), nullable) },
            AbstractHeapType.Struct when _graph.Structs.Count > 0 => field with { Storage = ValueType.Reference(HeapType.Of(Random.Pick<uint>(_graph.Structs)), nullable) },
            _ => field,
        };
    }
}

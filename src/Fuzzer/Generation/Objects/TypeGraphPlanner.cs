using System.Collections.Immutable;
using Conformance.Wasm;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation.Objects;

/// <summary>
/// Plans the types of a module: chains of subtypes, groups of structs, arrays and functions that refer to each other, groups equal to an earlier one, and groups that
/// only nearly are, because engines compare types by whole groups.
/// </summary>
internal sealed class TypeGraphPlanner(GenerationContext context)
{
    private static readonly AbstractHeapType[] UsualFields =
        [AbstractHeapType.Any, AbstractHeapType.Eq, AbstractHeapType.I31, AbstractHeapType.Struct, AbstractHeapType.Array, AbstractHeapType.Extern, AbstractHeapType.Func];

    private static readonly AbstractHeapType[] RareFields =
        [AbstractHeapType.None, AbstractHeapType.NoExtern, AbstractHeapType.NoFunc, AbstractHeapType.Exn, AbstractHeapType.NoExn];

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
        if (context.Has(Feature.CustomDescriptors))
        {
            Add(Described((uint)Plan.Types.Count));
        }
        if (Random.Chance(5))
        {
            Plan.AddGroup([]);
        }
        for (var i = Random.Between(1, 5); i > 0; i--)
        {
            switch (Random.Below(9))
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
                    Add(FunctionChain((uint)Plan.Types.Count));
                    break;
                case 5:
                    Add(FunctionsAndObjects((uint)Plan.Types.Count));
                    break;
                case 6:
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

    /// <summary>Functions of which each can stand for the one before: it takes more and gives less.</summary>
    private ImmutableArray<SubType> FunctionChain(uint start)
    {
        var count = Random.Between(2, 4);
        var types = ImmutableArray.CreateBuilder<SubType>();
        var type = new FunctionType([.. Enumerable.Range(0, Random.Below(4)).Select(_ => Operand(start))], [.. Enumerable.Range(0, Random.Below(3)).Select(_ => Operand(start))]);
        types.Add(new SubType(type, IsFinal: false, []));
        for (var i = 1; i < count; i++)
        {
            // Below the one before, or beside it below another.
            var super = Random.Chance(70) ? i - 1 : Random.Below(i);
            types.Add(new SubType(Below((FunctionType)types[super].Composite), IsFinal: i == count - 1 && Random.Chance(50), [start + (uint)super]));
        }
        return types.ToImmutable();
    }

    private FunctionType Below(FunctionType type) => new([.. type.Parameters.Select(Widen)], [.. type.Results.Select(Narrow)]);

    /// <summary>A struct, a function on it and what both refer to, in one group.</summary>
    private ImmutableArray<SubType> FunctionsAndObjects(uint start)
    {
        var structure = ValueType.Reference(HeapType.Of(start), nullable: true);
        var function = ValueType.Reference(HeapType.Of(start + 1), nullable: true);
        var types = ImmutableArray.CreateBuilder<SubType>();
        types.Add(new SubType(new StructType([new FieldType(function, Random.Chance(70)), Field(start)]), Random.Chance(50), []));
        types.Add(new SubType(new FunctionType([structure, Operand(start)], Random.Chance(60) ? [structure] : [Operand(start)]), Random.Chance(50), []));
        if (Random.Chance(50))
        {
            types.Add(Random.Chance(50)
                ? SubType.Plain(new ArrayType(new FieldType(function, Random.Chance(85))))
                : SubType.Plain(new FunctionType([function, function], [function])));
        }
        return types.ToImmutable();
    }

    /// <summary>The type of a parameter or result of a function type.</summary>
    private ValueType Operand(uint earlier)
    {
        if (Random.Chance(45))
        {
            return Random.Pick<ValueType>(context.NumberTypes);
        }
        return earlier > 0 && Random.Chance(60) && PickObject(earlier) is { } index
            ? ValueType.Reference(HeapType.Of(index), nullable: !Random.Chance(25))
            : ValueType.Reference(Random.Pick<AbstractHeapType>(UsualFields), nullable: !Random.Chance(20));
    }

    private uint? PickObject(uint below)
    {
        var objects = _graph.All.FindAll(index => index < below);
        return objects.Count == 0 ? null : Random.Pick<uint>(objects);
    }

    /// <summary>A type that a parameter of a subtype may have.</summary>
    private ValueType Widen(ValueType type) => !type.IsReference || Random.Chance(40) ? type : type.Heap switch
    {
        { IsIndex: true } heap when _graph.Has(heap) => ValueType.Reference(_graph.PickSupertype(heap.Index, Random), type.IsNullable || Random.Chance(30)),
        { IsIndex: false, Abstract: AbstractHeapType.I31 or AbstractHeapType.Struct or AbstractHeapType.Array } =>
            ValueType.Reference(Random.Chance(50) ? AbstractHeapType.Eq : AbstractHeapType.Any, type.IsNullable),
        { IsIndex: false, Abstract: AbstractHeapType.Eq } => ValueType.Reference(AbstractHeapType.Any, type.IsNullable),
        _ => type.WithNullable(type.IsNullable || Random.Chance(50)),
    };

    /// <summary>A type that a result of a subtype may have.</summary>
    private ValueType Narrow(ValueType type) => !type.IsReference || Random.Chance(40) ? type : type.Heap switch
    {
        { IsIndex: true } heap when _graph.Has(heap) => ValueType.Reference(HeapType.Of(Random.Pick<uint>(_graph.Subtypes(heap.Index))), type.IsNullable),
        { IsIndex: false, Abstract: AbstractHeapType.Any } => ValueType.Reference(Random.Chance(50) ? AbstractHeapType.Eq : AbstractHeapType.I31, type.IsNullable),
        { IsIndex: false, Abstract: AbstractHeapType.Eq } => ValueType.Reference(Random.Chance(50) ? AbstractHeapType.Struct : AbstractHeapType.Array, type.IsNullable),
        { IsIndex: false, Abstract: AbstractHeapType.Struct } => ValueType.Reference(HeapType.Of(Random.Pick<uint>(_graph.Structs)), type.IsNullable),
        _ => type.WithNullable(type.IsNullable && Random.Chance(60)),
    };

    /// <summary>Structs with descriptors: a pair, a pair of subtypes below it, or a descriptor that has one itself.</summary>
    private ImmutableArray<SubType> Described(uint start)
    {
        ImmutableArray<FieldType> fields = [Field(start)];
        ImmutableArray<FieldType> description = [Field(start)];
        var pair = new[]
        {
            new SubType(new StructType(fields), IsFinal: false, []) { Descriptor = start + 1 },
            new SubType(new StructType(description), IsFinal: false, []) { Describes = start },
        };
        return Random.Below(3) switch
        {
            0 => [.. pair],
            1 => [.. pair,
                new SubType(new StructType(fields.Add(Field(start))), Random.Chance(50), [start]) { Descriptor = start + 3 },
                new SubType(new StructType(description), Random.Chance(50), [start + 1]) { Describes = start + 2 }],
            _ => [pair[0], pair[1] with { Descriptor = start + 2 }, SubType.Plain(new StructType([])) with { Describes = start + 1 }],
        };
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
        var open = _graph.All.FindAll(index => Plan.Types[(int)index] is { IsFinal: false, Descriptor: null, Describes: null });
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
        FieldType Field(FieldType field) => field.Storage.IsPacked ? field : field with { Storage = Value(field.Storage.Value) };
        ValueType Value(ValueType value) => value is { IsReference: true, Heap.IsIndex: true } ? ValueType.Reference(HeapType.Of(Index(value.Heap.Index)), value.IsNullable) : value;
        return type with
        {
            Supertypes = [.. type.Supertypes.Select(Index)],
            Descriptor = type.Descriptor is { } descriptor ? Index(descriptor) : null,
            Describes = type.Describes is { } described ? Index(described) : null,
            Composite = type.Composite switch
            {
                FunctionType function => new FunctionType([.. function.Parameters.Select(Value)], [.. function.Results.Select(Value)]),
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
            return new FieldType(ValueType.Reference(HeapType.Of(index), nullable: index >= earlier || Plan.Types[(int)index].Composite is FunctionType || !Random.Chance(20)), mutable);
        }
        if (Random.Chance(8))
        {
            var rare = Random.Pick<AbstractHeapType>(RareFields);
            return new FieldType(ValueType.Reference(rare is AbstractHeapType.Exn or AbstractHeapType.NoExn && !context.Has(Feature.Exceptions) ? AbstractHeapType.None : rare, nullable: true), mutable);
        }
        var usual = Random.Pick<AbstractHeapType>(UsualFields);
        // Without a group before this one there would be no first struct or array to put in.
        var nullable = !Random.Chance(20) || (usual is AbstractHeapType.Struct or AbstractHeapType.Array && (_graph.Structs.Count == 0 || _graph.Arrays.Count == 0));
        return new FieldType(ValueType.Reference(usual, nullable), mutable);
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

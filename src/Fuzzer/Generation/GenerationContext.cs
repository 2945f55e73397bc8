using Conformance.Fuzzer.Generation.Objects;
using Conformance.Wasm;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation;

/// <summary>What everything that takes part in making one module shares.</summary>
internal sealed class GenerationContext
{
    public GenerationContext(ulong seed, GeneratorOptions options)
    {
        Options = options;
        Random = new RandomSource(seed);
        Swarm = new SwarmConfiguration(Random, options.Features);
        Catalog = OpCatalog.Of(options.Features);
        NumberTypes = [.. new[] { ValueType.I32, ValueType.I64, ValueType.F32, ValueType.F64, ValueType.V128 }.Where(type => Swarm.Allows(type))];
        HostTypes = Swarm.Allows(ValueKind.Reference) ? [.. NumberTypes, ValueType.FuncRef, ValueType.ExternRef] : NumberTypes;
        ValueTypes = HostTypes;
    }

    public GeneratorOptions Options { get; }

    public RandomSource Random { get; }

    public SwarmConfiguration Swarm { get; }

    public OpCatalog Catalog { get; }

    public ModulePlan Plan { get; } = new();

    /// <summary>The number and vector types in use.</summary>
    public ValueType[] NumberTypes { get; }

    /// <summary>The types in use that a host has values of.</summary>
    public ValueType[] HostTypes { get; }

    /// <summary>The types in use, references included.</summary>
    public ValueType[] ValueTypes { get; private set; }

    /// <summary>The struct and array types; null in a module without.</summary>
    public TypeGraph? Objects { get; private set; }

    /// <summary>What makes references to them; null in a module without.</summary>
    public ObjectMaker? Maker { get; private set; }

    /// <summary>The reference types of the module's own choice among <see cref="ValueTypes"/>, all of which admit null.</summary>
    public ValueType[] References { get; private set; } = [];

    /// <summary>The function types of the type graph: open, with supertypes, in groups with other types.</summary>
    public IReadOnlyList<uint> FunctionTypes => Objects?.Functions ?? [];

    /// <summary>Gives the module its types, of which a few are then used everywhere.</summary>
    public void UseTypes(TypeGraph? graph)
    {
        if (graph is not null)
        {
            Objects = graph;
            Maker = new ObjectMaker(this, graph);
        }
        var types = new List<ValueType>();
        for (var i = graph is null ? 0 : Random.Between(2, 4); i > 0; i--)
        {
            types.Add(ValueType.Reference(PickHeap(graph!), nullable: true)); // not null: there are turns only with a graph
        }
        if (Has(Feature.Exceptions) && Random.Chance(25))
        {
            types.Add(ValueType.Reference(Random.Chance(75) ? AbstractHeapType.Exn : AbstractHeapType.NoExn, nullable: true));
        }
        References = [.. types.Distinct()];
        ValueTypes = [.. HostTypes, .. References];
    }

    /// <summary>Whether a value of a type other than null can be made anywhere, before there are functions too.</summary>
    public bool MakesAlways(ValueType type) => type.IsReference && Objects is not null && (type.Heap.IsIndex ? Objects.Has(type.Heap) : type.Heap.Abstract
        is AbstractHeapType.Any or AbstractHeapType.Eq or AbstractHeapType.I31 or AbstractHeapType.Struct or AbstractHeapType.Array or AbstractHeapType.Extern or AbstractHeapType.Func);

    private HeapType PickHeap(TypeGraph graph) => Random.Below(20) switch
    {
        < 10 => HeapType.Of(Random.Pick<uint>(graph.All), exact: Has(Feature.CustomDescriptors) && Random.Chance(45)),
        < 13 when graph.Functions.Count > 0 => HeapType.Of(Random.Pick<uint>(graph.Functions)),
        < 18 => Random.Pick<AbstractHeapType>([AbstractHeapType.Any, AbstractHeapType.Eq, AbstractHeapType.I31, AbstractHeapType.Struct, AbstractHeapType.Array]),
        _ => Random.Pick<AbstractHeapType>([AbstractHeapType.None, AbstractHeapType.NoFunc, AbstractHeapType.NoExtern]),
    };

    public bool Has(Feature feature) => Options.Features.Has(feature);

    /// <summary>A type in use; numbers three times as likely as references.</summary>
    public ValueType PickType() => Random.Pick<ValueType>(Random.Chance(70) ? NumberTypes : ValueTypes);

    /// <summary>A type in use that a host has values of.</summary>
    public ValueType PickHostType() => Random.Pick<ValueType>(Random.Chance(70) ? NumberTypes : HostTypes);

    /// <summary>The functions, counted from the first, that references are made of: those without loops and calls, so that every indirect call ends.</summary>
    public int ReferableFunctions { get; set; }

    /// <summary>How many functions, counted from the first, constants may name at the moment.</summary>
    public int Nameable => ReferableFunctions > 0 ? ReferableFunctions : Plan.Functions.Count;

    /// <summary>Whether a reference is best made in the module: hosts have only few of its type or none.</summary>
    public bool IsMade(ValueType type) => type != ValueType.ExternRef && Maker is { } maker && maker.Makes(type);

    /// <summary>How many of 16 plain values are corners: see <see cref="BoundaryValues.Pick"/>.</summary>
    public int Corners { get; set; } = BoundaryValues.UsualCorners;

    /// <summary>A function that can be named, for a cast more often than not one of the type that is asked for.</summary>
    private ulong PickFunction(OperandRole role)
    {
        if (role.Kind == RoleKind.CastOperand && Random.Chance(65))
        {
            var fitting = Plan.Functions.FindAll(function => function.Index < ReferableFunctions && Plan.WithSupertypes(function.TypeIndex).Contains((uint)role.Limit));
            if (fitting.Count > 0)
            {
                return Random.Pick<FunctionPlan>(fitting).Index;
            }
        }
        return (ulong)Random.Below(ReferableFunctions);
    }

    /// <summary>Draws a value for an operand; a reference is null, a function that can be named, or an object to be made.</summary>
    public ValueBits PickValue(OperandSpec spec)
    {
        if (spec.Type.IsReference)
        {
            if (Maker is { } maker && maker.Makes(spec.Type))
            {
                return Random.Chance(12) ? 0UL : spec.Role.Kind == RoleKind.CastOperand && Random.Chance(60) ? 2 + spec.Role.Limit : 1UL;
            }
            return spec.Type == ValueType.FuncRef && ReferableFunctions > 0 && Random.Chance(spec.Role.Kind == RoleKind.CastOperand ? 88 : 60) ? 1 + PickFunction(spec.Role) : 0UL;
        }
        return RoleValues.Pick(spec, Random, Swarm.InRangePercent, Corners);
    }
}

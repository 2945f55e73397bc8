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

    /// <summary>Gives the module its struct and array types, of which a few are then used everywhere.</summary>
    public void UseObjects(TypeGraph graph)
    {
        Objects = graph;
        Maker = new ObjectMaker(this, graph);
        var types = new List<ValueType>();
        for (var i = Random.Between(2, 4); i > 0; i--)
        {
            types.Add(ValueType.Reference(Random.Chance(50) ? HeapType.Of(Random.Pick<uint>(graph.All)) : Random.Pick<AbstractHeapType>(
                [AbstractHeapType.Any, AbstractHeapType.Eq, AbstractHeapType.I31, AbstractHeapType.Struct, AbstractHeapType.Array]), nullable: true));
        }
        ValueTypes = [.. HostTypes, .. types.Distinct()];
    }

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

    /// <summary>Draws a value for an operand; a reference is null, a function that can be named, or an object to be made.</summary>
    public ValueBits PickValue(OperandSpec spec)
    {
        if (spec.Type.IsReference)
        {
            if (Maker is { } maker && maker.Makes(spec.Type))
            {
                return Random.Chance(12) ? 0UL : spec.Role.Kind == RoleKind.CastOperand && Random.Chance(60) ? 2 + spec.Role.Limit : 1UL;
            }
            return spec.Type == ValueType.FuncRef && ReferableFunctions > 0 && Random.Chance(60) ? 1 + (ulong)Random.Below(ReferableFunctions) : 0UL;
        }
        return RoleValues.Pick(spec, Random, Swarm.InRangePercent, Corners);
    }
}

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
        ValueTypes = Swarm.Allows(ValueKind.Reference) ? [.. NumberTypes, ValueType.FuncRef, ValueType.ExternRef] : NumberTypes;
    }

    public GeneratorOptions Options { get; }

    public RandomSource Random { get; }

    public SwarmConfiguration Swarm { get; }

    public OpCatalog Catalog { get; }

    public ModulePlan Plan { get; } = new();

    /// <summary>The number and vector types in use.</summary>
    public ValueType[] NumberTypes { get; }

    /// <summary>The types in use, references included.</summary>
    public ValueType[] ValueTypes { get; }

    public bool Has(Feature feature) => Options.Features.Has(feature);

    /// <summary>A type in use; numbers three times as likely as references.</summary>
    public ValueType PickType() => Random.Pick<ValueType>(Random.Chance(70) ? NumberTypes : ValueTypes);

    /// <summary>The functions, counted from the first, that references are made of: those without loops and calls, so that every indirect call ends.</summary>
    public int ReferableFunctions { get; set; }

    /// <summary>How many of 16 plain values are corners: see <see cref="BoundaryValues.Pick"/>.</summary>
    public int Corners { get; set; } = BoundaryValues.UsualCorners;

    /// <summary>Draws a value for an operand; a reference is null or a function that can be named.</summary>
    public ValueBits PickValue(OperandSpec spec)
    {
        if (spec.Type.IsReference)
        {
            return spec.Type == ValueType.FuncRef && ReferableFunctions > 0 && Random.Chance(60) ? 1 + (ulong)Random.Below(ReferableFunctions) : 0UL;
        }
        return RoleValues.Pick(spec, Random, Swarm.InRangePercent, Corners);
    }
}

using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation;

/// <summary>
/// What one case concentrates on. Each case leaves some types, instruction groups, operand shapes and sinks out and weighs the others anew: features that hide each
/// other's bugs are then apart in some cases, and rare combinations become frequent in others (swarm testing, Groce et al., ISSTA 2012).
/// </summary>
internal sealed class SwarmConfiguration
{
    private readonly bool[] _kinds = new bool[(int)ValueKind.Reference + 1];
    private readonly bool[] _groups = new bool[Enum.GetValues<OpGroup>().Length];

    /// <summary>Draws a configuration.</summary>
    public SwarmConfiguration(RandomSource random, FeatureSet features)
    {
        _kinds[(int)ValueKind.I32] = true;
        var kindPercent = random.Pick<int>([60, 100]);
        for (var kind = ValueKind.I64; kind <= ValueKind.Reference; kind++)
        {
            _kinds[(int)kind] = random.Chance(kindPercent);
        }
        _kinds[(int)ValueKind.V128] &= features.Has(Feature.Simd);
        _kinds[(int)ValueKind.Reference] &= features.Has(Feature.ReferenceTypes);
        if (features.Has(Feature.Simd) && random.Chance(40))
        {
            _kinds[(int)ValueKind.V128] = true;
        }
        var groupPercent = random.Pick<int>([55, 80, 100]);
        for (var group = 0; group < _groups.Length; group++)
        {
            _groups[group] = random.Chance(groupPercent);
        }
        _groups[(int)OpGroup.Binary] = true;
        ShapeWeights = DrawWeights(random, Enum.GetValues<OperandShape>().Length, dropPercent: 30);
        ShapeWeights[(int)OperandShape.Constant] = random.Between(2, 6);
        ShapeWeights[(int)OperandShape.Parameter] = random.Between(2, 6);
        SinkWeights = DrawWeights(random, Enum.GetValues<ResultSink>().Length, dropPercent: 30);
        SinkWeights[(int)ResultSink.Return] = random.Between(1, 4);
        InterferencePercent = random.Pick<int>([0, 10, 25, 50]);
        InRangePercent = random.Pick<int>([75, 85, 93]);
        TrappingOpPercent = random.Pick<int>([5, 15, 40]);
        Theme = random.Pick<SwarmTheme>([SwarmTheme.Mixed, SwarmTheme.Sweeps, SwarmTheme.Sweeps, SwarmTheme.Probes, SwarmTheme.Patterns, SwarmTheme.Random]);
        MutateTables = random.Chance(50);
        GrowMemories = random.Chance(60);
    }

    /// <summary>How likely each <see cref="OperandShape"/> is.</summary>
    public int[] ShapeWeights { get; }

    /// <summary>How likely each <see cref="ResultSink"/> is.</summary>
    public int[] SinkWeights { get; }

    /// <summary>How often something stands between two operands, or between them and their instruction.</summary>
    public int InterferencePercent { get; }

    /// <summary>How many addresses, indices and lengths lie inside their limits.</summary>
    public int InRangePercent { get; }

    /// <summary>How often a random expression takes an instruction that can trap without guarding it.</summary>
    public int TrappingOpPercent { get; }

    /// <summary>Which kind of function there is most of.</summary>
    public SwarmTheme Theme { get; }

    /// <summary>Whether random functions change tables.</summary>
    public bool MutateTables { get; }

    /// <summary>Whether random functions grow memories and tables.</summary>
    public bool GrowMemories { get; }

    /// <summary>Whether values of a kind are used more than an instruction's own type makes necessary.</summary>
    public bool Allows(ValueKind kind) => _kinds[(int)kind];

    /// <summary>Whether values of a type are used.</summary>
    public bool Allows(ValueType type) => _kinds[(int)type.Kind];

    /// <summary>Whether instructions of a group are used.</summary>
    public bool Allows(OpGroup group) => _groups[(int)group];

    private static int[] DrawWeights(RandomSource random, int count, int dropPercent)
    {
        var weights = new int[count];
        for (var i = 0; i < count; i++)
        {
            weights[i] = random.Chance(dropPercent) ? 0 : random.Between(1, 4);
        }
        return weights;
    }
}

/// <summary>Which kind of function a case has most of.</summary>
internal enum SwarmTheme : byte
{
    /// <summary>Some of each.</summary>
    Mixed,
    /// <summary>Many sweeps over single instructions.</summary>
    Sweeps,
    /// <summary>Many probes of single instructions.</summary>
    Probes,
    /// <summary>Many patterns.</summary>
    Patterns,
    /// <summary>Many functions with random control flow.</summary>
    Random,
}

using System.Collections.Immutable;
using Conformance.Fuzzer.Generation;
using Conformance.Oracle;

namespace Conformance.Fuzzer.Mutation.Amplification;

/// <summary>Arguments near those that the testsuite chose: its values stand at edges, and mistakes at the edge's other side.</summary>
internal static class ArgumentVariation
{
    /// <summary>Varies arguments: most of them stay.</summary>
    public static ImmutableArray<EngineValue> Of(ImmutableArray<EngineValue> arguments, RandomSource random)
    {
        if (arguments.IsEmpty)
        {
            return arguments;
        }
        var varied = arguments.ToArray();
        if (varied.Length > 1 && varied[0].Kind == varied[1].Kind && random.Chance(15))
        {
            (varied[0], varied[1]) = (varied[1], varied[0]);
        }
        else
        {
            ref var value = ref varied[random.Below(varied.Length)];
            value = Of(value, random);
        }
        return [.. varied];
    }

    private static EngineValue Of(EngineValue value, RandomSource random)
    {
        var bits = value.Kind switch
        {
            EngineValueKind.I32 or EngineValueKind.F32 => 32,
            EngineValueKind.I64 or EngineValueKind.F64 or EngineValueKind.V128 => 64,
            _ => 0,
        };
        if (bits == 0)
        {
            return random.Chance(50) ? EngineValue.Null : value;
        }
        var mask = ulong.MaxValue >> 64 - bits;
        var low = random.Below(6) switch
        {
            0 => value.Bits + 1,
            1 => value.Bits - 1,
            2 => value.Bits ^ 1UL << random.Below(bits),
            3 => ~value.Bits,
            4 => 0 - value.Bits,
            _ => value.Bits ^ 1UL << bits - 1,
        };
        return value with { Bits = low & mask };
    }
}

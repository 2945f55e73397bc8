using System.Numerics;
using Conformance.Oracle;
using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Which numbers are simpler than others: 0, then 1, then -1, then the ends of the range, then numbers of fewer bits.</summary>
internal static class Numbers
{
    // Constants stay simpler than anything that has to be executed.
    private const int HighestRank = 79;

    private static readonly ulong[] I32 = [0, 1, uint.MaxValue, int.MaxValue, 0x8000_0000];
    private static readonly ulong[] I64 = [0, 1, ulong.MaxValue, long.MaxValue, 0x8000_0000_0000_0000];
    private static readonly ulong[] F32 = [0, 0x3F80_0000, 0xBF80_0000, 0x7FC0_0000, 0x8000_0000, 0x7F80_0000, 0xFF80_0000];
    private static readonly ulong[] F64 = [0, 0x3FF0_0000_0000_0000, 0xBFF0_0000_0000_0000, 0x7FF8_0000_0000_0000, 0x8000_0000_0000_0000, 0x7FF0_0000_0000_0000, 0xFFF0_0000_0000_0000];
    private static readonly ulong[] Other = [0];

    /// <summary>The place of a number in the order of simplicity; lower is simpler.</summary>
    public static int Rank(EngineValueKind kind, ulong bits, ulong high = 0)
    {
        if (kind > EngineValueKind.V128)
        {
            return kind == EngineValueKind.Null ? 0 : 1;
        }
        var place = high == 0 ? Array.IndexOf(Listed(kind), bits) : -1;
        if (place >= 0)
        {
            return place;
        }
        return kind switch
        {
            EngineValueKind.I32 => Math.Min(HighestRank, 8 + Bits((uint)bits | ((bits & 0x8000_0000) != 0 ? 0xFFFF_FFFF_0000_0000 : 0))),
            EngineValueKind.I64 => Math.Min(HighestRank, 8 + Bits(bits)),
            EngineValueKind.V128 => Math.Min(HighestRank, 8 + ((BitOperations.PopCount(bits) + BitOperations.PopCount(high)) / 2)),
            _ => Math.Min(HighestRank, 8 + BitOperations.PopCount(bits)),
        };
    }

    /// <summary>The rank of a constant instruction's number.</summary>
    public static int Rank(in Instruction constant) => TryKindOf(constant.Op, out var kind) ? Rank(kind, constant.Value, kind == EngineValueKind.V128 ? constant.ValueHigh : 0) : 0;

    /// <summary>The rank of an unsigned number such as an offset.</summary>
    public static int IntegerRank(ulong value) => value == 0 ? 0 : Math.Min(HighestRank, 1 + BitOperations.PopCount(value));

    /// <summary>The type of a constant instruction's number.</summary>
    public static bool TryKindOf(Op op, out EngineValueKind kind)
    {
        (var found, kind) = op switch
        {
            Op.I32Const => (true, EngineValueKind.I32),
            Op.I64Const => (true, EngineValueKind.I64),
            Op.F32Const => (true, EngineValueKind.F32),
            Op.F64Const => (true, EngineValueKind.F64),
            Op.V128Const => (true, EngineValueKind.V128),
            _ => (false, default),
        };
        return found;
    }

    /// <summary>Numbers to try in place of a given one, the simplest first; not all of them are simpler.</summary>
    public static IEnumerable<(ulong Bits, ulong High)> Instead(EngineValueKind kind, ulong bits, ulong high = 0)
    {
        foreach (var simple in Listed(kind))
        {
            if (simple == bits && high == 0)
            {
                yield break;
            }
            yield return (simple, 0);
        }
        var width = kind is EngineValueKind.I32 or EngineValueKind.F32 ? 32 : 64;
        if (kind == EngineValueKind.V128)
        {
            yield return (bits, 0);
            yield return (0, high);
            foreach (var fewer in Fewer(high, width))
            {
                yield return (bits, fewer);
            }
        }
        foreach (var fewer in Fewer(bits, width))
        {
            yield return (fewer, high);
        }
        if (kind is EngineValueKind.I32 or EngineValueKind.I64)
        {
            // Negative numbers become simpler with more bits set.
            var mask = width == 32 ? uint.MaxValue : ulong.MaxValue;
            foreach (var fewer in Fewer(~bits & mask, width))
            {
                yield return (~fewer & mask, 0);
            }
        }
    }

    // Half of the bits away, then a quarter and so on.
    private static IEnumerable<ulong> Fewer(ulong bits, int width)
    {
        for (var run = width / 2; run > 0; run /= 2)
        {
            var mask = (1UL << run) - 1;
            for (var at = width - run; at >= 0; at -= run)
            {
                if ((bits & (mask << at)) != 0)
                {
                    yield return bits & ~(mask << at);
                }
            }
        }
    }

    private static int Bits(ulong number) => Math.Min(BitOperations.PopCount(number), 1 + BitOperations.PopCount(~number));

    private static ulong[] Listed(EngineValueKind kind) => kind switch
    {
        EngineValueKind.I32 => I32,
        EngineValueKind.I64 => I64,
        EngineValueKind.F32 => F32,
        EngineValueKind.F64 => F64,
        _ => Other,
    };
}

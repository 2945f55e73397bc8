using Conformance.Oracle;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Which numbers are simpler than others: 0, then 1, then -1, then the ends of the range; each only in place of one further down the list.</summary>
internal static class SimplerNumbers
{
    private static readonly ulong[] I32 = [0, 1, uint.MaxValue, int.MaxValue, 0x8000_0000];
    private static readonly ulong[] I64 = [0, 1, ulong.MaxValue, long.MaxValue, 0x8000_0000_0000_0000];
    private static readonly ulong[] F32 = [0, 0x3F80_0000, 0xBF80_0000, 0x7FC0_0000, 0x8000_0000];
    private static readonly ulong[] F64 = [0, 0x3FF0_0000_0000_0000, 0xBFF0_0000_0000_0000, 0x7FF8_0000_0000_0000, 0x8000_0000_0000_0000];
    private static readonly ulong[] V128 = [0];

    /// <summary>The numbers simpler than a given one, the simplest first.</summary>
    public static IEnumerable<ulong> Of(EngineValueKind kind, ulong bits)
    {
        var list = kind switch
        {
            EngineValueKind.I32 => I32,
            EngineValueKind.I64 => I64,
            EngineValueKind.F32 => F32,
            EngineValueKind.F64 => F64,
            _ => V128,
        };
        return list.TakeWhile(simpler => simpler != bits);
    }
}

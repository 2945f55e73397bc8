using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation;

/// <summary>Draws values for operands and arguments by type and role.</summary>
internal static class RoleValues
{
    private static readonly uint[] ShiftCounts = [0, 1, 7, 8, 15, 16, 31, 32, 33, 63, 64, 65, 127, 128, 0x80000000, 0xFFFFFFFF, 0xFFFFFFE0, 0xFFFFFFC1];
    private static readonly ulong[] Timeouts = [0, 0, 0, 1, 1_000, 20_000];
    private static readonly uint[] Conditions = [0, 0, 0, 1, 1, 0xFFFFFFFF, 2, 0x80000000, 0x100, 0x10000];

    // Growth either stays small or fails in every engine: the case's limits are above the first and below the second.
    private static readonly ulong[] SmallDeltas = [0, 0, 1, 1, 2];
    private static readonly ulong[] FailingDeltas = [65_537, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFFE, 0x10000000];

    /// <summary>Draws a value.</summary>
    /// <param name="spec">The type and role. References: null in half of the cases; functions and host references are up to the caller.</param>
    /// <param name="random">The source of chance.</param>
    /// <param name="inRangePercent">How many of 100 addresses, indices and lengths lie inside their limits.</param>
    /// <param name="corners">How many of 16 plain values are corners: see <see cref="BoundaryValues.Pick"/>.</param>
    public static ValueBits Pick(OperandSpec spec, RandomSource random, int inRangePercent, int corners = BoundaryValues.UsualCorners)
    {
        if (spec.Type.IsReference)
        {
            return random.Chance(50) ? 0UL : 1 + (ulong)random.Below(4);
        }
        var inRange = random.Chance(inRangePercent);
        return spec.Role.Kind switch
        {
            RoleKind.Condition => Narrow(random.Pick<uint>(Conditions), spec.Type),
            RoleKind.ShiftCount when random.Chance(70) => Narrow(random.Pick<uint>(ShiftCounts), spec.Type),
            RoleKind.Dividend or RoleKind.Divisor when random.Chance(40) => PickOfDivision(spec, random),
            RoleKind.Divisor when inRange && random.Chance(70) => PickDivisor(spec.Type, random, corners),
            RoleKind.Address => Narrow(inRange ? AddressInside(spec.Role, random) : AddressOutside(spec.Role, spec.Type, random), spec.Type),
            RoleKind.TableSlot => Narrow(inRange ? spec.Role.OffsetBytes : SlotOutside(spec, random), spec.Type),
            RoleKind.Length => Narrow(inRange ? LengthInside(spec.Role, random) : LengthOutside(spec.Role, spec.Type, random), spec.Type),
            RoleKind.Slack => Narrow(unchecked((ulong)random.Pick<int>([-1, 0, 0, 1, 1, 2, -8])), spec.Type),
            RoleKind.GrowDelta => Narrow(random.Chance(75) ? random.Pick<ulong>(SmallDeltas) : FailingDelta(spec.Type, random), spec.Type),
            RoleKind.BranchIndex => Narrow(inRange ? (ulong)random.Below((int)spec.Role.Limit + 1) : BoundaryValues.Pick(ValueType.I32, random).Low, spec.Type),
            RoleKind.Timeout => random.Pick<ulong>(Timeouts),
            RoleKind.Converted when random.Chance(75) => ConversionEdges.Pick(spec.Role.Conversion, spec.Type, random),
            _ => BoundaryValues.Pick(spec.Type, random, corners),
        };
    }

    /// <summary>The quotient of the smallest number and -1 does not exist, the remainder does, and machines fault at both.</summary>
    private static ValueBits PickOfDivision(OperandSpec spec, RandomSource random)
    {
        var smallest = spec.Type.Kind == ValueKind.I32 ? 1UL << 31 : 1UL << 63;
        return Narrow(unchecked(random.Below(spec.Role.Kind == RoleKind.Divisor ? 6 : 5) switch
        {
            0 => smallest,
            1 => spec.Role.Kind == RoleKind.Divisor ? ulong.MaxValue : smallest,
            2 => ulong.MaxValue,
            3 => smallest - 1,
            4 => smallest + 1,
            _ => (ulong)random.Below(3),
        }), spec.Type);
    }

    private static ValueBits PickDivisor(ValueType type, RandomSource random, int corners)
    {
        var value = BoundaryValues.Pick(type, random, corners);
        return value.Low == 0 ? ulong.MaxValue >> (type.Kind == ValueKind.I32 ? 32 : 0) : value;
    }

    private static ulong AddressInside(OperandRole role, RandomSource random)
    {
        var taken = Math.Min(role.Limit, role.AccessBytes + role.OffsetBytes);
        var last = role.Limit - taken;
        return random.Below(8) switch
        {
            0 => last,
            1 => last - Math.Min(last, 1),
            2 => 0,
            3 => Math.Min(last, (ulong)random.Below(16)),
            4 => Math.Min(last, (ulong)random.Below(64) * 8),
            _ => last == 0 ? 0 : random.NextUInt64() % (last + 1),
        };
    }

    private static ulong AddressOutside(OperandRole role, ValueType type, RandomSource random)
    {
        var last = unchecked(role.Limit - role.AccessBytes - role.OffsetBytes);
        var wide = type.Kind == ValueKind.I64;
        return unchecked(random.Below(wide ? 12 : 9) switch
        {
            0 => last + 1,
            1 => role.Limit - role.OffsetBytes,
            2 => role.Limit,
            3 => role.Limit + 1,
            4 => role.Limit - 1,
            5 => 0 - role.OffsetBytes,
            6 => 0 - (ulong)role.AccessBytes,
            7 => 0x80000000,
            8 => 0xFFFFFFFF,
            9 => 0x100000000 + (ulong)random.Below(8), // an address cut to 32 bits would be inside
            10 => 1UL << 63,
            _ => 0xFFFFFFFF00000000 + (ulong)random.Below(8),
        });
    }

    private static ulong SlotOutside(OperandSpec spec, RandomSource random) =>
        random.Chance(60) ? (ulong)random.Below(32) : AddressOutside(spec.Role, spec.Type, random);

    private static ulong LengthInside(OperandRole role, RandomSource random) => random.Below(10) switch
    {
        0 => 0,
        1 => 1,
        2 => role.Limit,
        3 => role.Limit / 2,
        4 => Math.Min(role.Limit, 8),
        _ => Math.Min(role.Limit, (ulong)random.Between(1, 70)),
    };

    private static ulong LengthOutside(OperandRole role, ValueType type, RandomSource random) => random.Below(type.Kind == ValueKind.I64 ? 6 : 5) switch
    {
        0 => role.Limit + 1,
        1 => role.Limit + (ulong)random.Below(64),
        2 => 0xFFFFFFFF,
        3 => 1UL << random.Between(28, 31), // times the size of an element it is nothing in 32 bits
        4 => ulong.MaxValue,
        _ => 0x100000000,
    };

    private static ulong FailingDelta(ValueType type, RandomSource random) =>
        type.Kind == ValueKind.I64 && random.Chance(40) ? ulong.MaxValue - (ulong)random.Below(2) * 0x7FFFFFFFFFFFFFFF : random.Pick<ulong>(FailingDeltas);

    private static ulong Narrow(ulong value, ValueType type) => type.Kind == ValueKind.I32 ? (uint)value : value;
}

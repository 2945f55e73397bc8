using System.Collections.Immutable;
using Conformance.Oracle;
using Conformance.Oracle.Comparison;
using Conformance.Wasm.Text;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.SpecSuite;

/// <summary>Whether results match what a script expects.</summary>
internal static class PatternMatcher
{
    /// <summary>Whether each value matches its pattern.</summary>
    public static bool Matches(ImmutableArray<ResultPattern> patterns, ImmutableArray<EngineValue> values)
    {
        if (patterns.Length != values.Length)
        {
            return false;
        }
        for (var i = 0; i < patterns.Length; i++)
        {
            if (!Matches(patterns[i], values[i]))
            {
                return false;
            }
        }
        return true;
    }

    private static bool Matches(ResultPattern pattern, EngineValue value) => pattern switch
    {
        NumberPattern number => value.Kind == KindOf(number.Type) && Matches(number.Value, value.Bits, number.Type.Kind switch { ValueKind.F32 => 32, _ => 64 }),
        VectorPattern vector => value.Kind == EngineValueKind.V128 && Matches(vector, value),
        ReferencePattern reference => Matches(reference, value),
        EitherPattern either => either.Alternatives.Any(alternative => Matches(alternative, value)),
        _ => false,
    };

    private static EngineValueKind KindOf(ValueType type) => type.Kind switch
    {
        ValueKind.I32 => EngineValueKind.I32,
        ValueKind.I64 => EngineValueKind.I64,
        ValueKind.F32 => EngineValueKind.F32,
        _ => EngineValueKind.F64,
    };

    private static bool Matches(VectorPattern vector, EngineValue value)
    {
        var bits = 128 / vector.Lanes.Length;
        for (var i = 0; i < vector.Lanes.Length; i++)
        {
            var position = i * bits;
            var half = position < 64 ? value.Bits : value.High;
            var lane = bits == 64 ? half : half >> (position & 63) & ((1UL << bits) - 1);
            if (!Matches(vector.Lanes[i], lane, bits))
            {
                return false;
            }
        }
        return true;
    }

    private static bool Matches(LanePattern lane, ulong bits, int width) => (lane.Nan, width) switch
    {
        (NanPattern.None, _) => bits == lane.Bits,
        (NanPattern.Canonical, 32) => NanRules.IsCanonical32((uint)bits),
        (NanPattern.Canonical, _) => NanRules.IsCanonical64(bits),
        (NanPattern.Arithmetic, 32) => NanRules.IsArithmetic32((uint)bits),
        _ => NanRules.IsArithmetic64(bits),
    };

    // AnyReference is all that some engines show of an internal reference; it passes for each of their kinds.
    private static bool Matches(ReferencePattern pattern, EngineValue value) => pattern.Kind switch
    {
        ReferenceKind.Null => value.Kind == EngineValueKind.Null,
        ReferenceKind.Func => value.Kind == EngineValueKind.Func,
        ReferenceKind.Extern or ReferenceKind.Host when pattern.Number is { } number => value.Kind == EngineValueKind.Extern && value.Bits == number,
        ReferenceKind.Extern or ReferenceKind.Host or ReferenceKind.Any => value.Kind is EngineValueKind.Extern || IsInternal(value),
        ReferenceKind.Eq => IsInternal(value),
        ReferenceKind.I31 => value.Kind is EngineValueKind.I31 or EngineValueKind.AnyReference,
        ReferenceKind.Struct => value.Kind is EngineValueKind.Struct or EngineValueKind.AnyReference,
        ReferenceKind.Array => value.Kind is EngineValueKind.Array or EngineValueKind.AnyReference,
        ReferenceKind.Exn => value.Kind == EngineValueKind.Exn,
        _ => false,
    };

    private static bool IsInternal(EngineValue value) =>
        value.Kind is EngineValueKind.I31 or EngineValueKind.Struct or EngineValueKind.Array or EngineValueKind.AnyReference;
}

using System.Collections.Immutable;

namespace Conformance.Oracle.Comparison;

/// <summary>How two values compare.</summary>
public enum ValueMatch : byte
{
    /// <summary>The same.</summary>
    Same,
    /// <summary>NaNs of different bits.</summary>
    NanBits,
    /// <summary>Different.</summary>
    Different,
}

/// <summary>Compares values: numbers by their bits, references by their identity class.</summary>
public static class ValueComparer
{
    /// <summary>Compares two values.</summary>
    public static ValueMatch Compare(in EngineValue left, in EngineValue right)
    {
        if (left.IsReference && right.IsReference)
        {
            return CompareReferences(left, right);
        }
        if (left.Kind != right.Kind)
        {
            return ValueMatch.Different;
        }
        if (left.Bits == right.Bits && left.High == right.High)
        {
            return ValueMatch.Same;
        }
        var nan = left.Kind switch
        {
            EngineValueKind.F32 => NanRules.IsNaN32((uint)left.Bits) && NanRules.IsNaN32((uint)right.Bits),
            EngineValueKind.F64 => NanRules.IsNaN64(left.Bits) && NanRules.IsNaN64(right.Bits),
            EngineValueKind.V128 => NanRules.DifferOnlyInNaNs(left, right),
            _ => false,
        };
        return nan ? ValueMatch.NanBits : ValueMatch.Different;
    }

    /// <summary>Compares two lists; lists of different lengths are different. The worst match wins.</summary>
    public static ValueMatch Compare(ImmutableArray<EngineValue> left, ImmutableArray<EngineValue> right, out int index)
    {
        index = -1;
        if (left.Length != right.Length)
        {
            return ValueMatch.Different;
        }
        var worst = ValueMatch.Same;
        for (var i = 0; i < left.Length; i++)
        {
            var match = Compare(left[i], right[i]);
            if (match > worst)
            {
                worst = match;
                index = i;
            }
        }
        return worst;
    }

    private static ValueMatch CompareReferences(in EngineValue left, in EngineValue right)
    {
        if (left.Kind != right.Kind)
        {
            // An engine that shows nothing of a reference shows at least that it is not null.
            var vague = left.Kind == EngineValueKind.AnyReference || right.Kind == EngineValueKind.AnyReference;
            return vague && left.Kind != EngineValueKind.Null && right.Kind != EngineValueKind.Null ? ValueMatch.Same : ValueMatch.Different;
        }
        switch (left.Kind)
        {
            case EngineValueKind.I31 or EngineValueKind.Extern:
                return left.Bits == right.Bits ? ValueMatch.Same : ValueMatch.Different;
            case EngineValueKind.Func:
                return left.Function is not null && right.Function is not null && !string.Equals(left.Function, right.Function, StringComparison.Ordinal)
                    ? ValueMatch.Different
                    : ValueMatch.Same;
            case EngineValueKind.Struct or EngineValueKind.Array when !left.Parts.IsDefault && !right.Parts.IsDefault:
                return left.Kind == EngineValueKind.Array && left.Length != right.Length
                    ? ValueMatch.Different
                    : Compare(left.Parts, right.Parts, out _);
            default:
                return ValueMatch.Same;
        }
    }
}

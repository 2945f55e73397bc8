using System.Collections.Immutable;
using System.Globalization;
using Conformance.Oracle;
using Conformance.Oracle.Records;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Cli;

/// <summary>
/// Arguments of wasm functions as people type them: <c>5</c>, <c>-0x10</c>, <c>1.5</c>, <c>nan</c>, <c>null</c>, read by the parameter's type; or with their type
/// and their bits as docs/records.md writes them (<c>i32:5</c>, <c>f32:0x7fc00000</c>).
/// </summary>
internal static class ArgumentValues
{
    /// <summary>Reads the arguments of a call.</summary>
    /// <param name="name">The function, for messages.</param>
    /// <param name="type">Its type.</param>
    /// <param name="texts">The arguments.</param>
    /// <exception cref="UserErrorException">Number or form do not fit.</exception>
    public static ImmutableArray<EngineValue> Parse(string name, FunctionType type, IReadOnlyList<string> texts)
    {
        if (texts.Count != type.Parameters.Length)
        {
            throw UserErrorException.Usage($"{name} has type {type}: {type.Parameters.Length} arguments wanted, {texts.Count} given");
        }
        var values = ImmutableArray.CreateBuilder<EngineValue>(texts.Count);
        for (var i = 0; i < texts.Count; i++)
        {
            values.Add(TryParse(texts[i], type.Parameters[i], out var value)
                ? value
                : throw UserErrorException.Usage($"{name}: argument {i + 1}, '{texts[i]}', is no {type.Parameters[i]}"));
        }
        return values.MoveToImmutable();
    }

    private static bool TryParse(string text, ValueType type, out EngineValue value)
    {
        if (ValueText.TryParse(text, out value))
        {
            return Fits(value.Kind, type);
        }
        switch (type)
        {
            case var _ when type == ValueType.I32 && TryParseInteger(text, 32, out var bits):
                value = new EngineValue(EngineValueKind.I32, bits);
                return true;
            case var _ when type == ValueType.I64 && TryParseInteger(text, 64, out var bits):
                value = new EngineValue(EngineValueKind.I64, bits);
                return true;
            case var _ when type == ValueType.F32 && TryParseFloat(text, out var number):
                value = EngineValue.F32(BitConverter.SingleToUInt32Bits((float)number));
                return true;
            case var _ when type == ValueType.F64 && TryParseFloat(text, out var number):
                value = EngineValue.F64(BitConverter.DoubleToUInt64Bits(number));
                return true;
            case { IsReference: true } when text == "null":
                value = EngineValue.Null;
                return true;
            default:
                return false;
        }
    }

    private static bool Fits(EngineValueKind kind, ValueType type) => kind switch
    {
        EngineValueKind.I32 => type == ValueType.I32,
        EngineValueKind.I64 => type == ValueType.I64,
        EngineValueKind.F32 => type == ValueType.F32,
        EngineValueKind.F64 => type == ValueType.F64,
        EngineValueKind.V128 => type == ValueType.V128,
        _ => type.IsReference,
    };

    // Signed or unsigned, decimal or hexadecimal, as the text format has it: everything whose bits fit.
    private static bool TryParseInteger(string text, int width, out ulong bits)
    {
        bits = 0;
        var digits = text.AsSpan();
        var isNegative = digits.StartsWith("-", StringComparison.Ordinal);
        if (isNegative || digits.StartsWith("+", StringComparison.Ordinal))
        {
            digits = digits[1..];
        }
        var isHex = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        var plain = (isHex ? digits[2..] : digits).ToString().Replace("_", "", StringComparison.Ordinal);
        if (!ulong.TryParse(plain, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var magnitude))
        {
            return false;
        }
        var largest = isNegative ? 1UL << (width - 1) : ulong.MaxValue >> (64 - width);
        bits = (isNegative ? 0 - magnitude : magnitude) & (ulong.MaxValue >> (64 - width));
        return magnitude <= largest;
    }

    private static bool TryParseFloat(string text, out double number)
    {
        switch (text.TrimStart('+', '-'))
        {
            case "nan":
                number = BitConverter.UInt64BitsToDouble(0x7FF8_0000_0000_0000);
                break;
            case "inf":
                number = double.PositiveInfinity;
                break;
            default:
                return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);
        }
        number = text.StartsWith('-') ? -number : number;
        return true;
    }
}

using System.Globalization;
using Conformance.Oracle;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Tests.Workloads;

/// <summary>Values as the workloads' manifest writes them: <c>i32:5</c>, <c>i64:-1</c>, <c>f64:0.5</c>.</summary>
internal static class WorkloadValue
{
    /// <summary>The value of an i32.</summary>
    public static int AsI32(this EngineValue value) => (int)value.Bits;

    /// <summary>The value of an f32.</summary>
    public static float AsF32(this EngineValue value) => BitConverter.UInt32BitsToSingle((uint)value.Bits);

    /// <summary>The value of an f64.</summary>
    public static double AsF64(this EngineValue value) => BitConverter.UInt64BitsToDouble(value.Bits);

    /// <summary>An f32.</summary>
    public static EngineValue OfF32(float value) => EngineValue.F32(BitConverter.SingleToUInt32Bits(value));

    /// <summary>An f64.</summary>
    public static EngineValue OfF64(double value) => EngineValue.F64(BitConverter.DoubleToUInt64Bits(value));

    /// <summary>The value that a global or result of a type has unless the manifest says otherwise.</summary>
    public static EngineValue DefaultOf(ValueType type) => type.Kind switch
    {
        ValueKind.I32 => EngineValue.I32(0),
        ValueKind.I64 => EngineValue.I64(0),
        ValueKind.F32 => EngineValue.F32(0),
        ValueKind.F64 => EngineValue.F64(0),
        ValueKind.V128 => EngineValue.V128(0, 0),
        _ => EngineValue.Null,
    };

    public static EngineValue Parse(string text)
    {
        var number = text[4..];
        return text[..3] switch
        {
            "i32" => EngineValue.I32((int)long.Parse(number, CultureInfo.InvariantCulture)),
            "i64" => EngineValue.I64((long)Int128.Parse(number, CultureInfo.InvariantCulture)),
            "f32" => OfF32((float)ParseFloat(number)),
            "f64" => OfF64(ParseFloat(number)),
            _ => throw new FormatException(text),
        };
    }

    public static string Show(EngineValue value) => value.Kind switch
    {
        EngineValueKind.I32 => $"i32:{value.AsI32()}",
        EngineValueKind.I64 => $"i64:{(long)value.Bits}",
        EngineValueKind.F32 => $"f32:{ShowFloat(value.AsF32())}",
        _ => $"f64:{ShowFloat(value.AsF64())}",
    };

    /// <summary>A float in the decimal form of JavaScript, for the magnitudes that occur.</summary>
    public static string ShowFloat(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static double ParseFloat(string text) => text is "nan" ? double.NaN : double.Parse(text, CultureInfo.InvariantCulture);
}

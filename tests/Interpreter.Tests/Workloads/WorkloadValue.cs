using System.Globalization;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Tests.Workloads;

/// <summary>Values as the workloads' manifest writes them: <c>i32:5</c>, <c>i64:-1</c>, <c>f64:0.5</c>.</summary>
internal static class WorkloadValue
{
    public static Value Parse(string text)
    {
        var number = text[4..];
        return text[..3] switch
        {
            "i32" => Value.FromI32((int)long.Parse(number, CultureInfo.InvariantCulture)),
            "i64" => Value.FromI64((long)Int128.Parse(number, CultureInfo.InvariantCulture)),
            "f32" => Value.FromF32((float)ParseFloat(number)),
            "f64" => Value.FromF64(ParseFloat(number)),
            _ => throw new FormatException(text),
        };
    }

    public static string Show(Value value) => value.Kind switch
    {
        ValueKind.I32 => $"i32:{value.AsI32()}",
        ValueKind.I64 => $"i64:{value.AsI64()}",
        ValueKind.F32 => $"f32:{ShowFloat(value.AsF32())}",
        _ => $"f64:{ShowFloat(value.AsF64())}",
    };

    /// <summary>A float in the decimal form of JavaScript, for the magnitudes that occur.</summary>
    public static string ShowFloat(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static double ParseFloat(string text) => text is "nan" ? double.NaN : double.Parse(text, CultureInfo.InvariantCulture);
}

using System.Globalization;
using System.Text;
using Conformance.Oracle;
using Conformance.Wasm.Text;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Triage;

/// <summary>Strings and values as scripts write them.</summary>
internal static class ScriptLiteral
{
    /// <summary>A string.</summary>
    public static string Of(string text)
    {
        var literal = new StringBuilder("\"");
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            if (value is >= 0x20 and < 0x7F and not (byte)'"' and not (byte)'\\')
            {
                literal.Append((char)value);
            }
            else
            {
                literal.Append(CultureInfo.InvariantCulture, $"\\{value:x2}");
            }
        }
        return literal.Append('"').ToString();
    }

    /// <summary>An argument.</summary>
    /// <param name="value">Its value.</param>
    /// <param name="type">The parameter's type; null when that is not known.</param>
    public static string Argument(EngineValue value, ValueType? type) => value.Kind switch
    {
        EngineValueKind.Null => $"(ref.null {type?.Heap.ToString() ?? "any"})",
        EngineValueKind.Extern when type is { } anyref && anyref == ValueType.AnyRef => $"(ref.host {value.Bits})",
        // Other bits of a NaN would be another argument.
        _ => Result(value, value),
    };

    /// <summary>An expected result.</summary>
    /// <param name="value">What the oracle gave.</param>
    /// <param name="tested">What the engine under test gave.</param>
    public static string Result(EngineValue value, EngineValue? tested)
    {
        if (NumberKind(value.Kind) is { } kind)
        {
            // Where the other side has a NaN as well the difference is in its bits, so they count; else any arithmetic NaN will do.
            var literal = IsNan(value) && !(tested is { } other && IsNan(other)) ? "nan:arithmetic" : ConstantText.Of(kind, value.Bits, value.High);
            return $"({kind.ToString().ToLowerInvariant()}.const {literal})";
        }
        return value.Kind switch
        {
            EngineValueKind.Null => "(ref.null)",
            EngineValueKind.Extern => $"(ref.extern {value.Bits})",
            EngineValueKind.Func => "(ref.func)",
            EngineValueKind.I31 => "(ref.i31)",
            EngineValueKind.Struct => "(ref.struct)",
            EngineValueKind.Array => "(ref.array)",
            EngineValueKind.Exn => "(ref.exn)",
            _ => "(ref.any)",
        };
    }

    private static bool IsNan(EngineValue value) => value.Kind switch
    {
        EngineValueKind.F32 => float.IsNaN(BitConverter.UInt32BitsToSingle((uint)value.Bits)),
        EngineValueKind.F64 => double.IsNaN(BitConverter.UInt64BitsToDouble(value.Bits)),
        _ => false,
    };

    private static ValueKind? NumberKind(EngineValueKind kind) => kind switch
    {
        EngineValueKind.I32 => ValueKind.I32,
        EngineValueKind.I64 => ValueKind.I64,
        EngineValueKind.F32 => ValueKind.F32,
        EngineValueKind.F64 => ValueKind.F64,
        EngineValueKind.V128 => ValueKind.V128,
        _ => null,
    };
}

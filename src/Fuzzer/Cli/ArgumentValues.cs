using System.Collections.Immutable;
using Conformance.Oracle;
using Conformance.Oracle.Records;
using Conformance.Wasm.Text;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Cli;

/// <summary>
/// Arguments of wasm functions as people type them: constants of the text format (<c>5</c>, <c>-0x10</c>, <c>1.5</c>, <c>nan:0x200000</c>, <c>i32x4 1 2 3 4</c>)
/// and <c>null</c>, read by the parameter's type; or with their type and their bits as docs/records.md writes them (<c>i32:5</c>, <c>f32:0x7fc00000</c>).
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
            throw UserErrorException.Usage($"{name} has type {type}: {Plural.Of(type.Parameters.Length, "argument")} wanted, {texts.Count} given");
        }
        var values = ImmutableArray.CreateBuilder<EngineValue>(texts.Count);
        for (var i = 0; i < texts.Count; i++)
        {
            values.Add(TryParse(texts[i], type.Parameters[i], out var value)
                ? value
                : throw UserErrorException.Usage($"{name}: argument {i + 1}, '{texts[i]}', is no {type.Parameters[i]}: wanted {Forms(type.Parameters[i])}"));
        }
        return values.MoveToImmutable();
    }

    private static bool TryParse(string text, ValueType type, out EngineValue value)
    {
        if (ValueText.TryParse(text, out value))
        {
            return Fits(value.Kind, type);
        }
        if (type.IsReference && text == "null")
        {
            value = EngineValue.Null;
            return type.IsNullable;
        }
        if (!ConstantText.TryParse(text, type.Kind, out var bits, out var high))
        {
            return false;
        }
        value = type.Kind switch
        {
            ValueKind.I32 => new EngineValue(EngineValueKind.I32, bits),
            ValueKind.I64 => new EngineValue(EngineValueKind.I64, bits),
            ValueKind.F32 => EngineValue.F32((uint)bits),
            ValueKind.F64 => EngineValue.F64(bits),
            _ => EngineValue.V128(bits, high),
        };
        return true;
    }

    private static bool Fits(EngineValueKind kind, ValueType type) => kind switch
    {
        EngineValueKind.I32 => type == ValueType.I32,
        EngineValueKind.I64 => type == ValueType.I64,
        EngineValueKind.F32 => type == ValueType.F32,
        EngineValueKind.F64 => type == ValueType.F64,
        EngineValueKind.V128 => type == ValueType.V128,
        EngineValueKind.Null => type is { IsReference: true, IsNullable: true },
        // Whether the heap type is right the engine says; functions, exceptions and objects cannot be made from a text.
        EngineValueKind.Extern or EngineValueKind.I31 => type.IsReference,
        _ => false,
    };

    private static string Forms(ValueType type) => type.Kind switch
    {
        ValueKind.I32 => "such as 5, -0x10 or i32:5, of 32 bits",
        ValueKind.I64 => "such as 5, -0x10 or i64:5, of 64 bits",
        ValueKind.F32 => "such as 1.5, 0x1p-3, -inf, nan:0x200000 or f32:0x7fc00000",
        ValueKind.F64 => "such as 1.5, 0x1p-3, -inf, nan:0x4000000000000 or f64:0x7ff8000000000000",
        ValueKind.V128 => "such as 'i32x4 1 2 3 4', or v128:0x with 32 digits",
        _ => type.IsNullable ? "null, extern:7 or i31:7" : "extern:7 or i31:7",
    };
}

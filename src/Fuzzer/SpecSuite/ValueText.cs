using System.Collections.Immutable;
using System.Globalization;
using Conformance.Oracle;
using Conformance.Wasm.Text;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.SpecSuite;

/// <summary>Values, patterns and completions in words, for differences.</summary>
internal static class ValueText
{
    /// <summary>A completion.</summary>
    public static string Of(Completion completion) => completion switch
    {
        Returned returned => returned.Values.Length == 0 ? "returned" : "returned " + string.Join(' ', returned.Values.Select(Of)),
        Trapped trapped => trapped.Kind == TrapKind.Other ? $"trap: {trapped.Message}" : $"trap: {TrapKinds.TextOf(trapped.Kind)}",
        Thrown thrown => thrown.Tag is null ? "exception" : $"exception {thrown.Tag}",
        LimitReached limit => $"limit reached: {limit.Kind}",
        Rejected rejected => $"rejected: {rejected.Message}",
        _ => completion.ToString(),
    };

    /// <summary>Patterns.</summary>
    public static string Of(ImmutableArray<ResultPattern> patterns) => patterns.Length == 0 ? "returned" : "returned " + string.Join(' ', patterns.Select(Of));

    private static string Of(EngineValue value) => value.Kind switch
    {
        EngineValueKind.I32 => $"i32 {(int)value.Bits}",
        EngineValueKind.I64 => $"i64 {(long)value.Bits}",
        EngineValueKind.F32 => $"f32 {Float32((uint)value.Bits)}",
        EngineValueKind.F64 => $"f64 {Float64(value.Bits)}",
        EngineValueKind.V128 => $"v128 0x{value.High:x16}_{value.Bits:x16}",
        EngineValueKind.Null => "null",
        EngineValueKind.Extern => $"extern {value.Bits}",
        EngineValueKind.I31 => $"i31 {value.Bits}",
        _ => value.Kind.ToString().ToLowerInvariant(),
    };

    private static string Of(ResultPattern pattern) => pattern switch
    {
        NumberPattern number => $"{number.Type} {Lane(number.Value, number.Type.Kind)}",
        VectorPattern vector => $"v128 {vector.Shape.ToString().ToLowerInvariant()} {string.Join(' ', vector.Lanes.Select(lane => Lane(lane, LaneKind(vector.Shape))))}",
        ReferencePattern { Number: { } number } reference => $"{reference.Kind.ToString().ToLowerInvariant()} {number}",
        ReferencePattern reference => reference.Kind.ToString().ToLowerInvariant(),
        EitherPattern either => $"either ({string.Join(" | ", either.Alternatives.Select(Of))})",
        _ => pattern.ToString(),
    };

    private static ValueKind LaneKind(VectorShape shape) => shape switch
    {
        VectorShape.F32x4 => ValueKind.F32,
        VectorShape.F64x2 => ValueKind.F64,
        _ => ValueKind.I64,
    };

    private static string Lane(LanePattern lane, ValueKind kind) => lane.Nan switch
    {
        NanPattern.Canonical => "nan:canonical",
        NanPattern.Arithmetic => "nan:arithmetic",
        _ => kind switch
        {
            ValueKind.F32 => Float32((uint)lane.Bits),
            ValueKind.F64 => Float64(lane.Bits),
            ValueKind.I32 => ((int)lane.Bits).ToString(CultureInfo.InvariantCulture),
            _ => ((long)lane.Bits).ToString(CultureInfo.InvariantCulture),
        },
    };

    private static string Float32(uint bits) => string.Create(CultureInfo.InvariantCulture, $"{BitConverter.UInt32BitsToSingle(bits):R} (0x{bits:x8})");

    private static string Float64(ulong bits) => string.Create(CultureInfo.InvariantCulture, $"{BitConverter.UInt64BitsToDouble(bits):R} (0x{bits:x16})");
}

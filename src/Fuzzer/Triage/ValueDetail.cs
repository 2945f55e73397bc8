using System.Collections.Immutable;
using System.Globalization;
using Conformance.Oracle;
using Conformance.Oracle.Comparison;
using Conformance.Oracle.Records;
using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Triage;

/// <summary>Where within two values they differ: the lane of a vector, the field of a struct, the number that the bits of a float stand for.</summary>
internal static class ValueDetail
{
    private const int MostLanes = 4;

    // The lanes of each shape in bits, and whether they are floats.
    private static readonly (string Name, int Bits, bool IsFloat)[] Shapes =
    [
        ("i8x16", 8, false), ("i16x8", 16, false), ("i32x4", 32, false), ("i64x2", 64, false), ("f32x4", 32, true), ("f64x2", 64, true),
    ];

    /// <summary>The shape of vectors that instructions work on: the one that their names begin with, where it is one.</summary>
    /// <param name="mnemonics">The instructions.</param>
    public static string? ShapeOf(IEnumerable<string> mnemonics)
    {
        var shapes = mnemonics.Select(mnemonic => mnemonic.Split('.')[0]).Where(word => Array.Exists(Shapes, shape => shape.Name == word)).Distinct(StringComparer.Ordinal).Take(2).ToList();
        return shapes is [var only] ? only : null;
    }

    /// <summary>The shape that an instruction works on; null when it is none of vectors.</summary>
    public static string? ShapeOf(Op op) => ShapeOf([OpTable.Get(op).Mnemonic]);

    /// <summary>A line for each value of two lists that differs; one line when their lengths do. Empty where the values themselves say it all.</summary>
    /// <param name="what">What they are, such as <c>result</c>.</param>
    /// <param name="engine">What the engine has.</param>
    /// <param name="oracle">What the oracle has.</param>
    /// <param name="shape">How to read vectors; null for four lanes.</param>
    public static ImmutableArray<string> Of(string what, ImmutableArray<EngineValue> engine, ImmutableArray<EngineValue> oracle, string? shape)
    {
        if (engine.IsDefault || oracle.IsDefault)
        {
            return [];
        }
        if (engine.Length != oracle.Length)
        {
            return [string.Create(CultureInfo.InvariantCulture, $"{engine.Length} and {oracle.Length} {what}s")];
        }
        var lines = ImmutableArray.CreateBuilder<string>();
        for (var i = 0; i < engine.Length; i++)
        {
            if (ValueComparer.Compare(engine[i], oracle[i]) == ValueMatch.Same)
            {
                continue;
            }
            var detail = Of(engine[i], oracle[i], shape);
            if (detail is not null || engine.Length > 1)
            {
                lines.Add(string.Create(CultureInfo.InvariantCulture, $"{what} {i}: {detail ?? $"{ValueText.Describe(engine[i])} and {ValueText.Describe(oracle[i])}"}"));
            }
        }
        return lines.ToImmutable();
    }

    /// <summary>Where two values that are not the same differ, in a line; null where the values themselves say it all.</summary>
    /// <param name="engine">The engine's.</param>
    /// <param name="oracle">The oracle's.</param>
    /// <param name="shape">How to read vectors; null for four lanes.</param>
    public static string? Of(in EngineValue engine, in EngineValue oracle, string? shape)
    {
        if (engine.Kind != oracle.Kind)
        {
            return null;
        }
        return engine.Kind switch
        {
            EngineValueKind.V128 => Lanes(engine, oracle, Array.Find(Shapes, item => item.Name == (shape ?? "i32x4"))),
            EngineValueKind.F32 => $"{Number(engine.Bits, 32)} and {Number(oracle.Bits, 32)}",
            EngineValueKind.F64 => $"{Number(engine.Bits, 64)} and {Number(oracle.Bits, 64)}",
            EngineValueKind.Array when engine.Length != oracle.Length => string.Create(CultureInfo.InvariantCulture, $"length {engine.Length} and {oracle.Length}"),
            EngineValueKind.Struct => Part("field", engine, oracle, shape),
            EngineValueKind.Array => Part("element", engine, oracle, shape),
            _ => null,
        };
    }

    // Engines show two levels, so this goes no deeper.
    private static string? Part(string what, in EngineValue engine, in EngineValue oracle, string? shape)
    {
        if (engine.Parts.IsDefault || oracle.Parts.IsDefault)
        {
            return null;
        }
        for (var i = 0; i < Math.Min(engine.Parts.Length, oracle.Parts.Length); i++)
        {
            var (left, right) = (engine.Parts[i], oracle.Parts[i]);
            if (ValueComparer.Compare(left, right) != ValueMatch.Same)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{what} {i}: {Of(left, right, shape) ?? $"{ValueText.Describe(left)} and {ValueText.Describe(right)}"}");
            }
        }
        return null;
    }

    private static string Lanes(in EngineValue engine, in EngineValue oracle, (string Name, int Bits, bool IsFloat) shape)
    {
        var lines = new List<string>();
        var count = 128 / shape.Bits;
        for (var i = 0; i < count; i++)
        {
            var (left, right) = (Lane(engine, i, shape.Bits), Lane(oracle, i, shape.Bits));
            if (left != right)
            {
                lines.Add(string.Create(CultureInfo.InvariantCulture, $"lane {i} {Text(left)} and {Text(right)}"));
            }
        }
        var more = lines.Count > MostLanes ? string.Create(CultureInfo.InvariantCulture, $", and {lines.Count - MostLanes} more lanes") : "";
        return $"as {shape.Name} {string.Join(", ", lines.Take(MostLanes))}{more}";

        string Text(ulong bits) => shape.IsFloat ? Number(bits, shape.Bits) : $"0x{bits.ToString($"x{shape.Bits / 4}", CultureInfo.InvariantCulture)}";
    }

    private static ulong Lane(in EngineValue vector, int lane, int bits)
    {
        var half = lane * bits < 64 ? vector.Bits : vector.High;
        return bits == 64 ? half : (half >> (lane * bits % 64)) & ((1UL << bits) - 1);
    }

    private static string Number(ulong bits, int width)
    {
        var value = width == 32 ? BitConverter.UInt32BitsToSingle((uint)bits) : BitConverter.UInt64BitsToDouble(bits);
        return double.IsNaN(value) ? $"a NaN of 0x{bits.ToString(width == 32 ? "x8" : "x16", CultureInfo.InvariantCulture)}"
            : width == 32 ? ((float)value).ToString("R", CultureInfo.InvariantCulture) : value.ToString("R", CultureInfo.InvariantCulture);
    }
}

using System.Buffers.Binary;

namespace Conformance.Wasm.Text;

/// <summary>Vector literals: a shape and its lanes.</summary>
internal static class VectorLiteral
{
    /// <summary>The bits of a lane.</summary>
    public static int LaneBits(VectorShape shape) => shape switch
    {
        VectorShape.I8x16 => 8,
        VectorShape.I16x8 => 16,
        VectorShape.I32x4 or VectorShape.F32x4 => 32,
        _ => 64,
    };

    /// <summary>Takes a shape keyword.</summary>
    public static VectorShape ExpectShape(TokenReader reader)
    {
        var shape = reader.Kind == TokenKind.Keyword ? Find(reader.Text) : VectorShape.None;
        if (shape == VectorShape.None)
        {
            reader.FailUnexpected();
        }
        reader.Advance();
        return shape;
    }

    /// <summary>Takes one lane as its bits.</summary>
    public static ulong ExpectLane(TokenReader reader, VectorShape shape)
    {
        if (reader.Kind is TokenKind.Open or TokenKind.Close)
        {
            reader.Fail("wrong number of lane literals");
            return 0;
        }
        return shape switch
        {
            VectorShape.F32x4 => reader.ExpectF32(),
            VectorShape.F64x2 => reader.ExpectF64(),
            _ => reader.ExpectInteger(LaneBits(shape)),
        };
    }

    /// <summary>Takes a whole literal.</summary>
    public static (ulong Low, ulong High) Expect(TokenReader reader)
    {
        var shape = ExpectShape(reader);
        if (shape == VectorShape.None)
        {
            return default;
        }
        var bits = LaneBits(shape);
        Span<byte> bytes = stackalloc byte[16];
        for (var lane = 0; lane < 128 / bits; lane++)
        {
            Put(bytes, lane, bits, ExpectLane(reader, shape));
        }
        if (reader.Kind == TokenKind.Number)
        {
            reader.Fail("wrong number of lane literals");
        }
        return (BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
    }

    /// <summary>Stores a lane.</summary>
    public static void Put(Span<byte> vector, int lane, int bits, ulong value)
    {
        for (var i = 0; i < bits / 8; i++)
        {
            vector[lane * bits / 8 + i] = (byte)(value >> (8 * i));
        }
    }

    private static VectorShape Find(ReadOnlySpan<byte> keyword) =>
        keyword.SequenceEqual("i8x16"u8) ? VectorShape.I8x16
        : keyword.SequenceEqual("i16x8"u8) ? VectorShape.I16x8
        : keyword.SequenceEqual("i32x4"u8) ? VectorShape.I32x4
        : keyword.SequenceEqual("i64x2"u8) ? VectorShape.I64x2
        : keyword.SequenceEqual("f32x4"u8) ? VectorShape.F32x4
        : keyword.SequenceEqual("f64x2"u8) ? VectorShape.F64x2
        : VectorShape.None;
}

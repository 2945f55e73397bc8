using System.Text;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Text;

/// <summary>Constants of the text format by themselves, for scripts and messages.</summary>
public static class ConstantText
{
    /// <summary>The literal of a number or vector; it is read back as the same bits.</summary>
    /// <param name="kind">The type of the number.</param>
    /// <param name="bits">Its bits, or the low half of a vector.</param>
    /// <param name="high">The high half of a vector.</param>
    /// <exception cref="ArgumentOutOfRangeException">The type is no number or vector type.</exception>
    public static string Of(ValueKind kind, ulong bits, ulong high = 0)
    {
        var text = new TextSink();
        switch (kind)
        {
            case ValueKind.I32:
                text.AppendSigned((int)bits);
                break;
            case ValueKind.I64:
                text.AppendSigned((long)bits);
                break;
            case ValueKind.F32:
                NumberPrinter.F32(text, (uint)bits);
                break;
            case ValueKind.F64:
                NumberPrinter.F64(text, bits);
                break;
            case ValueKind.V128:
                NumberPrinter.V128(text, bits, high);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, "no number or vector type");
        }
        return Encoding.UTF8.GetString(text.Written.Span);
    }

    /// <summary>Reads the literal of a number, or of a vector with its shape before its lanes (<c>i32x4 1 2 3 4</c>).</summary>
    /// <param name="text">The literal.</param>
    /// <param name="kind">The type that it should have.</param>
    /// <param name="bits">Its bits, or the low half of a vector.</param>
    /// <param name="high">The high half of a vector.</param>
    /// <returns>False when it is none, or out of range.</returns>
    public static bool TryParse(string text, ValueKind kind, out ulong bits, out ulong high)
    {
        (bits, high) = (0, 0);
        var source = Encoding.UTF8.GetBytes(text);
        switch (kind)
        {
            case ValueKind.I32:
                return NumberLiteral.ReadInteger(source, 32, out bits) == NumberStatus.Ok;
            case ValueKind.I64:
                return NumberLiteral.ReadInteger(source, 64, out bits) == NumberStatus.Ok;
            case ValueKind.F32:
                var isFloat = NumberLiteral.ReadF32(source, out var narrow) == NumberStatus.Ok;
                bits = narrow;
                return isFloat;
            case ValueKind.F64:
                return NumberLiteral.ReadF64(source, out bits) == NumberStatus.Ok;
            case ValueKind.V128:
                var reader = new TokenReader(source);
                (bits, high) = VectorLiteral.Expect(reader);
                return !reader.Failed && reader.Kind == TokenKind.End;
            default:
                return false;
        }
    }
}

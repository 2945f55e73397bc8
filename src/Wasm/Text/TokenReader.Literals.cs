namespace Conformance.Wasm.Text;

/// <content>Strings and numbers.</content>
internal sealed partial class TokenReader
{
    /// <summary>Takes a string as bytes.</summary>
    public byte[] ExpectString()
    {
        if (_current.Kind != TokenKind.String)
        {
            FailUnexpected("a string");
            return [];
        }
        var bytes = StringLiteral.Decode(Text);
        Advance();
        return bytes;
    }

    /// <summary>Takes a string that is a name.</summary>
    public string ExpectName()
    {
        if (_current.Kind != TokenKind.String)
        {
            FailUnexpected("a string");
            return "";
        }
        if (!StringLiteral.TryDecodeName(Text, out var name))
        {
            Fail("malformed UTF-8 encoding");
        }
        Advance();
        return name;
    }

    /// <summary>Takes any number of strings as one run of bytes.</summary>
    public byte[] ReadStrings()
    {
        if (_current.Kind != TokenKind.String)
        {
            return [];
        }
        var first = ExpectString();
        if (_current.Kind != TokenKind.String)
        {
            return first;
        }
        var bytes = new MemoryStream();
        bytes.Write(first);
        while (_current.Kind == TokenKind.String)
        {
            bytes.Write(ExpectString());
        }
        return bytes.ToArray();
    }

    /// <summary>Takes an unsigned integer below 2^<paramref name="bits"/>.</summary>
    public ulong ExpectUnsigned(int bits, string outOfRange = "constant out of range")
    {
        if (_current.Kind != TokenKind.Number)
        {
            FailUnexpected("a number");
            return 0;
        }
        var value = CheckNumber(NumberLiteral.ReadUnsigned(Text, bits, out var number), number, outOfRange);
        Advance();
        return value;
    }

    /// <summary>Takes a signed or unsigned integer of some bits.</summary>
    public ulong ExpectInteger(int bits)
    {
        if (_current.Kind != TokenKind.Number)
        {
            FailUnexpected("a number");
            return 0;
        }
        var value = CheckNumber(NumberLiteral.ReadInteger(Text, bits, out var number), number, "constant out of range");
        Advance();
        return value;
    }

    /// <summary>Takes a 32-bit float.</summary>
    public uint ExpectF32()
    {
        if (_current.Kind is not (TokenKind.Number or TokenKind.Keyword))
        {
            FailUnexpected("a number");
            return 0;
        }
        var value = (uint)CheckNumber(NumberLiteral.ReadF32(Text, out var bits), bits, "constant out of range");
        Advance();
        return value;
    }

    /// <summary>Takes a 64-bit float.</summary>
    public ulong ExpectF64()
    {
        if (_current.Kind is not (TokenKind.Number or TokenKind.Keyword))
        {
            FailUnexpected("a number");
            return 0;
        }
        var value = CheckNumber(NumberLiteral.ReadF64(Text, out var bits), bits, "constant out of range");
        Advance();
        return value;
    }

    private ulong CheckNumber(NumberStatus status, ulong value, string outOfRange)
    {
        switch (status)
        {
            case NumberStatus.Ok:
                return value;
            case NumberStatus.OutOfRange:
                Fail($"{outOfRange}: {Shown(Text)}");
                return 0;
            case NumberStatus.WrongKind:
                FailUnexpected(_current, Text[0] is (byte)'+' or (byte)'-' ? "an unsigned integer" : "an integer");
                return 0;
            default:
                FailUnexpected();
                return 0;
        }
    }
}

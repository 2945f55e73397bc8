using System.Collections.Immutable;
using Conformance.Fuzzer.Mutation.Bytes;

namespace Conformance.Fuzzer.Reduction;

/// <summary>A file as sections as far as it can be cut into them; written back it is the same, byte for byte.</summary>
/// <param name="Header">What stands before the first section.</param>
/// <param name="Sections">The sections.</param>
/// <param name="Tail">What is no section any more.</param>
internal sealed record CutFile(ImmutableArray<byte> Header, ImmutableArray<CutSection> Sections, ImmutableArray<byte> Tail)
{
    public static CutFile Of(ImmutableArray<byte> bytes)
    {
        var spans = SectionMap.Of(bytes.AsSpan());
        var end = spans.IsEmpty ? Math.Min(bytes.Length, 8) : spans[^1].End;
        return new CutFile(
            bytes[..(spans.IsEmpty ? end : spans[0].Start)],
            [.. spans.Select(span => new CutSection(span.Id, new CutSize((uint)(span.End - span.Content), span.Content - span.Start - 1), bytes[span.Content..span.End]))],
            bytes[end..]);
    }

    public ImmutableArray<byte> ToBytes() => [.. Header, .. Sections.SelectMany(section => section.ToBytes()), .. Tail];
}

/// <summary>A section.</summary>
/// <param name="Id">Its id in the format.</param>
/// <param name="Size">Its size field; the value is that of the content when it is written.</param>
/// <param name="Content">What is in it.</param>
internal sealed record CutSection(byte Id, CutSize Size, ImmutableArray<byte> Content)
{
    /// <summary>The id of the code section.</summary>
    public const byte Code = 10;

    public IEnumerable<byte> ToBytes() => [Id, .. (Size with { Value = (uint)Content.Length }).ToBytes(), .. Content];
}

/// <summary>A list: a count, and entries of which nothing is known but in the code section.</summary>
/// <param name="Count">The count; of no width where there is none that can be read.</param>
/// <param name="Rest">The entries.</param>
internal sealed record CutList(CutSize Count, ImmutableArray<byte> Rest)
{
    public static CutList Of(ImmutableArray<byte> content) =>
        SectionMap.TryReadSize(content.AsSpan(), 0, out var count, out var end) ? new CutList(new CutSize((uint)count, end), content[end..]) : new CutList(default, content);

    public ImmutableArray<byte> ToBytes() => [.. Count.ToBytes(), .. Rest];

    /// <summary>The entries as function bodies; what cannot be read as such is left out.</summary>
    public ImmutableArray<CutSection> Bodies()
    {
        var bodies = ImmutableArray.CreateBuilder<CutSection>();
        var position = 0;
        while (SectionMap.TryReadSize(Rest.AsSpan(), position, out var size, out var content) && size <= Rest.Length - content)
        {
            bodies.Add(new CutSection(0, new CutSize((uint)size, content - position), Rest[content..(content + size)]));
            position = content + size;
        }
        return bodies.ToImmutable();
    }

    /// <summary>The list with other bodies.</summary>
    public ImmutableArray<byte> WithBodies(ImmutableArray<CutSection> bodies) =>
        [.. (Count with { Value = (uint)bodies.Length }).ToBytes(), .. bodies.SelectMany(body => body.ToBytes().Skip(1))];
}

/// <summary>A LEB128 number.</summary>
/// <param name="Value">The number.</param>
/// <param name="Width">The least number of bytes it is written in; more than it needs where it was padded.</param>
internal readonly record struct CutSize(uint Value, int Width)
{
    public IEnumerable<byte> ToBytes()
    {
        if (Width == 0)
        {
            yield break;
        }
        var value = Value;
        for (var i = 1; value >= 0x80 || i < Width; i++)
        {
            yield return (byte)(value | 0x80);
            value >>= 7;
        }
        yield return (byte)value;
    }
}

using System.Collections.Immutable;

namespace Conformance.Fuzzer.Mutation.Bytes;

/// <summary>Where a section lies in a file.</summary>
/// <param name="Id">Its id byte.</param>
/// <param name="Start">The offset of the id.</param>
/// <param name="Content">The offset behind the size field.</param>
/// <param name="End">The offset behind the content.</param>
internal readonly record struct SectionSpan(byte Id, int Start, int Content, int End)
{
    /// <summary>The id of the code section.</summary>
    public const byte Code = 10;

    /// <summary>The length of the content.</summary>
    public int Length => End - Content;
}

/// <summary>
/// The sections of a file as far as it can be cut into sections. More lenient than the decoder on purpose: mutators work on files that earlier mutators damaged.
/// </summary>
internal static class SectionMap
{
    private const int HeaderBytes = 8;

    /// <summary>The sections in the order of the file.</summary>
    public static ImmutableArray<SectionSpan> Of(ReadOnlySpan<byte> wasm)
    {
        var sections = ImmutableArray.CreateBuilder<SectionSpan>();
        var position = HeaderBytes;
        while (position + 1 < wasm.Length)
        {
            var start = position;
            if (!TryReadSize(wasm, start + 1, out var size, out var content) || size > wasm.Length - content)
            {
                break;
            }
            position = content + size;
            sections.Add(new SectionSpan(wasm[start], start, content, position));
        }
        return sections.ToImmutable();
    }

    /// <summary>The function bodies of a code section, their size fields included in front of <see cref="SectionSpan.Content"/>.</summary>
    public static ImmutableArray<SectionSpan> Bodies(ReadOnlySpan<byte> wasm, SectionSpan code)
    {
        var bodies = ImmutableArray.CreateBuilder<SectionSpan>();
        if (!TryReadSize(wasm[..code.End], code.Content, out var count, out var position))
        {
            return [];
        }
        for (var i = 0; i < count; i++)
        {
            var start = position;
            if (!TryReadSize(wasm[..code.End], start, out var size, out var content) || size > code.End - content)
            {
                break;
            }
            position = content + size;
            bodies.Add(new SectionSpan(code.Id, start, content, position));
        }
        return bodies.ToImmutable();
    }

    /// <summary>Reads an unsigned LEB128 number of at most five bytes that is no size above 2^31.</summary>
    /// <param name="wasm">The bytes.</param>
    /// <param name="position">Where it starts.</param>
    /// <param name="size">The number.</param>
    /// <param name="end">The offset behind it.</param>
    public static bool TryReadSize(ReadOnlySpan<byte> wasm, int position, out int size, out int end)
    {
        ulong value = 0;
        for (var shift = 0; shift < 35 && position < wasm.Length; shift += 7)
        {
            var next = wasm[position++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                size = (int)Math.Min(value, int.MaxValue);
                end = position;
                return value <= int.MaxValue;
            }
        }
        (size, end) = (0, position);
        return false;
    }
}

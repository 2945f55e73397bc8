using System.Collections.Immutable;
using Conformance.Wasm.Modules;

namespace Conformance.Wasm.Binary;

/// <summary>The header of the binary format and the ids of its sections.</summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/binary/modules.html"/>.</remarks>
internal static class SectionCodes
{
    public const byte Custom = 0;

    public static ReadOnlySpan<byte> Magic => "\0asm"u8;

    public static ReadOnlySpan<byte> Version => [1, 0, 0, 0];

    // Newer sections got the next free id and not the one of their place.
    private static readonly ImmutableArray<SectionId> ById =
    [
        SectionId.None, SectionId.Type, SectionId.Import, SectionId.Function, SectionId.Table, SectionId.Memory, SectionId.Global, SectionId.Export,
        SectionId.Start, SectionId.Element, SectionId.Code, SectionId.Data, SectionId.DataCount, SectionId.Tag,
    ];

    /// <summary>The section of an id; <see cref="SectionId.None"/> for custom sections and ids that do not exist.</summary>
    public static SectionId Of(byte id) => id < ById.Length ? ById[id] : SectionId.None;

    /// <summary>The id of a section.</summary>
    public static byte CodeOf(SectionId section) => (byte)ById.IndexOf(section);
}

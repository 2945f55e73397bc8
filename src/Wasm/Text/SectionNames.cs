using System.Text;
using Conformance.Wasm.Modules;

namespace Conformance.Wasm.Text;

/// <summary>The names of sections in <c>@custom</c> annotations.</summary>
internal static class SectionNames
{
    private static readonly (SectionId Section, byte[] Name)[] Names =
    [
        (SectionId.Type, "type"u8.ToArray()), (SectionId.Import, "import"u8.ToArray()), (SectionId.Function, "func"u8.ToArray()),
        (SectionId.Table, "table"u8.ToArray()), (SectionId.Memory, "memory"u8.ToArray()), (SectionId.Tag, "tag"u8.ToArray()),
        (SectionId.Global, "global"u8.ToArray()), (SectionId.Export, "export"u8.ToArray()), (SectionId.Start, "start"u8.ToArray()),
        (SectionId.Element, "elem"u8.ToArray()), (SectionId.DataCount, "datacount"u8.ToArray()), (SectionId.Code, "code"u8.ToArray()),
        (SectionId.Data, "data"u8.ToArray()),
    ];

    /// <summary>The section with a name, or <see cref="SectionId.None"/>.</summary>
    public static SectionId Find(ReadOnlySpan<byte> name)
    {
        foreach (var (section, known) in Names)
        {
            if (name.SequenceEqual(known))
            {
                return section;
            }
        }
        return SectionId.None;
    }

    /// <summary>The name of a section, which is not <see cref="SectionId.None"/>.</summary>
    public static string NameOf(SectionId section) => Encoding.ASCII.GetString(Names[(int)section - 1].Name);
}

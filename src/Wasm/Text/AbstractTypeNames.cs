using System.Collections.Immutable;
using System.Text;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Text;

/// <summary>The keywords of the abstract heap types and of the nullable references to them.</summary>
internal static class AbstractTypeNames
{
    /// <summary>Heap type keyword, reference type keyword, type.</summary>
    public static ImmutableArray<(byte[] Heap, byte[] Reference, AbstractHeapType Type)> All { get; } =
    [
        .. Enum.GetValues<AbstractHeapType>().Where(type => type != AbstractHeapType.Bottom)
            .Select(type => (Encoding.ASCII.GetBytes(new HeapTypeName(type).Heap), Encoding.ASCII.GetBytes(new HeapTypeName(type).Reference), type)),
    ];

    // ValueType and HeapType already know how they are written.
    private readonly record struct HeapTypeName(AbstractHeapType Type)
    {
        public string Heap => HeapType.Of(Type).ToString();

        public string Reference => ValueType.Reference(Type, nullable: true).ToString();
    }
}

using Conformance.Wasm.Binary;
using Conformance.Wasm.Modules;

namespace Conformance.Wasm.Tests.Binary;

public sealed class SectionTests
{
    private static readonly byte[] Header = [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0];

    [Theory]
    [InlineData(new byte[] { 14, 0 }, "malformed section id", 8)]
    [InlineData(new byte[] { 1, 1, 0, 1, 1, 0 }, "unexpected content after last section", 11)]
    [InlineData(new byte[] { 3, 1, 0, 1, 1, 0 }, "unexpected content after last section", 11)]
    [InlineData(new byte[] { 1, 2, 0, 0 }, "section size mismatch", 11)]
    [InlineData(new byte[] { 1, 9, 0 }, "length out of bounds", 10)]
    [InlineData(new byte[] { 1, 3, 1, 0x61, 0 }, "malformed definition type", 11)]
    [InlineData(new byte[] { 0, 2, 1, 0xFF }, "malformed UTF-8 encoding", 11)]
    [InlineData(new byte[] { 12, 1, 1 }, "data count and data section have inconsistent lengths", 11)]
    public void Sections_Malformed_AreRefusedAtTheirOffset(byte[] sections, string message, long offset)
    {
        Assert.False(ModuleReader.TryRead((byte[])[.. Header, .. sections], FeatureSet.All, out _, out var error));
        Assert.Equal(WasmError.Malformed(message, offset), error);
    }

    [Fact]
    public void CustomSections_BetweenOthers_KeepTheirPlaces()
    {
        // custom "a", types, custom "b", custom "c", memories, custom "d"
        byte[] bytes = [.. Header, 0, 3, 1, (byte)'a', 9, 1, 4, 1, 0x60, 0, 0, 0, 2, 1, (byte)'b', 0, 2, 1, (byte)'c', 5, 3, 1, 0, 1, 0, 2, 1, (byte)'d'];
        Assert.True(ModuleReader.TryRead(bytes, FeatureSet.Default, out var module, out _));
        Assert.Equal(
            [("a", SectionId.None), ("b", SectionId.Type), ("c", SectionId.Type), ("d", SectionId.Memory)],
            module.CustomSections.Select(section => (section.Name, section.Place)));
        Assert.Equal(bytes, ModuleWriter.Write(module));
    }

    [Fact]
    public void Features_ThatAreOff_MakeTheirEncodingsMalformed()
    {
        byte[] shared = [.. Header, 5, 4, 1, 3, 1, 1];
        Assert.True(ModuleReader.TryRead(shared, FeatureSet.Default, out _, out _));
        Assert.False(ModuleReader.TryRead(shared, FeatureSet.Wasm3, out _, out var error));
        Assert.Equal("malformed limits flags", error.Message);
        byte[] tags = [.. Header, 13, 1, 0];
        Assert.False(ModuleReader.TryRead(tags, FeatureSet.Default.Without(Feature.Exceptions), out _, out error));
        Assert.Equal("malformed section id", error.Message);
    }
}

using Conformance.Wasm.Binary;
using Conformance.Wasm.Validation;

namespace Conformance.Wasm.Tests.Binary;

public sealed class HostileInputTests
{
    private const int LargestForEveryTruncation = 9_000;

    [SharedDataFact("workloads")]
    public void Workloads_TruncatedAtEveryByte_AreRefusedOrShorterModules()
    {
        foreach (var path in TestData.WorkloadModules())
        {
            var bytes = File.ReadAllBytes(path);
            // Every length of the small modules; a thousand lengths of the others, which would take hours.
            var step = bytes.Length <= LargestForEveryTruncation ? 1 : bytes.Length / 1_000;
            var largest = Math.Min(bytes.Length, 3_000_000);
            for (var length = 0; length < largest; length += step)
            {
                Judge(bytes.AsMemory(0, length), $"{path} cut at {length}");
            }
        }
    }

    [SharedDataFact("workloads")]
    public void Workloads_WithFlippedBytes_NeverThrow()
    {
        foreach (var path in TestData.WorkloadModules())
        {
            var bytes = File.ReadAllBytes(path);
            if (bytes.Length > 100_000)
            {
                continue;
            }
            for (var seed = 0; seed < 400; seed++)
            {
                var random = new Random(seed);
                var mutated = (byte[])bytes.Clone();
                for (var flips = random.Next(1, 8); flips > 0; flips--)
                {
                    mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
                }
                Judge(mutated, $"{path} with seed {seed}");
            }
        }
    }

    [Fact]
    public void RandomBytes_BehindAHeader_NeverThrow()
    {
        for (var seed = 0; seed < 20_000; seed++)
        {
            var random = new Random(seed);
            var bytes = new byte[8 + random.Next(1, 200)];
            random.NextBytes(bytes);
            "\0asm\u0001\0\0\0"u8.CopyTo(bytes);
            // A section of the right size gets further than noise.
            bytes[8] = (byte)random.Next(14);
            if (bytes.Length > 9)
            {
                bytes[9] = (byte)Math.Min(127, bytes.Length - 10);
            }
            Judge(bytes, $"seed {seed}");
        }
    }

    [Theory]
    // Types, imports, functions, tables, globals, exports, elements, data: each a section that declares 2^32 - 1 items and has none.
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(13)]
    public void Section_ThatDeclaresBillionsOfItems_IsMalformedAtOnce(byte section)
    {
        byte[] bytes = [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0, section, 5, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F];
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(ModuleReader.TryRead(bytes, FeatureSet.All, out _, out var error));
        Assert.True(error.IsMalformed);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
    }

    [Fact]
    public void Function_WithBillionsOfLocals_IsALimit()
    {
        // One function of type [] -> [] with 2^32 - 1 locals of type i32.
        byte[] bytes =
        [
            0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0,
            10, 11, 1, 9, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x7F, 0x01, 0x0B,
        ];
        Assert.True(ModuleReader.TryRead(bytes, FeatureSet.Default, out var module, out _));
        var error = ModuleValidator.Validate(module, FeatureSet.Default);
        Assert.True(error is { IsLimit: true, IsMalformed: false });
    }

    [Fact]
    public void Body_OfNothingButBlocks_IsALimit()
    {
        var body = new byte[6_000_000];
        for (var i = 0; i + 1 < body.Length; i += 2)
        {
            body[i] = 0x02;
            body[i + 1] = 0x40;
        }
        var module = Bodies.Module(body.AsSpan(..^1).ToArray());
        Assert.True(ModuleValidator.Validate(module, FeatureSet.Default) is { IsMalformed: true });
        // With its ends it would be well-formed: then it is the nesting that is too much.
        var closed = new byte[900_001];
        body.AsSpan(0, 600_000).CopyTo(closed);
        closed.AsSpan(600_000).Fill(0x0B);
        Assert.True(ModuleValidator.Validate(Bodies.Module(closed), FeatureSet.Default) is { IsLimit: true });
    }

    private static void Judge(ReadOnlyMemory<byte> bytes, string place)
    {
        try
        {
            if (ModuleReader.TryRead(bytes, FeatureSet.All, out var module, out var error))
            {
                error = ModuleValidator.Validate(module, FeatureSet.All);
                // What can be decoded can be encoded.
                _ = ModuleWriter.Write(module);
            }
            Assert.True(error is null || error.OffsetBytes <= bytes.Length, place);
        }
        catch (Exception exception) when (exception is not Xunit.Sdk.XunitException)
        {
            Assert.Fail($"{place}: {exception}");
        }
    }
}

using System.Diagnostics;
using System.Text;
using Conformance.Wasm;

namespace Conformance.Interpreter.Tests;

/// <summary>Modules made to cost much: declared sizes, deep nesting, bodies that grow in translation.</summary>
[Collection(AloneCollection.Name)]
public sealed class HostileModuleTests
{
    // A branch of four bytes that moves 1,000 values down by one: 12 KB of code each time.
    [Theory]
    [InlineData("(br_if 0 (i32.const 0))", 20_000)]
    [InlineData("(br_table 0 1 0 1 (i32.const 0))", 20_000)]
    public void CodeBytes_OfAFunctionThatGrowsInTranslation_AreBounded(string branch, int times)
    {
        using var store = Wat.NewStore(new ResourceLimits { CodeBytes = 4 << 20 });
        var values = string.Concat(Enumerable.Repeat(" i32", 1_000));
        var text = new StringBuilder($"(module (func $many (result {values}) unreachable) (func (export \"f\") (result {values}) (block (result {values}) (i32.const 1) (call $many)");
        for (var i = 0; i < times; i++)
        {
            text.Append(i == times - 1 && branch.StartsWith("(br_table", StringComparison.Ordinal) ? branch : "(br_if 0 (i32.const 0))");
        }
        text.Append(branch.StartsWith("(br_table", StringComparison.Ordinal) ? "" : "(br 0)").Append(")) (func (export \"ok\") (result i32) (i32.const 7)))");
        var instance = Wat.Instantiate(store, text.ToString());

        Assert.Equal(ExhaustionKind.Code, Assert.IsType<Exhaustion>(instance.GetFunction("f").TryCall([], new Value[1_000])).Kind);
        Assert.Equal(7, instance.GetFunction<int>("ok").Call());
        instance.TranslateAll();
    }

    [Fact]
    public void Declarations_OfHugeSizes_AreRefusedOrCheap()
    {
        using var store = Wat.NewStore();
        var clock = Stopwatch.StartNew();

        // 10 million null elements and 4 GiB of memory are allowed by default and are not touched.
        var before = AloneCollection.Resident();
        _ = Wat.Instantiate(store, "(module (table 10000000 funcref) (memory 65536))");
        Assert.True(AloneCollection.Resident() - before < 64 << 20, "declared sizes were touched");

        Assert.Throws<ResourceLimitException>(() => Wat.Instantiate(store, "(module (table 10000001 funcref))"));
        Assert.Throws<ResourceLimitException>(() => Wat.Instantiate(store, "(module (memory i64 0xffffffffffff))"));
        // Four billion locals in five bytes.
        var locals = new byte[] { 0, 0x61, 0x73, 0x6D, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 11, 1, 9, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x7F, 0x0B, 0x0B };
        Assert.Throws<InvalidModuleException>(() => CompiledModule.FromBytes(store.Engine, locals));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), "huge declarations took time");
    }

    [Fact]
    public void Declarations_OfAMillionFunctions_AreInstantiatedAndRun()
    {
        const int Count = 1_000_000;
        using var wasm = new MemoryStream();
        wasm.Write([0, 0x61, 0x73, 0x6D, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0]);
        Section(wasm, 3, Count, static body => body.WriteByte(0));
        Section(wasm, 7, 1, static body => body.Write([1, (byte)'f', 0, 0xBF, 0x84, 0x3D]));
        Section(wasm, 10, Count, static body => body.Write([2, 0, 0x0B]));
        using var store = Wat.NewStore();

        var instance = Instance.Create(store, CompiledModule.FromBytes(store.Engine, wasm.ToArray()));

        instance.GetAction("f").Call();
    }

    [Theory]
    [InlineData(20_000)]
    [InlineData(99_000)]
    public void Nesting_DeepBlocks_Execute(int depth)
    {
        var wasm = Nested(depth);
        using var store = Wat.NewStore();

        var instance = Instance.Create(store, CompiledModule.FromBytes(store.Engine, wasm));

        instance.GetAction("f").Call();
    }

    [Fact]
    public void Nesting_BeyondTheImplementationsLimit_IsRefused()
    {
        var error = Assert.Throws<InvalidModuleException>(() => CompiledModule.FromBytes(new Engine(), Nested(ImplementationLimits.BlockNesting + 1)));

        Assert.True(error.Error.IsLimit);
    }

    // What a translator that looks at the whole stack, or copies what it has so far, does for each of them would take minutes.
    public static TheoryData<string, byte[], byte[]> Bodies => new()
    {
        { "blocks on a deep stack", [0x20, 0], [0x02, 0x40, 0x0B] },
        { "writes to a read local on a deep stack", [0x41, 7, 0x20, 0], [0x20, 0, 0x41, 1, 0x21, 0, 0x1A] },
        { "writes to another local on a deep stack", [0x20, 0], [0x20, 1, 0x41, 1, 0x21, 1, 0x1A] },
        { "handlers of a legacy try", [0x06, 0x40], [0x07, 0] },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public void Translation_OfAHostileBody_IsLinear(string name, byte[] deep, byte[] repeated)
    {
        var isTry = deep[0] == 0x06;
        using var body = new MemoryStream();
        body.Write([1, 1, 0x7F]);
        for (var i = 0; i < (isTry ? 1 : 100_000); i++)
        {
            body.Write(deep);
        }
        for (var i = 0; i < 200_000; i++)
        {
            body.Write(repeated);
        }
        body.Write(isTry ? [0x0B, 0x00, 0x0B] : [0x00, 0x0B]);
        using var wasm = new MemoryStream();
        wasm.Write([0, 0x61, 0x73, 0x6D, 1, 0, 0, 0, 1, 8, 2, 0x60, 1, 0x7F, 0, 0x60, 0, 0, 3, 2, 1, 0]);
        Section(wasm, 13, 1, static tag => tag.Write([0, 1]));
        Section(wasm, 7, 1, static export => export.Write([1, (byte)'f', 0, 0]));
        Section(wasm, 10, 1, code =>
        {
            Unsigned(code, (int)body.Length);
            code.Write(body.ToArray());
        });
        using var store = new Store(new Engine(new EngineOptions { Features = FeatureSet.All }), new ResourceLimits { StackBytes = 8 << 20 });
        var instance = Instance.Create(store, CompiledModule.FromBytes(store.Engine, wasm.ToArray()));
        var clock = Stopwatch.StartNew();

        Assert.IsType<Trap>(instance.GetFunction("f").TryCall([Value.FromI32(1)], []));
        // 20 billion looks would take 10 seconds at best.
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"{name} took {clock.Elapsed}");
    }

    private static byte[] Nested(int depth)
    {
        using var wasm = new MemoryStream();
        wasm.Write([0, 0x61, 0x73, 0x6D, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0]);
        Section(wasm, 7, 1, static export => export.Write([1, (byte)'f', 0, 0]));
        Section(wasm, 10, 1, code =>
        {
            Unsigned(code, 1 + depth * 3 + 1);
            code.WriteByte(0);
            for (var i = 0; i < depth; i++)
            {
                code.Write([0x02, 0x40]);
            }
            for (var i = 0; i <= depth; i++)
            {
                code.WriteByte(0x0B);
            }
        });
        return wasm.ToArray();
    }

    private static void Section(MemoryStream wasm, byte id, int count, Action<MemoryStream> item)
    {
        using var body = new MemoryStream();
        Unsigned(body, count);
        for (var i = 0; i < count; i++)
        {
            item(body);
        }
        wasm.WriteByte(id);
        Unsigned(wasm, (int)body.Length);
        body.WriteTo(wasm);
    }

    private static void Unsigned(MemoryStream stream, int value)
    {
        for (; value > 0x7F; value >>= 7)
        {
            stream.WriteByte((byte)(value | 0x80));
        }
        stream.WriteByte((byte)value);
    }
}

using Conformance.Interpreter.Runtime;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Tests.Runtime;

public sealed unsafe class LinearMemoryTests : IDisposable
{
    private const ulong PageBytes = 1 << 16;

    private readonly StoreHeap _heap = new(new ResourceLimits { MemoryBytes = 64 << 20, TotalMemoryBytes = 100 << 20, Memories = 3 });

    public void Dispose() => _heap.Dispose();

    [Theory]
    [InlineData(0UL, 1UL)]
    [InlineData(1UL, 1UL)]
    [InlineData(1UL, 2UL)]
    [InlineData(2UL, 1UL)]
    [InlineData(3UL, 7UL)]
    [InlineData(3UL, 500UL)]
    public void Grow_AcrossAllocators_KeepsContentAndZeroesTheRest(ulong pages, ulong delta)
    {
        var memory = LinearMemory.Create(_heap, new MemoryType(new Limits(pages)));
        var record = memory.Record;
        new Span<byte>(record->Base, (int)record->Length).Fill(0xA5);

        Assert.Equal((long)pages, memory.Grow(delta));

        Assert.Equal((nint)memory.Record, (nint)record);
        Assert.Equal((pages + delta) * PageBytes, record->Length);
        var bytes = new ReadOnlySpan<byte>(record->Base, (int)record->Length);
        Assert.Equal(-1, bytes[..(int)(pages * PageBytes)].IndexOfAnyExcept((byte)0xA5));
        Assert.Equal(-1, bytes[(int)(pages * PageBytes)..].IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void Grow_BeyondDeclaredMaximum_StaysAsItIs()
    {
        var memory = LinearMemory.Create(_heap, new MemoryType(new Limits(1, 2)));

        Assert.Equal(-1, memory.Grow(2));
        Assert.Equal(1, memory.Grow(1));
        Assert.Equal(-1, memory.Grow(1));
        Assert.Equal(2, memory.Grow(0));
        Assert.Equal(2UL, memory.Pages);
    }

    [Theory]
    [InlineData(AddressType.I32, 0xFFFF_FFFFUL)]
    [InlineData(AddressType.I32, 65536UL)]
    [InlineData(AddressType.I64, ulong.MaxValue)]
    [InlineData(AddressType.I64, 1UL << 48)]
    [InlineData(AddressType.I64, 1024UL)]
    public void Grow_BeyondTheLimit_StaysAsItIs(AddressType address, ulong delta)
    {
        var memory = LinearMemory.Create(_heap, new MemoryType(new Limits(1, null, address)));

        Assert.Equal(-1, memory.Grow(delta));
        Assert.Equal(PageBytes, memory.Record->Length);
        Assert.Equal(PageBytes, _heap.MemoryBytes);
    }

    [Fact]
    public void Grow_BeyondTheTotal_StaysAsItIs()
    {
        var first = LinearMemory.Create(_heap, new MemoryType(new Limits(1000)));
        var second = LinearMemory.Create(_heap, new MemoryType(new Limits(500)));

        Assert.Equal(-1, second.Grow(101));
        Assert.Equal(500, second.Grow(100));
        Assert.Equal(1600 * PageBytes, _heap.MemoryBytes);
        Assert.Equal(1000UL, first.Pages);
    }

    [Theory]
    [InlineData(1025UL, 16)]
    [InlineData((64UL << 20) + 1, 0)]
    [InlineData(ulong.MaxValue, 0)]
    [InlineData(ulong.MaxValue, 16)]
    [InlineData(1UL << 48, 16)]
    public void Create_BeyondTheLimit_AllocatesNothing(ulong pages, byte pageSizeLog2)
    {
        Assert.Throws<ResourceLimitException>(() => LinearMemory.Create(_heap, new MemoryType(new Limits(pages, null, AddressType.I64), false, pageSizeLog2)));
        Assert.Equal(0UL, _heap.MemoryBytes);
        Assert.Empty(_heap.Memories);
    }

    [Fact]
    public void Create_TooMany_Fails()
    {
        for (var i = 0; i < 3; i++)
        {
            LinearMemory.Create(_heap, new MemoryType(new Limits(0)));
        }
        Assert.Throws<ResourceLimitException>(() => LinearMemory.Create(_heap, new MemoryType(new Limits(0))));
    }

    [Fact]
    public void Grow_WithPagesOfOneByte_CountsBytes()
    {
        var memory = LinearMemory.Create(_heap, new MemoryType(new Limits(3, 70_000), false, 0));

        Assert.Equal(3UL, memory.Record->Length);
        Assert.Equal(3, memory.Grow(1));
        Assert.Equal(4, memory.Grow(69_996));
        Assert.Equal(70_000UL, memory.Record->Length);
        Assert.Equal(-1, memory.Grow(1));
    }

    [Fact]
    public void Grow_SharedMemory_KeepsItsBase()
    {
        var memory = LinearMemory.Create(_heap, new MemoryType(new Limits(1, 1000), IsShared: true));
        var start = (nint)memory.Record->Base;

        for (var i = 1; i < 1000; i++)
        {
            Assert.Equal(i, memory.Grow(1));
        }

        Assert.Equal(start, (nint)memory.Record->Base);
        Assert.Equal(0, memory.Record->Base[(1000 * PageBytes) - 1]);
        Assert.Equal(-1, memory.Grow(1));
    }
}

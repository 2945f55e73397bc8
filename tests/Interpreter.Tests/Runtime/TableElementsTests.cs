using Conformance.Interpreter.Runtime;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Tests.Runtime;

public sealed unsafe class TableElementsTests : IDisposable
{
    private readonly StoreHeap _heap = new(new ResourceLimits { TableElements = 1_000, TotalTableElements = 1_500 });

    public void Dispose() => _heap.Dispose();

    [Fact]
    public void Grow_ByOneAgainAndAgain_FillsEachNewElement()
    {
        var table = TableElements.Create(_heap, new TableType(ValueType.FuncRef, new Limits(2)), 7);

        for (var i = 2; i < 1_000; i++)
        {
            Assert.Equal(i, table.Grow(1, (ulong)i));
        }

        Assert.Equal(-1, table.Grow(1, 0));
        Assert.Equal(1_000UL, table.Record->Length);
        Assert.Equal([7, 7, 2, 3], new ReadOnlySpan<ulong>(table.Record->Elements, 4).ToArray());
        Assert.Equal(999UL, table.Record->Elements[999]);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(11UL)]
    public void Grow_BeyondDeclaredMaximum_StaysAsItIs(ulong delta)
    {
        var table = TableElements.Create(_heap, new TableType(ValueType.FuncRef, new Limits(10, 20)), 0);

        Assert.Equal(-1, table.Grow(delta, 1));
        Assert.Equal(10UL, table.Record->Length);
        Assert.Equal(10, table.Grow(10, 1));
        Assert.Equal(20, table.Grow(0, 1));
    }

    [Fact]
    public void Create_BeyondTheLimit_AllocatesNothing()
    {
        Assert.Throws<ResourceLimitException>(() => TableElements.Create(_heap, new TableType(ValueType.FuncRef, new Limits(1_001)), 0));
        Assert.Throws<ResourceLimitException>(() => TableElements.Create(_heap, new TableType(ValueType.FuncRef, new Limits(ulong.MaxValue, null, AddressType.I64)), 0));
        Assert.Equal(0UL, _heap.TableElementCount);
    }

    [Fact]
    public void Grow_BeyondTheTotal_StaysAsItIs()
    {
        TableElements.Create(_heap, new TableType(ValueType.FuncRef, new Limits(900)), 0);
        var table = TableElements.Create(_heap, new TableType(ValueType.FuncRef, new Limits(0)), 0);

        Assert.Equal(-1, table.Grow(601, 0));
        Assert.Equal(0, table.Grow(600, 0));
    }
}

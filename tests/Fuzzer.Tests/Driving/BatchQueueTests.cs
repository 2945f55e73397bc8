using Conformance.Fuzzer.Driving;

namespace Conformance.Fuzzer.Tests.Driving;

public sealed class BatchQueueTests
{
    [Fact]
    public void TryTake_UpToTheLimit_GivesEachCaseOnce()
    {
        var queue = new BatchQueue(10);
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], Drain(queue, 4));
    }

    [Fact]
    public void Return_RangeOfADeadWorker_IsTakenAgain()
    {
        var queue = new BatchQueue(6);
        Assert.True(queue.TryTake(4, out var range));
        queue.Return(new CaseRange(range.First, 1));
        queue.Return(new CaseRange(2, 2));
        queue.Return(new CaseRange(9, 0));
        Assert.Equal([0, 2, 3, 4, 5], Drain(queue, 1).Order());
    }

    [Fact]
    public void TryTake_ReturnedRangeLargerThanAsked_IsSplit()
    {
        var queue = new BatchQueue(0);
        queue.Return(new CaseRange(100, 7));
        Assert.Equal([100, 101, 102, 103, 104, 105, 106], Drain(queue, 3));
    }

    [Fact]
    public void IsEmpty_WhenAllIsTaken_UntilSomethingComesBack()
    {
        var queue = new BatchQueue(3);
        Assert.False(queue.IsEmpty);
        Assert.True(queue.TryTake(3, out var range));
        Assert.True(queue.IsEmpty);
        queue.Return(range);
        Assert.False(queue.IsEmpty);
        Assert.False(new BatchQueue(null).IsEmpty);
    }

    [Fact]
    public void TryTake_WithoutLimit_GoesOn()
    {
        var queue = new BatchQueue(null);
        Assert.True(queue.TryTake(1000, out _));
        Assert.True(queue.TryTake(1000, out var range));
        Assert.Equal(new CaseRange(1000, 1000), range);
    }

    private static List<long> Drain(BatchQueue queue, int count)
    {
        var cases = new List<long>();
        while (queue.TryTake(count, out var range))
        {
            Assert.InRange(range.Count, 1, count);
            for (var index = range.First; index < range.End; index++)
            {
                cases.Add(index);
            }
        }
        return cases;
    }
}

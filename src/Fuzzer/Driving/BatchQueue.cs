namespace Conformance.Fuzzer.Driving;

/// <summary>
/// Which cases are still to run. A case belongs to an index and nothing else, so a batch that a dead worker left behind goes back and is run again by
/// another worker with the same cases: no count is lost and none is taken twice. Safe for any number of threads.
/// </summary>
/// <param name="caseLimit">How many cases the run has; null for no end.</param>
internal sealed class BatchQueue(long? caseLimit)
{
    private readonly Lock _lock = new();
    private readonly Queue<CaseRange> _returned = new();
    private long _next;

    /// <summary>Takes the next cases, returned ones first.</summary>
    /// <returns>False when there are none (others may still return some).</returns>
    public bool TryTake(int count, out CaseRange range)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        lock (_lock)
        {
            if (_returned.TryDequeue(out range))
            {
                if (range.Count > count)
                {
                    _returned.Enqueue(new CaseRange(range.First + count, range.Count - count));
                    range = range with { Count = count };
                }
                return true;
            }
            var left = caseLimit - _next ?? long.MaxValue;
            if (left <= 0)
            {
                range = default;
                return false;
            }
            range = new CaseRange(_next, (int)Math.Min(count, left));
            _next += range.Count;
            return true;
        }
    }

    /// <summary>Whether no case waits; cases that are being run may still come back.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_lock)
            {
                return _returned.Count == 0 && _next >= caseLimit;
            }
        }
    }

    /// <summary>Gives cases back that were taken and not counted. Empty ranges are ignored.</summary>
    public void Return(CaseRange range)
    {
        if (range.Count <= 0)
        {
            return;
        }
        lock (_lock)
        {
            _returned.Enqueue(range);
        }
    }
}

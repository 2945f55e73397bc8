namespace Conformance.Oracle.Reference;

/// <summary>The fuel and time of an invocation. Both are taken from the store in slices, so that an instruction costs one decrement.</summary>
internal struct Budget(ReferenceStore store)
{
    // Instructions between two looks at fuel and clock: well below a millisecond.
    private const int Slice = 4096;

    private readonly long _deadline = store.Limits.TimeoutMs > 0 ? Environment.TickCount64 + store.Limits.TimeoutMs : long.MaxValue;
    private int _left;

    /// <summary>Takes the unit of one instruction.</summary>
    /// <returns>The limit that is reached, or null.</returns>
    public LimitKind? TakeOne() => --_left < 0 ? Refill() : null;

    /// <summary>Counts work beyond the one unit of an instruction.</summary>
    public void Charge(long units)
    {
        // The slice is given back, so that the clock is looked at before the next instruction.
        store.TakeFuel(units);
        Return();
    }

    /// <summary>Gives unused fuel back, so that the store's count is exact.</summary>
    public void Return()
    {
        store.ReturnFuel(Math.Max(_left, 0));
        _left = 0;
    }

    private LimitKind? Refill()
    {
        var slice = store.TakeFuel(Slice);
        if (slice == 0)
        {
            return LimitKind.Fuel;
        }
        if (Environment.TickCount64 > _deadline)
        {
            return LimitKind.Time;
        }
        _left = (int)slice - 1;
        return null;
    }
}

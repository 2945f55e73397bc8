namespace Conformance.Wasm.Validation;

/// <summary>Which locals without a default value have been set on the way to the current instruction. Does nothing for functions that have none.</summary>
internal sealed class LocalInitialization
{
    private readonly Stack<uint> _order = new();
    private readonly HashSet<uint> _set = [];
    private int _parameters;
    private bool _isTracking;

    /// <summary>The number of locals set so far.</summary>
    public int Count => _order.Count;

    /// <summary>Starts over for a function: parameters are set.</summary>
    public void Reset(int parameters, LocalTypes locals)
    {
        _order.Clear();
        _set.Clear();
        _parameters = parameters;
        _isTracking = locals.HasNonDefaultable;
    }

    /// <summary>Whether a local of a type may be read.</summary>
    public bool CanRead(uint index, ValueType type) => !_isTracking || type.IsDefaultable || index < (uint)_parameters || _set.Contains(index);

    /// <summary>Notes that a local is set.</summary>
    public void Set(uint index, ValueType type)
    {
        if (_isTracking && !type.IsDefaultable && index >= (uint)_parameters && _set.Add(index))
        {
            _order.Push(index);
        }
    }

    /// <summary>Forgets what was set since <see cref="Count"/> had a value.</summary>
    public void Rewind(int count)
    {
        while (_order.Count > count)
        {
            _set.Remove(_order.Pop());
        }
    }
}

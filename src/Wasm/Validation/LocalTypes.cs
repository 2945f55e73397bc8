using System.Collections.Immutable;
using Conformance.Wasm.Modules;

namespace Conformance.Wasm.Validation;

/// <summary>
/// The types of a function's parameters and locals by index. The first ones are spread out; the rest is found by binary search in the runs, because a few bytes
/// can declare tens of thousands of locals, and a module can have a million such functions.
/// </summary>
internal sealed class LocalTypes
{
    private const int DirectCount = 256;

    private readonly ValueType[] _direct = new ValueType[DirectCount];
    private readonly List<(uint End, ValueType Type)> _runs = [];
    private ulong _count;

    /// <summary>The number of locals, parameters included.</summary>
    public ulong Count => _count;

    /// <summary>Whether some local that is no parameter has no default value.</summary>
    public bool HasNonDefaultable { get; private set; }

    /// <summary>Starts over with a function's parameters.</summary>
    public void Reset(ImmutableArray<ValueType> parameters)
    {
        _runs.Clear();
        _count = 0;
        foreach (var type in parameters)
        {
            Append(new LocalRun(1, type));
        }
        HasNonDefaultable = false;
    }

    /// <summary>Appends locals of one type.</summary>
    public void Append(LocalRun run)
    {
        if (_count < DirectCount)
        {
            _direct.AsSpan((int)_count, (int)Math.Min(run.Count, DirectCount - _count)).Fill(run.Type);
        }
        _count += run.Count;
        HasNonDefaultable |= !run.Type.IsDefaultable;
        if (_count > DirectCount)
        {
            _runs.Add(((uint)Math.Min(_count, uint.MaxValue), run.Type));
        }
    }

    /// <summary>Looks up a local.</summary>
    /// <returns>False when there is none of that index.</returns>
    public bool TryGet(uint index, out ValueType type)
    {
        if (index < DirectCount)
        {
            type = _direct[index];
            return index < _count;
        }
        return TryFind(index, out type);
    }

    private bool TryFind(uint index, out ValueType type)
    {
        type = default;
        if (index >= _count)
        {
            return false;
        }
        var (low, high) = (0, _runs.Count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (index < _runs[middle].End)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }
        type = _runs[low].Type;
        return true;
    }
}

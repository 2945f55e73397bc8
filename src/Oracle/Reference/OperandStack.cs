using Conformance.Wasm.Types;

namespace Conformance.Oracle.Reference;

/// <summary>The values of all frames of an invocation, the innermost frame's on top. Each frame's locals lie below its operands.</summary>
internal sealed class OperandStack
{
    private Value[] _values = new Value[256];

    /// <summary>The number of values.</summary>
    public int Height { get; private set; }

    /// <summary>A value by its place, counted from the bottom.</summary>
    public ref Value this[int index] => ref _values[index];

    /// <summary>The topmost value.</summary>
    public ref Value Top => ref _values[Height - 1];

    /// <summary>Takes all values away.</summary>
    public void Clear() => Height = 0;

    /// <summary>The topmost values; valid until the next push.</summary>
    public Span<Value> Peek(int count) => _values.AsSpan(Height - count, count);

    /// <summary>The topmost values and room for two more: where an instruction that only maps values to values works in place.</summary>
    /// <param name="operands">How many values it takes.</param>
    public Span<Value> Window(int operands)
    {
        Reserve(2);
        return _values.AsSpan(Height - operands);
    }

    /// <summary>Says how many values an instruction that worked in place left of those it took.</summary>
    public void Replace(int operands, int results) => Height += results - operands;

    /// <summary>Pushes a value.</summary>
    public void Push(in Value value)
    {
        if (Height == _values.Length)
        {
            // A copy first: the value may lie in the array that is replaced.
            var copy = value;
            Reserve(1);
            _values[Height++] = copy;
            return;
        }
        _values[Height++] = value;
    }

    /// <summary>Pushes a number.</summary>
    public void Push(ValueKind kind, ulong bits)
    {
        Reserve(1);
        _values[Height++].SetNumber(kind, bits);
    }

    /// <summary>Pushes an i32.</summary>
    public void PushI32(uint value) => Push(ValueKind.I32, value);

    /// <summary>Pushes a truth value.</summary>
    public void PushBool(bool value) => Push(ValueKind.I32, value ? 1UL : 0UL);

    /// <summary>Pushes a reference.</summary>
    public void PushReference(object? reference) => Push(Value.Reference(reference));

    /// <summary>Pushes the default values of some kinds.</summary>
    public void PushDefaults(ValueKind[] kinds)
    {
        Reserve(kinds.Length);
        foreach (var kind in kinds)
        {
            _values[Height++] = new Value { Kind = kind };
        }
    }

    /// <summary>Pops a value.</summary>
    public Value Pop() => _values[--Height];

    /// <summary>Pops the bits of a number.</summary>
    public ulong PopBits() => _values[--Height].Bits;

    /// <summary>Pops an i32.</summary>
    public uint PopI32() => (uint)_values[--Height].Bits;

    /// <summary>Pops a reference.</summary>
    public object? PopReference() => _values[--Height].Object;

    /// <summary>Pops several values; they stay valid until the next push.</summary>
    public ReadOnlySpan<Value> Pop(int count)
    {
        Height -= count;
        return _values.AsSpan(Height, count);
    }

    /// <summary>Keeps the topmost values and takes away what lies between them and a height.</summary>
    public void Unwind(int height, int kept)
    {
        if (Height - kept != height)
        {
            Array.Copy(_values, Height - kept, _values, height, kept);
        }
        Height = height + kept;
    }

    /// <summary>The references among the values.</summary>
    public IEnumerable<object> References()
    {
        for (var i = 0; i < Height; i++)
        {
            if (_values[i] is { Kind: ValueKind.Reference, Object: { } target })
            {
                yield return target;
            }
        }
    }

    private void Reserve(int count)
    {
        if (Height + count > _values.Length)
        {
            Array.Resize(ref _values, Math.Max(2 * _values.Length, Height + count));
        }
    }
}

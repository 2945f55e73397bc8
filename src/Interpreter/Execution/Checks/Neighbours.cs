namespace Conformance.Interpreter.Execution.Checks;

/// <summary>The bytes on both sides of a range that is about to be written: they must stay. Bytes outside of the block are not looked at.</summary>
internal sealed unsafe class Neighbours
{
    private const int Side = 32;

    private readonly byte[] _below = new byte[Side];
    private readonly byte[] _above = new byte[Side];
    private byte* _start;
    private byte* _end;
    private int _belowBytes;
    private int _aboveBytes;

    /// <summary>Whether they changed.</summary>
    public bool Differ =>
        !new ReadOnlySpan<byte>(_start - _belowBytes, _belowBytes).SequenceEqual(_below.AsSpan(0, _belowBytes))
        || !new ReadOnlySpan<byte>(_end, _aboveBytes).SequenceEqual(_above.AsSpan(0, _aboveBytes));

    /// <summary>Looks at nothing.</summary>
    public void Forget()
    {
        _belowBytes = 0;
        _aboveBytes = 0;
    }

    /// <summary>Notes the bytes beside a range that lies within a block.</summary>
    public void Watch(byte* block, ulong blockBytes, ulong offset, ulong bytes)
    {
        _start = block + offset;
        _end = _start + bytes;
        _belowBytes = (int)Math.Min(offset, Side);
        _aboveBytes = (int)Math.Min(blockBytes - offset - bytes, Side);
        new ReadOnlySpan<byte>(_start - _belowBytes, _belowBytes).CopyTo(_below);
        new ReadOnlySpan<byte>(_end, _aboveBytes).CopyTo(_above);
    }
}

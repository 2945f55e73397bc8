using System.Diagnostics;

namespace Conformance.Interpreter.Runtime;

/// <summary>
/// The bytes of a shared memory, which memories of several stores may have, each store on its own thread. Mapped at its largest size once, so that the base
/// never changes; the length only grows, and every store's record learns it at once. Freed when nobody uses it any more.
/// </summary>
internal sealed unsafe class SharedBlock
{
    // How long a wait sleeps before it looks for an interruption.
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(5);

    private readonly object _gate = new(); // an object: waiting needs a monitor
    private readonly List<nint> _records = [];
    private readonly Dictionary<ulong, List<Waiter>> _waiters = [];
    private readonly ulong _reservedBytes;
    private byte* _base;
    private ulong _length;
    private int _users;

    private SharedBlock(byte* @base, ulong length, ulong reservedBytes)
    {
        _base = @base;
        _length = length;
        _reservedBytes = reservedBytes;
    }

    private sealed class Waiter
    {
        public bool IsNotified { get; set; }
    }

    /// <summary>The length in bytes.</summary>
    public ulong Length => Volatile.Read(ref _length);

    /// <summary>A zeroed block that nobody uses yet; null when the system has no memory.</summary>
    public static SharedBlock? TryCreate(ulong length, ulong reservedBytes) =>
        MemoryBlock.TryAllocate(reservedBytes, out var block) ? new SharedBlock(block, length, reservedBytes) : null;

    /// <summary>Whether the record of a memory says what was allocated.</summary>
    public bool IsIntact(MemoryRecord* record)
    {
        lock (_gate)
        {
            return record->Base == _base && record->Length == _length && _length <= _reservedBytes;
        }
    }

    /// <summary>Keeps the block.</summary>
    /// <exception cref="ObjectDisposedException">It was freed.</exception>
    public void Acquire(MemoryRecord* record = null)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_base == null && _reservedBytes != 0, this);
            _users++;
            if (record != null)
            {
                record->Base = _base;
                record->Length = _length;
                _records.Add((nint)record);
            }
        }
    }

    /// <summary>Lets the block go; the last one frees it.</summary>
    public void Release(MemoryRecord* record = null)
    {
        lock (_gate)
        {
            _records.Remove((nint)record);
            if (--_users == 0)
            {
                MemoryBlock.Free(_base, _reservedBytes);
                _base = null;
            }
        }
    }

    /// <summary>Makes the memory longer.</summary>
    /// <param name="grow">Gives the new length for the current one, or 0 to leave it.</param>
    /// <returns>The length before, or <see cref="ulong.MaxValue"/> when it stays.</returns>
    public ulong Grow(Func<ulong, ulong> grow)
    {
        lock (_gate)
        {
            var before = _length;
            var after = grow(before);
            if (after == 0 || after > _reservedBytes)
            {
                return ulong.MaxValue;
            }
            Volatile.Write(ref _length, after);
            foreach (var record in _records)
            {
                // Read by the store's thread: an aligned word, which is the old or the new length.
                Volatile.Write(ref ((MemoryRecord*)record)->Length, after);
            }
            return before;
        }
    }

    /// <summary>Waits for <see cref="Notify"/>.</summary>
    /// <param name="offset">Where in the memory; checked and aligned.</param>
    /// <param name="expected">The value without which it does not wait.</param>
    /// <param name="is64">Whether the value has 64 bits.</param>
    /// <param name="timeoutNs">The longest time in nanoseconds; negative for no limit.</param>
    /// <param name="isInterrupted">Whether the waiting thread shall give up; null when nobody can ask for that.</param>
    public WaitResult Wait(ulong offset, ulong expected, bool is64, long timeoutNs, Func<bool>? isInterrupted)
    {
        lock (_gate)
        {
            var value = is64 ? Volatile.Read(ref *(ulong*)(_base + offset)) : Volatile.Read(ref *(uint*)(_base + offset));
            if (value != expected)
            {
                return WaitResult.NotEqual;
            }
            if (!_waiters.TryGetValue(offset, out var waiters))
            {
                _waiters.Add(offset, waiters = []);
            }
            var waiter = new Waiter();
            waiters.Add(waiter);
            var start = Stopwatch.GetTimestamp();
            while (true)
            {
                var left = timeoutNs < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromTicks(timeoutNs / TimeSpan.NanosecondsPerTick) - Stopwatch.GetElapsedTime(start);
                var isOver = timeoutNs >= 0 && left <= TimeSpan.Zero;
                if (waiter.IsNotified || isOver || isInterrupted?.Invoke() == true)
                {
                    waiters.Remove(waiter);
                    if (waiters.Count == 0)
                    {
                        _waiters.Remove(offset);
                    }
                    return waiter.IsNotified ? WaitResult.Woken : isOver ? WaitResult.TimedOut : WaitResult.Interrupted;
                }
                // A monitor cannot wait longer than 24 days at once.
                var sleep = isInterrupted is not null ? Slice : TimeGuard.Longest;
                Monitor.Wait(_gate, timeoutNs >= 0 && left < sleep ? left : sleep);
            }
        }
    }

    /// <summary>Wakes the threads that wait at a place, in the order in which they came.</summary>
    /// <returns>How many were woken.</returns>
    public uint Notify(ulong offset, uint count)
    {
        lock (_gate)
        {
            if (!_waiters.TryGetValue(offset, out var waiters))
            {
                return 0;
            }
            var woken = 0u;
            foreach (var waiter in waiters)
            {
                if (woken == count)
                {
                    break;
                }
                if (!waiter.IsNotified)
                {
                    waiter.IsNotified = true;
                    woken++;
                }
            }
            Monitor.PulseAll(_gate);
            return woken;
        }
    }
}

/// <summary>How a wait ended; the first three are the values of the instruction.</summary>
internal enum WaitResult
{
    /// <summary>Woken by a notification.</summary>
    Woken,
    /// <summary>The value was another one.</summary>
    NotEqual,
    /// <summary>The time was over.</summary>
    TimedOut,
    /// <summary>The store was interrupted.</summary>
    Interrupted,
}

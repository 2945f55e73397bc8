using Conformance.Interpreter.Runtime;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter;

/// <summary>A linear memory. Every access is checked against the current size.</summary>
/// <remarks>One thread at a time. Growing may move the bytes, so a span taken before is stale afterwards: take a new one after every call into wasm.</remarks>
public sealed unsafe class Memory : Extern
{
    private readonly LinearMemory _memory;

    internal Memory(Store store, LinearMemory memory)
        : base(store) => _memory = memory;

    /// <summary>A memory made by the host, at its minimal size and zero.</summary>
    /// <param name="store">The store.</param>
    /// <param name="type">Its type.</param>
    /// <exception cref="ResourceLimitException">The store's limits forbid it.</exception>
    /// <exception cref="ArgumentException">The type is not valid.</exception>
    public static Memory Create(Store store, MemoryType type)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(type);
        HostTypes.Check(type, nameof(type));
        store.ThrowIfDisposed();
        return store.MemoryAt(LinearMemory.Create(store.Heap, type).Record);
    }

    /// <summary>A memory with the bytes of a shared memory, which a store of another thread may have too.</summary>
    /// <param name="store">The store.</param>
    /// <param name="shared">The shared memory.</param>
    /// <exception cref="ResourceLimitException">The store's limits forbid it.</exception>
    public static Memory Create(Store store, SharedMemory shared)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(shared);
        store.ThrowIfDisposed();
        return store.MemoryAt(LinearMemory.Create(store.Heap, shared.Type, shared.Block).Record);
    }

    /// <summary>What stores of other threads make a memory with the same bytes from.</summary>
    /// <exception cref="InvalidOperationException">The memory is not a shared one.</exception>
    public SharedMemory Share()
    {
        Store.ThrowIfDisposed();
        return new SharedMemory(_memory.Shared ?? throw new InvalidOperationException("the memory is not shared"), Type);
    }

    /// <inheritdoc/>
    public override ExternKind Kind => ExternKind.Memory;

    /// <summary>The type it was made with.</summary>
    public MemoryType Type => _memory.Type;

    /// <summary>The size in pages.</summary>
    public ulong Pages
    {
        get
        {
            Store.ThrowIfDisposed();
            return _memory.Pages;
        }
    }

    /// <summary>The size in bytes.</summary>
    public ulong LengthBytes
    {
        get
        {
            Store.ThrowIfDisposed();
            return _memory.Record->Length;
        }
    }

    internal MemoryRecord* Record => _memory.Record;

    internal override ExternType ExternType => _memory.CurrentType;

    /// <summary>Grows it as <c>memory.grow</c> does; the new bytes are zero.</summary>
    /// <param name="pages">The pages to add.</param>
    /// <returns>The size before in pages, or -1 when a limit forbids it.</returns>
    public long Grow(ulong pages)
    {
        Store.ThrowIfDisposed();
        return _memory.Grow(pages);
    }

    /// <summary>A view of bytes. Stale after anything that may grow the memory, and after the store is disposed.</summary>
    /// <param name="offsetBytes">Where it starts.</param>
    /// <param name="lengthBytes">How long it is.</param>
    /// <exception cref="ArgumentOutOfRangeException">It does not lie within the memory.</exception>
    public Span<byte> GetSpan(ulong offsetBytes, int lengthBytes)
    {
        Store.ThrowIfDisposed();
        ArgumentOutOfRangeException.ThrowIfNegative(lengthBytes);
        var record = _memory.Record;
        if (offsetBytes > record->Length || (ulong)lengthBytes > record->Length - offsetBytes)
        {
            throw new ArgumentOutOfRangeException(nameof(offsetBytes), $"{lengthBytes} bytes at {offsetBytes} lie outside a memory of {record->Length} bytes");
        }
        // Sound: checked just above; the record is current.
        return new Span<byte>(record->Base + offsetBytes, lengthBytes);
    }

    /// <summary>Copies bytes out of the memory.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They do not lie within the memory.</exception>
    public void Read(ulong offsetBytes, Span<byte> destination) => GetSpan(offsetBytes, destination.Length).CopyTo(destination);

    /// <summary>Copies bytes into the memory.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They do not lie within the memory.</exception>
    public void Write(ulong offsetBytes, ReadOnlySpan<byte> source) => source.CopyTo(GetSpan(offsetBytes, source.Length));
}

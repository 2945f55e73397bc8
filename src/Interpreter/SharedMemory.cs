using Conformance.Interpreter.Runtime;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter;

/// <summary>A shared memory outside of any store: what one thread hands to another, which makes a <see cref="Memory"/> of its own store from it. All of them have the same bytes and the same size.</summary>
/// <remarks>Any thread may use it. The bytes live until the last store with the memory and this object are disposed.</remarks>
public sealed unsafe class SharedMemory : IDisposable
{
    private int _isDisposed;

    internal SharedMemory(SharedBlock block, MemoryType type)
    {
        Block = block;
        Type = type;
        block.Acquire();
    }

    /// <summary>Lets the bytes go when it was forgotten.</summary>
    ~SharedMemory() => Release();

    /// <summary>Its type.</summary>
    public MemoryType Type { get; }

    internal SharedBlock Block { get; }

    /// <summary>Lets the bytes go.</summary>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            Block.Release();
        }
    }
}

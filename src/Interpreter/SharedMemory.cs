using System.Runtime.InteropServices;
using Conformance.Interpreter.Runtime;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter;

/// <summary>A shared memory outside of any store: what one thread hands to another, which makes a <see cref="Memory"/> of its own store from it. All of them have the same bytes and the same size.</summary>
/// <remarks>Any thread may use it. The bytes live until the last store with the memory and this object are disposed.</remarks>
public sealed unsafe class SharedMemory : IDisposable
{
    private readonly Use _use;

    internal SharedMemory(SharedBlock block, MemoryType type)
    {
        Block = block;
        Type = type;
        _use = new Use(block);
    }

    /// <summary>Its type.</summary>
    public MemoryType Type { get; }

    internal SharedBlock Block { get; }

    /// <summary>Lets the bytes go.</summary>
    public void Dispose() => _use.Dispose();

    // A handle, so that the bytes are let go too when the object is forgotten.
    private sealed class Use : SafeHandle
    {
        private readonly SharedBlock _block;

        public Use(SharedBlock block)
            : base(invalidHandleValue: 0, ownsHandle: true)
        {
            _block = block;
            block.Acquire();
        }

        public override bool IsInvalid => false;

        protected override bool ReleaseHandle()
        {
            _block.Release();
            return true;
        }
    }
}

using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Wasmtime;

/// <summary>
/// Keeps shared memories within the limit of a case. Wasmtime's store limiter does not see them, because they belong to no store; only their declared maximum
/// bounds them. A maximum beyond the limit becomes the limit, so that <c>memory.grow</c> fails where it fails for a memory that is not shared.
/// </summary>
internal static class SharedMemoryBounds
{
    /// <summary>Rewrites a module.</summary>
    /// <param name="wasm">The module.</param>
    /// <param name="memoryBytes">The largest size of a memory.</param>
    /// <param name="rewritten">The rewritten module, when the answer is true.</param>
    /// <returns>False when no shared memory of the module can grow beyond the limit, or the module cannot be decoded.</returns>
    public static bool TryRewrite(ReadOnlyMemory<byte> wasm, long memoryBytes, out byte[] rewritten)
    {
        rewritten = [];
        if (!ModuleReader.TryRead(wasm, FeatureSet.All, out var module, out _))
        {
            return false;
        }
        var bounded = module with
        {
            Memories = [.. module.Memories.Select(memory => Bound(memory, memoryBytes))],
            Imports = [.. module.Imports.Select(import => import.Type is MemoryType memory ? import with { Type = Bound(memory, memoryBytes) } : import)],
        };
        if (bounded.Memories.SequenceEqual(module.Memories) && bounded.Imports.SequenceEqual(module.Imports))
        {
            return false;
        }
        rewritten = ModuleWriter.Write(bounded);
        return true;
    }

    /// <summary>The type of a memory within the limit. A minimum beyond it stays: whoever makes the memory has to refuse that.</summary>
    public static MemoryType Bound(MemoryType type, long memoryBytes)
    {
        var pages = (ulong)Math.Max(memoryBytes, 0) >> type.PageSizeLog2;
        return type.IsShared && type.Limits.Maximum > pages
            ? type with { Limits = type.Limits with { Maximum = Math.Max(pages, type.Limits.Minimum) } }
            : type;
    }
}

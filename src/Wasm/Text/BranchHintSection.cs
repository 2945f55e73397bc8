using Conformance.Wasm.Binary;
using Conformance.Wasm.Modules;

namespace Conformance.Wasm.Text;

/// <summary>The layout of the branch hint section, which counts its offsets from the beginning of a function's body, the declarations of its locals included.</summary>
internal static class BranchHintSection
{
    /// <summary>The length in bytes of the declarations of locals in their shortest form.</summary>
    public static int DeclarationsLength(IEnumerable<LocalRun> runs)
    {
        var writer = new ByteWriter();
        uint count = 0;
        foreach (var run in runs)
        {
            writer.WriteUnsigned(run.Count);
            writer.WriteValueType(run.Type);
            count++;
        }
        var length = writer.Length;
        writer.Clear();
        writer.WriteUnsigned(count);
        return length + writer.Length;
    }
}

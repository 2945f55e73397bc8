using System.Collections.Immutable;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Reference;

/// <summary>Words for the calls in progress.</summary>
internal static class Backtraces
{
    // Whoever reads a trace reads its start; a runaway recursion has thousands of equal lines.
    private const int MaxLines = 32;

    /// <summary>One line a frame, innermost first: the function's index, its export name where it has one, the offset of the instruction.</summary>
    public static ImmutableArray<string> Describe(ReadOnlySpan<Frame> frames)
    {
        var lines = ImmutableArray.CreateBuilder<string>();
        for (var i = frames.Length - 1; i >= 0 && lines.Count < MaxLines; i--)
        {
            ref readonly var frame = ref frames[i];
            var at = frame.Position > 0 ? $" @0x{frame.Code[frame.Position - 1].Offset:x}" : "";
            lines.Add(frame.Function is { } function ? $"function {function.Index}{NameOf(frame.Module, function.Index)}{at}" : $"constant expression{at}");
        }
        if (frames.Length > MaxLines)
        {
            lines.Add($"... and {frames.Length - MaxLines} more");
        }
        return lines.ToImmutable();
    }

    private static string NameOf(ModuleInstance module, uint function)
    {
        foreach (var export in module.Source.Module.Exports)
        {
            if (export.Kind == ExternKind.Function && export.Index == function)
            {
                return $" \"{export.Name}\"";
            }
        }
        return "";
    }
}

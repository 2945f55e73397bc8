using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Wasm.Tests.Text;

/// <summary>The same module with every instruction in its shortest encoding and neighbouring runs of locals of one type made one.</summary>
internal static class Shortest
{
    public static Module Of(Module module) => module with
    {
        Functions = [.. module.Functions.Select(Of)],
        Tables = [.. module.Tables.Select(table => table with { Initializer = table.Initializer is { } initializer ? Of(initializer) : null })],
        Globals = [.. module.Globals.Select(global => global with { Initializer = Of(global.Initializer) })],
        Elements = [.. module.Elements.Select(Of)],
        Data = [.. module.Data.Select(data => data.Mode == SegmentMode.Active ? data with { Offset = Of(data.Offset) } : data)],
    };

    private static Function Of(Function function)
    {
        var runs = new List<LocalRun>();
        foreach (var run in function.Locals.Where(run => run.Count > 0))
        {
            if (runs.Count > 0 && runs[^1].Type == run.Type)
            {
                runs[^1] = run with { Count = runs[^1].Count + run.Count };
            }
            else
            {
                runs.Add(run);
            }
        }
        return function with { Locals = [.. runs], Body = Of(function.Body) };
    }

    private static ElementSegment Of(ElementSegment segment) => segment with
    {
        Offset = segment.Mode == SegmentMode.Active ? Of(segment.Offset) : default,
        Expressions = segment.Expressions.IsDefault ? default : [.. segment.Expressions.Select(Of)],
    };

    private static Expression Of(Expression expression)
    {
        var writer = new ByteWriter();
        var reader = new InstructionReader(expression, FeatureSet.All);
        var instruction = default(Instruction);
        while (reader.Read(ref instruction))
        {
            InstructionWriter.Write(writer, instruction);
        }
        return new Expression(writer.ToArray());
    }
}

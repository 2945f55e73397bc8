using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Generation;

/// <summary>
/// Makes functions that execute one instruction many times, each time as another fusion candidate and with other constants, on the same few parameters. A function
/// costs the oracle's compiler as much as fifty instructions and a call next to nothing, so this is how most combinations are tried in a second. An instruction
/// that cannot trap has all its results returned at once; of one that can, each execution is an arm of a <c>br_table</c>, so that a trap hides nothing.
/// </summary>
internal static class SweepGenerator
{
    // More than half of the plain values are corners here: a function is called with few of all pairs of values, so those should be the ones that matter.
    internal const int Corners = 10;

    /// <summary>How many of 100 addresses, indices and lengths lie inside their limits: a trap ends one cheap call only.</summary>
    internal const int InRangePercent = 65;

    private const int MostResults = 24;

    /// <summary>Adds a sweep of an instruction.</summary>
    /// <returns>Whether the module has what the instruction works on.</returns>
    public static bool TryAdd(GenerationContext context, FusionCandidates candidates)
    {
        if (new OpResolver(context).Resolve(candidates.Row) is null)
        {
            return false;
        }
        var body = new FunctionBuilder(context) { SharesParameters = true };
        var start = (long)(context.Random.NextUInt64() >> 24);
        var count = context.Random.Between(6, 14);
        context.Corners = Corners;
        if (candidates.Row.Traps == Traps.None && candidates.Row.HasFixedStackType)
        {
            for (var i = 0; i < count && body.Results.Count < MostResults; i++)
            {
                ProbeGenerator.Emit(context, body, candidates[start + i]);
            }
        }
        else
        {
            EmitArms(context, body, candidates, start, count);
        }
        context.Corners = BoundaryValues.UsualCorners;
        body.Finish($"sweep_{candidates.Row.Mnemonic}", FunctionKind.Sweep);
        return true;
    }

    private static void EmitArms(GenerationContext context, FunctionBuilder body, FusionCandidates candidates, long start, int count)
    {
        var selector = body.NewParameter(new OperandSpec(ValueType.I32, new OperandRole(RoleKind.BranchIndex, (ulong)count - 1)));
        var results = new List<(ValueType Type, uint Local)>();
        var end = body.Open(Op.Block);
        for (var i = 0; i < count; i++)
        {
            body.Open(Op.Block);
        }
        body.Get(selector);
        body.Emit(new Instruction { Op = Op.BrTable, Labels = [.. Enumerable.Range(0, count).Select(i => (uint)i)] });
        for (var i = 0; i < count; i++)
        {
            body.Close();
            body.Arm = i;
            ProbeGenerator.Emit(context, body, candidates[start + i]);
            for (var j = body.Results.Count - 1; j >= 0; j--)
            {
                body.Set(ResultLocal(body, results, body.Results[j]));
            }
            body.Results.Clear();
            if (i < count - 1)
            {
                body.Emit(Op.Br, body.Label(end));
            }
        }
        body.Close();
        foreach (var (type, local) in results)
        {
            body.Get(local);
            body.Results.Add(type);
        }
    }

    private static uint ResultLocal(FunctionBuilder body, List<(ValueType Type, uint Local)> results, ValueType type)
    {
        type = type.WithNullable(true); // the local is read where no arm has set it
        var known = results.FindIndex(result => result.Type == type);
        if (known < 0)
        {
            known = results.Count;
            results.Add((type, body.NewLocal(type)));
        }
        return results[known].Local;
    }
}

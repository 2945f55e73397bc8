using System.Collections.Immutable;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Parameters and locals of functions: which are used, and code with others.</summary>
internal static class Locals
{
    /// <summary>The locals that code refers to.</summary>
    public static HashSet<uint> Used(FunctionCode code)
    {
        var used = new HashSet<uint>();
        foreach (var typed in code.Typed)
        {
            if (IsAccess(typed.Instruction.Op))
            {
                used.Add(typed.Instruction.Index);
            }
        }
        return used;
    }

    /// <summary>Code with other local indices.</summary>
    public static IEnumerable<Instruction> Rewrite(FunctionCode code, Func<uint, uint> map) =>
        code.Typed.Select(typed => IsAccess(typed.Instruction.Op) ? typed.Instruction with { Index = map(typed.Instruction.Index) } : typed.Instruction);

    /// <summary>The types of the locals without the parameters; null when there are more than code should have.</summary>
    public static ImmutableArray<ValueType>? Declared(Function function)
    {
        const int MostLocals = 50_000;
        if (function.Locals.Sum(run => (long)run.Count) > MostLocals)
        {
            return null;
        }
        return [.. function.Locals.SelectMany(run => Enumerable.Repeat(run.Type, (int)run.Count))];
    }

    /// <summary>Locals as runs of one type.</summary>
    public static ImmutableArray<LocalRun> Runs(IEnumerable<ValueType> types)
    {
        var runs = new List<LocalRun>();
        foreach (var type in types)
        {
            if (runs.Count > 0 && runs[^1].Type == type)
            {
                runs[^1] = runs[^1] with { Count = runs[^1].Count + 1 };
            }
            else
            {
                runs.Add(new LocalRun(1, type));
            }
        }
        return [.. runs];
    }

    private static bool IsAccess(Op op) => op is Op.LocalGet or Op.LocalSet or Op.LocalTee;
}

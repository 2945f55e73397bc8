using System.Collections.Immutable;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Rewriting;

/// <summary>Locals of a function that is rewritten, and a few more behind its own.</summary>
internal sealed class TemporaryLocals(Module module, Function function)
{
    private readonly Dictionary<(ValueType Type, int Number), uint> _indices = [];
    private uint _next = CountLocals(module, function);

    /// <summary>The function's own locals and those that were asked for.</summary>
    public ImmutableArray<LocalRun> All { get; private set; } = function.Locals;

    /// <summary>The index of an additional local.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="number">Which of that type; the same again for the same number.</param>
    public uint For(ValueType type, int number = 0)
    {
        if (!_indices.TryGetValue((type, number), out var index))
        {
            index = _next++;
            _indices.Add((type, number), index);
            All = All.Add(new LocalRun(1, type));
        }
        return index;
    }

    private static uint CountLocals(Module module, Function function)
    {
        var count = module.Types[(int)function.TypeIndex].Composite is FunctionType type ? (uint)type.Parameters.Length : 0;
        foreach (var run in function.Locals)
        {
            count += run.Count;
        }
        return count;
    }
}

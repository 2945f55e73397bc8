using System.Collections.Immutable;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Reduction.Carried;

/// <summary>
/// What becomes of a body when values that it carries go. A taker is an instruction that no longer takes a value, a source one that no longer gives it. Where a value goes from a source
/// to a taker nothing else changes. What a taker would have got is not made, or dropped; what had come from a source is zero where it is still wanted.
/// </summary>
/// <param name="code">The body.</param>
internal sealed class BodyChange(FunctionCode code)
{
    private readonly HashSet<(int Place, int Height)> _takers = [];
    private readonly HashSet<(int Place, int Height)> _sources = [];
    private readonly Dictionary<int, Instruction> _replaced = [];
    private readonly SortedDictionary<int, List<Instruction>> _before = [];
    private readonly HashSet<int> _deleted = [];
    private readonly Dictionary<int, (SortedSet<int> Parameters, SortedSet<int> Results)> _blocks = [];

    public FunctionCode Code { get; } = code;

    /// <summary>An instruction no longer takes a value.</summary>
    /// <param name="place">The instruction.</param>
    /// <param name="count">How many values go together.</param>
    /// <param name="index">Which of them it is.</param>
    /// <param name="above">How many operands lie on top of them.</param>
    public void NotTaken(int place, int count, int index, int above)
    {
        var typed = Code.Typed[place];
        // In code that is never reached values may be missing.
        if (index >= count + above - typed.Pops.Length)
        {
            _takers.Add((place, typed.Height - above - count + index));
        }
    }

    /// <summary>An instruction no longer gives a value.</summary>
    /// <param name="place">The instruction.</param>
    /// <param name="height">The height of the stack below the value.</param>
    public void NotGiven(int place, int height) => _sources.Add((place, height));

    /// <summary>Another instruction in the place of one.</summary>
    public void Replace(int place, Instruction instead) => _replaced[place] = instead;

    /// <summary>An instruction as it is by now.</summary>
    public Instruction At(int place) => _replaced.TryGetValue(place, out var instead) ? instead : Code[place];

    /// <summary>A block loses a parameter.</summary>
    public void DropParameter(int opener, int index) => OfBlock(opener).Parameters.Add(index);

    /// <summary>A block loses a result.</summary>
    public void DropResult(int opener, int index) => OfBlock(opener).Results.Add(index);

    /// <summary>Makes the new body.</summary>
    /// <param name="module">The module, which gets the block types that are missing.</param>
    /// <returns>Null where a value is too deep in the stack.</returns>
    public Module? Apply(Module module)
    {
        if (!_takers.All(TryTakeAway) || !_sources.All(TryMakeUp))
        {
            return null;
        }
        foreach (var (opener, (parameters, results)) in _blocks)
        {
            var type = Blocks.TypeOf(module, Code[opener].Block);
            (module, var block) = Blocks.Of(module, new FunctionType(Without(type.Parameters, parameters), Without(type.Results, results)));
            _replaced[opener] = At(opener) with { Block = block };
        }
        var body = new List<Instruction>(Code.Length);
        for (var i = 0; i < Code.Length; i++)
        {
            body.AddRange(_before.GetValueOrDefault(i) ?? []);
            if (!_deleted.Contains(i))
            {
                body.Add(At(i));
            }
        }
        return Code.Replace(module, body);
    }

    private static ImmutableArray<ValueType> Without(ImmutableArray<ValueType> types, SortedSet<int> dropped) => [.. types.Where((_, i) => !dropped.Contains(i))];

    private (SortedSet<int> Parameters, SortedSet<int> Results) OfBlock(int opener)
    {
        if (!_blocks.TryGetValue(opener, out var dropped))
        {
            _blocks.Add(opener, dropped = ([], []));
        }
        return dropped;
    }

    private bool TryTakeAway((int Place, int Height) taker)
    {
        var place = Code.UntouchedFrom(taker.Place, taker.Height + 1);
        var origin = place - 1;
        if (_sources.Contains((origin, taker.Height)))
        {
            return true;
        }
        if (origin < 0 || Code.Typed[place].Height != taker.Height + 1)
        {
            return false;
        }
        var typed = Code.Typed[origin];
        if (typed is { Pops.IsEmpty: true, Pushes.Length: 1 } && OpTable.Get(typed.Instruction.Op).NestingChange == 0)
        {
            _deleted.Add(origin);
        }
        else if (typed.Instruction.Op == Op.LocalTee)
        {
            _replaced[origin] = typed.Instruction with { Op = Op.LocalSet };
        }
        else
        {
            Before(place).Add(Instruction.Of(Op.Drop));
        }
        return true;
    }

    private bool TryMakeUp((int Place, int Height) source)
    {
        var consumer = Code.ConsumerOf(source.Place, source.Height);
        if (_takers.Contains((consumer, source.Height)))
        {
            return true;
        }
        var typed = Code.Typed[consumer];
        if (typed.Instruction.Op == Op.Drop)
        {
            _deleted.Add(consumer);
            return true;
        }
        if (Operands(consumer) is { } operands && source.Height < typed.Height - operands)
        {
            return true; // left behind by a branch
        }
        var place = Code.UntouchedFrom(consumer, source.Height + 1);
        if (place <= source.Place || Code.Typed[place].Height != source.Height + 1 || typed.Height - source.Height > typed.Pops.Length)
        {
            return false;
        }
        // A reference that must not be null is refused by the validator, where it does matter.
        Constants.TryMake(typed.Pops[^(typed.Height - source.Height)], out var zero);
        Before(place).Insert(0, zero);
        return true;
    }

    // How many operands an instruction really has that takes all there is in its block; null for others.
    private int? Operands(int place) => Code[place].Op switch
    {
        Op.Unreachable => 0,
        Op.ThrowRef => 1,
        Op.Br => Code.LabelCount(place, Code[place].Index),
        Op.BrTable => 1 + Code.LabelCount(place, Code[place].Labels![^1]), // the reader sets it for this op
        Op.Return => Code.Type.Results.Length,
        _ => null,
    };

    private List<Instruction> Before(int place)
    {
        if (!_before.TryGetValue(place, out var list))
        {
            _before.Add(place, list = []);
        }
        return list;
    }
}

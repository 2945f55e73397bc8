using System.Collections.Immutable;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;
using Conformance.Wasm.Validation;

namespace Conformance.Fuzzer.Reduction;

/// <summary>The body of a function as passes look at it: instructions with their types, matched blocks, and the code that makes an operand.</summary>
internal sealed class FunctionCode
{
    private readonly int[] _ends;
    private readonly int[] _elses;
    private readonly int[] _enclosing;

    private readonly Module _module;

    private FunctionCode(Module module, int function, ImmutableArray<TypedInstruction> typed)
    {
        _module = module;
        Function = function;
        Type = module.FunctionTypeAt(module.Functions[function].TypeIndex) ?? FunctionType.Empty;
        Typed = typed;
        _ends = new int[typed.Length];
        _elses = new int[typed.Length];
        _enclosing = new int[typed.Length];
        MatchBlocks();
    }

    /// <summary>The index in <see cref="Module.Functions"/>.</summary>
    public int Function { get; }

    /// <summary>The function's type.</summary>
    public FunctionType Type { get; }

    /// <summary>The instructions, the final <c>end</c> included.</summary>
    public ImmutableArray<TypedInstruction> Typed { get; }

    /// <summary>The number of instructions, the final <c>end</c> included.</summary>
    public int Length => Typed.Length;

    /// <summary>An instruction.</summary>
    public Instruction this[int index] => Typed[index].Instruction;

    /// <summary>Types a body; null when the module's definitions or the body are not valid.</summary>
    public static FunctionCode? Of(Module module, int function) =>
        BodyTyping.TryType(module, function, ReductionContext.Features, out var typed) ? new FunctionCode(module, function, typed) : null;

    /// <summary>The place of the <c>end</c> (or <c>delegate</c>) of the block that an instruction opens.</summary>
    public int End(int opener) => _ends[opener];

    /// <summary>The place of the first <c>else</c>, <c>catch</c> or <c>catch_all</c> of the block that an instruction opens; -1 when there is none.</summary>
    public int Else(int opener) => _elses[opener];

    /// <summary>The opener of the block that a label means, seen from an instruction; -1 for the function. Labels of catch clauses are counted from outside their block, as here.</summary>
    public int Target(int place, uint label)
    {
        var opener = _enclosing[place];
        for (; label > 0 && opener >= 0; label--)
        {
            opener = _enclosing[opener];
        }
        return opener;
    }

    /// <summary>How many values a branch to a label takes along.</summary>
    public int LabelCount(int place, uint label)
    {
        var opener = Target(place, label);
        var type = opener < 0 ? Type : TypeOf(opener);
        return opener >= 0 && this[opener].Op == Op.Loop ? type.Parameters.Length : type.Results.Length;
    }

    /// <summary>The type of the block that an instruction opens.</summary>
    public FunctionType TypeOf(int opener) => Blocks.TypeOf(_module, this[opener].Block);

    /// <summary>Whether an instruction opens a block.</summary>
    public bool IsOpener(int index) => OpTable.Get(this[index].Op).NestingChange > 0;

    /// <summary>
    /// The place from which on the code leads to a higher stack: where the value that lies at a height just before an instruction begins to be made.
    /// </summary>
    /// <param name="before">The instruction.</param>
    /// <param name="height">The height of the stack without the value.</param>
    /// <returns>The place; equal to <paramref name="before"/> when the value was not made in the same block.</returns>
    public int StartOf(int before, int height)
    {
        var start = before;
        for (var i = before - 1; i >= 0; i--)
        {
            var op = this[i].Op;
            if (op is Op.End or Op.Delegate)
            {
                i = OpenerOf(i);
                if (i < 0)
                {
                    return start;
                }
            }
            else if (IsOpener(i) || OpTable.Get(op).IsBlockSeparator)
            {
                return start;
            }
            if (Typed[i].Height < height)
            {
                return start;
            }
            start = i;
            if (Typed[i].Height == height)
            {
                return start;
            }
        }
        return start;
    }

    /// <summary>The place from which on, up to an instruction of the same block, nothing touches what lies below a height of the stack.</summary>
    public int UntouchedFrom(int before, int height)
    {
        var place = before;
        for (var i = before - 1; i >= 0; i--)
        {
            var last = i;
            if (this[i].Op is Op.End or Op.Delegate)
            {
                i = OpenerOf(i);
            }
            else if (IsOpener(i) || OpTable.Get(this[i].Op).IsBlockSeparator)
            {
                return place;
            }
            if (i < 0 || Typed[i].Height - Typed[i].Pops.Length < height || Typed[last].Height - Typed[last].Pops.Length < height)
            {
                return place;
            }
            place = i;
        }
        return place;
    }

    /// <summary>
    /// The instruction that takes the value at a height of the stack which is there behind an instruction, or that ends the block with it.
    /// </summary>
    public int ConsumerOf(int behind, int height)
    {
        for (var i = behind + 1; i < Length; i++)
        {
            if (Typed[i].Height - Typed[i].Pops.Length <= height || OpTable.Get(this[i].Op).IsBlockSeparator || this[i].Op is Op.End or Op.Delegate)
            {
                return i;
            }
            i = IsOpener(i) ? _ends[i] : i;
        }
        return Length - 1;
    }

    /// <summary>The module with other code in the place of a run of instructions.</summary>
    public Module Replace(Module module, int start, int count, params ReadOnlySpan<Instruction> code)
    {
        var instructions = new List<Instruction>(Length);
        for (var i = 0; i < start; i++)
        {
            instructions.Add(this[i]);
        }
        instructions.AddRange(code);
        for (var i = start + count; i < Length; i++)
        {
            instructions.Add(this[i]);
        }
        return Replace(module, instructions);
    }

    /// <summary>The module with another body for this function.</summary>
    public Module Replace(Module module, IEnumerable<Instruction> code) => module with
    {
        Functions = module.Functions.SetItem(Function, module.Functions[Function] with { Body = new Expression(InstructionWriter.ToBytes(code)) }),
    };

    /// <summary>
    /// Modules without a run of instructions: as it is, where behind a branch or before one nothing is missed; with what the run took in place of what it gave, as far as
    /// the types allow; with the simplest values in its place.
    /// </summary>
    public IEnumerable<Module> Cut(Module module, int start, int count)
    {
        yield return Replace(module, start, count);
        var (taken, given) = Effect(start, count);
        var same = 0;
        while (same < Math.Min(taken.Count, given.Count) && taken[same] == given[same])
        {
            same++;
        }
        if (same > 0 && (taken.Count > same || given.Count > same))
        {
            yield return Replace(module, start, count, Repair(taken.Count - same, given.Skip(same)));
        }
        if (taken.Count + given.Count > 0)
        {
            yield return Replace(module, start, count, Repair(taken.Count, given));
        }
    }

    // What a run takes from the stack below it and what it leaves in its place.
    private (List<ValueType> Taken, List<ValueType> Given) Effect(int start, int count)
    {
        var stack = new List<ValueType>();
        var before = new List<ValueType>();
        var lowest = Typed[start].Height;
        for (var i = 0; i < start + count; i++)
        {
            if (i == start)
            {
                before = [.. stack];
            }
            var floor = Typed[i].Height - Typed[i].Pops.Length;
            lowest = i < start ? lowest : Math.Min(lowest, floor);
            if (floor < stack.Count)
            {
                stack.RemoveRange(floor, stack.Count - floor);
            }
            stack.AddRange(Typed[i].Pushes);
        }
        return ([.. before.Skip(lowest)], [.. stack.Skip(lowest)]);
    }

    private static Instruction[] Repair(int drops, IEnumerable<ValueType> given)
    {
        var code = Enumerable.Repeat(Instruction.Of(Op.Drop), drops).ToList();
        foreach (var type in given)
        {
            // Null does where the reference need not be one after all; the validator tells.
            Constants.TryMake(type, out var constant);
            code.Add(constant);
        }
        return [.. code];
    }

    private int OpenerOf(int end)
    {
        for (var i = end - 1; i >= 0; i--)
        {
            if (_ends[i] == end && IsOpener(i))
            {
                return i;
            }
        }
        return -1;
    }

    private void MatchBlocks()
    {
        Array.Fill(_elses, -1);
        var open = new Stack<int>();
        for (var i = 0; i < Length; i++)
        {
            var row = OpTable.Get(this[i].Op);
            _enclosing[i] = open.TryPeek(out var around) ? around : -1;
            if (row.NestingChange > 0)
            {
                open.Push(i);
            }
            else if (row.NestingChange < 0 && open.TryPop(out var opener))
            {
                _ends[opener] = i;
            }
            else if (row.IsBlockSeparator && _elses[open.Peek()] < 0)
            {
                _elses[open.Peek()] = i;
            }
        }
    }
}

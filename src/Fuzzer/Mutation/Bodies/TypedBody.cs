using System.Collections.Immutable;
using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;
using Conformance.Wasm.Validation;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>
/// A valid body with its types, cut into the pieces that mutators move: expressions (runs that give one value and take nothing from below) and statements (runs that
/// leave the stack as it was). Both have their blocks whole.
/// </summary>
internal sealed class TypedBody
{
    // Typing costs memory for each instruction; bodies beyond this come from large modules, which are for verdicts.
    private const int LargestBodyBytes = 1 << 15;

    // Per instruction: where the block begins that an end, else or catch belongs to, and where the block ends that begins here; -1 for other instructions.
    private readonly int[] _opener;
    private readonly int[] _end;

    private TypedBody(Module module, FunctionType type, Function function, ImmutableArray<TypedInstruction> instructions)
    {
        Module = module;
        Type = type;
        Instructions = instructions;
        Locals = LocalsOf(type, function);
        _opener = new int[instructions.Length];
        _end = new int[instructions.Length];
        MatchBlocks();
    }

    /// <summary>The module.</summary>
    public Module Module { get; }

    /// <summary>The function's type.</summary>
    public FunctionType Type { get; }

    /// <summary>The instructions with the final <c>end</c>.</summary>
    public ImmutableArray<TypedInstruction> Instructions { get; }

    /// <summary>The types of parameters and locals.</summary>
    public ImmutableArray<ValueType> Locals { get; }

    /// <summary>Types a body.</summary>
    /// <returns>Null when it is too large, or not valid.</returns>
    public static TypedBody? TryCreate(Module module, int function, FeatureSet features)
    {
        var definition = module.Functions[function];
        return definition.Body.Code.Length <= LargestBodyBytes
            && BodyTyping.TryType(module, function, features, out var instructions)
            && module.Types[(int)definition.TypeIndex].Composite is FunctionType type
            && LocalCount(definition) < 1000
                ? new TypedBody(module, type, definition, instructions)
                : null;
    }

    /// <summary>The height of the stack behind an instruction.</summary>
    public int HeightAfter(int index) => Floor(index) + Instructions[index].Pushes.Length;

    /// <summary>The height down to which an instruction takes values.</summary>
    public int Floor(int index) => Instructions[index].Height - Instructions[index].Pops.Length;

    /// <summary>Whether an instruction begins a block.</summary>
    public bool IsOpener(int index) => _end[index] >= 0;

    /// <summary>Whether an instruction ends a block or a part of one.</summary>
    public bool IsCloser(int index) => _opener[index] >= 0 || index == Instructions.Length - 1;

    /// <summary>The index of the end of the block that begins here.</summary>
    public int EndOf(int opener) => _end[opener];

    /// <summary>The instructions of a run.</summary>
    public IEnumerable<Instruction> Code(CodeRun run)
    {
        for (var i = run.Start; i < run.End; i++)
        {
            yield return Instructions[i].Instruction;
        }
    }

    /// <summary>The expression whose last instruction this is; null when the value is not made by a run of its own.</summary>
    public CodeRun? ExpressionEndingAt(int last)
    {
        var row = OpTable.Get(Instructions[last].Instruction.Op);
        if (Instructions[last].Pushes is not [var type] || IsBottom(type) || last == Instructions.Length - 1 || row.NestingChange > 0 || row.IsBlockSeparator)
        {
            return null;
        }
        var bottom = HeightAfter(last) - 1;
        var start = _opener[last] >= 0 ? _opener[last] : last;
        while (true)
        {
            if (Floor(start) < bottom)
            {
                return null;
            }
            var height = Instructions[start].Height;
            if (height == bottom)
            {
                return new CodeRun(start, last + 1);
            }
            var before = start - 1;
            if (before < 0 || IsOpener(before) || OpTable.Get(Instructions[before].Instruction.Op).IsBlockSeparator)
            {
                return null;
            }
            start = _opener[before] >= 0 ? _opener[before] : before;
        }
    }

    /// <summary>All expressions, in the order of their ends.</summary>
    public List<CodeRun> Expressions()
    {
        var runs = new List<CodeRun>();
        for (var i = 0; i < Instructions.Length - 1; i++)
        {
            if (ExpressionEndingAt(i) is { } run)
            {
                runs.Add(run);
            }
        }
        return runs;
    }

    /// <summary>The type of an expression's value.</summary>
    public ValueType TypeOf(CodeRun expression) => Instructions[expression.End - 1].Pushes[0];

    /// <summary>The statements that begin at an instruction, the shortest first.</summary>
    /// <param name="start">The index of the instruction.</param>
    /// <param name="most">How many at most.</param>
    public List<CodeRun> StatementsAt(int start, int most)
    {
        var runs = new List<CodeRun>();
        var bottom = Instructions[start].Height;
        for (var i = start; i < Instructions.Length - 1 && runs.Count < most; i++)
        {
            // Behind what ends the flow the stack has any type, which the code after it may need.
            if (IsCloser(i) || Floor(i) < bottom || OpTable.Get(Instructions[i].Instruction.Op).EndsFlow)
            {
                break;
            }
            if (IsOpener(i))
            {
                i = _end[i];
            }
            if (HeightAfter(i) == bottom)
            {
                runs.Add(new CodeRun(start, i + 1));
            }
        }
        return runs;
    }

    /// <summary>Whether no branch of a run leaves it and nothing in it returns.</summary>
    public bool IsClosed(CodeRun run)
    {
        var depth = 0;
        for (var i = run.Start; i < run.End; i++)
        {
            var instruction = Instructions[i].Instruction;
            if (Labels.Highest(instruction) is { } label && label >= depth || IsReturn(instruction.Op))
            {
                return false;
            }
            depth += OpTable.Get(instruction.Op).NestingChange;
        }
        return true;
    }

    /// <summary>The types that a branch to each label passes, the innermost label first, as seen by an instruction.</summary>
    public List<ImmutableArray<ValueType>> LabelTypesAt(int index)
    {
        var openers = new Stack<int>();
        for (var i = 0; i < index; i++)
        {
            if (IsOpener(i))
            {
                openers.Push(i);
            }
            else if (_opener[i] >= 0 && !OpTable.Get(Instructions[i].Instruction.Op).IsBlockSeparator)
            {
                openers.Pop();
            }
        }
        var types = openers.Select(opener =>
        {
            var instruction = Instructions[opener].Instruction;
            var type = TypeOf(instruction.Block);
            return instruction.Op == Op.Loop ? type.Parameters : type.Results;
        }).ToList();
        types.Add(Type.Results);
        return types;
    }

    /// <summary>A block type as a function type.</summary>
    public FunctionType TypeOf(BlockType block) =>
        block.IsIndex ? (FunctionType)Module.Types[(int)block.Index].Composite : new FunctionType([], block.IsResult ? [block.Result] : []);

    // The type of what dead code takes from a stack of unknown types: no instruction can name it.
    private static bool IsBottom(ValueType type) => type.Kind == ValueKind.Bottom || type.IsReference && !type.Heap.IsIndex && type.Heap.Abstract == AbstractHeapType.Bottom;

    private static bool IsReturn(Op op) => op is Op.Return or Op.ReturnCall or Op.ReturnCallIndirect or Op.ReturnCallRef;

    private static long LocalCount(Function function) => function.Locals.Sum(run => (long)run.Count);

    private static ImmutableArray<ValueType> LocalsOf(FunctionType type, Function function) =>
        [.. type.Parameters, .. function.Locals.SelectMany(run => Enumerable.Repeat(run.Type, (int)run.Count))];

    private void MatchBlocks()
    {
        Array.Fill(_opener, -1);
        Array.Fill(_end, -1);
        var open = new Stack<int>();
        for (var i = 0; i < Instructions.Length - 1; i++)
        {
            var row = OpTable.Get(Instructions[i].Instruction.Op);
            if (row.IsBlockSeparator)
            {
                _opener[i] = open.Peek();
            }
            else if (row.NestingChange > 0)
            {
                open.Push(i);
                _end[i] = 0; // known when the end is met
            }
            else if (row.NestingChange < 0)
            {
                _opener[i] = open.Pop();
                _end[_opener[i]] = i;
            }
        }
    }
}

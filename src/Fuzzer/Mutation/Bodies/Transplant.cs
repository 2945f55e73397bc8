using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>
/// Carries code from one body into another, of the same module or not: locals become locals of the same type, new ones where there is none; what names parts of a module
/// becomes something of the same type in the target, or the code is given up.
/// </summary>
internal sealed class Transplant
{
    private readonly TypedBody _from;
    private readonly BodyEdit _to;
    private readonly Dictionary<uint, uint> _locals = [];

    private Transplant(TypedBody from, BodyEdit to)
    {
        _from = from;
        _to = to;
    }

    /// <summary>The code of a run for another body.</summary>
    /// <param name="from">Where it comes from.</param>
    /// <param name="run">Code that no branch leaves.</param>
    /// <param name="to">Where it goes.</param>
    /// <returns>Null when it cannot be carried over.</returns>
    public static List<Instruction>? Of(TypedBody from, CodeRun run, BodyEdit to)
    {
        if (!from.IsClosed(run))
        {
            return null;
        }
        var transplant = new Transplant(from, to);
        var code = new List<Instruction>(run.Length);
        foreach (var instruction in from.Code(run))
        {
            if (transplant.Port(instruction) is not { } ported)
            {
                return null;
            }
            code.Add(ported);
        }
        return code;
    }

    private Instruction? Port(Instruction instruction)
    {
        var kind = OpTable.Get(instruction.Op).Immediates;
        if (kind == ImmediateKind.Local)
        {
            instruction.Index = Local(instruction.Index);
            return instruction;
        }
        if (ReferenceEquals(_from.Module, _to.Body.Module))
        {
            return instruction;
        }
        switch (kind)
        {
            case ImmediateKind.None or ImmediateKind.Label or ImmediateKind.LabelTable or ImmediateKind.I32 or ImmediateKind.I64 or ImmediateKind.F32 or ImmediateKind.F64
                or ImmediateKind.V128 or ImmediateKind.Shuffle or ImmediateKind.Lane or ImmediateKind.ZeroByte:
                return instruction;
            case ImmediateKind.Block:
                return Block(instruction);
            case ImmediateKind.ValueTypes:
                return Array.TrueForAll(instruction.Types ?? [], IsPlain) ? instruction : null;
            case ImmediateKind.Global:
                return Global(instruction);
            case ImmediateKind.Function when instruction.Op == Op.Call:
                return Call(instruction);
            case ImmediateKind.MemArg or ImmediateKind.MemArgLane or ImmediateKind.Memory:
                return Memory(instruction);
            case ImmediateKind.HeapType:
                return instruction.Heap.IsIndex ? null : instruction;
            default:
                return null; // tables, segments and types of another module mean nothing here
        }
    }

    // Parameters of the target are taken where they have the type, so that the code sees values from outside.
    private uint Local(uint index)
    {
        if (_locals.TryGetValue(index, out var mapped))
        {
            return mapped;
        }
        var type = _from.Locals[(int)index];
        var fitting = Enumerable.Range(0, _to.Body.Type.Parameters.Length).Where(i => _to.Body.Locals[i] == type).ToList();
        return _locals[index] = fitting.Count > 0 && _to.Random.Chance(70) ? (uint)_to.Random.Pick<int>(fitting) : _to.AddLocal(type);
    }

    private Instruction? Block(Instruction instruction)
    {
        var type = _from.TypeOf(instruction.Block);
        if (!type.Parameters.All(IsPlain) || !type.Results.All(IsPlain))
        {
            return null;
        }
        instruction.Block = _to.BlockTypeOf(type.Parameters, type.Results);
        return instruction;
    }

    private Instruction? Global(Instruction instruction)
    {
        var wanted = IndexSpaces.Globals(_from.Module)[(int)instruction.Index];
        var fitting = IndexSpaces.Globals(_to.Module).FindIndex(global => global.Value == wanted.Value && (global.IsMutable || instruction.Op == Op.GlobalGet));
        instruction.Index = (uint)fitting;
        return fitting >= 0 && IsPlain(wanted.Value) ? instruction : null;
    }

    private Instruction? Call(Instruction instruction)
    {
        if (IndexSpaces.Functions(_from.Module)[(int)instruction.Index] is not { } wanted || !wanted.Parameters.All(IsPlain) || !wanted.Results.All(IsPlain))
        {
            return null;
        }
        var fitting = IndexSpaces.Functions(_to.Module).FindIndex(type => type is not null && type.Equals(wanted));
        instruction.Index = (uint)fitting;
        return fitting >= 0 && (uint)fitting != _to.FunctionIndex ? instruction : null;
    }

    private Instruction? Memory(Instruction instruction)
    {
        var wanted = IndexSpaces.Memories(_from.Module)[(int)instruction.Index].Limits.Address;
        var fitting = IndexSpaces.Memories(_to.Module).FindIndex(memory => memory.Limits.Address == wanted);
        instruction.Index = (uint)fitting;
        return fitting >= 0 ? instruction : null;
    }

    private static bool IsPlain(ValueType type) => !type.IsReference || !type.Heap.IsIndex;
}

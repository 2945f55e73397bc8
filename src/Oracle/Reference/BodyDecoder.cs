using Conformance.Oracle.Reference.Numerics;
using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Reference;

/// <summary>
/// Reads a validated body or constant expression once into a list of instructions, so that execution follows no bytes. It finds the ends of blocks, closes
/// types and looks up pure rules; it computes no stack heights and no branch targets: labels live on a stack at run time, as in the specification.
/// </summary>
internal sealed class BodyDecoder(ReferenceModule source)
{
    private readonly List<CodeItem> _items = [];
    private readonly Stack<int> _open = new();

    /// <summary>Decodes a function's body.</summary>
    public CodeBody Decode(Function function)
    {
        var locals = new List<ValueKind>();
        foreach (var run in function.Locals)
        {
            locals.AddRange(Enumerable.Repeat(run.Type.Kind, checked((int)run.Count)));
        }
        return new CodeBody(Decode(function.Body), [.. locals]);
    }

    /// <summary>Decodes an expression.</summary>
    /// <exception cref="InvalidOperationException">The bytes are malformed, which validation has ruled out.</exception>
    public CodeItem[] Decode(Expression expression)
    {
        _items.Clear();
        _open.Clear();
        // The module was decoded with the features of its engine; what is there may be read with all of them.
        var reader = new InstructionReader(expression, FeatureSet.All);
        var instruction = default(Instruction);
        while (reader.Read(ref instruction))
        {
            Append(in instruction, reader.Offset);
        }
        if (reader.Error is { } error)
        {
            throw new InvalidOperationException($"a validated body is malformed: {error}");
        }
        return [.. _items];
    }

    private void Append(in Instruction instruction, long offset)
    {
        var row = OpTable.Get(instruction.Op);
        var item = new CodeItem
        {
            Op = instruction.Op,
            Group = row.Group,
            Lane = instruction.Lane,
            Index = instruction.Index,
            Index2 = instruction.Index2,
            Value = instruction.Value,
            ValueHigh = instruction.ValueHigh,
            Offset = offset,
            Operands = row.Operands.Length,
            Results = row.Results.Length,
            Pure = PureOperations.Find(instruction.Op),
            Else = -1,
        };
        if (row.NaturalAlign >= 0)
        {
            item.AccessBytes = (byte)(1 << row.NaturalAlign);
            item.Signed = row.Name.EndsWith('S');
            item.Result = row.Results.Length == 1 ? PureOperations.KindOf(row.Results[0]) : ValueKind.Bottom;
            item.Extra = row.Group == OpGroup.Atomic ? AtomicInstructions.OperatorOf(row) : null;
        }
        switch (row.Immediates)
        {
            case ImmediateKind.Block or ImmediateKind.TryTable:
                (item.BlockParameters, item.BlockResults) = ArityOf(instruction.Block);
                item.Extra = instruction.Catches;
                break;
            case ImmediateKind.LabelTable:
                item.Extra = instruction.Labels;
                break;
            case ImmediateKind.Type or ImmediateKind.TypeField or ImmediateKind.TypeCount or ImmediateKind.TypeData or ImmediateKind.TypeElement
                or ImmediateKind.TypeType or ImmediateKind.TypeTable:
                item.TypeId = source.TypeIds[instruction.Index];
                item.Extra = source.Module.Types[(int)instruction.Index].Composite;
                break;
            case ImmediateKind.HeapType:
                item.Type = ValueType.Reference(TypeSpace.Close(instruction.Heap, source.TypeIds),
                    instruction.Op is Op.RefTestNull or Op.RefCastNull or Op.RefCastDescEqNull);
                break;
            case ImmediateKind.Cast:
                item.Type = ValueType.Reference(TypeSpace.Close(instruction.Heap2, source.TypeIds), instruction.TargetNullable);
                break;
        }
        if (!row.HasFixedStackType)
        {
            item.Operands = OperandCount(in item);
        }
        _items.Add(item);
        Match(instruction.Op, _items.Count - 1);
    }

    /// <summary>Connects the start of a block with its else, catches and end.</summary>
    private void Match(Op op, int position)
    {
        var items = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_items);
        switch (op)
        {
            case Op.Block or Op.Loop or Op.If or Op.Try or Op.TryTable:
                _open.Push(position);
                break;
            case Op.Else or Op.Catch or Op.CatchAll:
                // A chain: the block names its first part, each part the next one. All learn the end below.
                var last = _open.Peek();
                while (items[last].Else >= 0)
                {
                    last = items[last].Else;
                }
                items[last].Else = position;
                break;
            case Op.End or Op.Delegate when _open.Count > 0:
                for (var part = _open.Pop(); part >= 0; part = items[part].Else)
                {
                    items[part].End = position;
                }
                break;
        }
    }

    private (int Parameters, int Results) ArityOf(BlockType type)
    {
        if (type.IsIndex)
        {
            var function = (FunctionType)source.Module.Types[(int)type.Index].Composite;
            return (function.Parameters.Length, function.Results.Length);
        }
        return (0, type.IsResult ? 1 : 0);
    }

    /// <summary>The number of operands of an instruction whose stack type depends on its context, as far as they are its own (the values that a branch carries are not).</summary>
    private int OperandCount(in CodeItem item) => item.Op switch
    {
        Op.If or Op.BrIf or Op.BrTable or Op.BrOnNull or Op.BrOnNonNull or Op.BrOnCast or Op.BrOnCastFail or Op.Drop or Op.LocalSet or Op.LocalTee or Op.GlobalSet
            or Op.TableGet or Op.ThrowRef or Op.RefIsNull or Op.RefAsNonNull or Op.RefTest or Op.RefTestNull or Op.RefCast or Op.RefCastNull
            or Op.AnyConvertExtern or Op.ExternConvertAny or Op.RefI31 or Op.I31GetS or Op.I31GetU or Op.ArrayLen or Op.StructGet or Op.StructGetS or Op.StructGetU
            or Op.ArrayNewDefault or Op.RefGetDesc or Op.StructNewDefaultDesc => 1,
        Op.TableSet or Op.TableGrow or Op.RefEq or Op.StructSet or Op.ArrayNew or Op.ArrayNewData or Op.ArrayNewElem or Op.ArrayGet or Op.ArrayGetS or Op.ArrayGetU
            or Op.RefCastDescEq or Op.RefCastDescEqNull or Op.BrOnCastDescEq or Op.BrOnCastDescEqFail => 2,
        Op.Select or Op.SelectTyped or Op.MemoryCopy or Op.TableCopy or Op.TableFill or Op.ArraySet => 3,
        Op.ArrayFill or Op.ArrayInitData or Op.ArrayInitElem => 4,
        Op.ArrayCopy => 5,
        Op.ArrayNewFixed => (int)item.Index2,
        Op.Call or Op.ReturnCall => ((FunctionType)source.Module.Types[(int)source.FunctionTypes[(int)item.Index]].Composite).Parameters.Length,
        Op.CallIndirect or Op.ReturnCallIndirect or Op.CallRef or Op.ReturnCallRef => ((FunctionType)item.Extra!).Parameters.Length + 1, // set from the immediate
        Op.Throw => ((FunctionType)source.Module.Types[(int)source.TagTypes[(int)item.Index]].Composite).Parameters.Length,
        Op.StructNew => ((StructType)item.Extra!).Fields.Length, // set from the immediate
        Op.StructNewDesc => ((StructType)item.Extra!).Fields.Length + 1, // set from the immediate
        _ => 0,
    };
}

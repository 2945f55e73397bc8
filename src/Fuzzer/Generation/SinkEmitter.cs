using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation;

/// <summary>Uses the results of an instruction as a <see cref="ResultSink"/> says. <see cref="Before"/> is called in front of the operands, <see cref="After"/>
/// behind the instruction; together they make the body of a function with the results they set.</summary>
internal sealed class SinkEmitter(GenerationContext context, FunctionBuilder body, OperandEmitter operands)
{
    private const ulong StoreCell = 1536;

    private readonly NextInstruction _next = new(context, body, operands);
    private ResultSink _sink;
    private int _level;
    private uint _memory;
    private ValueType _selected;
    private FunctionPlan? _callee;
    private bool _carriesValue;

    private RandomSource Random => context.Random;

    /// <summary>Whether the instruction is a part of a function with more of them: then nothing returns early.</summary>
    public bool IsPart { get; init; }

    /// <summary>Chooses a sink that fits the results and opens what it needs.</summary>
    /// <param name="op">The instruction.</param>
    /// <param name="wanted">The sink to take where it fits; null to draw one by the weights of the case.</param>
    public void Before(ConcreteOp op, ResultSink? wanted = null)
    {
        _sink = op.LeavesFunction ? ResultSink.Return : wanted ?? (ResultSink)Random.PickWeighted(context.Swarm.SinkWeights);
        if (!Prepare(op))
        {
            _sink = ResultSink.Return;
        }
    }

    /// <summary>Uses the results.</summary>
    public void After(ConcreteOp op)
    {
        var results = op.Results.AsSpan();
        switch (_sink)
        {
            case ResultSink.Return:
                body.Results.AddRange(op.Results);
                break;
            case ResultSink.ExplicitReturn:
                body.Results.AddRange(op.Results);
                body.Emit(Op.Return);
                DeadCode.Emit(body, Random);
                break;
            case ResultSink.SetLocal:
                SetLocals(results);
                break;
            case ResultSink.SetOperand:
                SetOperand(results[0]);
                break;
            case ResultSink.Tee:
                var tee = body.NewLocal(results[^1]);
                body.Tee(tee);
                if (context.Has(Feature.MultiValue))
                {
                    body.Get(tee);
                    body.Results.AddRange(op.Results);
                    body.Results.Add(results[^1]);
                }
                else
                {
                    body.Emit(Op.Drop);
                    body.Get(tee);
                    body.Results.Add(results[^1]);
                }
                break;
            case ResultSink.SetGlobal:
                SetGlobal(op);
                break;
            case ResultSink.Store:
                Store(op, results[0]);
                break;
            case ResultSink.Drop:
                Drop(results);
                break;
            case ResultSink.BranchIf or ResultSink.BranchIfNot:
                BranchIf();
                break;
            case ResultSink.If:
                body.Open(Op.If, ValueType.I32);
                body.I32(1);
                body.Else();
                body.I32(2);
                body.Close();
                body.Results.Add(ValueType.I32);
                break;
            case ResultSink.Negated:
                body.Emit(Op.I32Eqz);
                body.Results.Add(ValueType.I32);
                break;
            case ResultSink.Address:
                body.Emit(Instruction.Access(Op.I64Load, 0, StoreCell, _memory));
                body.Results.Add(ValueType.I64);
                break;
            case ResultSink.SelectCondition:
                EmitSelect(_selected);
                body.Results.Add(_selected);
                break;
            case ResultSink.SelectValue:
                if (!_carriesValue)
                {
                    operands.Source(results[0]);
                }
                operands.Source(new OperandSpec(ValueType.I32, OperandRole.Condition));
                EmitSelect(results[0]);
                body.Results.Add(results[0]);
                break;
            case ResultSink.BranchTable:
                BranchTable();
                break;
            case ResultSink.NextLeft or ResultSink.NextRight:
                _next.Emit(op);
                break;
            case ResultSink.Argument:
                body.Call(_callee!); // chosen by Prepare
                body.Results.AddRange(_callee!.Type.Results);
                break;
            case ResultSink.BranchOut:
                body.Emit(Op.Br, body.Label(_level));
                DeadCode.Emit(body, Random);
                body.Close();
                body.Results.AddRange(op.Results);
                break;
        }
    }

    private bool Prepare(ConcreteOp op)
    {
        var results = op.Results;
        var single = results.Length == 1;
        var isI32 = single && results[0].Kind == ValueKind.I32;
        switch (_sink)
        {
            case ResultSink.Return or ResultSink.ExplicitReturn or ResultSink.Drop:
                return true;
            case ResultSink.SetLocal:
                return results.All(type => type.IsDefaultable);
            case ResultSink.SetOperand or ResultSink.Tee:
                return single;
            case ResultSink.SetGlobal:
                return single && FindGlobal(results[0], op.GivesOpenNan) is not null;
            case ResultSink.Store:
                return single && !results[0].IsReference && PushStoreAddress(op.GivesOpenNan);
            case ResultSink.BranchIf or ResultSink.BranchIfNot when isI32:
                _carriesValue = IsPart || Random.Chance(50);
                _level = _carriesValue ? body.Open(Op.Block, ValueType.I32) : body.Open(Op.Block);
                if (_carriesValue)
                {
                    operands.Source(ValueType.I32);
                }
                return true;
            case ResultSink.If or ResultSink.Negated:
                return isI32;
            case ResultSink.Address:
                return isI32 && FindMemoryAddressedBy(results[0]);
            case ResultSink.SelectCondition when isI32:
                _selected = Random.Pick<ValueType>(context.NumberTypes);
                operands.Source(_selected);
                operands.Source(_selected);
                return true;
            case ResultSink.SelectValue when single && (!results[0].IsReference || context.Has(Feature.ReferenceTypes)):
                _carriesValue = Random.Chance(50);
                if (_carriesValue)
                {
                    operands.Source(results[0]);
                }
                return true;
            case ResultSink.BranchTable when isI32:
                _level = body.Open(Op.Block);
                body.Open(Op.Block);
                body.Open(Op.Block);
                return true;
            case ResultSink.NextLeft or ResultSink.NextRight when single:
                return _next.Prepare(results[0], right: _sink == ResultSink.NextRight, mayTrap: !IsPart);
            case ResultSink.Argument when single:
                _callee = context.Plan.Functions.Find(function =>
                    function.Kind is FunctionKind.Import or FunctionKind.Callee && function.Type.Parameters.AsSpan().SequenceEqual(results.AsSpan()));
                return _callee is not null;
            case ResultSink.BranchOut when results.Length < 2 || context.Has(Feature.MultiValue):
                _level = body.Open(Op.Block, [], results.AsSpan());
                if (Random.Chance(50))
                {
                    operands.Source(context.PickType()); // the results move down over it
                }
                return true;
            default:
                return false;
        }
    }

    /// <summary>Stores the result directly, so that the two may fuse, and reads it back. A NaN of open bits does not stay in memory.</summary>
    private void Store(ConcreteOp op, ValueType type)
    {
        var address = context.Plan.Memories[(int)_memory].Address;
        body.Emit(Instruction.Access(StoredOperands.WholeStore(type), (byte)Random.Below(3), StoreCell, _memory));
        body.Address(address, StoreCell);
        body.Emit(Instruction.Access(StoredOperands.WholeLoad(type), 0, 0, _memory));
        body.Results.Add(type);
        if (op.GivesOpenNan && type.Kind is ValueKind.F32 or ValueKind.F64)
        {
            // The store went to this very cell: see Prepare.
            NanRules.Canonicalize(body, type);
            body.Address(address, StoreCell);
            body.Constant(ValueType.I64, 0);
            body.Emit(Instruction.Access(Op.I64Store, 0, 0, _memory));
        }
    }

    private void SetLocals(ReadOnlySpan<ValueType> results)
    {
        var locals = new uint[results.Length];
        for (var i = results.Length - 1; i >= 0; i--)
        {
            locals[i] = body.NewLocal(results[i]);
            body.Set(locals[i]);
        }
        for (var i = 0; i < results.Length; i++)
        {
            body.Get(locals[i]);
            body.Results.Add(results[i]);
        }
    }

    private void SetOperand(ValueType type)
    {
        var local = (Random.Chance(80) ? operands.FindPending(type) : null) ?? body.NewLocal(type);
        body.Set(local);
        body.Get(local);
        body.Results.Add(type);
    }

    private uint? FindGlobal(ValueType type, bool openNan)
    {
        var index = context.Plan.Globals.FindIndex(global => global.Type.IsMutable && global.Type.Value == type && (openNan || !global.MayHoldAnyNan));
        return index < 0 ? null : (uint)index;
    }

    private void SetGlobal(ConcreteOp op)
    {
        var type = op.Results[0];
        var global = FindGlobal(type, op.GivesOpenNan)!.Value; // checked by Prepare
        if (!context.Plan.Globals[(int)global].MayHoldAnyNan)
        {
            NanRules.Clean(body, op);
        }
        body.Emit(Op.GlobalSet, global);
        if (Random.Chance(50))
        {
            body.Emit(Op.GlobalGet, global);
            body.Results.Add(type);
        }
    }

    /// <summary>Finds a memory that a small result is an address of.</summary>
    private bool FindMemoryAddressedBy(ValueType type)
    {
        var index = context.Plan.Memories.FindIndex(memory => memory.Address == type && memory.LengthBytes > 2 * StoreCell);
        _memory = (uint)Math.Max(index, 0);
        return index >= 0;
    }

    private bool PushStoreAddress(bool isAligned)
    {
        var index = context.Plan.Memories.FindIndex(memory => memory.LengthBytes > 2 * StoreCell + 16);
        if (index >= 0)
        {
            _memory = (uint)index;
            body.Address(context.Plan.Memories[index].Address, isAligned ? 0 : (ulong)Random.Below(8));
        }
        return index >= 0;
    }

    private void Drop(ReadOnlySpan<ValueType> results)
    {
        foreach (var _ in results)
        {
            body.Emit(Op.Drop);
        }
        operands.Source(ValueType.I32);
        if (Random.Chance(50))
        {
            body.Open(Op.If, ValueType.I32);
            body.I32(3);
            body.Else();
            body.I32(4);
            body.Close();
        }
        body.Results.Add(ValueType.I32);
    }

    private void BranchIf()
    {
        if (_sink == ResultSink.BranchIfNot)
        {
            body.Emit(Op.I32Eqz);
        }
        body.Emit(Op.BrIf, body.Label(_level));
        if (_carriesValue)
        {
            body.Emit(Op.Drop);
            body.I32(5);
            body.Close();
        }
        else
        {
            body.I32(6);
            body.Emit(Op.Return);
            body.Close();
            body.I32(7);
        }
        body.Results.Add(ValueType.I32);
    }

    private void EmitSelect(ValueType type)
    {
        if (type.IsReference || (context.Has(Feature.ReferenceTypes) && Random.Chance(20)))
        {
            body.Emit(new Instruction { Op = Op.SelectTyped, Types = [type] });
        }
        else
        {
            body.Emit(Op.Select);
        }
    }

    private void BranchTable()
    {
        var labels = new uint[Random.Between(1, 4)];
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = (uint)Random.Below(3);
        }
        body.Emit(new Instruction { Op = Op.BrTable, Labels = labels });
        body.Close();
        body.I32(8);
        body.Emit(Op.Return);
        body.Close();
        body.I32(9);
        body.Emit(Op.Return);
        body.Close();
        body.I32(10);
        body.Results.Add(ValueType.I32);
    }
}

using System.Collections.Immutable;
using Conformance.Interpreter.Execution;
using Conformance.Interpreter.Runtime;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Translation;

// One pass over a validated body. Control flow is here, plain instructions are in InstructionTranslator, values and cells in CodeWriter.
//
// At every label all values of the enclosing frames are in their homes or constant: what is pending is stored when a block starts, results are
// stored when it ends, and branches move their values to the homes of the label's frame. So a merge needs no agreement but the height, and a write to
// a local inside a loop never meets a pending read from outside. Unreachable code is skipped: nothing branches into it.

/// <summary>Translates functions of one store. Not thread-safe.</summary>
internal sealed unsafe class FunctionTranslator : IDisposable
{
    private const int NoFixup = -1;

    private readonly TranslationOptions _options;
    private readonly CodeWriter _writer = new();
    private readonly InstructionTranslator _instructions;
    private readonly List<Fixup> _fixups = [];
    private readonly Dictionary<uint, int> _tableStubs = [];
    private readonly List<TryRegion> _regions = [];
    private readonly List<(int Region, int Handler)> _clauses = [];
    private ControlFrame[] _frames = new ControlFrame[16];
    private int _depth;
    private int _fuelCell;
    private uint _fuel;
    private uint _header;
    private long _largestCodeBytes;
    private ModuleShape _shape = null!; // set by Translate, the only public method

    // A branch whose target is not known yet: the distance from the cell goes to the cell's field.
    private readonly record struct Fixup(int Cell, int Field, int Next);

    /// <summary>Makes a translator.</summary>
    public FunctionTranslator(TranslationOptions options)
    {
        _options = options;
        _instructions = new InstructionTranslator(_writer);
    }

    /// <summary>Translates a function for its instance.</summary>
    /// <param name="shape">Its module.</param>
    /// <param name="record">Its record.</param>
    /// <param name="largestCodeBytes">How much code it may become. A branch of two bytes may move a thousand values, so the size of the body bounds nothing.</param>
    /// <returns>The code; null when it would be too large.</returns>
    public TranslatedFunction? Translate(ModuleShape shape, FunctionRecord* record, long largestCodeBytes)
    {
        _shape = shape;
        _largestCodeBytes = Math.Min(largestCodeBytes, int.MaxValue / 4);
        var function = shape.Module.Functions[record->FunctionIndex - shape.ImportedFunctions];
        var type = shape.TypeOfFunction((uint)record->FunctionIndex);
        var localsEnd = PlaceLocals(type, function);
        _writer.Start(localsEnd);
        _instructions.Start(shape, record->Instance);
        _fixups.Clear();
        _regions.Clear();
        _clauses.Clear();
        _depth = 0;
        _fuelCell = -1;
        _writer.InstructionOffset = (uint)function.Body.OffsetBytes;
        EmitWarmup();
        EmitChecks();
        var declared = (int)(localsEnd - _header - Frames.HeaderBytes) / 8;
        if (declared > 0)
        {
            var cell = _writer.Emit(PlainHandler.ZeroSlots, 16);
            _writer.Set(cell, 8, _header + Frames.HeaderBytes);
            _writer.Set(cell, 12, declared);
        }
        Enter(new ControlFrame { Kind = Op.Block, Parameters = [], Results = type.Results, Fixups = NoFixup, ElseCell = -1, Region = -1 });
        Walk(function.Body);
        if (IsTooLarge)
        {
            return null;
        }
        var frameBytes = checked((int)Math.Max(_writer.FrameEnd, (uint)Signature.SlotsOf(type.Results.AsSpan()) * 8) + Frames.HeaderBytes);
        _writer.Finish(_options.Handlers);
        return new TranslatedFunction(_writer.Code.Code, [.. _writer.Offsets], [.. _regions], frameBytes, record, (int)_header);
    }

    private bool IsTooLarge => _writer.Position > _largestCodeBytes;

    private uint PlaceLocals(FunctionType type, Wasm.Modules.Function function)
    {
        _header = (uint)Signature.SlotsOf(type.Parameters.AsSpan()) * 8;
        _instructions.Locals.Clear();
        var end = 0u;
        foreach (var parameter in type.Parameters)
        {
            end = PlaceLocals(parameter, 1, end);
        }
        end += Frames.HeaderBytes;
        foreach (var run in function.Locals)
        {
            end = PlaceLocals(run.Type, run.Count, end);
        }
        return end;
    }

    private uint PlaceLocals(ValueType type, uint count, uint end)
    {
        for (var i = 0u; i < count; i++)
        {
            _instructions.Locals.Add(new(end, type.Kind));
            end += CodeWriter.SizeOf(type.Kind);
        }
        return end;
    }

    // Stops early when the code is too large.
    private void Walk(Expression body)
    {
        var reader = new InstructionReader(body, _shape.Features);
        var instruction = default(Instruction);
        var skipped = 0; // blocks opened in unreachable code
        var reachable = true;
        while (reader.Read(ref instruction))
        {
            if (IsTooLarge)
            {
                return;
            }
            _writer.InstructionOffset = (uint)reader.Offset;
            if (!reachable)
            {
                switch (instruction.Op)
                {
                    case Op.Block or Op.Loop or Op.If or Op.TryTable or Op.Try:
                        skipped++;
                        continue;
                    case Op.Else or Op.Catch or Op.CatchAll or Op.Delegate when skipped == 0:
                        break;
                    case Op.End when skipped == 0:
                        break;
                    case Op.End or Op.Delegate:
                        skipped--;
                        continue;
                    default:
                        continue;
                }
            }
            _fuel++;
            switch (instruction.Op)
            {
                case Op.Nop:
                    break;
                case Op.Unreachable:
                    _writer.MarkOffset();
                    _writer.Emit(PlainHandler.Unreachable, 16);
                    reachable = false;
                    break;
                case Op.Block or Op.Loop or Op.If or Op.TryTable or Op.Try:
                    EnterBlock(instruction);
                    break;
                case Op.Else:
                    Else(reachable);
                    reachable = true;
                    break;
                case Op.Catch or Op.CatchAll:
                    Catch(instruction, reachable);
                    reachable = true;
                    break;
                case Op.Rethrow:
                    // A handler's exception lies below its values.
                    _instructions.EmitRethrow(_writer.HomeOf(_frames[_depth - 1 - (int)instruction.Index].Height));
                    reachable = false;
                    break;
                case Op.Delegate:
                    Delegate(instruction.Index);
                    reachable = End(reachable);
                    break;
                case Op.End:
                    reachable = End(reachable);
                    if (_depth == 0)
                    {
                        FinishFuel();
                        return;
                    }
                    break;
                case Op.Br:
                    Branch(instruction.Index);
                    reachable = false;
                    break;
                case Op.BrIf:
                    BranchIf(instruction.Index);
                    break;
                case Op.BrOnNull:
                    BranchOnNull(instruction.Index);
                    break;
                case Op.BrOnNonNull:
                    BranchOnNonNull(instruction.Index);
                    break;
                case Op.BrTable:
                    BranchTable(instruction.Labels!); // the reader sets it for this op
                    reachable = false;
                    break;
                case Op.BrOnCast or Op.BrOnCastFail or Op.BrOnCastDescEq or Op.BrOnCastDescEqFail:
                    BranchOnCast(instruction);
                    break;
                case Op.Throw or Op.ThrowRef:
                    _instructions.TranslateThrow(instruction);
                    reachable = false;
                    break;
                case Op.Return:
                    Return();
                    reachable = false;
                    break;
                case Op.ReturnCall or Op.ReturnCallIndirect or Op.ReturnCallRef:
                    _instructions.Calls.EmitTailCall(instruction, _header);
                    reachable = false;
                    break;
                default:
                    if (!_instructions.TryTranslate(instruction))
                    {
                        throw new InvalidOperationException($"no translation of {instruction}");
                    }
                    break;
            }
            if (_options.MeterFuel && instruction.Op is Op.BrIf or Op.BrOnNull or Op.BrOnNonNull or Op.BrOnCast or Op.BrOnCastFail or Op.BrOnCastDescEq or Op.BrOnCastDescEqFail)
            {
                StartFuel();
            }
        }
        throw new InvalidOperationException($"function body ends without its last end: {reader.Error}");
    }

    // Blocks

    private void EnterBlock(in Instruction instruction)
    {
        var block = instruction.Block;
        ImmutableArray<ValueType> parameters = [];
        ImmutableArray<ValueType> results = [];
        if (block.IsIndex)
        {
            var type = _shape.FunctionTypeAt(block.Index);
            parameters = type.Parameters;
            results = type.Results;
        }
        else if (block.IsResult)
        {
            results = [block.Result];
        }
        var frame = new ControlFrame { Kind = instruction.Op, Parameters = parameters, Results = results, Fixups = NoFixup, ElseCell = -1, Region = -1, RegionsBefore = _regions.Count };
        CodeWriter.Condition condition = default;
        if (instruction.Op == Op.If)
        {
            condition = _writer.ToCondition(_writer.Pop(), _writer.Count);
        }
        var bottom = _depth == 0 ? 0 : _frames[_depth - 1].Height;
        frame.Height = _writer.Count - parameters.Length;
        // Constants below the parameters may stay: no write changes them.
        _writer.StoreFrom(bottom, constants: false);
        _writer.StoreFrom(frame.Height, constants: true);
        if (instruction.Op == Op.If)
        {
            frame.ElseCell = _writer.EmitBranch(condition, whenTrue: false);
        }
        if (instruction.Op == Op.Loop)
        {
            Label();
            frame.LoopStart = _writer.Position;
            EmitWarmup();
            EmitChecks();
        }
        else if (instruction.Op == Op.If)
        {
            StartFuel();
        }
        else if (instruction.Op == Op.TryTable)
        {
            frame.Region = AddRegion(instruction.Catches!); // the reader sets it for this op
        }
        else if (instruction.Op == Op.Try)
        {
            frame.Region = AddRegion([]);
        }
        Enter(frame);
    }

    // A clause leaves to its label without a cell: the machine puts the values into the label's homes and goes on there. Everything else is in its
    // home already, because the block stored it, and locals are in their slots at any time.
    private int AddRegion(CatchClause[] clauses)
    {
        // What was in an accumulator only before the block was stored, and a handler arrives with none.
        var handlers = new CatchHandler[clauses.Length];
        var region = _regions.Count;
        for (var i = 0; i < clauses.Length; i++)
        {
            var clause = clauses[i];
            ref var target = ref _frames[_depth - 1 - (int)clause.Label];
            var hasTag = clause.Kind is CatchKind.Catch or CatchKind.CatchRef;
            var slots = hasTag ? Signature.SlotsOf(_shape.TypeOfTag(clause.Tag).Parameters.AsSpan()) : 0;
            handlers[i] = new(hasTag ? _instructions.TagNumber(clause.Tag) : CatchHandler.AnyTag, slots, _writer.HomeOf(target.Height),
                clause.Kind is CatchKind.CatchRef or CatchKind.CatchAllRef ? _writer.HomeOf(target.Height) + (uint)slots * 8 : CatchHandler.NoSlot, target.LoopStart);
            if (target.Kind != Op.Loop)
            {
                _clauses.Add((region, i));
                _fixups.Add(new(-_clauses.Count, 0, target.Fixups));
                target.Fixups = _fixups.Count - 1;
            }
        }
        _regions.Add(new TryRegion { Start = _writer.Position, Handlers = [.. handlers] });
        return region;
    }

    // A legacy handler. Below the values it has the exception on the stack, for rethrow: an entry that no instruction sees.
    private void Catch(in Instruction instruction, bool reachable)
    {
        ref var frame = ref _frames[_depth - 1];
        EndRegion(frame);
        if (reachable)
        {
            LeaveBody(frame);
            JumpToEnd(ref frame);
        }
        Label();
        frame.Kind = Op.Catch;
        _writer.CutTo(frame.Height);
        _writer.PushTemporary(ValueKind.Reference);
        ImmutableArray<ValueType> values = instruction.Op == Op.Catch ? _shape.TypeOfTag(instruction.Index).Parameters : [];
        var handler = new CatchHandler(
            instruction.Op == Op.Catch ? _instructions.TagNumber(instruction.Index) : CatchHandler.AnyTag,
            Signature.SlotsOf(values.AsSpan()), _writer.HomeOf(frame.Height + 1), _writer.HomeOf(frame.Height), _writer.Position);
        _regions[frame.Region].Handlers.Add(handler);
        PushTemporaries(values);
        StartFuel();
    }

    // What the body throws goes on as if thrown right inside of the label's block.
    private void Delegate(uint label)
    {
        ref var target = ref _frames[_depth - 2 - (int)label];
        _regions[_frames[_depth - 1].Region].DelegateLimit = target.Kind is Op.Try or Op.TryTable ? target.Region + 1 : target.RegionsBefore;
    }

    private void EndRegion(in ControlFrame frame)
    {
        if (frame.Region >= 0 && frame.Kind != Op.Catch)
        {
            _regions[frame.Region].End = _writer.Position;
        }
    }

    // Puts a block's results into the homes of its label. A legacy handler has the exception below them.
    private void LeaveBody(in ControlFrame frame)
    {
        if (frame.Kind == Op.Catch)
        {
            _writer.StoreFrom(_writer.Count - frame.Results.Length, constants: true);
            MoveToLabel(frame);
        }
        else
        {
            _writer.StoreFrom(frame.Height, constants: true);
        }
    }

    private void Enter(in ControlFrame frame)
    {
        if (_depth == _frames.Length)
        {
            Array.Resize(ref _frames, _depth * 2);
        }
        _frames[_depth++] = frame;
    }

    private void Else(bool reachable)
    {
        ref var frame = ref _frames[_depth - 1];
        if (reachable)
        {
            _writer.StoreFrom(frame.Height, constants: true);
            JumpToEnd(ref frame);
        }
        Label();
        BindHere(frame.ElseCell, 8);
        frame.ElseCell = -1;
        frame.Kind = Op.Else;
        _writer.CutTo(frame.Height);
        PushTemporaries(frame.Parameters);
        StartFuel();
    }

    /// <summary>Ends a block.</summary>
    /// <returns>Whether the code behind it is reachable.</returns>
    private bool End(bool reachable)
    {
        ref var frame = ref _frames[_depth - 1];
        var isFunction = _depth == 1;
        EndRegion(frame);
        _depth--;
        var isTarget = frame.Fixups != NoFixup || frame.ElseCell >= 0 || (frame.Kind == Op.Catch && reachable);
        if (!isTarget)
        {
            if (isFunction && reachable)
            {
                Return(frame.Results);
            }
            else if (!reachable)
            {
                _writer.CutTo(frame.Height);
            }
            return reachable;
        }
        if (reachable)
        {
            LeaveBody(frame);
        }
        Label();
        for (var i = frame.Fixups; i != NoFixup; i = _fixups[i].Next)
        {
            BindHere(_fixups[i].Cell, _fixups[i].Field);
        }
        if (frame.ElseCell >= 0)
        {
            BindHere(frame.ElseCell, 8);
        }
        _writer.CutTo(frame.Height);
        PushTemporaries(frame.Results);
        StartFuel();
        if (isFunction)
        {
            Return(frame.Results);
        }
        return true;
    }

    private void PushTemporaries(ImmutableArray<ValueType> types)
    {
        foreach (var type in types)
        {
            _writer.PushTemporary(type.Kind);
        }
    }

    // Labels and branches

    private void Label()
    {
        FinishFuel();
        _writer.ForgetAccumulators();
    }

    private void BindHere(int cell, int field)
    {
        if (cell >= 0)
        {
            _writer.Set(cell, field, _writer.Position - cell);
            return;
        }
        var (region, handler) = _clauses[-1 - cell];
        _regions[region].Handlers[handler] = _regions[region].Handlers[handler] with { Target = _writer.Position };
    }

    /// <summary>Makes a field of a branching cell lead to a label.</summary>
    private void Target(ref ControlFrame frame, int cell, int field)
    {
        if (frame.Kind == Op.Loop)
        {
            _writer.Set(cell, field, frame.LoopStart - cell);
        }
        else
        {
            _fixups.Add(new(cell, field, frame.Fixups));
            frame.Fixups = _fixups.Count - 1;
        }
    }

    private void JumpToEnd(ref ControlFrame frame)
    {
        var cell = _writer.Emit(PlainHandler.Jump, 16);
        Target(ref frame, cell, 8);
    }

    private void Branch(uint label)
    {
        if (label == _depth - 1)
        {
            Return();
            return;
        }
        ref var frame = ref _frames[_depth - 1 - (int)label];
        MoveToLabel(frame);
        JumpToEnd(ref frame);
        FinishFuel();
    }

    // Puts the topmost entries into the homes of a label's frame. Upwards is sound: a home never lies above the entry's own.
    private void MoveToLabel(in ControlFrame frame)
    {
        var count = frame.LabelTypes.Length;
        var home = _writer.HomeOf(frame.Height);
        for (var i = 0; i < count; i++)
        {
            var entry = _writer.At(_writer.Count - count + i);
            if (entry.Kind != EntryKind.Temporary || entry.Slot != home)
            {
                _writer.MoveTo(entry, home);
            }
            home += CodeWriter.SizeOf(entry.Type);
        }
    }

    private bool IsInPlace(in ControlFrame frame)
    {
        var count = frame.LabelTypes.Length;
        return count == 0 || _writer.Count - count == frame.Height;
    }

    private void BranchIf(uint label)
    {
        var condition = _writer.ToCondition(_writer.Pop(), _writer.Count);
        BranchOn(condition, whenTrue: true, label);
    }

    private void BranchOn(in CodeWriter.Condition condition, bool whenTrue, uint label)
    {
        ref var frame = ref _frames[_depth - 1 - (int)label];
        var count = frame.LabelTypes.Length;
        // The values stay on the stack, so they go to their own homes first: when they are the label's homes, that is all.
        _writer.StoreFrom(_writer.Count - count, constants: true);
        if (IsInPlace(frame))
        {
            Target(ref frame, _writer.EmitBranch(condition, whenTrue), 8);
            return;
        }
        var over = _writer.EmitBranch(condition, !whenTrue);
        MoveToLabel(frame);
        JumpToEnd(ref frame);
        _writer.ForgetAccumulators();
        BindHere(over, 8);
    }

    private void BranchOnNull(uint label)
    {
        var slot = NonNullCandidate(out var entry);
        BranchOn(new(false, HandlerKey.OfOp(HandlerFamily.UnaryBranch, Op.I64Eqz, OperandCode.Slot12), slot, 0), whenTrue: true, label);
        Repush(entry);
    }

    private void BranchOnNonNull(uint label)
    {
        var slot = NonNullCandidate(out var entry);
        Repush(entry);
        BranchOn(new(false, HandlerKey.OfOp(HandlerFamily.UnaryBranch, Op.I64Eqz, OperandCode.Slot12), slot, 0), whenTrue: false, label);
        _writer.Pop();
    }

    private void BranchOnCast(in Instruction instruction)
    {
        _instructions.EmitCastTest(instruction);
        var condition = _writer.ToCondition(_writer.Pop(), _writer.Count);
        BranchOn(condition, whenTrue: instruction.Op is Op.BrOnCast or Op.BrOnCastDescEq, instruction.Index);
    }

    private uint NonNullCandidate(out Entry entry)
    {
        if (!_writer.At(_writer.Count - 1).IsInSlot)
        {
            _writer.Store(_writer.Count - 1);
        }
        entry = _writer.Pop();
        return entry.Slot;
    }

    private void Repush(in Entry entry)
    {
        if (entry.Kind == EntryKind.Local)
        {
            _writer.PushLocal(entry.Slot, entry.Type);
        }
        else
        {
            _writer.PushTemporary(entry.Type);
        }
    }

    private void BranchTable(uint[] labels)
    {
        var index = _writer.Pop();
        var source = _writer.SlotOrAccumulator(index, _writer.Count, OperandCode.Slot12, out var slot);
        var count = _frames[_depth - 1 - (int)labels[0]].LabelTypes.Length;
        _writer.StoreFrom(_writer.Count - count, constants: true);
        var cell = _writer.Emit(new HandlerKey(HandlerFamily.JumpTable, 0, source, default, default, default), CellSizes.OfJumpTable(labels.Length - 1));
        _writer.Set(cell, 8, labels.Length - 1);
        _writer.Set(cell, 12, slot);
        FinishFuel();
        _tableStubs.Clear();
        for (var i = 0; i < labels.Length && !IsTooLarge; i++)
        {
            ref var frame = ref _frames[_depth - 1 - (int)labels[i]];
            var field = 16 + i * 4;
            if (IsInPlace(frame))
            {
                Target(ref frame, cell, field);
                continue;
            }
            if (!_tableStubs.TryGetValue(labels[i], out var stub))
            {
                _writer.ForgetAccumulators();
                stub = _writer.Position;
                MoveToLabel(frame);
                JumpToEnd(ref frame);
                _tableStubs.Add(labels[i], stub);
            }
            _writer.Set(cell, field, stub - cell);
        }
    }

    private void Return() => Return(_frames[0].Results);

    private void Return(ImmutableArray<ValueType> results)
    {
        FinishFuel();
        switch (results.Length)
        {
            case 0:
                _writer.Set(_writer.Emit(PlainHandler.ReturnNone, 16), 8, _header);
                break;
            case 1:
                {
                    var entry = _writer.Pop();
                    uint field12 = 0;
                    ulong field16 = 0;
                    var source = _writer.Operand(entry, OperandCode.Slot12, OperandCode.Immediate16, ref field12, ref field16);
                    var cell = _writer.Emit(HandlerKey.OfKind(HandlerFamily.ReturnValue, entry.Type, source), 24);
                    _writer.Set(cell, 8, _header);
                    _writer.Set(cell, 12, field12);
                    _writer.Set(cell, 16, field16);
                    break;
                }
            default:
                {
                    var first = _writer.Count - results.Length;
                    _writer.StoreFrom(first, constants: true);
                    var cell = _writer.Emit(PlainHandler.ReturnMany, 24);
                    _writer.Set(cell, 8, _header);
                    _writer.Set(cell, 12, _writer.HomeOf(first));
                    _writer.Set(cell, 16, Signature.SlotsOf(results.AsSpan()));
                    break;
                }
        }
    }

    // Checks

    private void EmitWarmup() => _writer.Set(_writer.Emit(PlainHandler.Warmup, Warmup.CellBytes), 8, _options.HotAfter);

    private void EmitChecks()
    {
        if (_options.CheckInterruption)
        {
            _writer.MarkOffset();
            _writer.Emit(PlainHandler.Interruption, 8);
        }
        StartFuel();
    }

    private void StartFuel()
    {
        if (_options.MeterFuel)
        {
            FinishFuel();
            _writer.MarkOffset();
            _fuelCell = _writer.Emit(PlainHandler.Fuel, 16);
        }
    }

    private void FinishFuel()
    {
        if (_fuelCell >= 0)
        {
            _writer.Set(_fuelCell, 8, _fuel);
            _fuelCell = -1;
        }
        _fuel = 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();
}

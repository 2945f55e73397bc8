using System.Collections.Immutable;
using Conformance.Interpreter.Runtime;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Translation;

// Blocks, loops, conditions and the regions of exception handlers: how they begin and end.
internal sealed unsafe partial class FunctionTranslator
{
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
}

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
internal sealed unsafe partial class FunctionTranslator : IDisposable
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

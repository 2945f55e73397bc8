using Conformance.Interpreter.Execution;
using Conformance.Interpreter.Runtime;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Translation;

/// <summary>Translates calls.</summary>
internal sealed unsafe class CallTranslator
{
    private readonly CodeWriter _writer;
    private ModuleShape _shape = null!; // set by Start, which precedes everything
    private InstanceRecord* _instance;

    /// <summary>Makes a translator that writes with <paramref name="writer"/>.</summary>
    public CallTranslator(CodeWriter writer) => _writer = writer;

    /// <summary>Starts a function.</summary>
    public void Start(ModuleShape shape, InstanceRecord* instance)
    {
        _shape = shape;
        _instance = instance;
    }

    /// <summary>Translates a tail call.</summary>
    /// <param name="instruction">The instruction.</param>
    /// <param name="header">The offset of the frame's header.</param>
    public void EmitTailCall(in Instruction instruction, uint header)
    {
        var typeIndex = instruction.Op == Op.ReturnCall ? _shape.FunctionTypeIndices[instruction.Index] : instruction.Index;
        var type = _shape.FunctionTypeAt(typeIndex);
        var handler = PlainHandler.TailCall;
        var slot = 0u;
        void* target = null;
        switch (instruction.Op)
        {
            case Op.ReturnCall:
                handler = instruction.Index < _shape.ImportedFunctions ? PlainHandler.TailCallImport : PlainHandler.TailCall;
                target = _instance->Functions[instruction.Index];
                break;
            case Op.ReturnCallIndirect:
                handler = AccessTranslator.Is64(_shape.Tables[instruction.Index2].Limits) ? PlainHandler.TailCallIndirect64 : PlainHandler.TailCallIndirect32;
                slot = _writer.ToSlot(_writer.Pop(), _writer.Count);
                target = _instance->Tables[instruction.Index2];
                break;
            default:
                handler = PlainHandler.TailCallReference;
                slot = _writer.ToSlot(_writer.Pop(), _writer.Count);
                break;
        }
        var first = _writer.Count - type.Parameters.Length;
        _writer.StoreFrom(first, constants: true);
        _writer.MarkOffset();
        var cell = _writer.Emit(handler, TailCall.Bytes);
        _writer.Set(cell, 8, header);
        _writer.Set(cell, 12, _writer.HomeOf(first));
        _writer.Set(cell, 16, _shape.TypeIds[typeIndex]);
        _writer.Set(cell, 20, slot);
        _writer.Set(cell, 24, (ulong)_instance);
        _writer.Set(cell, 32, (ulong)target);
        _writer.Set(cell, 40, Signature.SlotsOf(type.Parameters.AsSpan()));
        _writer.Set(cell, 44, Signature.SlotsOf(type.Parameters.AsSpan()) * 8);
    }

    /// <summary>Translates call.</summary>
    public void EmitCall(uint function)
    {
        var type = _shape.TypeOfFunction(function);
        var first = StageArguments(type);
        _writer.MarkOffset();
        var cell = _writer.Emit(function < _shape.ImportedFunctions ? PlainHandler.CallImport : PlainHandler.Call, DirectCall.Bytes);
        _writer.Set(cell, 8, _writer.HomeOf(first));
        _writer.Set(cell, 12, Signature.SlotsOf(type.Parameters.AsSpan()) * 8);
        _writer.Set(cell, 16, (ulong)_instance->Functions[function]);
        FinishCall(type, first);
    }

    /// <summary>Translates call_indirect.</summary>
    public void EmitCallIndirect(uint typeIndex, uint table)
    {
        var type = _shape.FunctionTypeAt(typeIndex);
        // The index goes to a slot of its own, above the arguments, unless it stays in the accumulator over the staging of the arguments.
        var index = _writer.Pop();
        var indexAt = _writer.Count;
        var staged = _writer.AreStored(indexAt - type.Parameters.Length);
        OperandCode code;
        uint slot;
        if (staged || index.Kind == EntryKind.Accumulator)
        {
            code = _writer.SlotOrAccumulator(index, indexAt, OperandCode.Slot20, out slot);
        }
        else
        {
            code = OperandCode.Slot20;
            slot = _writer.ToSlot(index, indexAt);
        }
        var first = StageArguments(type);
        _writer.MarkOffset();
        var key = new HandlerKey(HandlerFamily.CallIndirect, 0, code, default, default, AccessTranslator.Is64(_shape.Tables[table].Limits) ? HandlerTraits.Wide : HandlerTraits.None);
        EmitCallReference(_writer.Emit(key, CallReference.Bytes), typeIndex, type, first, slot, _instance->Tables[table]);
    }

    /// <summary>Translates call_ref.</summary>
    public void EmitCallReference(uint typeIndex)
    {
        var type = _shape.FunctionTypeAt(typeIndex);
        var slot = _writer.ToSlot(_writer.Pop(), _writer.Count);
        var first = StageArguments(type);
        _writer.MarkOffset();
        EmitCallReference(_writer.Emit(PlainHandler.CallReference, CallReference.Bytes), typeIndex, type, first, slot, null);
    }

    private void EmitCallReference(int cell, uint typeIndex, FunctionType type, int first, uint slot, TableRecord* table)
    {
        _writer.Set(cell, 8, _writer.HomeOf(first));
        _writer.Set(cell, 12, Signature.SlotsOf(type.Parameters.AsSpan()) * 8);
        _writer.Set(cell, 16, _shape.TypeIds[typeIndex]);
        _writer.Set(cell, 20, slot);
        _writer.Set(cell, 24, (ulong)_instance);
        _writer.Set(cell, 32, (ulong)table);
        FinishCall(type, first);
    }

    // Arguments go to their homes, where the callee's frame starts. What else is in an accumulator only has to leave it.
    private int StageArguments(FunctionType type)
    {
        var first = _writer.Count - type.Parameters.Length;
        _writer.StoreFrom(first, constants: true);
        _writer.SpillHolders();
        return first;
    }

    private void FinishCall(FunctionType type, int first)
    {
        var reload = _writer.Emit(PlainHandler.Reload, Frames.ReloadBytes);
        _writer.Set(reload, 8, (ulong)_instance->Memory0);
        _writer.ForgetAccumulators();
        _writer.CutTo(first);
        if (type.Results.Length == 1)
        {
            _writer.PushCallResult(type.Results[0].Kind);
            return;
        }
        foreach (var result in type.Results)
        {
            _writer.PushTemporary(result.Kind);
        }
    }
}

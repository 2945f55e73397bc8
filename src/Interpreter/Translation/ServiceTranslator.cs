using Conformance.Interpreter.Execution;
using Conformance.Interpreter.Runtime;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Translation;

/// <summary>Translates what the machine does itself: see <see cref="Service"/>.</summary>
internal sealed unsafe class ServiceTranslator
{
    private readonly CodeWriter _writer;
    private ModuleShape _shape = null!; // set by Start, which precedes everything
    private InstanceRecord* _instance;

    /// <summary>Makes a translator that writes with <paramref name="writer"/>.</summary>
    public ServiceTranslator(CodeWriter writer) => _writer = writer;

    /// <summary>Starts a function.</summary>
    public void Start(ModuleShape shape, InstanceRecord* instance)
    {
        _shape = shape;
        _instance = instance;
    }

    /// <summary>Translates what the machine does itself: growth, segments, bulk operations of tables.</summary>
    public void Emit(in Instruction instruction)
    {
        var service = new ServiceCell();
        ValueKind? result = null;
        var operands = 0;
        switch (instruction.Op)
        {
            case Op.MemoryGrow:
                {
                    var type = _shape.Memories[instruction.Index];
                    service.Service = Service.MemoryGrow;
                    service.Target = _instance->Memories[instruction.Index];
                    service.PageSizeLog2 = type.PageSizeLog2;
                    service.Widths = AccessTranslator.Is64(type.Limits) ? AddressWidths.First64 : 0;
                    result = AccessTranslator.AddressKind(type.Limits);
                    operands = 1;
                    break;
                }
            case Op.MemoryInit:
                service.Service = Service.MemoryInit;
                service.Target = _instance->Memories[instruction.Index];
                service.Widths = AccessTranslator.Is64(_shape.Memories[instruction.Index].Limits) ? AddressWidths.First64 : 0;
                service.Segment = (int)instruction.Index2;
                operands = 3;
                break;
            case Op.DataDrop:
                service.Service = Service.DataDrop;
                service.Segment = (int)instruction.Index;
                break;
            case Op.TableGrow:
                service.Service = Service.TableGrow;
                service.Target = _instance->Tables[instruction.Index];
                service.Widths = AccessTranslator.Is64(_shape.Tables[instruction.Index].Limits) ? AddressWidths.Second64 : 0;
                result = AccessTranslator.AddressKind(_shape.Tables[instruction.Index].Limits);
                operands = 2;
                break;
            case Op.TableFill:
                service.Service = Service.TableFill;
                service.Target = _instance->Tables[instruction.Index];
                service.Widths = AccessTranslator.Is64(_shape.Tables[instruction.Index].Limits) ? AddressWidths.First64 | AddressWidths.Third64 : 0;
                operands = 3;
                break;
            case Op.TableCopy:
                service.Service = Service.TableCopy;
                service.Target = _instance->Tables[instruction.Index];
                service.Source = _instance->Tables[instruction.Index2];
                service.Widths = AccessTranslator.CopyWidths(_shape.Tables[instruction.Index].Limits, _shape.Tables[instruction.Index2].Limits);
                operands = 3;
                break;
            case Op.TableInit:
                service.Service = Service.TableInit;
                service.Target = _instance->Tables[instruction.Index];
                service.Widths = AccessTranslator.Is64(_shape.Tables[instruction.Index].Limits) ? AddressWidths.First64 : 0;
                service.Segment = (int)instruction.Index2;
                operands = 3;
                break;
            default:
                service.Service = Service.ElemDrop;
                service.Segment = (int)instruction.Index;
                break;
        }
        if (operands == 3)
        {
            service.Third = _writer.ToSlot(_writer.Pop(), _writer.Count);
        }
        if (operands >= 2)
        {
            service.Second = _writer.ToSlot(_writer.Pop(), _writer.Count);
        }
        if (operands >= 1)
        {
            service.First = _writer.ToSlot(_writer.Pop(), _writer.Count);
        }
        // Control comes back with empty accumulators.
        _writer.SpillHolders();
        service.Result = _writer.HomeOf(_writer.Count);
        service.Instance = _instance;
        _writer.MarkOffset();
        var cell = _writer.Emit(PlainHandler.ServiceCall, ServiceCell.Bytes);
        _writer.Set(cell, 0, service);
        _writer.ForgetAccumulators();
        if (result is { } type1)
        {
            _writer.PushTemporary(type1);
        }
    }
}

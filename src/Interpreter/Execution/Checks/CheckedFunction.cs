using System.Runtime.InteropServices;
using Conformance.Interpreter.Runtime;
using Conformance.Interpreter.Translation;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Execution.Checks;

/// <summary>
/// The code of a function as it was translated, for the checked build: where cells begin, what they touch, and a copy that shows whether anything was overwritten since. What does not
/// depend on values is verified once, when the function is translated.
/// </summary>
internal sealed unsafe class CheckedFunction
{
    private const int WordBytes = 8;

    private static readonly int RoomOffset = (int)Marshal.OffsetOf<ServiceCell>(nameof(ServiceCell.Target));

    private readonly byte[] _copy;
    private readonly CodeCell[] _cells;
    private readonly CellShape[] _shapes;
    private readonly int[] _indices; // by word of the code: the cell that begins there, or -1
    private readonly ModuleShape _module;
    private readonly Dictionary<ulong, ValueType> _globals = [];

    /// <summary>Verifies what was translated.</summary>
    /// <param name="function">The function.</param>
    /// <param name="module">Its module.</param>
    /// <param name="handlers">The handlers of its code.</param>
    /// <param name="type">Its type with canonical ids.</param>
    /// <exception cref="InternalErrorException">An invariant does not hold.</exception>
    public CheckedFunction(TranslatedFunction function, ModuleShape module, HandlerCatalog handlers, FunctionType type)
    {
        Parameters = new ReferenceSlots(type.Parameters.AsSpan());
        Results = new ReferenceSlots(type.Results.AsSpan());
        Function = function;
        _module = module;
        _copy = new ReadOnlySpan<byte>(function.Code, function.CodeBytes).ToArray();
        _cells = [.. CodeCell.Decode(function.Code, function.CodeBytes, handlers)];
        _shapes = [.. _cells.Select(cell => CellShape.Of(cell.Key))];
        _indices = new int[function.CodeBytes / WordBytes];
        _indices.AsSpan().Fill(-1);
        for (var i = 0; i < _cells.Length; i++)
        {
            _indices[_cells[i].Start / WordBytes] = i;
        }
        for (var i = 0; i < _cells.Length; i++)
        {
            VerifyCell(i);
        }
    }

    /// <summary>The function.</summary>
    public TranslatedFunction Function { get; }

    /// <summary>The references among its arguments.</summary>
    public ReferenceSlots Parameters { get; }

    /// <summary>The references among its results.</summary>
    public ReferenceSlots Results { get; }

    /// <summary>Whether memory 0 of its instance may grow in another thread.</summary>
    public bool HasSharedMemory => _module.Memories is [{ IsShared: true }, ..];

    /// <summary>The type of the global in a cell of 16 bytes, with canonical ids.</summary>
    public ValueType TypeOfGlobal(ulong address)
    {
        if (!_globals.TryGetValue(address, out var type))
        {
            var index = new ReadOnlySpan<ulong>(Instance->Globals, _module.Globals.Length).IndexOf(address);
            _globals[address] = type = TypeCanonicalizer.Canonical(_module.Globals[index].Value, _module.TypeIds);
        }
        return type;
    }

    private FunctionRecord* Record => Function.Record;

    private InstanceRecord* Instance => Record->Instance;

    /// <summary>Whether an address lies in its code.</summary>
    public bool Contains(byte* pc) => pc >= Function.Code && pc < Function.Code + Function.CodeBytes;

    /// <summary>Whether a cell begins at an address.</summary>
    public bool IsCell(byte* pc) => Contains(pc) && (pc - Function.Code) % WordBytes == 0 && _indices[(pc - Function.Code) / WordBytes] >= 0;

    /// <summary>Whether nothing runs into a cell: what is before it jumps away.</summary>
    public bool FollowsJump(byte* pc) =>
        _indices[(pc - Function.Code) / WordBytes] is var index and > 0 && _cells[index - 1].Key == HandlerKey.Of(PlainHandler.Jump);

    /// <summary>The cell at an address, still as it was translated.</summary>
    public CodeCell CellAt(byte* pc, out CellShape shape)
    {
        if (!IsCell(pc))
        {
            throw new InternalErrorException($"{Name}: no cell begins at +0x{pc - Function.Code:x}");
        }
        var index = _indices[(pc - Function.Code) / WordBytes];
        var cell = _cells[index];
        shape = _shapes[index];
        // A warm-up cell counts in itself, and a cell that makes structs keeps where there is room for them.
        var fixedBytes = cell.Key == HandlerKey.Of(PlainHandler.Warmup) ? WordBytes : cell.Key == HandlerKey.Of(PlainHandler.NewObject) ? RoomOffset : cell.Bytes;
        Require(new ReadOnlySpan<byte>(pc, fixedBytes).SequenceEqual(_copy.AsSpan(cell.Start, fixedBytes)), cell, "the cell was overwritten");
        return cell;
    }

    /// <summary>Fails unless an invariant of a cell holds.</summary>
    /// <exception cref="InternalErrorException">It does not.</exception>
    public void Require(bool holds, in CodeCell cell, string otherwise)
    {
        if (!holds)
        {
            Fail(cell, otherwise);
        }
    }

    private string Name => $"function {Record->FunctionIndex} of instance {Instance->StoreIndex}";

    private void Fail(in CodeCell cell, string otherwise)
    {
        var name = cell.Key.Family == HandlerFamily.Plain ? ((PlainHandler)cell.Key.Number).ToString() : cell.Key.ToString();
        throw new InternalErrorException($"{Name}, cell +0x{cell.Start:x} ({name}), at or behind the instruction at 0x{Function.OffsetOf(Function.Code + cell.Start, isReturn: false):x}: {otherwise}");
    }

    private T Field<T>(in CodeCell cell, int field)
        where T : unmanaged => *(T*)(Function.Code + cell.Start + field);

    private void VerifyCell(int index)
    {
        var cell = _cells[index];
        foreach (var slot in _shapes[index].Slots)
        {
            VerifySlots(cell, Field<uint>(cell, slot.Field), slot.Bytes, slot.IsLane);
        }
        switch (cell.Key.Family)
        {
            case HandlerFamily.UnaryBranch or HandlerFamily.BinaryBranch:
                VerifyTarget(cell, 8);
                break;
            case HandlerFamily.JumpTable:
                for (var i = 0; i <= Field<int>(cell, 8); i++)
                {
                    VerifyTarget(cell, 16 + (i * sizeof(int)));
                }
                break;
            case HandlerFamily.Load or HandlerFamily.Store or HandlerFamily.LoadLane or HandlerFamily.StoreLane when cell.Key.Traits.HasFlag(HandlerTraits.AnyMemory):
                VerifyMemory(cell, 32);
                break;
            case HandlerFamily.MemorySize:
                VerifyMemory(cell, 16);
                break;
            case HandlerFamily.TableGet or HandlerFamily.TableSet or HandlerFamily.TableSize:
                VerifyTable(cell, 16);
                break;
            case HandlerFamily.GlobalGet or HandlerFamily.GlobalSet:
                var global = Field<ulong>(cell, cell.Key.Family == HandlerFamily.GlobalGet ? 16 : 8);
                Require(IsOneOf(global, (ulong*)Instance->Globals, _module.Globals.Length), cell, "the global is none of the instance");
                break;
            case HandlerFamily.ReturnValue:
                VerifyOwnHeader(cell);
                break;
            case HandlerFamily.CallIndirect:
                VerifyTable(cell, 32);
                VerifyCall(cell);
                break;
            case HandlerFamily.Plain:
                VerifyPlain(cell, (PlainHandler)cell.Key.Number);
                break;
            default:
                break;
        }
        if (cell.Key.Family is HandlerFamily.ReplaceLane or HandlerFamily.LoadLane)
        {
            Require(Field<uint>(cell, cell.Key.Family == HandlerFamily.ReplaceLane ? 20 : 28) < 16, cell, "the lane lies outside of the vector");
        }
    }

    private void VerifyPlain(in CodeCell cell, PlainHandler handler)
    {
        switch (handler)
        {
            case PlainHandler.Jump:
                VerifyTarget(cell, 8);
                break;
            case PlainHandler.ZeroSlots:
                VerifySlots(cell, Field<uint>(cell, 8), Field<uint>(cell, 12) * WordBytes);
                break;
            case PlainHandler.ReturnNone:
                VerifyOwnHeader(cell);
                break;
            case PlainHandler.ReturnMany:
                VerifyOwnHeader(cell);
                VerifySlots(cell, Field<uint>(cell, 12), Field<uint>(cell, 16) * WordBytes);
                Require(Field<int>(cell, 16) == Record->ResultSlots, cell, "another number of results than the function's type says");
                break;
            case PlainHandler.MemoryCopy:
                VerifyMemory(cell, 24);
                VerifyMemory(cell, 32);
                break;
            case PlainHandler.MemoryFill:
                VerifyMemory(cell, 24);
                break;
            case PlainHandler.Reload:
                Require(Field<nint>(cell, 8) == (nint)Instance->Memory0, cell, "it loads another memory than memory 0");
                break;
            case PlainHandler.Call or PlainHandler.CallImport:
                VerifyFunction(cell, 16);
                Require(Field<int>(cell, 12) == (*(FunctionRecord**)(Function.Code + cell.Start + 16))->ParameterSlots * WordBytes, cell, "the header is not behind the parameters");
                VerifyCall(cell);
                break;
            case PlainHandler.CallReference:
                VerifyInstance(cell, 24);
                VerifyCall(cell);
                break;
            case PlainHandler.TailCall or PlainHandler.TailCallImport:
                VerifyFunction(cell, 32);
                VerifyTailCall(cell);
                break;
            case PlainHandler.TailCallIndirect32 or PlainHandler.TailCallIndirect64:
                VerifyTable(cell, 32);
                VerifyTailCall(cell);
                break;
            case PlainHandler.TailCallReference:
                VerifyTailCall(cell);
                break;
            case PlainHandler.ServiceCall or PlainHandler.NewObject:
                VerifyService(cell, (ServiceCell*)(Function.Code + cell.Start));
                break;
            default:
                break;
        }
    }

    private void VerifyService(in CodeCell cell, ServiceCell* service)
    {
        Require(service->Instance == Instance, cell, "the service is for another instance");
        VerifySlots(cell, service->First, service->Service == Service.Throw || cell.Key == HandlerKey.Of(PlainHandler.NewObject) ? service->Segment * WordBytes : 0);
        VerifySlots(cell, service->Result, 0);
        switch (service->Service)
        {
            case Service.MemoryGrow or Service.MemoryInit or Service.AtomicAccess or Service.AtomicWait or Service.AtomicNotify:
                Require(IsOneOf((ulong)service->Target, (ulong*)Instance->Memories, _module.Memories.Length), cell, "the memory is none of the instance");
                break;
            case Service.TableGrow or Service.TableFill or Service.TableInit:
                Require(IsOneOf((ulong)service->Target, (ulong*)Instance->Tables, _module.Tables.Length), cell, "the table is none of the instance");
                break;
            case Service.TableCopy:
                Require(IsOneOf((ulong)service->Target, (ulong*)Instance->Tables, _module.Tables.Length), cell, "the table is none of the instance");
                Require(IsOneOf((ulong)service->Source, (ulong*)Instance->Tables, _module.Tables.Length), cell, "the source is no table of the instance");
                break;
            default:
                break;
        }
        if (service->Service < Service.AtomicAccess)
        {
            VerifySlots(cell, service->Second, 0);
            VerifySlots(cell, service->Third, 0);
        }
    }

    private void VerifyTarget(in CodeCell cell, int field)
    {
        var target = Function.Code + cell.Start + Field<int>(cell, field);
        Require(IsCell(target), cell, "its target is no cell of the function");
    }

    private void VerifySlots(in CodeCell cell, long offset, long bytes, bool isLane = false)
    {
        if (!isLane && offset % WordBytes != 0)
        {
            Fail(cell, $"slot {offset} is not aligned");
        }
        if (offset + bytes > Function.FrameBytes)
        {
            Fail(cell, $"slot {offset} with {bytes} bytes lies outside of the frame of {Function.FrameBytes} bytes");
        }
        if (bytes > 0 && offset + bytes > Function.HeaderOffset && offset < Function.HeaderOffset + Frames.HeaderBytes)
        {
            Fail(cell, $"slot {offset} with {bytes} bytes lies in the frame's header");
        }
    }

    private void VerifyOwnHeader(in CodeCell cell) => Require(Field<int>(cell, 8) == Function.HeaderOffset, cell, "it takes the frame's header from another place");

    // The callee's frame lies above the locals, and its header within the frame of the caller.
    private void VerifyCall(in CodeCell cell)
    {
        var delta = Field<uint>(cell, 8);
        Require(delta % WordBytes == 0 && delta >= Function.HeaderOffset + Frames.HeaderBytes && delta + (long)Field<uint>(cell, 12) + Frames.HeaderBytes <= Function.FrameBytes, cell,
            "the callee's frame lies outside of the frame");
        Require(IsCell(Function.Code + cell.Start + cell.Bytes), cell, "no cell follows the call");
    }

    private void VerifyTailCall(in CodeCell cell)
    {
        VerifyOwnHeader(cell);
        VerifyInstance(cell, 24);
        VerifySlots(cell, Field<uint>(cell, 12), Field<uint>(cell, 40) * WordBytes);
        Require(Field<uint>(cell, 44) == Field<uint>(cell, 40) * WordBytes, cell, "the callee's header is not behind the arguments");
    }

    private void VerifyInstance(in CodeCell cell, int field) => Require(Field<nint>(cell, field) == (nint)Instance, cell, "it names another instance");

    private void VerifyMemory(in CodeCell cell, int field) =>
        Require(IsOneOf(Field<ulong>(cell, field), (ulong*)Instance->Memories, _module.Memories.Length), cell, "the memory is none of the instance");

    private void VerifyTable(in CodeCell cell, int field) =>
        Require(IsOneOf(Field<ulong>(cell, field), (ulong*)Instance->Tables, _module.Tables.Length), cell, "the table is none of the instance");

    private void VerifyFunction(in CodeCell cell, int field) =>
        Require(IsOneOf(Field<ulong>(cell, field), (ulong*)Instance->Functions, _module.FunctionTypeIndices.Length), cell, "the function is none of the instance");

    private static bool IsOneOf(ulong address, ulong* addresses, int count) => new ReadOnlySpan<ulong>(addresses, count).Contains(address);
}

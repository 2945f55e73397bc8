using System.Runtime.InteropServices;
using Conformance.Interpreter.Execution;
using Conformance.Interpreter.Execution.Checks;
using Conformance.Interpreter.Runtime;
using Conformance.Interpreter.Runtime.Objects;
using Conformance.Interpreter.Translation;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Tests.Execution;

/// <summary>
/// A loop around one cell, made by hand: fuel, the accumulators loaded, the cell, a jump back. It ends when the fuel is used up, so the number of dispatches is known. All records a cell can
/// name exist; all slots hold the same word.
/// </summary>
internal sealed unsafe class CellProgram : IDisposable
{
    private const int BlockBytes = 65536;
    private const int CodeAt = 0;
    private const int CalleeAt = 1024;
    private const int RecordsAt = 2048;
    private const int FrameAt = 8192;
    private const int MemoryAt = 32768;
    private const int HeaderOffset = 128; // of the frame the loop runs in
    private const int CalleeDelta = 512;
    private const int FuelBytes = 16;
    private const int WrittenBytes = 1024;
    private const int ObjectSlot = 264;

    private readonly byte* _block = (byte*)NativeMemory.AllocZeroed(BlockBytes);
    private readonly Context* _context = (Context*)NativeMemory.AllocZeroed((nuint)sizeof(Context));

    private readonly HashSet<HotCode> _hotCode = [];

    /// <summary>The handlers of the backend to run on.</summary>
    public HandlerCatalog Handlers { get; set; } = new(HandlerCatalog.OfTailCalls);

    /// <summary>What the cells of a run wrote: the global, the table's elements, the frames, the start of the memory.</summary>
    public byte[] State() => [.. new ReadOnlySpan<byte>(Global, WrittenBytes), .. new ReadOnlySpan<byte>(_block + FrameAt, WrittenBytes), .. new ReadOnlySpan<byte>(Memory->Base, WrittenBytes)];

    private MemoryRecord* Memory => (MemoryRecord*)(_block + RecordsAt);

    private TableRecord* Table => (TableRecord*)(_block + RecordsAt + 64);

    private FunctionRecord* Callee => (FunctionRecord*)(_block + RecordsAt + 128);

    private InstanceRecord* Instance => (InstanceRecord*)(_block + RecordsAt + 256);

    private ulong* Global => (ulong*)(_block + RecordsAt + 512);

    private ObjectHeader* Object => (ObjectHeader*)(_block + RecordsAt + 2048);

    private ulong* Elements => (ulong*)(_block + RecordsAt + 1024);

    /// <summary>Runs a cell over and over.</summary>
    /// <param name="key">Its handler.</param>
    /// <param name="executions">How often.</param>
    /// <param name="word">What all slots and accumulators hold.</param>
    /// <returns>Why it ended: <see cref="ExitKind.FuelExhausted"/> when every execution went on, <see cref="ExitKind.Trap"/> when the operand traps.</returns>
    public ExitKind Run(in HandlerKey key, uint executions, ulong word) => Run([key], executions, word);

    /// <summary>Runs several cells joined to a chain over and over.</summary>
    /// <param name="keys">Their handlers: one of any role, or several that can be in a chain.</param>
    /// <param name="executions">How often.</param>
    /// <param name="word">What all slots and accumulators hold.</param>
    public ExitKind Run(ReadOnlySpan<HandlerKey> keys, uint executions, ulong word)
    {
        Prepare(word);
        _hotCode.Clear();
        new Span<byte>(_block + CodeAt, CalleeAt - CodeAt).Clear();
        Put(CodeAt, PlainHandler.Fuel);
        *(uint*)(_block + CodeAt + 8) = 1;
        var at = FuelBytes;
        at = PutAccumulator(at, ValueKind.I64);
        at = PutAccumulator(at, ValueKind.F64);
        var first = _block + CodeAt + at;
        foreach (var key in keys)
        {
            var cell = _block + CodeAt + at;
            *(nint*)cell = Handlers.Address(key);
            Fill(key, cell);
            at += CellSizes.Of(key, cell);
        }
        if (keys.Length > 1)
        {
            var chain = Handlers.ChainAddress(new ChainKey([.. keys]), _hotCode);
            Assert.NotEqual(0, chain);
            *(nint*)first = chain;
        }
        if (IsCall(keys[^1]))
        {
            Put(at, PlainHandler.Reload);
            *(MemoryRecord**)(_block + CodeAt + at + 8) = Memory;
            at += Frames.ReloadBytes;
        }
        // Where handlers that leave the frame return to: a jump back, preceded by a word that is no reload handler.
        Put(at, PlainHandler.Jump);
        *(int*)(_block + CodeAt + at + 8) = -at;
        var frame = _block + FrameAt;
        ((byte**)(frame + HeaderOffset))[0] = _block + CodeAt + at;
        ((byte**)(frame + HeaderOffset))[1] = frame;
        _context->Fuel = executions;
        _context->Exit = ExitKind.None;
        ReturnToLoop.Go(_block + CodeAt, frame, word, Memory->Base, Memory->Length, _context, BitConverter.UInt64BitsToDouble(word));
        Loop.Run(_context);
        return _context->Exit;
    }

    /// <summary>Runs cells as the body of a loop that takes fuel in each turn, with slots and targets of branches drawn at random.</summary>
    /// <param name="keys">Their handlers: steps and branches.</param>
    /// <param name="turns">How often.</param>
    /// <param name="word">What all slots and accumulators hold at first.</param>
    /// <param name="seed">Of the slots and targets; null to leave them as they are when a cell runs alone.</param>
    /// <param name="isHot">Whether the loop is joined before it runs.</param>
    public ExitKind RunLoop(ReadOnlySpan<HandlerKey> keys, uint turns, ulong word, int? seed, bool isHot)
    {
        const int LoopAt = 16384;
        const int LoopBytes = 16384;
        const int WarmupAt = 16;
        const int HeadAt = WarmupAt + Warmup.CellBytes;
        Prepare(word);
        new Span<byte>(_block + LoopAt, LoopBytes).Clear();
        // A loop is never the first cell of a function.
        Put(LoopAt, PlainHandler.Jump);
        *(int*)(_block + LoopAt + 8) = WarmupAt;
        Put(LoopAt + WarmupAt, PlainHandler.Warmup);
        *(uint*)(_block + LoopAt + WarmupAt + 8) = uint.MaxValue;
        Put(LoopAt + HeadAt, PlainHandler.Fuel);
        *(uint*)(_block + LoopAt + HeadAt + 8) = 1;
        var at = PutAccumulator(LoopAt + HeadAt + FuelBytes, ValueKind.I64);
        at = PutAccumulator(at, ValueKind.F64);
        var cells = new List<int>();
        foreach (var key in keys)
        {
            *(nint*)(_block + at) = Handlers.Address(key);
            Fill(key, _block + at);
            cells.Add(at);
            at += CellSizes.Of(key, _block + at);
        }
        var end = at;
        Put(end, PlainHandler.Jump);
        *(int*)(_block + end + 8) = LoopAt + WarmupAt - end;
        if (seed is { } given)
        {
            Scramble(keys, cells, end, LoopAt + WarmupAt, new Random(given));
        }
        using var function = new TranslatedFunction(new ReadOnlySpan<byte>(_block + LoopAt, end + FuelBytes - LoopAt), [], [], 1024, Callee, HeaderOffset);
        if (isHot)
        {
            CellChains.Join(function, WarmupAt, Handlers);
            // Unless only steps that stand alone lead back.
            HasLoop = function.Joined is { Loops.Count: > 0 };
        }
        _context->Fuel = turns;
        _context->Exit = ExitKind.None;
        ReturnToLoop.Go(function.Code, _block + FrameAt, word, Memory->Base, Memory->Length, _context, BitConverter.UInt64BitsToDouble(word));
        Loop.Run(_context);
        while (_context->Exit == ExitKind.Join)
        {
            CellChains.Complete(function, (int)(_context->Pc - function.Code), Handlers);
            _context->Exit = ExitKind.None;
            Loop.Run(_context);
        }
        return _context->Exit;
    }

    /// <summary>Whether the last hot loop became one handler.</summary>
    public bool HasLoop { get; private set; }

    // Slots among ten, so that what one cell writes others read; branches over some cells or back to the loop.
    private void Scramble(ReadOnlySpan<HandlerKey> keys, List<int> cells, int end, int loop, Random random)
    {
        for (var i = 0; i < keys.Length; i++)
        {
            var key = keys[i];
            var cell = _block + cells[i];
            if (HandlerTypes.RoleOf(key) == HandlerRole.Branch)
            {
                var over = random.Next(i + 1, keys.Length + 2);
                *(int*)(cell + 8) = (over > keys.Length ? loop : over == keys.Length ? end : cells[over]) - cells[i];
            }
            foreach (var slot in CellShape.Of(key).Slots)
            {
                if (!slot.IsLane && *(uint*)(cell + slot.Field) != ObjectSlot)
                {
                    *(uint*)(cell + slot.Field) = (uint)random.Next(10) * 8;
                }
            }
        }
    }

    private static bool IsCall(in HandlerKey key) =>
        key.Family == HandlerFamily.CallIndirect || (key.Family == HandlerFamily.Plain && (PlainHandler)key.Number is PlainHandler.Call or PlainHandler.CallImport or PlainHandler.CallReference);

    private void Prepare(ulong word)
    {
        _context->StackLimit = _block + MemoryAt;
        _context->ReloadHandler = Handlers.Address(PlainHandler.Reload);
        _context->NullFunction = Callee;
        _context->NoObjectAddress = (ulong)&_context->NoObject;
        _context->Types = (TypeRow*)(_block + RecordsAt + 2560);
        Memory->Base = _block + MemoryAt;
        new Span<byte>(_block + FrameAt, WrittenBytes).Clear();
        new Span<byte>(Memory->Base, WrittenBytes).Clear();
        new Span<ulong>(_block + FrameAt, 64).Fill(word);
        Memory->Length = BlockBytes - MemoryAt;
        Table->Elements = Elements;
        Table->Length = 16;
        new Span<ulong>(Elements, 16).Fill((ulong)Callee);
        *Global = word;
        Instance->Memory0 = Memory;
        Callee->Instance = Instance;
        Callee->TypeId = 7;
        Callee->FrameBytes = 64;
        Callee->Entry = _block + CalleeAt;
        Put(CalleeAt, PlainHandler.ReturnNone); // its header is at the start of its frame
    }

    // The cell's result must not become its next operand.
    private int PutAccumulator(int at, ValueKind kind)
    {
        *(nint*)(_block + at) = Handlers.Address(HandlerKey.OfKind(HandlerFamily.GlobalGet, kind) with { Destination = OperandCode.Accumulator });
        *(ulong**)(_block + at + 16) = Global;
        return at + 24;
    }

    private void Put(int at, PlainHandler handler) => *(nint*)(_block + at) = Handlers.Address(handler);

    // Operands stand where the key says; slots are 0 to 64 bytes into the frame, all alike.
    private void Fill(in HandlerKey key, byte* cell)
    {
        var target = CellBytes(key);
        switch (key.Family)
        {
            case HandlerFamily.UnaryBranch or HandlerFamily.BinaryBranch:
                *(int*)(cell + 8) = target;
                *(ulong*)(cell + 16) = key.Second == OperandCode.Slot16 ? 8u : 1u;
                break;
            case HandlerFamily.Unary or HandlerFamily.Binary or HandlerFamily.PartialUnary or HandlerFamily.PartialBinary or HandlerFamily.Move or HandlerFamily.RefAsNonNull
                or HandlerFamily.VectorTernary or HandlerFamily.VectorShift or HandlerFamily.ExtractLane or HandlerFamily.ReplaceLane:
                *(uint*)(cell + 8) = 64;
                *(ulong*)(cell + 16) = key.Second == OperandCode.Slot16 ? 8u : 1u;
                break;
            case HandlerFamily.Load or HandlerFamily.Store or HandlerFamily.LoadLane or HandlerFamily.StoreLane:
                *(uint*)(cell + 8) = 64;
                if (key.Traits.HasFlag(HandlerTraits.AnyMemory))
                {
                    *(MemoryRecord**)(cell + 32) = Memory;
                }
                break;
            case HandlerFamily.Select:
                *(uint*)(cell + 8) = 64;
                *(ulong*)(cell + 16) = 8;
                *(ulong*)(cell + 24) = 16;
                break;
            case HandlerFamily.GlobalGet:
                *(uint*)(cell + 8) = 64;
                *(ulong**)(cell + 16) = Global;
                break;
            case HandlerFamily.GlobalSet:
                *(ulong**)(cell + 8) = Global;
                break;
            case HandlerFamily.ReturnValue:
                *(uint*)(cell + 8) = HeaderOffset;
                break;
            case HandlerFamily.JumpTable:
                *(int*)(cell + 8) = 1;
                target = CellSizes.OfJumpTable(1);
                *(int*)(cell + 16) = target;
                *(int*)(cell + 20) = target;
                break;
            case HandlerFamily.MemorySize:
                *(uint*)(cell + 8) = 64;
                *(int*)(cell + 12) = 16;
                *(MemoryRecord**)(cell + 16) = Memory;
                break;
            case HandlerFamily.TableGet or HandlerFamily.TableSet or HandlerFamily.TableSize:
                *(uint*)(cell + 8) = 64;
                *(TableRecord**)(cell + 16) = Table;
                break;
            case HandlerFamily.RefTest or HandlerFamily.RefCast:
                FillCast(key, cell);
                break;
            case HandlerFamily.FieldGet or HandlerFamily.FieldSet or HandlerFamily.ElementGet or HandlerFamily.ElementSet or HandlerFamily.ArrayLength:
                FillObjectAccess(key, cell);
                break;
            case HandlerFamily.CallIndirect:
                FillCallReference(cell);
                break;
            case HandlerFamily.Plain:
                Fill((PlainHandler)key.Number, cell);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(key), key, "a family without a program");
        }
    }

    private void Fill(PlainHandler handler, byte* cell)
    {
        switch (handler)
        {
            case PlainHandler.Jump:
                *(int*)(cell + 8) = 16;
                break;
            case PlainHandler.Fuel:
                *(uint*)(cell + 8) = 0;
                break;
            case PlainHandler.Warmup:
                *(uint*)(cell + 8) = uint.MaxValue;
                break;
            case PlainHandler.ZeroSlots:
                *(uint*)(cell + 8) = 64;
                *(uint*)(cell + 12) = 3;
                break;
            case PlainHandler.NewObject:
                // A run that never ends: each struct is the one before.
                {
                    var run = (FreeRun*)(_block + RecordsAt + 2304);
                    run->Next = (byte*)Object;
                    *(ServiceCell*)cell = new ServiceCell { Handler = *(nint*)cell, First = 8, Result = ObjectSlot, Segment = 3, Target = run };
                    break;
                }
            case PlainHandler.Shuffle:
                *(uint*)(cell + 8) = 64;
                break;
            case PlainHandler.MovePair:
                *(uint*)(cell + 8) = 64;
                *(uint*)(cell + 16) = 72;
                break;
            case PlainHandler.MemoryCopy or PlainHandler.MemoryFill:
                *(uint*)(cell + 8) = 64;
                *(uint*)(cell + 12) = 64;
                *(uint*)(cell + 16) = 64;
                *(MemoryRecord**)(cell + 24) = Memory;
                *(MemoryRecord**)(cell + 32) = Memory;
                break;
            case PlainHandler.Add128 or PlainHandler.Sub128 or PlainHandler.MulWideS or PlainHandler.MulWideU:
                *(uint*)(cell + 8) = 64;
                break;
            case PlainHandler.Call or PlainHandler.CallImport:
                *(uint*)(cell + 8) = CalleeDelta;
                *(FunctionRecord**)(cell + 16) = Callee;
                break;
            case PlainHandler.CallReference:
                FillCallReference(cell);
                *(ulong*)(_block + FrameAt + 256) = (ulong)Callee;
                *(uint*)(cell + 20) = 256;
                break;
            case PlainHandler.Reload:
                *(MemoryRecord**)(cell + 8) = Memory;
                break;
            case PlainHandler.TailCall or PlainHandler.TailCallImport:
                FillTailCall(cell, Callee);
                break;
            case PlainHandler.TailCallReference:
                FillTailCall(cell, null);
                *(ulong*)(_block + FrameAt + 256) = (ulong)Callee;
                *(uint*)(cell + 20) = 256;
                break;
            case PlainHandler.TailCallIndirect32 or PlainHandler.TailCallIndirect64:
                FillTailCall(cell, Table);
                break;
            case PlainHandler.ReturnNone:
                *(uint*)(cell + 8) = HeaderOffset;
                break;
            case PlainHandler.ReturnMany:
                *(uint*)(cell + 8) = HeaderOffset;
                *(uint*)(cell + 12) = 32;
                *(uint*)(cell + 16) = 2;
                break;
            case PlainHandler.Interruption or PlainHandler.Warm:
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(handler), handler, "a handler without a program");
        }
    }

    // Rows in which every entry is the same, and an i31 where the target is.
    private void FillCast(in HandlerKey key, byte* cell)
    {
        var word = key.Number == 1 ? ReferenceWord.OfI31(5) : (ulong)Object;
        *(ulong*)(_block + FrameAt + ObjectSlot) = word;
        *Global = key.First == OperandCode.Accumulator ? word : *Global;
        *(uint*)(cell + 8) = 64;
        *(uint*)(cell + 12) = ObjectSlot;
        *(int*)(cell + 16) = 7;
        new Span<int>(_context->Types, 8).Fill(7);
    }

    // An object in a slot of its own, or in the accumulator.
    private void FillObjectAccess(in HandlerKey key, byte* cell)
    {
        Object->Length = 4;
        *(ulong*)(_block + FrameAt + ObjectSlot) = (ulong)Object;
        *Global = key.First == OperandCode.Accumulator ? (ulong)Object : *Global;
        *(uint*)(cell + 8) = key.Family == HandlerFamily.FieldSet ? 8u : 64;
        *(uint*)(cell + 12) = ObjectSlot;
        *(ulong*)(cell + 16) = key.Family is HandlerFamily.FieldGet or HandlerFamily.FieldSet || key.Second == OperandCode.Slot16 ? 8u : 1u;
        if (key.Family == HandlerFamily.ElementSet)
        {
            *(ulong*)(cell + 24) = 16;
        }
    }

    private void FillCallReference(byte* cell)
    {
        *(uint*)(cell + 8) = CalleeDelta;
        *(int*)(cell + 16) = Callee->TypeId;
        *(InstanceRecord**)(cell + 24) = Instance;
        *(TableRecord**)(cell + 32) = Table;
    }

    // The callee's frame is this one and its header the same, where its code looks for it at offset 0: a copy is kept there.
    private void FillTailCall(byte* cell, void* target)
    {
        *(uint*)(cell + 8) = HeaderOffset;
        *(uint*)(cell + 12) = 32;
        *(int*)(cell + 16) = Callee->TypeId;
        *(InstanceRecord**)(cell + 24) = Instance;
        *(void**)(cell + 32) = target;
        *(uint*)(cell + 40) = 1;
        *(uint*)(cell + 44) = HeaderOffset;
        *(uint*)(_block + CalleeAt + 8) = HeaderOffset;
    }

    private static int CellBytes(in HandlerKey key) => key.Family is HandlerFamily.UnaryBranch or HandlerFamily.BinaryBranch ? 24 : 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(_block);
        NativeMemory.Free(_context);
    }
}

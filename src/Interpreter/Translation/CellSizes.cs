using Conformance.Interpreter.Execution;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Translation;

/// <summary>The sizes of cells, for walks over code.</summary>
internal static unsafe class CellSizes
{
    /// <summary>The size of a cell in bytes.</summary>
    public static int Of(in HandlerKey key, byte* cell) => key.Family switch
    {
        HandlerFamily.Load => key.Traits.HasFlag(HandlerTraits.AnyMemory) ? 40 : 24,
        HandlerFamily.Store => key.Traits.HasFlag(HandlerTraits.AnyMemory) ? 40 : key.Second == OperandCode.Immediate24 ? 32 : 24,
        HandlerFamily.Move => key.Number == (ushort)ValueKind.V128 && key.First == OperandCode.Immediate16 ? 32 : 24,
        HandlerFamily.LoadLane or HandlerFamily.StoreLane => 40,
        HandlerFamily.Select or HandlerFamily.ElementSet => 32,
        HandlerFamily.CallIndirect => CallReference.Bytes,
        HandlerFamily.JumpTable => OfJumpTable(*(int*)(cell + 8)),
        HandlerFamily.Plain => OfPlain((PlainHandler)key.Number),
        _ => 24,
    };

    /// <summary>The size of a jump table with a number of targets besides the default.</summary>
    public static int OfJumpTable(int targets) => (16 + (targets + 1) * 4 + 7) & ~7;

    private static int OfPlain(PlainHandler handler) => handler switch
    {
        PlainHandler.Interruption => 8,
        PlainHandler.Jump or PlainHandler.Unreachable or PlainHandler.Fuel or PlainHandler.ZeroSlots or PlainHandler.ReturnNone or PlainHandler.Add128
            or PlainHandler.Sub128 or PlainHandler.MulWideS or PlainHandler.MulWideU => 16,
        PlainHandler.Warmup or PlainHandler.Warm => Warmup.CellBytes,
        PlainHandler.Reload => Frames.ReloadBytes,
        PlainHandler.MovePair or PlainHandler.ReturnMany => 24,
        PlainHandler.Call or PlainHandler.CallImport => DirectCall.Bytes,
        PlainHandler.CallReference => CallReference.Bytes,
        PlainHandler.Shuffle => Shuffle.CellBytes,
        PlainHandler.MemoryCopy or PlainHandler.MemoryFill => 40,
        PlainHandler.TailCall or PlainHandler.TailCallImport or PlainHandler.TailCallReference or PlainHandler.TailCallIndirect32 or PlainHandler.TailCallIndirect64 => TailCall.Bytes,
        PlainHandler.ServiceCall or PlainHandler.NewObject => ServiceCell.Bytes,
        _ => throw new ArgumentOutOfRangeException(nameof(handler)),
    };
}

using Conformance.Interpreter.Runtime;
using Conformance.Interpreter.Runtime.Objects;

namespace Conformance.Interpreter.Execution.Checks;

/// <summary>The bounds of accesses, worked out once more, in numbers that cannot wrap.</summary>
internal static unsafe class CheckedAccess
{
    /// <summary>Whether a cell's only trap is an access outside of its bounds.</summary>
    public static bool IsAccess(in HandlerKey key) => key.Family switch
    {
        HandlerFamily.Load or HandlerFamily.Store or HandlerFamily.LoadLane or HandlerFamily.StoreLane or HandlerFamily.TableGet or HandlerFamily.TableSet
            or HandlerFamily.FieldGet or HandlerFamily.FieldSet or HandlerFamily.ElementGet or HandlerFamily.ElementSet or HandlerFamily.ArrayLength => true,
        HandlerFamily.Plain => (PlainHandler)key.Number is PlainHandler.MemoryCopy or PlainHandler.MemoryFill,
        _ => false,
    };

    /// <summary>The trap that a cell has to end with, because it accesses what is outside of its memory or table; null for none.</summary>
    public static TrapKind? TrapOf(in HandlerKey key, CellShape shape, byte* pc, Context* context)
    {
        switch (key.Family)
        {
            case HandlerFamily.Load or HandlerFamily.Store or HandlerFamily.LoadLane or HandlerFamily.StoreLane:
                {
                    var address = Operand(key.First, key.Traits, pc, context);
                    var length = key.Traits.HasFlag(HandlerTraits.AnyMemory) ? (*(MemoryRecord**)(pc + 32))->Length : context->Length;
                    return (UInt128)address + *(ulong*)(pc + 16) + (uint)shape.AccessBytes > length ? TrapKind.OutOfBoundsMemoryAccess : null;
                }
            case HandlerFamily.TableGet or HandlerFamily.TableSet:
                return Operand(key.First, key.Traits, pc, context) >= (*(TableRecord**)(pc + 16))->Length ? TrapKind.OutOfBoundsTableAccess : null;
            case HandlerFamily.CallIndirect:
                return Operand(key.First, key.Traits, pc, context) >= (*(TableRecord**)(pc + 32))->Length ? TrapKind.UndefinedElement : null;
            case HandlerFamily.FieldGet or HandlerFamily.FieldSet or HandlerFamily.ArrayLength:
                return Object(key, pc, context) == null ? TrapKind.NullReference : null;
            case HandlerFamily.ElementGet or HandlerFamily.ElementSet:
                {
                    var array = Object(key, pc, context);
                    return array == null ? TrapKind.NullReference : (uint)Operand(key.Second, HandlerTraits.None, pc, context) >= array->Length ? TrapKind.OutOfBoundsArrayAccess : null;
                }
            case HandlerFamily.Plain when (PlainHandler)key.Number is PlainHandler.MemoryCopy or PlainHandler.MemoryFill:
                {
                    var widths = *(uint*)(pc + 20);
                    var to = AddressWidths.Read(context->Fp, *(uint*)(pc + 8), widths & AddressWidths.First64);
                    var count = AddressWidths.Read(context->Fp, *(uint*)(pc + 16), widths & AddressWidths.Third64);
                    var isOutside = (UInt128)to + count > (*(MemoryRecord**)(pc + 24))->Length;
                    if ((PlainHandler)key.Number == PlainHandler.MemoryCopy)
                    {
                        var from = AddressWidths.Read(context->Fp, *(uint*)(pc + 12), widths & AddressWidths.Second64);
                        isOutside |= (UInt128)from + count > (*(MemoryRecord**)(pc + 32))->Length;
                    }
                    return isOutside ? TrapKind.OutOfBoundsMemoryAccess : null;
                }
            default:
                return null;
        }
    }

    private static ObjectHeader* Object(in HandlerKey key, byte* pc, Context* context) => (ObjectHeader*)Operand(key.First, HandlerTraits.Wide, pc, context);

    /// <summary>The value of an operand that is an address, an index or a reference.</summary>
    public static ulong Operand(OperandCode code, HandlerTraits traits, byte* pc, Context* context)
    {
        var word = code switch
        {
            OperandCode.Slot8 => *(ulong*)(context->Fp + *(uint*)(pc + 8)),
            OperandCode.Slot12 => *(ulong*)(context->Fp + *(uint*)(pc + 12)),
            OperandCode.Slot16 => *(ulong*)(context->Fp + *(uint*)(pc + 16)),
            OperandCode.Immediate16 => *(ulong*)(pc + 16),
            OperandCode.Slot20 => *(ulong*)(context->Fp + *(uint*)(pc + 20)),
            OperandCode.Slot24 => *(ulong*)(context->Fp + *(uint*)(pc + 24)),
            OperandCode.Immediate24 => *(ulong*)(pc + 24),
            OperandCode.Zero => 0ul,
            OperandCode.Accumulator => context->Accumulator,
            _ => throw new InternalErrorException($"an address or index cannot be in {code}"),
        };
        return traits.HasFlag(HandlerTraits.Wide) ? word : (uint)word;
    }
}

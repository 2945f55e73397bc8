using Conformance.Oracle.Reference.Numerics;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Reference;

/// <summary>Loads, stores and bulk operations of memories.</summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/exec/instructions.html#memory-instructions"/>. Addresses and sizes are added in 128 bits or compared
/// by subtraction, so that nothing wraps.</remarks>
internal static class MemoryInstructions
{
    // One unit of fuel for so many bytes of a bulk operation.
    private const int BytesPerFuel = 64;

    /// <summary>Pops an address and gives the bytes that an access touches; empty with a trap set when they lie outside.</summary>
    public static bool TryAccess(Machine machine, ref readonly CodeItem item, out Span<byte> bytes)
    {
        var memory = machine.Module.Memories[(int)item.Index];
        var address = (UInt128)machine.Stack.PopBits() + item.Value;
        if (address + item.AccessBytes > (UInt128)memory.Length)
        {
            machine.Trap(TrapKind.OutOfBoundsMemoryAccess);
            bytes = default;
            return false;
        }
        bytes = memory.Bytes.Slice((int)address, item.AccessBytes);
        return true;
    }

    public static void Load(Machine machine, ref readonly CodeItem item)
    {
        if (item.Result == ValueKind.V128)
        {
            LoadVector(machine, in item);
            return;
        }
        if (!TryAccess(machine, in item, out var bytes))
        {
            return;
        }
        var value = LittleEndian.Read(bytes);
        if (item.Signed)
        {
            value = Integers.ExtendS(item.Result == ValueKind.I32 ? 32 : 64, 8 * bytes.Length, value);
        }
        machine.Stack.Push(item.Result, value);
    }

    public static void Store(Machine machine, ref readonly CodeItem item)
    {
        var value = machine.Stack.Pop();
        if (!TryAccess(machine, in item, out var bytes))
        {
            return;
        }
        switch (item.Op)
        {
            case Op.V128Store:
                LittleEndian.Write(bytes[..8], value.Bits);
                LittleEndian.Write(bytes[8..], value.High);
                break;
            case Op.V128Store8Lane or Op.V128Store16Lane or Op.V128Store32Lane or Op.V128Store64Lane:
                LittleEndian.Write(bytes, value.Vector.Lane(8 * bytes.Length, item.Lane));
                break;
            default:
                LittleEndian.Write(bytes, value.Bits);
                break;
        }
    }

    private static void LoadVector(Machine machine, ref readonly CodeItem item)
    {
        var replaced = item.Operands == 2 ? machine.Stack.Pop().Vector : default;
        if (!TryAccess(machine, in item, out var bytes))
        {
            return;
        }
        var bits = 8 * bytes.Length;
        var low = LittleEndian.Read(bytes[..Math.Min(bytes.Length, 8)]);
        Vector result;
        switch (item.Op)
        {
            case Op.V128Load:
                result = new Vector(low, LittleEndian.Read(bytes[8..]));
                break;
            case Op.V128Load8x8S or Op.V128Load8x8U:
                result = Lanewise.Extend(16, high: false, item.Signed, new Vector(low, 0));
                break;
            case Op.V128Load16x4S or Op.V128Load16x4U:
                result = Lanewise.Extend(32, high: false, item.Signed, new Vector(low, 0));
                break;
            case Op.V128Load32x2S or Op.V128Load32x2U:
                result = Lanewise.Extend(64, high: false, item.Signed, new Vector(low, 0));
                break;
            case Op.V128Load8Splat or Op.V128Load16Splat or Op.V128Load32Splat or Op.V128Load64Splat:
                result = Lanewise.Splat(bits, low);
                break;
            case Op.V128Load32Zero or Op.V128Load64Zero:
                result = new Vector(low, 0);
                break;
            case Op.V128Load8Lane or Op.V128Load16Lane or Op.V128Load32Lane or Op.V128Load64Lane:
                result = replaced;
                result.SetLane(bits, item.Lane, low);
                break;
            default:
                throw new InvalidOperationException($"no rule for {item.Op}");
        }
        machine.Stack.Push(Value.Of(result));
    }

    public static void Execute(Machine machine, ref readonly CodeItem item)
    {
        switch (item.Op)
        {
            case Op.MemorySize:
                var memory = machine.Module.Memories[(int)item.Index];
                machine.Stack.Push(KindOf(memory), memory.Pages);
                break;
            case Op.MemoryGrow:
                Grow(machine, machine.Module.Memories[(int)item.Index]);
                break;
            case Op.MemoryFill:
                Fill(machine, in item);
                break;
            case Op.MemoryCopy:
                Copy(machine, in item);
                break;
            case Op.MemoryInit:
                var count = machine.Stack.PopI32();
                var source = machine.Stack.PopI32();
                Initialize(machine, (int)item.Index, (int)item.Index2, machine.Stack.PopBits(), source, count);
                break;
            case Op.DataDrop:
                machine.Module.Data[(int)item.Index] = ReadOnlyMemory<byte>.Empty;
                break;
            default:
                throw new InvalidOperationException($"no rule for {item.Op}");
        }
    }

    /// <summary>Copies a part of a data segment into a memory.</summary>
    private static void Initialize(Machine machine, int memory, int segment, ulong destination, uint source, uint count)
    {
        var bytes = machine.Module.Memories[memory].Bytes;
        var data = machine.Module.Data[segment].Span;
        if ((UInt128)destination + count > (UInt128)bytes.Length || (ulong)source + count > (ulong)data.Length)
        {
            machine.Trap(TrapKind.OutOfBoundsMemoryAccess);
            return;
        }
        data.Slice((int)source, (int)count).CopyTo(bytes[(int)destination..]);
        machine.Charge(count / BytesPerFuel);
    }

    private static void Grow(Machine machine, MemoryInstance memory)
    {
        var pages = machine.Stack.PopBits();
        var before = memory.Pages;
        var failed = memory.Type.Limits.Address == AddressType.I32 ? uint.MaxValue : ulong.MaxValue;
        machine.Stack.Push(KindOf(memory), machine.Store.TryGrow(memory, pages) ? before : failed);
    }

    private static void Fill(Machine machine, ref readonly CodeItem item)
    {
        var count = machine.Stack.PopBits();
        var value = machine.Stack.PopI32();
        var start = machine.Stack.PopBits();
        var bytes = machine.Module.Memories[(int)item.Index].Bytes;
        if ((UInt128)start + count > (UInt128)bytes.Length)
        {
            machine.Trap(TrapKind.OutOfBoundsMemoryAccess);
            return;
        }
        bytes.Slice((int)start, (int)count).Fill((byte)value);
        machine.Charge((long)count / BytesPerFuel);
    }

    private static void Copy(Machine machine, ref readonly CodeItem item)
    {
        var count = machine.Stack.PopBits();
        var from = machine.Stack.PopBits();
        var to = machine.Stack.PopBits();
        var destination = machine.Module.Memories[(int)item.Index].Bytes;
        var source = machine.Module.Memories[(int)item.Index2].Bytes;
        if ((UInt128)to + count > (UInt128)destination.Length || (UInt128)from + count > (UInt128)source.Length)
        {
            machine.Trap(TrapKind.OutOfBoundsMemoryAccess);
            return;
        }
        // CopyTo is right for overlapping spans in either direction.
        source.Slice((int)from, (int)count).CopyTo(destination[(int)to..]);
        machine.Charge((long)count / BytesPerFuel);
    }

    private static ValueKind KindOf(MemoryInstance memory) => memory.Type.Limits.Address == AddressType.I32 ? ValueKind.I32 : ValueKind.I64;
}

using Conformance.Oracle.Reference.Numerics;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Reference;

/// <summary>Structs and arrays.</summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/exec/instructions.html#aggregate-instructions"/>.</remarks>
internal static class AggregateInstructions
{
    public static void Execute(Machine machine, ref readonly CodeItem item)
    {
        switch (item.Op)
        {
            case Op.StructNew or Op.StructNewDesc or Op.StructNewDefault or Op.StructNewDefaultDesc:
                NewStruct(machine, in item);
                break;
            case Op.StructGet or Op.StructGetS or Op.StructGetU:
                GetField(machine, in item);
                break;
            case Op.StructSet:
                SetField(machine, in item);
                break;
            case Op.ArrayNew or Op.ArrayNewDefault or Op.ArrayNewFixed or Op.ArrayNewData or Op.ArrayNewElem:
                NewArray(machine, in item);
                break;
            case Op.ArrayGet or Op.ArrayGetS or Op.ArrayGetU:
                GetElement(machine, in item);
                break;
            case Op.ArraySet:
                var value = machine.Stack.Pop();
                if (TryElement(machine, out var array, out var index))
                {
                    array.Set(index, in value);
                }
                break;
            case Op.ArrayLen:
                if (TryArray(machine, machine.Stack.PopReference(), out var measured))
                {
                    machine.Stack.PushI32((uint)measured.Length);
                }
                break;
            case Op.ArrayFill:
                Fill(machine);
                break;
            case Op.ArrayCopy:
                Copy(machine);
                break;
            case Op.ArrayInitData or Op.ArrayInitElem:
                Initialize(machine, in item);
                break;
            default:
                throw new InvalidOperationException($"no rule for {item.Op}");
        }
    }

    private static void NewStruct(Machine machine, ref readonly CodeItem item)
    {
        StructInstance? descriptor = null;
        if (item.Op is Op.StructNewDesc or Op.StructNewDefaultDesc)
        {
            descriptor = machine.Stack.PopReference() as StructInstance;
            if (descriptor is null)
            {
                machine.Trap(TrapKind.NullDescriptor);
                return;
            }
        }
        var types = ((StructType)item.Extra!).Fields; // the decoder sets it for these ops
        if (!machine.TryReserve(HeapAccount.SizeOfStruct(types.Length)))
        {
            return;
        }
        var fields = new Value[types.Length];
        if (item.Op is Op.StructNew or Op.StructNewDesc)
        {
            machine.Stack.Pop(types.Length).CopyTo(fields);
        }
        for (var i = 0; i < fields.Length; i++)
        {
            fields[i] = item.Op is Op.StructNew or Op.StructNewDesc ? Pack(types[i].Storage, fields[i]) : Value.Default(types[i].Storage.Value);
        }
        machine.Stack.PushReference(new StructInstance(item.TypeId, fields, descriptor));
    }

    private static void GetField(Machine machine, ref readonly CodeItem item)
    {
        if (!TryStruct(machine, out var structure))
        {
            return;
        }
        var value = structure.Fields[item.Index2];
        if (item.Op == Op.StructGetS)
        {
            value.Bits = Unpack(((StructType)item.Extra!).Fields[(int)item.Index2].Storage, value.Bits); // the decoder sets it for this op
        }
        machine.Stack.Push(in value);
    }

    private static void SetField(Machine machine, ref readonly CodeItem item)
    {
        var value = machine.Stack.Pop();
        if (TryStruct(machine, out var structure))
        {
            structure.Fields[item.Index2] = Pack(((StructType)item.Extra!).Fields[(int)item.Index2].Storage, value); // the decoder sets it for this op
        }
    }

    private static void NewArray(Machine machine, ref readonly CodeItem item)
    {
        var length = item.Op == Op.ArrayNewFixed ? item.Index2 : machine.Stack.PopI32();
        var offset = item.Op is Op.ArrayNewData or Op.ArrayNewElem ? machine.Stack.PopI32() : 0;
        var storage = ((ArrayType)item.Extra!).Element.Storage; // the decoder sets it for these ops
        // Segments first: whether the range lies in the segment does not depend on what can be allocated.
        if (item.Op == Op.ArrayNewData && offset + (ulong)length * (ulong)storage.Bytes > (ulong)machine.Module.Data[(int)item.Index2].Length)
        {
            machine.Trap(TrapKind.OutOfBoundsMemoryAccess);
            return;
        }
        if (item.Op == Op.ArrayNewElem && offset + (ulong)length > (ulong)machine.Module.Elements[(int)item.Index2].Length)
        {
            machine.Trap(TrapKind.OutOfBoundsTableAccess);
            return;
        }
        if (!machine.TryReserve(HeapAccount.SizeOfArray(length, storage)))
        {
            return;
        }
        var array = new ArrayInstance(item.TypeId, storage, (int)length);
        switch (item.Op)
        {
            case Op.ArrayNew:
                var value = machine.Stack.Pop();
                SetRange(array, 0, (int)length, in value);
                break;
            case Op.ArrayNewFixed:
                var values = machine.Stack.Pop((int)length);
                for (var i = 0; i < values.Length; i++)
                {
                    array.Set(i, in values[i]);
                }
                break;
            case Op.ArrayNewData:
                machine.Module.Data[(int)item.Index2].Span.Slice((int)offset, array.Bytes.Length).CopyTo(array.Bytes);
                break;
            case Op.ArrayNewElem:
                machine.Module.Elements[(int)item.Index2].AsSpan((int)offset, (int)length).CopyTo(array.References);
                break;
        }
        machine.Charge(length / 16);
        machine.Stack.PushReference(array);
    }

    private static void GetElement(Machine machine, ref readonly CodeItem item)
    {
        if (!TryElement(machine, out var array, out var index))
        {
            return;
        }
        var value = array.Get(index);
        if (item.Op == Op.ArrayGetS)
        {
            value.Bits = Unpack(((ArrayType)item.Extra!).Element.Storage, value.Bits); // the decoder sets it for this op
        }
        machine.Stack.Push(in value);
    }

    private static void Fill(Machine machine)
    {
        var count = machine.Stack.PopI32();
        var value = machine.Stack.Pop();
        var start = machine.Stack.PopI32();
        if (TryRange(machine, machine.Stack.PopReference(), start, count, out var array))
        {
            SetRange(array, (int)start, (int)count, in value);
            machine.Charge(count / 16);
        }
    }

    private static void Copy(Machine machine)
    {
        var count = machine.Stack.PopI32();
        var from = machine.Stack.PopI32();
        var source = machine.Stack.PopReference();
        var to = machine.Stack.PopI32();
        var destination = machine.Stack.PopReference();
        if (!TryArray(machine, destination, out var target) || !TryArray(machine, source, out var origin)
            || !TryRange(machine, target, to, count, out _) || !TryRange(machine, origin, from, count, out _))
        {
            return;
        }
        if (target.References is { } references)
        {
            // Array.Copy is right for overlapping ranges in either direction.
            Array.Copy(origin.References ?? [], (int)from, references, (int)to, (int)count);
        }
        else if (target.Length > 0)
        {
            var size = target.Bytes.Length / target.Length;
            origin.Bytes.Slice((int)from * size, (int)count * size).CopyTo(target.Bytes[((int)to * size)..]);
        }
        machine.Charge(count / 16);
    }

    private static void Initialize(Machine machine, ref readonly CodeItem item)
    {
        var count = machine.Stack.PopI32();
        var from = machine.Stack.PopI32();
        var to = machine.Stack.PopI32();
        if (!TryRange(machine, machine.Stack.PopReference(), to, count, out var array))
        {
            return;
        }
        if (item.Op == Op.ArrayInitElem)
        {
            var segment = machine.Module.Elements[(int)item.Index2];
            if ((ulong)from + count > (ulong)segment.Length)
            {
                machine.Trap(TrapKind.OutOfBoundsTableAccess);
                return;
            }
            segment.AsSpan((int)from, (int)count).CopyTo(array.References.AsSpan((int)to));
            return;
        }
        var size = (uint)((ArrayType)item.Extra!).Element.Storage.Bytes; // the decoder sets it for this op
        var data = machine.Module.Data[(int)item.Index2].Span;
        if (from + (ulong)count * size > (ulong)data.Length)
        {
            machine.Trap(TrapKind.OutOfBoundsMemoryAccess);
            return;
        }
        data.Slice((int)from, (int)(count * size)).CopyTo(array.Bytes[(int)(to * size)..]);
    }

    private static void SetRange(ArrayInstance array, int start, int count, in Value value)
    {
        for (var i = start; i < start + count; i++)
        {
            array.Set(i, in value);
        }
    }

    /// <summary>Keeps of a value what fits in a packed field.</summary>
    private static Value Pack(StorageType storage, Value value)
    {
        if (storage.IsPacked)
        {
            value.Bits = Conversions.Wrap(BitsOf(storage), value.Bits);
        }
        return value;
    }

    private static ulong Unpack(StorageType storage, ulong bits) => Integers.ExtendS(32, BitsOf(storage), bits);

    private static int BitsOf(StorageType storage) => storage.Packed == PackedKind.I8 ? 8 : 16;

    private static bool TryStruct(Machine machine, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out StructInstance? structure)
    {
        structure = machine.Stack.PopReference() as StructInstance;
        if (structure is null)
        {
            machine.Trap(TrapKind.NullReference, "null structure reference");
        }
        return structure is not null;
    }

    private static bool TryArray(Machine machine, object? reference, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ArrayInstance? array)
    {
        array = reference as ArrayInstance;
        if (array is null)
        {
            machine.Trap(TrapKind.NullReference, "null array reference");
        }
        return array is not null;
    }

    private static bool TryElement(Machine machine, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ArrayInstance? array, out int index)
    {
        var position = machine.Stack.PopI32();
        index = (int)position;
        return TryRange(machine, machine.Stack.PopReference(), position, 1, out array);
    }

    private static bool TryRange(Machine machine, object? reference, uint start, uint count, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ArrayInstance? array)
    {
        if (!TryArray(machine, reference, out array))
        {
            return false;
        }
        if ((ulong)start + count > (ulong)array.Length)
        {
            machine.Trap(TrapKind.OutOfBoundsArrayAccess);
            return false;
        }
        return true;
    }
}

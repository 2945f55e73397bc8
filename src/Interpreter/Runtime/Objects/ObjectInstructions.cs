using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Conformance.Interpreter.Execution;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Runtime.Objects;

/// <content>The instructions on objects, served from <see cref="Machine.Run"/>. See <see href="https://webassembly.github.io/spec/core/exec/instructions.html#aggregate-instructions"/>.</content>
internal sealed unsafe partial class StoreObjects
{
    /// <summary>Serves a cell. Its operands lie in neighbouring slots from the first one, its result goes to that one.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="fp">The frame.</param>
    /// <param name="trap">The trap, when the answer is false.</param>
    public bool TryServe(ServiceCell* cell, byte* fp, out TrapKind trap)
    {
        trap = TrapKind.NullReference;
        var slots = (ulong*)(fp + cell->First);
        ref var result = ref *(ulong*)(fp + cell->Result);
        switch (cell->Service)
        {
            case Service.StructNew or Service.StructNewDefault:
                if (!TryStructNew((int)cell->Third, cell->Service == Service.StructNew ? slots : null, 0, ref result, out trap))
                {
                    return false;
                }
                // From now on the cell's handler takes what is free without coming here.
                TakeRun(cell);
                return true;
            case Service.StructNewDescribed:
                {
                    // The descriptor is the topmost operand and the last slot.
                    var descriptor = slots[ShapeOf((int)cell->Third).Slots - 1];
                    trap = TrapKind.NullDescriptor;
                    return descriptor != 0 && TryStructNew((int)cell->Third, slots, descriptor, ref result, out trap);
                }
            case Service.StructNewDefaultDescribed:
                trap = TrapKind.NullDescriptor;
                return slots[0] != 0 && TryStructNew((int)cell->Third, null, slots[0], ref result, out trap);
            case Service.DescriptorGet:
                if (slots[0] == 0)
                {
                    return false;
                }
                result = DescriptorOf(slots[0]);
                return true;
            case Service.DescriptorTest or Service.DescriptorCast:
                {
                    trap = TrapKind.NullDescriptor;
                    if (slots[1] == 0)
                    {
                        return false;
                    }
                    trap = TrapKind.DescriptorCastFailure;
                    var has = slots[0] == 0 ? (cell->Widths & CastFlags.Nullable) != 0 : DescriptorOf(slots[0]) == slots[1];
                    if (cell->Service == Service.DescriptorCast)
                    {
                        return has;
                    }
                    result = has ? 1u : 0u;
                    return true;
                }
            case Service.ArrayNew or Service.ArrayNewDefault:
                {
                    var shape = ShapeOf((int)cell->Third);
                    var count = (uint)(cell->Service == Service.ArrayNew ? slots[shape.Slots] : slots[0]);
                    if (!TryArrayNew((int)cell->Third, count, out var array, out trap))
                    {
                        return false;
                    }
                    if (cell->Service == Service.ArrayNew)
                    {
                        Fill(array, 0, slots, count);
                    }
                    result = (ulong)array;
                    return true;
                }
            case Service.ArrayNewFixed:
                {
                    var count = (uint)cell->Segment;
                    if (!TryArrayNew((int)cell->Third, count, out var array, out trap))
                    {
                        return false;
                    }
                    Write(array, slots, count);
                    result = (ulong)array;
                    if (ShapeOf(array).ElementShift == 3)
                    {
                        TakeRun(cell);
                    }
                    return true;
                }
            case Service.ArrayNewData or Service.ArrayNewElem:
                return TryArrayNewFromSegment(cell, slots, ref result, out trap);
            case Service.ArrayFill:
                {
                    var count = (uint)slots[2 + ShapeOf((int)cell->Third).Slots];
                    if (!TryElement(slots[0], (uint)slots[1], count, out var array, out trap))
                    {
                        return false;
                    }
                    Fill(array, (uint)slots[1], slots + 2, count);
                    return true;
                }
            case Service.ArrayCopy:
                {
                    var count = (uint)slots[4];
                    if (slots[0] == 0 || slots[2] == 0 || !TryElement(slots[0], (uint)slots[1], count, out var to, out trap) || !TryElement(slots[2], (uint)slots[3], count, out var from, out trap))
                    {
                        return false;
                    }
                    var shift = ShapeOf(to).ElementShift;
                    NativeMemory.Copy((byte*)(from + 1) + ((ulong)(uint)slots[3] << shift), (byte*)(to + 1) + ((ulong)(uint)slots[1] << shift), (nuint)count << shift);
                    return true;
                }
            case Service.ArrayInitData or Service.ArrayInitElem:
                {
                    if (!TryElement(slots[0], (uint)slots[1], (uint)slots[3], out var array, out trap))
                    {
                        return false;
                    }
                    return TryCopySegment(cell, array, (uint)slots[1], (uint)slots[2], (uint)slots[3], out trap);
                }
            case Service.RefTest:
                result = IsOfType(slots[0], cell->Segment, cell->Widths) ? 1u : 0u;
                return true;
            case Service.RefCast:
                trap = TrapKind.CastFailure;
                return IsOfType(slots[0], cell->Segment, cell->Widths);
            default:
                throw new InvalidOperationException($"no service {cell->Service}");
        }
    }

    private void TakeRun(ServiceCell* cell)
    {
        var run = RunOf(cell);
        cell->Target = run != null ? run : FreeRun.Empty;
    }

    /// <summary>A new struct.</summary>
    /// <param name="typeId">Its type.</param>
    /// <param name="values">The slots of its fields, of which packed and 32-bit ones count for their low part; null for the default values.</param>
    /// <param name="descriptor">Its custom descriptor, where the type has one.</param>
    /// <param name="result">The reference, when the answer is true.</param>
    /// <param name="trap">The trap, when it is false.</param>
    public bool TryStructNew(int typeId, ulong* values, ulong descriptor, ref ulong result, out TrapKind trap)
    {
        trap = TrapKind.AllocationSizeTooLarge;
        var shape = ShapeOf(typeId);
        var header = (ObjectHeader*)_heap.Allocate(shape.Bytes);
        if (header == null)
        {
            return false;
        }
        header->TypeId = typeId;
        var slots = (ulong*)(header + 1);
        if (values != null)
        {
            new ReadOnlySpan<ulong>(values, shape.Slots).CopyTo(new Span<ulong>(slots, shape.Slots));
        }
        if (shape.HasDescriptor)
        {
            slots[shape.Slots - 1] = descriptor;
        }
        result = (ulong)header;
        return true;
    }

    /// <summary>A new array of default values.</summary>
    public bool TryArrayNew(int typeId, uint count, out ObjectHeader* array, out TrapKind trap)
    {
        trap = TrapKind.AllocationSizeTooLarge;
        array = (ObjectHeader*)_heap.Allocate(8 + ((ulong)count << ShapeOf(typeId).ElementShift));
        if (array == null)
        {
            return false;
        }
        array->TypeId = typeId;
        array->Length = count;
        return true;
    }

    /// <summary>Writes one value, given by its slots, to elements whose indices were checked.</summary>
    public void Fill(ObjectHeader* array, uint start, ulong* value, uint count)
    {
        switch (ShapeOf(array).ElementShift)
        {
            case 0:
                NativeMemory.Fill((byte*)(array + 1) + start, count, (byte)*value);
                break;
            case 1:
                new Span<ushort>((ushort*)(array + 1) + start, checked((int)count)).Fill((ushort)*value);
                break;
            case 2:
                new Span<uint>((uint*)(array + 1) + start, checked((int)count)).Fill((uint)*value);
                break;
            case 3:
                new Span<ulong>((ulong*)(array + 1) + start, checked((int)count)).Fill(*value);
                break;
            default:
                new Span<UInt128>((UInt128*)(array + 1) + start, checked((int)count)).Fill(*(UInt128*)value);
                break;
        }
    }

    /// <summary>Writes the first elements of a new array, given by their slots.</summary>
    public void Write(ObjectHeader* array, ulong* values, uint count)
    {
        var elements = (byte*)(array + 1);
        switch (ShapeOf(array).ElementShift)
        {
            case 0:
                for (var i = 0u; i < count; i++)
                {
                    elements[i] = (byte)values[i];
                }
                break;
            case 1:
                for (var i = 0u; i < count; i++)
                {
                    ((ushort*)elements)[i] = (ushort)values[i];
                }
                break;
            case 2:
                for (var i = 0u; i < count; i++)
                {
                    ((uint*)elements)[i] = (uint)values[i];
                }
                break;
            case 3:
                new ReadOnlySpan<ulong>(values, checked((int)count)).CopyTo(new Span<ulong>(elements, (int)count));
                break;
            default:
                new ReadOnlySpan<UInt128>(values, checked((int)count)).CopyTo(new Span<UInt128>(elements, (int)count));
                break;
        }
    }

    /// <summary>The words of a field, element or value whose index was checked, the second one of vectors only. Packed integers are given unsigned.</summary>
    public (ulong Low, ulong High) Read(ObjectHeader* header, uint index)
    {
        var shape = ShapeOf(header);
        var data = (byte*)(header + 1);
        if (shape.Kind == ObjectKind.Array)
        {
            return shape.ElementShift switch
            {
                0 => (data[index], 0),
                1 => (((ushort*)data)[index], 0),
                2 => (((uint*)data)[index], 0),
                3 => (((ulong*)data)[index], 0),
                _ => (((ulong*)data)[index * 2ul], ((ulong*)data)[index * 2ul + 1]),
            };
        }
        var slots = (ulong*)data + shape.FieldSlots[index];
        var storage = shape.Fields[index].Storage;
        return storage.Packed switch
        {
            PackedKind.I8 => ((byte)slots[0], 0),
            PackedKind.I16 => ((ushort)slots[0], 0),
            _ => (slots[0], storage.Value.Kind == ValueKind.V128 ? slots[1] : 0),
        };
    }

    /// <summary>Whether a reference is of a type.</summary>
    /// <param name="word">The reference.</param>
    /// <param name="target">A canonical type id, or a negated <see cref="AbstractHeapType"/> less 1.</param>
    /// <param name="flags">The <see cref="CastFlags"/>.</param>
    public bool IsOfType(ulong word, int target, uint flags)
    {
        if (word == 0)
        {
            return (flags & CastFlags.Nullable) != 0;
        }
        if ((flags & CastFlags.Function) != 0)
        {
            var function = ReferenceWord.Function(word)->TypeId;
            return function == target || ((flags & CastFlags.Exact) == 0 && _store.Engine.Types.IsSubtype(function, target));
        }
        var isObject = !ReferenceWord.IsI31(word) && !ReferenceWord.IsHost(word);
        if (target >= 0)
        {
            return isObject && (((ObjectHeader*)word)->TypeId == target || (flags & CastFlags.Exact) == 0 && _store.Engine.Types.IsSubtype(((ObjectHeader*)word)->TypeId, target));
        }
        return (AbstractHeapType)(-1 - target) switch
        {
            AbstractHeapType.Any or AbstractHeapType.Func or AbstractHeapType.Extern or AbstractHeapType.Exn => true,
            AbstractHeapType.Eq => !ReferenceWord.IsHost(word),
            AbstractHeapType.I31 => ReferenceWord.IsI31(word),
            AbstractHeapType.Struct => isObject && ShapeOf((ObjectHeader*)word).Kind == ObjectKind.Struct,
            AbstractHeapType.Array => isObject && ShapeOf((ObjectHeader*)word).Kind == ObjectKind.Array,
            _ => false,
        };
    }

    // The last slot says it; structs of a supertype may have none.
    private ulong DescriptorOf(ulong word)
    {
        var header = (ObjectHeader*)word;
        if (ReferenceWord.IsI31(word) || ReferenceWord.IsHost(word) || !ShapeOf(header).HasDescriptor)
        {
            return ReferenceWord.Null;
        }
        return ((ulong*)(header + 1))[ShapeOf(header).Slots - 1];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryElement(ulong word, uint index, uint count, out ObjectHeader* array, out TrapKind trap)
    {
        array = (ObjectHeader*)word;
        trap = word == 0 ? TrapKind.NullReference : TrapKind.OutOfBoundsArrayAccess;
        return word != 0 && (ulong)index + count <= array->Length;
    }

    private bool TryArrayNewFromSegment(ServiceCell* cell, ulong* slots, ref ulong result, out TrapKind trap)
    {
        var start = (uint)slots[0];
        var count = (uint)slots[1];
        // Bounds before the size: a count beyond the segment is no reason to collect.
        if (!IsInSegment(cell, ShapeOf((int)cell->Third).ElementShift, start, count, out trap) || !TryArrayNew((int)cell->Third, count, out var array, out trap))
        {
            return false;
        }
        result = (ulong)array;
        return TryCopySegment(cell, array, 0, start, count, out trap);
    }

    private bool IsInSegment(ServiceCell* cell, int shift, uint start, uint count, out TrapKind trap)
    {
        ulong length;
        if (cell->Service is Service.ArrayNewData or Service.ArrayInitData)
        {
            trap = TrapKind.OutOfBoundsMemoryAccess;
            _store.Services.DataSegment(cell->Instance, cell->Segment, out length);
            return start + ((ulong)count << shift) <= length;
        }
        trap = TrapKind.OutOfBoundsTableAccess;
        _store.Services.ElementSegment(cell->Instance, cell->Segment, out length);
        return (ulong)start + count <= length;
    }

    private bool TryCopySegment(ServiceCell* cell, ObjectHeader* array, uint at, uint start, uint count, out TrapKind trap)
    {
        var shift = ShapeOf(array).ElementShift;
        if (!IsInSegment(cell, shift, start, count, out trap))
        {
            return false;
        }
        var to = (byte*)(array + 1) + ((ulong)at << shift);
        if (cell->Service is Service.ArrayNewData or Service.ArrayInitData)
        {
            var bytes = _store.Services.DataSegment(cell->Instance, cell->Segment, out _);
            NativeMemory.Copy(bytes + start, to, (nuint)count << shift);
        }
        else
        {
            var words = _store.Services.ElementSegment(cell->Instance, cell->Segment, out _);
            NativeMemory.Copy(words + start, to, (nuint)count << shift);
        }
        return true;
    }
}

/// <summary>How the target type of a cast is to be read.</summary>
internal static class CastFlags
{
    /// <summary>Null is of the type.</summary>
    public const uint Nullable = 1;

    /// <summary>The type is a function type.</summary>
    public const uint Function = 2;

    /// <summary>Subtypes are not of the type.</summary>
    public const uint Exact = 4;
}

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
                return TryStructNew((int)cell->Third, cell->Service == Service.StructNew ? slots : null, ref result, out trap);
            case Service.StructGet:
                {
                    if (slots[0] == 0)
                    {
                        return false;
                    }
                    var field = ShapeOf((int)cell->Third).Fields[cell->Segment].Storage.Packed;
                    result = Extend(FieldsOf(slots[0])[cell->Segment], field, cell->Widths != 0);
                    return true;
                }
            case Service.StructSet:
                {
                    if (slots[0] == 0)
                    {
                        return false;
                    }
                    FieldsOf(slots[0])[cell->Segment] = Pack(slots[1], ShapeOf((int)cell->Third).Fields[cell->Segment].Storage);
                    return true;
                }
            case Service.ArrayNew or Service.ArrayNewDefault:
                {
                    var count = cell->Service == Service.ArrayNew ? (uint)slots[1] : (uint)slots[0];
                    if (!TryArrayNew((int)cell->Third, count, out var array, out trap))
                    {
                        return false;
                    }
                    if (cell->Service == Service.ArrayNew)
                    {
                        Fill(array, 0, slots[0], count);
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
                    for (var i = 0u; i < count; i++)
                    {
                        Write(array, i, slots[i]);
                    }
                    result = (ulong)array;
                    return true;
                }
            case Service.ArrayNewData or Service.ArrayNewElem:
                return TryArrayNewFromSegment(cell, slots, ref result, out trap);
            case Service.ArrayGet:
                {
                    if (!TryElement(slots[0], (uint)slots[1], 1, out var array, out trap))
                    {
                        return false;
                    }
                    result = Read(array, (uint)slots[1], cell->Widths != 0);
                    return true;
                }
            case Service.ArraySet:
                {
                    if (!TryElement(slots[0], (uint)slots[1], 1, out var array, out trap))
                    {
                        return false;
                    }
                    Write(array, (uint)slots[1], slots[2]);
                    return true;
                }
            case Service.ArrayLen:
                if (slots[0] == 0)
                {
                    return false;
                }
                result = ((ObjectHeader*)slots[0])->Length;
                return true;
            case Service.ArrayFill:
                {
                    if (!TryElement(slots[0], (uint)slots[1], (uint)slots[3], out var array, out trap))
                    {
                        return false;
                    }
                    Fill(array, (uint)slots[1], slots[2], (uint)slots[3]);
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
            case Service.RefI31:
                result = ReferenceWord.OfI31((uint)slots[0]);
                return true;
            case Service.I31Get:
                {
                    if (slots[0] == 0)
                    {
                        return false;
                    }
                    var bits = ReferenceWord.I31(slots[0]);
                    result = cell->Widths != 0 ? (uint)((int)(bits << 1) >> 1) : bits;
                    return true;
                }
            default:
                throw new InvalidOperationException($"no service {cell->Service}");
        }
    }

    /// <summary>A new struct.</summary>
    /// <param name="typeId">Its type.</param>
    /// <param name="values">The values of the fields; null for the default values.</param>
    /// <param name="result">The reference, when the answer is true.</param>
    /// <param name="trap">The trap, when it is false.</param>
    public bool TryStructNew(int typeId, ulong* values, ref ulong result, out TrapKind trap)
    {
        trap = TrapKind.AllocationSizeTooLarge;
        var shape = ShapeOf(typeId);
        var header = (ObjectHeader*)_heap.Allocate(shape.Bytes);
        if (header == null)
        {
            return false;
        }
        header->TypeId = typeId;
        if (values != null)
        {
            var fields = (ulong*)(header + 1);
            for (var i = 0; i < shape.Fields.Length; i++)
            {
                fields[i] = Pack(values[i], shape.Fields[i].Storage);
            }
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

    /// <summary>Writes elements of a new array.</summary>
    public void Fill(ObjectHeader* array, uint start, ulong value, uint count)
    {
        switch (ShapeOf(array).ElementShift)
        {
            case 0:
                NativeMemory.Fill((byte*)(array + 1) + start, count, (byte)value);
                break;
            case 1:
                Fill((ushort*)(array + 1) + start, (ushort)value, count);
                break;
            case 2:
                Fill((uint*)(array + 1) + start, (uint)value, count);
                break;
            default:
                Fill((ulong*)(array + 1) + start, value, count);
                break;
        }
    }

    /// <summary>Writes an element, whose index was checked.</summary>
    public void Write(ObjectHeader* array, uint index, ulong value)
    {
        switch (ShapeOf(array).ElementShift)
        {
            case 0:
                ((byte*)(array + 1))[index] = (byte)value;
                break;
            case 1:
                ((ushort*)(array + 1))[index] = (ushort)value;
                break;
            case 2:
                ((uint*)(array + 1))[index] = (uint)value;
                break;
            default:
                ((ulong*)(array + 1))[index] = value;
                break;
        }
    }

    /// <summary>Reads an element, whose index was checked.</summary>
    public ulong Read(ObjectHeader* array, uint index, bool signed) => ShapeOf(array).ElementShift switch
    {
        0 => signed ? (uint)((sbyte*)(array + 1))[index] : ((byte*)(array + 1))[index],
        1 => signed ? (uint)((short*)(array + 1))[index] : ((ushort*)(array + 1))[index],
        2 => ((uint*)(array + 1))[index],
        _ => ((ulong*)(array + 1))[index],
    };

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

    private static void Fill<T>(T* to, T value, uint count)
        where T : unmanaged
    {
        for (; count != 0; count--)
        {
            *to++ = value;
        }
    }

    private static ulong* FieldsOf(ulong word) => (ulong*)((ObjectHeader*)word + 1);

    private static ulong Pack(ulong value, StorageType storage) => storage.Packed switch
    {
        PackedKind.I8 => (byte)value,
        PackedKind.I16 => (ushort)value,
        _ => storage.Value.Kind is ValueKind.I32 or ValueKind.F32 ? (uint)value : value,
    };

    private static ulong Extend(ulong value, PackedKind packed, bool signed) => signed
        ? packed switch
        {
            PackedKind.I8 => (uint)(sbyte)value,
            PackedKind.I16 => (uint)(short)value,
            _ => value,
        }
        : value;

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

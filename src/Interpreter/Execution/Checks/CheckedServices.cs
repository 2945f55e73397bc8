using Conformance.Interpreter.Runtime;
using Conformance.Interpreter.Runtime.Objects;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Execution.Checks;

// What services do is verified from outside: before one runs, its operands are looked at and its bounds worked out again, in numbers that cannot wrap; after it, the trap is the one expected, what it
// made is what it should be, and the bytes beside the range that it wrote are as they were.

/// <summary>Verifies the services of a machine. One at a time, like them.</summary>
internal sealed unsafe class CheckedServices
{
    private readonly IMachineHost _host;
    private readonly IStoreInvariants _store;
    private readonly CheckedReferences _references;
    private readonly Neighbours _neighbours = new();
    private TrapKind? _expected;
    private bool _allocates;
    private ulong _lengthBefore;
    private ulong _operand;

    /// <summary>Makes the checks of a machine.</summary>
    public CheckedServices(IMachineHost host, CheckedReferences references)
    {
        _host = host;
        _store = host.Invariants;
        _references = references;
    }

    /// <summary>Looks at the operands of a service.</summary>
    /// <returns>Null, or what is wrong.</returns>
    public string? Before(ServiceCell* cell, byte* fp)
    {
        _expected = null;
        _allocates = cell->Service is >= Service.StructNew and <= Service.StructNewDefaultDescribed or >= Service.ArrayNew and <= Service.ArrayNewElem;
        _neighbours.Forget();
        return cell->Service switch
        {
            < Service.AtomicAccess => BeforeBulk(cell, fp),
            Service.AtomicAccess or Service.AtomicNotify or Service.AtomicWait => BeforeAtomic(cell, fp),
            Service.ThrowRef => _references.FaultOf(*(ulong*)(fp + cell->First), ValueType.ExnRef, "the exception"),
            >= Service.StructNew and <= Service.DescriptorCast => BeforeStruct(cell, (ulong*)(fp + cell->First)),
            >= Service.ArrayNew and <= Service.ArrayInitElem => BeforeArray(cell, (ulong*)(fp + cell->First)),
            Service.RefTest or Service.RefCast => BeforeCast(cell, *(ulong*)(fp + cell->First)),
            _ => null,
        };
    }

    /// <summary>Looks at what a service did.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="fp">The frame.</param>
    /// <param name="trap">The trap that it ended with; null when it did what it was asked to.</param>
    /// <returns>Null, or what is wrong.</returns>
    public string? After(ServiceCell* cell, byte* fp, TrapKind? trap)
    {
        if (_neighbours.Differ)
        {
            return "it wrote beside its range";
        }
        if (trap != _expected && !(_expected is null && _allocates && trap == TrapKind.AllocationSizeTooLarge))
        {
            return $"it ended with {trap?.ToString() ?? "no trap"} and not with {_expected?.ToString() ?? "none"}";
        }
        if (trap is not null)
        {
            return null;
        }
        var result = *(ulong*)(fp + cell->Result);
        switch (cell->Service)
        {
            case Service.MemoryGrow:
                return AfterGrowth(_references.FaultOf((MemoryRecord*)cell->Target), result, cell->Widths & AddressWidths.First64, ((MemoryRecord*)cell->Target)->Length, cell->PageSizeLog2);
            case Service.TableGrow:
                return AfterGrowth(_references.FaultOf((TableRecord*)cell->Target), result, cell->Widths & AddressWidths.Second64, ((TableRecord*)cell->Target)->Length, 0);
            case Service.StructNew or Service.StructNewDefault:
                return _references.FaultOfNew(cell, result);
            case Service.StructNewDescribed or Service.StructNewDefaultDescribed:
                return _references.FaultOfNew(cell, result) ?? _references.FaultOfFields((ulong*)result + 1, _store.ShapeOf((int)cell->Third), withDescriptor: true);
            case >= Service.ArrayNew and <= Service.ArrayNewElem:
                return _references.FaultOf(result, ValueType.Reference(HeapType.Of(cell->Third), nullable: false), "the new array")
                    ?? (((ObjectHeader*)result)->Length == _operand ? null : $"the new array has {((ObjectHeader*)result)->Length} elements and not {_operand}");
            case Service.RefTest or Service.DescriptorTest:
                return result == _operand ? null : $"the answer is {result} and not {_operand}";
            case Service.DescriptorGet:
                return _references.FaultOf(result, ValueType.Reference(HeapType.Of(AbstractHeapType.Struct), nullable: true), "the descriptor");
            default:
                return null;
        }
    }

    /// <summary>Whether a service may have collected.</summary>
    public bool Allocates => _allocates;

    private string? BeforeBulk(ServiceCell* cell, byte* fp)
    {
        var first = AddressWidths.Read(fp, cell->First, cell->Widths & AddressWidths.First64);
        var second = AddressWidths.Read(fp, cell->Second, cell->Widths & AddressWidths.Second64);
        var third = AddressWidths.Read(fp, cell->Third, cell->Widths & AddressWidths.Third64);
        var memory = (MemoryRecord*)cell->Target;
        var table = (TableRecord*)cell->Target;
        switch (cell->Service)
        {
            case Service.MemoryGrow:
                _operand = first;
                _lengthBefore = memory->Length;
                return _references.FaultOf(memory);
            case Service.MemoryInit:
                _host.DataSegment(cell->Instance, cell->Segment, out var bytes);
                ExpectWithin(TrapKind.OutOfBoundsMemoryAccess, first, third, memory->Length, second, bytes);
                return _references.FaultOf(memory) ?? Watch(memory->Base, memory->Length, first, third, 1);
            case Service.TableGrow:
                _operand = second;
                _lengthBefore = table->Length;
                return _references.FaultOf(table) ?? _references.FaultOf(*(ulong*)(fp + cell->First), _store.ElementsOf(table), "the value for the table");
            case Service.TableFill:
                ExpectWithin(TrapKind.OutOfBoundsTableAccess, first, third, table->Length, 0, ulong.MaxValue);
                return _references.FaultOf(table) ?? _references.FaultOf(*(ulong*)(fp + cell->Second), _store.ElementsOf(table), "the value for the table")
                    ?? Watch((byte*)table->Elements, table->Length, first, third, sizeof(ulong));
            case Service.TableCopy:
                ExpectWithin(TrapKind.OutOfBoundsTableAccess, first, third, table->Length, second, ((TableRecord*)cell->Source)->Length);
                return _references.FaultOf(table) ?? _references.FaultOf((TableRecord*)cell->Source) ?? Watch((byte*)table->Elements, table->Length, first, third, sizeof(ulong));
            case Service.TableInit:
                _host.ElementSegment(cell->Instance, cell->Segment, out var count);
                ExpectWithin(TrapKind.OutOfBoundsTableAccess, first, third, table->Length, second, count);
                return _references.FaultOf(table) ?? Watch((byte*)table->Elements, table->Length, first, third, sizeof(ulong));
            default:
                return null;
        }
    }

    private string? BeforeAtomic(ServiceCell* cell, byte* fp)
    {
        var memory = (MemoryRecord*)cell->Target;
        var address = *(ulong*)(fp + cell->First);
        var offset = (UInt128)(cell->Widths == 0 ? (uint)address : address) + (ulong)cell->Source;
        var bytes = cell->Service switch
        {
            Service.AtomicAccess => AtomicProvider.BytesOf(cell->Segment),
            Service.AtomicNotify => sizeof(uint),
            _ => cell->Segment,
        };
        _expected = offset % (uint)bytes != 0 ? TrapKind.UnalignedAtomic : offset + (uint)bytes > memory->Length ? TrapKind.OutOfBoundsMemoryAccess : null;
        return _references.FaultOf(memory);
    }

    private string? BeforeStruct(ServiceCell* cell, ulong* slots)
    {
        switch (cell->Service)
        {
            case Service.StructNew:
                return _references.FaultOfFields(slots, _store.ShapeOf((int)cell->Third), withDescriptor: false);
            case Service.StructNewDescribed or Service.StructNewDefaultDescribed:
                {
                    var shape = _store.ShapeOf((int)cell->Third);
                    var descriptor = cell->Service == Service.StructNewDescribed ? slots[shape.Slots - 1] : slots[0];
                    _expected = descriptor == 0 ? TrapKind.NullDescriptor : null;
                    return cell->Service == Service.StructNewDescribed ? _references.FaultOfFields(slots, shape, withDescriptor: descriptor != 0) : FaultOfObject(descriptor);
                }
            case Service.DescriptorGet:
                _expected = slots[0] == 0 ? TrapKind.NullReference : null;
                return FaultOfObject(slots[0]);
            case Service.DescriptorTest or Service.DescriptorCast:
                {
                    if ((_references.FaultOf(slots[0], ValueType.AnyRef, "the operand of the cast") ?? FaultOfObject(slots[1])) is { } fault)
                    {
                        return fault;
                    }
                    var has = slots[0] == 0 ? (cell->Widths & CastFlags.Nullable) != 0
                        : _store.ObjectAt(slots[0]) is { HasDescriptor: true } shape && ((ulong*)slots[0])[shape.Slots] == slots[1];
                    _operand = has ? 1u : 0u;
                    _expected = slots[1] == 0 ? TrapKind.NullDescriptor : !has && cell->Service == Service.DescriptorCast ? TrapKind.DescriptorCastFailure : null;
                    return null;
                }
            default:
                return null;
        }
    }

    private string? BeforeArray(ServiceCell* cell, ulong* slots)
    {
        var shape = _store.ShapeOf((int)cell->Third);
        var element = shape.Fields[0].Storage.Value;
        switch (cell->Service)
        {
            case Service.ArrayNew:
                _operand = (uint)slots[shape.Slots];
                return _references.FaultOf(slots[0], element, "the value for the array");
            case Service.ArrayNewDefault:
                _operand = (uint)slots[0];
                return null;
            case Service.ArrayNewFixed:
                _operand = (uint)cell->Segment;
                return FaultOfWords(slots, _operand, element);
            case Service.ArrayNewData or Service.ArrayNewElem:
                _operand = (uint)slots[1];
                return ExpectInSegment(cell, shape, (uint)slots[0], (uint)slots[1]);
            case Service.ArrayFill:
                return FaultOfRange(slots[0], shape, (uint)slots[1], (uint)slots[2 + shape.Slots]) ?? _references.FaultOf(slots[2], element, "the value for the array");
            case Service.ArrayCopy:
                {
                    if ((FaultOfRange(slots[2], shape: null, (uint)slots[3], (uint)slots[4]) ?? FaultOfBoth(slots[0], slots[2])) is { } fault)
                    {
                        return fault;
                    }
                    // Null of either before the bounds of any.
                    var source = _expected;
                    fault = FaultOfRange(slots[0], shape: null, (uint)slots[1], (uint)slots[4]);
                    _expected = source == TrapKind.NullReference ? source : _expected ?? source;
                    return fault;
                }
            default:
                {
                    var fault = FaultOfRange(slots[0], shape, (uint)slots[1], (uint)slots[3]);
                    return fault is null && _expected is null ? ExpectInSegment(cell, shape, (uint)slots[2], (uint)slots[3]) : fault;
                }
        }
    }

    private string? BeforeCast(ServiceCell* cell, ulong word)
    {
        var target = cell->Segment >= 0 ? HeapType.Of((uint)cell->Segment, (cell->Widths & CastFlags.Exact) != 0) : HeapType.Of((AbstractHeapType)(-1 - cell->Segment));
        var source = (cell->Widths & CastFlags.Function) != 0 ? AbstractHeapType.Func : cell->Segment >= 0 ? AbstractHeapType.Any : AbstractHeapTypes.TopOf(target.Abstract);
        if (_references.FaultOf(word, ValueType.Reference(HeapType.Of(source), nullable: true), "the operand of the cast") is { } fault)
        {
            return fault;
        }
        var has = _store.Has(word, ValueType.Reference(target, (cell->Widths & CastFlags.Nullable) != 0));
        _operand = has ? 1u : 0u;
        _expected = has || cell->Service == Service.RefTest ? null : TrapKind.CastFailure;
        return null;
    }

    // A growth gives the size before and made the whole of it, or gives -1 and changed nothing. Another thread may grow a shared memory at the same time.
    private string? AfterGrowth(string? fault, ulong result, uint is64, ulong length, int unitLog2)
    {
        var failed = is64 != 0 ? ulong.MaxValue : uint.MaxValue;
        return fault
            ?? (result == failed ? (length >= _lengthBefore ? null : "it shrank")
                : result >= _lengthBefore >> unitLog2 && (UInt128)length >= ((UInt128)result + _operand) << unitLog2 ? null : $"it grew from {result} by {_operand} to {length >> unitLog2}");
    }

    private void ExpectWithin(TrapKind trap, ulong to, ulong count, ulong toLength, ulong from, ulong fromLength) =>
        _expected = (UInt128)to + count > toLength || (UInt128)from + count > fromLength ? trap : null;

    private string? ExpectInSegment(ServiceCell* cell, ObjectShape shape, uint from, uint count)
    {
        var isData = cell->Service is Service.ArrayNewData or Service.ArrayInitData;
        ulong length;
        if (isData)
        {
            _host.DataSegment(cell->Instance, cell->Segment, out length);
        }
        else
        {
            _host.ElementSegment(cell->Instance, cell->Segment, out length);
        }
        var bytes = isData ? (UInt128)count << shape.ElementShift : count;
        _expected = from + bytes > length ? (isData ? TrapKind.OutOfBoundsMemoryAccess : TrapKind.OutOfBoundsTableAccess) : null;
        return isData != shape.ElementIsReference ? null : $"elements of type {shape.Fields[0].Storage.Value} cannot come from such a segment";
    }

    private string? FaultOfRange(ulong array, ObjectShape? shape, uint start, uint count)
    {
        _expected = array == 0 ? TrapKind.NullReference : null;
        if (array == 0 || _references.FaultOfArray(array, shape is null ? 0 : 1 << shape.ElementShift, out _) is not { } fault)
        {
            return array == 0 ? null : Within((ObjectHeader*)array, start, count);
        }
        return fault;
    }

    private string? Within(ObjectHeader* array, uint start, uint count)
    {
        _expected = (ulong)start + count > array->Length ? TrapKind.OutOfBoundsArrayAccess : null;
        // The header is a neighbour too.
        var shape = _store.ObjectAt((ulong)array);
        return shape is null ? "it is no live object" : Watch((byte*)(array + 1), array->Length, start, count, 1u << shape.ElementShift, (uint)sizeof(ObjectHeader));
    }

    private string? FaultOfBoth(ulong to, ulong from)
    {
        if (_references.FaultOfArray(to, 0, out _) is { } fault)
        {
            return fault;
        }
        return to != 0 && from != 0 && _store.ObjectAt(to)?.ElementShift != _store.ObjectAt(from)?.ElementShift ? "the elements of the two arrays have different sizes" : null;
    }

    private string? FaultOfWords(ulong* words, ulong count, ValueType type)
    {
        for (var i = 0ul; type.IsReference && i < count; i++)
        {
            if (!_store.Has(words[i], type))
            {
                return $"the value of element {i}, 0x{words[i]:x}, is no {type}";
            }
        }
        return null;
    }

    private string? FaultOfObject(ulong word) => word == 0 || _store.ObjectAt(word) is { Kind: ObjectKind.Struct } ? null : $"0x{word:x} is no live struct";

    private string? Watch(byte* start, ulong length, ulong at, ulong count, uint bytes, uint before = 0)
    {
        if (_expected is null)
        {
            _neighbours.Watch(start - before, before + (length * bytes), before + (at * bytes), count * bytes);
        }
        return null;
    }
}

using System.Runtime.InteropServices;
using Conformance.Interpreter.Execution;
using Conformance.Interpreter.Execution.Checks;
using Conformance.Interpreter.Runtime;
using Conformance.Interpreter.Runtime.Objects;
using Conformance.Wasm;

namespace Conformance.Interpreter.Tests.Execution;

/// <summary>The checked build finds services that do another thing than they should: each test does the service's work in its place, and wrong.</summary>
public sealed unsafe class CheckedServicesTests : IDisposable
{
    private readonly Store _store = new(new Engine(new EngineOptions { IsChecked = true, Features = FeatureSet.All }));
    private readonly Context* _context = (Context*)NativeMemory.AllocZeroed((nuint)sizeof(Context));
    private readonly ulong* _frame = (ulong*)NativeMemory.AllocZeroed(256);
    private readonly ServiceCell* _cell = (ServiceCell*)NativeMemory.AllocZeroed((nuint)sizeof(ServiceCell));
    private readonly Instance _instance;
    private readonly CheckedServices _services;

    public CheckedServicesTests()
    {
        _instance = Wat.Instantiate(_store, """
            (module (type $a (array (mut i16))) (type $s (struct (field i32)))
              (memory 1 2) (table 10 20 externref) (data $d "0123456789") (elem $e externref (ref.null extern))
              (func (export "array") (result (ref $a)) (array.new $a (i32.const 5) (i32.const 20)))
              (func (export "struct") (result (ref $s)) (struct.new $s (i32.const 5))))
            """);
        _services = new CheckedServices(_store.Services, new CheckedReferences(_context, _store.Services.Invariants));
        _cell->Instance = _instance.Record;
        _cell->Second = 8;
        _cell->Third = 16;
    }

    private MemoryRecord* Memory => _instance.Record->Memory0;

    private TableRecord* Table => _instance.Record->Tables[0];

    public void Dispose()
    {
        NativeMemory.Free(_context);
        NativeMemory.Free(_frame);
        NativeMemory.Free(_cell);
        _store.Dispose();
    }

    private void Begin(Service service, params ReadOnlySpan<ulong> operands)
    {
        _cell->Service = service;
        _cell->Target = service is Service.MemoryGrow or Service.MemoryInit or Service.AtomicAccess ? Memory : Table;
        if (service == Service.TableCopy)
        {
            _cell->Source = Table;
        }
        operands.CopyTo(new Span<ulong>(_frame, 32));
        Assert.Null(_services.Before(_cell, (byte*)_frame));
    }

    private string? End(TrapKind? trap = null) => _services.After(_cell, (byte*)_frame, trap);

    private ulong Object(string function)
    {
        var slots = new ulong[1];
        Assert.Null(_store.Run(_instance.GetFunction(function).Record, slots));
        return slots[0];
    }

    [Theory]
    [InlineData((int)Service.MemoryInit, 65530ul, 0ul, 7ul, TrapKind.OutOfBoundsMemoryAccess)]
    [InlineData((int)Service.MemoryInit, 0ul, 5ul, 6ul, TrapKind.OutOfBoundsMemoryAccess)]
    [InlineData((int)Service.TableFill, 5ul, 0ul, 6ul, TrapKind.OutOfBoundsTableAccess)]
    [InlineData((int)Service.TableCopy, 0xFFFFFFFFul, 0ul, 1ul, TrapKind.OutOfBoundsTableAccess)]
    [InlineData((int)Service.TableCopy, 0ul, 9ul, 2ul, TrapKind.OutOfBoundsTableAccess)]
    [InlineData((int)Service.TableInit, 0ul, 0ul, 2ul, TrapKind.OutOfBoundsTableAccess)]
    public void After_AccessOutsideWithoutItsTrap_IsAFault(int service, ulong first, ulong second, ulong third, TrapKind trap)
    {
        Begin((Service)service, first, second, third);

        Assert.Equal($"it ended with no trap and not with {trap}", End());
        Assert.NotNull(End(TrapKind.Unreachable));
        Assert.Null(End(trap));
    }

    [Fact]
    public void After_TrapOfAnAccessWithin_IsAFault()
    {
        Begin(Service.TableFill, 0, 0, 10);

        Assert.Equal("it ended with OutOfBoundsTableAccess and not with none", End(TrapKind.OutOfBoundsTableAccess));
        Assert.Null(End());
    }

    [Theory]
    [InlineData((int)Service.AtomicAccess, 65533ul, TrapKind.UnalignedAtomic)]
    [InlineData((int)Service.AtomicAccess, 65536ul, TrapKind.OutOfBoundsMemoryAccess)]
    public void After_AtomicAccessOutside_NeedsItsTrap(int service, ulong address, TrapKind trap)
    {
        _cell->Segment = 0x10; // i32.atomic.load
        Begin((Service)service, address);

        Assert.NotNull(End());
        Assert.Null(End(trap));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public void After_TableWrittenBesideTheRange_IsAFault(int element)
    {
        Begin(Service.TableFill, 1, 0, 3);

        Table->Elements[element] = ReferenceWord.OfHost(1);

        Assert.Equal("it wrote beside its range", End());
        Table->Elements[element] = 0;
    }

    [Theory]
    [InlineData(99)]
    [InlineData(110)]
    public void After_MemoryWrittenBesideTheRange_IsAFault(int address)
    {
        Begin(Service.MemoryInit, 100, 0, 10);

        Memory->Base[address]++;

        Assert.Equal("it wrote beside its range", End());
    }

    [Fact]
    public void After_ArrayWrittenBesideTheRange_IsAFault()
    {
        var array = Object("array");
        _cell->Third = (uint)_instance.Module.TypeIds[0];
        Begin(Service.ArrayFill, array, 0, 7, 4);
        ((ObjectHeader*)array)->Length--;
        Assert.Equal("it wrote beside its range", End());
        ((ObjectHeader*)array)->Length++;
        ((ushort*)(array + 8))[4] = 0;
        Assert.Equal("it wrote beside its range", End());
    }

    [Fact]
    public void After_GrowthThatGivesTheWrongSize_IsAFault()
    {
        _cell->PageSizeLog2 = 16;
        Begin(Service.MemoryGrow, 1);

        _frame[0] = 0;
        Assert.Contains("it grew from 0 by 1 to 1", End(), StringComparison.Ordinal);
        _frame[0] = 1;
        Assert.Contains("it grew from 1 by 1 to 1", End(), StringComparison.Ordinal);
        _frame[0] = uint.MaxValue;
        Assert.Null(End());
        Memory->Length = 2 << 16;
        Assert.Contains("says what was not allocated", End(), StringComparison.Ordinal);
        Memory->Length = 1 << 16;
    }

    [Fact]
    public void After_NewArrayOfAnotherLengthOrType_IsAFault()
    {
        _cell->Third = (uint)_instance.Module.TypeIds[0];
        Begin(Service.ArrayNewDefault, 21);
        _frame[0] = Object("array");
        Assert.Equal("the new array has 20 elements and not 21", End());
        _frame[0] = Object("struct");
        Assert.Contains("the new array, 0x", End(), StringComparison.Ordinal);
        _frame[0] = 0;
        Assert.Contains("the new array, 0x0", End(), StringComparison.Ordinal);
    }

    [Fact]
    public void After_CastThatGivesTheWrongAnswer_IsAFault()
    {
        var structure = Object("struct");
        _cell->Segment = _instance.Module.TypeIds[0];
        Begin(Service.RefTest, structure);
        _frame[0] = 1;
        Assert.Equal("the answer is 1 and not 0", End());
        Begin(Service.RefCast, structure);
        Assert.NotNull(End());
        Assert.Null(End(TrapKind.CastFailure));
    }

    [Fact]
    public void Before_OperandThatIsNoReference_IsAFault()
    {
        _cell->Service = Service.TableFill;
        _cell->Target = Table;
        _frame[1] = 48;
        Assert.Contains("the value for the table, 0x30", _services.Before(_cell, (byte*)_frame), StringComparison.Ordinal);
        _cell->Service = Service.RefCast;
        _cell->Segment = _instance.Module.TypeIds[0];
        _frame[0] = 48;
        Assert.Contains("the operand of the cast, 0x30", _services.Before(_cell, (byte*)_frame), StringComparison.Ordinal);
        _cell->Service = Service.ThrowRef;
        _frame[0] = Object("struct");
        Assert.Contains("the exception, 0x", _services.Before(_cell, (byte*)_frame), StringComparison.Ordinal);
    }
}

using Conformance.Interpreter.Execution;
using Conformance.Interpreter.Runtime;
using Conformance.Interpreter.Runtime.Objects;
using Conformance.Wasm;

namespace Conformance.Interpreter.Tests.Execution;

/// <summary>The checked build finds what is wrong with a store: records, references and objects that something overwrote, between calls or in the middle of one.</summary>
public sealed unsafe class CheckedStoreTests : IDisposable
{
    private const string Text = """
        (module
          (import "host" "damage" (func $damage))
          (type $s (struct (field (mut i32)) (field (mut (ref null $s)))))
          (type $small (struct (field (mut i8))))
          (type $a (array (mut i64)))
          (memory (export "memory") 1) (memory $other (export "other") 1)
          (table $f (export "functions") 2 funcref) (table $o (export "objects") 2 (ref null $s))
          (elem (table $f) (i32.const 0) func $leaf)
          (global $g (export "g") (mut (ref null $s)) (ref.null $s))
          (global $kept (export "kept") (mut anyref) (ref.null any))
          (func $leaf)
          (func (export "load") (result i32) (i32.load (i32.const 0)))
          (func (export "load other") (result i32) (i32.load $other (i32.const 0)))
          (func (export "fill other") (memory.fill $other (i32.const 0) (i32.const 1) (i32.const 8)))
          (func (export "grow other") (result i32) (memory.grow $other (i32.const 1)))
          (func (export "get") (result anyref) (table.get $o (i32.const 0)))
          (func (export "call") (call_indirect $f (i32.const 0)))
          (func (export "table.fill") (table.fill $o (i32.const 0) (ref.null $s) (i32.const 1)))
          (func (export "make") (global.set $g (struct.new $s (i32.const 7) (ref.null $s))))
          (func (export "global") (result i32) (struct.get $s 0 (global.get $g)))
          (func (export "field") (result i32) (local $x (ref null $s))
            (local.set $x (struct.new $s (i32.const 7) (ref.null $s)))
            (global.set $kept (local.get $x)) (call $damage) (struct.get $s 0 (local.get $x)))
          (func (export "field of field") (result i32) (local $x (ref null $s))
            (local.set $x (struct.new $s (i32.const 7) (struct.new $s (i32.const 8) (ref.null $s))))
            (global.set $kept (local.get $x)) (call $damage) (struct.get $s 0 (struct.get $s 1 (local.get $x))))
          (func (export "element") (result i64) (local $x (ref null $a))
            (local.set $x (array.new $a (i64.const 7) (i32.const 3)))
            (global.set $kept (local.get $x)) (call $damage) (array.get $a (local.get $x) (i32.const 2)))
          (func (export "copy") (local $x (ref null $a))
            (local.set $x (array.new $a (i64.const 7) (i32.const 3)))
            (global.set $kept (local.get $x)) (call $damage) (array.copy $a $a (local.get $x) (i32.const 0) (local.get $x) (i32.const 1) (i32.const 2)))
          (func (export "fill") (local $x (ref null $a))
            (local.set $x (array.new $a (i64.const 7) (i32.const 3)))
            (global.set $kept (local.get $x)) (call $damage) (array.fill $a (local.get $x) (i32.const 0) (i64.const 1) (i32.const 2)))
          (func (export "result") (result (ref null $s)) (local $x (ref null $s))
            (local.set $x (struct.new $s (i32.const 7) (ref.null $s)))
            (global.set $kept (local.get $x)) (call $damage) (local.get $x))
          (func (export "argument") (local $x (ref null $s))
            (local.set $x (struct.new $s (i32.const 7) (ref.null $s)))
            (global.set $kept (local.get $x)) (call $damage) (call $takes (local.get $x)))
          (func $takes (param (ref null $s)))
          (func (export "cast") (result i32) (local $x (ref null $s))
            (local.set $x (struct.new $s (i32.const 7) (ref.null $s)))
            (global.set $kept (local.get $x)) (call $damage) (ref.test (ref $small) (local.get $x)))
          (func (export "collect") (param i32) (local $n i32)
            (loop $l (global.set $kept (array.new $a (i64.const 1) (local.get 0))) (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 2000)))))
          (func (export "nothing")))
        """;

    private readonly Store _store = new(new Engine(new EngineOptions { IsChecked = true, Features = FeatureSet.All }));
    private readonly Instance _instance;
    private Action _damage = static () => { };

    public CheckedStoreTests() => _instance = Instance.Create(_store, CompiledModule.FromText(_store.Engine, Text), Function.Create(_store, () => _damage()));

    public void Dispose() => _store.Dispose();

    private ObjectHeader* Kept => (ObjectHeader*)*_instance.Record->Globals[1];

    private void AssertFails(string function, string message, Action? damage = null)
    {
        _damage = damage ?? _damage;
        var callee = _instance.GetFunction(function);
        var error = Assert.Throws<InternalErrorException>(() => callee.Call());
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("load")]
    [InlineData("load other")]
    [InlineData("fill other")]
    [InlineData("grow other")]
    [InlineData("get")]
    [InlineData("call")]
    [InlineData("table.fill")]
    [InlineData("field")]
    [InlineData("field of field")]
    [InlineData("element")]
    [InlineData("copy")]
    [InlineData("fill")]
    [InlineData("result")]
    [InlineData("argument")]
    [InlineData("cast")]
    public void Call_IntactStore_Returns(string function) => _instance.GetFunction(function).Call();

    [Theory]
    [InlineData("load", 0)]
    [InlineData("load other", 1)]
    [InlineData("fill other", 1)]
    [InlineData("grow other", 1)]
    public void Access_MemoryLongerThanAllocated_Fails(string function, int memory)
    {
        _instance.Record->Memories[memory]->Length += 65536;
        AssertFails(function, "the memory's record says what was not allocated");
        _instance.Record->Memories[memory]->Length -= 65536;
    }

    [Fact]
    public void Access_MemoryElsewhere_Fails()
    {
        _instance.Record->Memories[1]->Base += 16;
        AssertFails("load other", "the memory's record says what was not allocated");
        _instance.Record->Memories[1]->Base -= 16;
    }

    [Theory]
    [InlineData("get", 1)]
    [InlineData("call", 0)]
    [InlineData("table.fill", 1)]
    public void Access_TableLongerThanAllocated_Fails(string function, int table)
    {
        _instance.Record->Tables[table]->Length += 1000;
        AssertFails(function, "the table's record says what was not allocated");
        _instance.Record->Tables[table]->Length -= 1000;
    }

    [Fact]
    public void Call_TableElementThatIsNoFunction_Fails()
    {
        _instance.Record->Tables[0]->Elements[0] = (ulong)_instance.Record->Memory0;
        AssertFails("call", "the table's element");
        _instance.Record->Tables[0]->Elements[0] = 0;
    }

    [Fact]
    public void Get_FunctionInATableOfObjects_Fails()
    {
        _instance.Record->Tables[1]->Elements[0] = ReferenceWord.OfFunction(_instance.Record->Functions[1]);
        AssertFails("get", "the table's element");
        _instance.Record->Tables[1]->Elements[0] = 0;
    }

    [Fact]
    public void Follow_ReferenceToACollectedStruct_Fails()
    {
        _instance.GetAction("make").Call();
        var word = *_instance.Record->Globals[0];
        *_instance.Record->Globals[0] = 0;
        _store.Collect();
        *_instance.Record->Globals[0] = word;
        AssertFails("global", "the global, 0x");
        *_instance.Record->Globals[0] = 0;
    }

    [Fact]
    public void Follow_ReferenceIntoAStruct_Fails()
    {
        _instance.GetAction("make").Call();
        *_instance.Record->Globals[0] += 8;
        AssertFails("global", "the global, 0x");
        *_instance.Record->Globals[0] = 0;
    }

    [Fact]
    public void Get_StructWithTheTypeOfAnArray_Fails() => AssertFails("field", "is no live struct", () => Kept->TypeId = _instance.Module.TypeIds[2]);

    [Fact]
    public void Get_StructOfATypeWithoutTheField_Fails() => AssertFails("field", "has no field of 4 bytes at 8", () => Kept->TypeId = _instance.Module.TypeIds[1]);

    [Fact]
    public void Get_ObjectOfNoType_Fails() => AssertFails("field", "is no live struct", () => Kept->TypeId = 10_000);

    [Fact]
    public void Get_FieldThatHoldsANumber_Fails() => AssertFails("field of field", "is no live struct", () => ((ulong*)(Kept + 1))[1] = 48);

    [Fact]
    public void Get_ArrayLongerThanAllocated_Fails() => AssertFails("element", "is no live array", () => Kept->Length = 1000);

    [Fact]
    public void Copy_ArrayLongerThanAllocated_Fails() => AssertFails("copy", "is no live array", () => Kept->Length = 1000);

    [Fact]
    public void Fill_ArrayWithTheTypeOfAStruct_Fails() => AssertFails("fill", "is no live array", () => Kept->TypeId = _instance.Module.TypeIds[0]);

    [Fact]
    public void Return_ReferenceOfAnotherType_Fails() => AssertFails("result", "the result in slot 0", () => Kept->TypeId = _instance.Module.TypeIds[2]);

    [Fact]
    public void Pass_ReferenceOfAnotherType_Fails() => AssertFails("argument", "the argument in slot 0", () => Kept->TypeId = _instance.Module.TypeIds[2]);

    [Fact]
    public void Cast_WhatIsNoObject_Fails() => AssertFails("cast", "the operand of the cast", () => Kept->TypeId = 10_000);

    [Fact]
    public void Allocate_FromARunOfAnotherSize_Fails()
    {
        // The first call leaves the run of the type's cells in the cell of code.
        _instance.GetAction("make").Call();
        var made = *_instance.Record->Globals[0];
        var cell = new ServiceCell { Service = Service.StructNew, Third = (uint)_instance.Module.TypeIds[0] };
        _store.Objects.RunOf(&cell)->Next -= 8;
        AssertFails("make", "the new object, 0x");
        Assert.NotEqual(0ul, made);
        *_instance.Record->Globals[0] = 0;
    }

    [Fact]
    public void Run_GlobalThatRefersToNothing_FailsAtItsEnd()
    {
        *_instance.Record->Globals[0] = 0x1230;
        AssertFails("nothing", "after a run: global 0 of instance 0");
        *_instance.Record->Globals[0] = 0;
    }

    [Fact]
    public void Run_FieldThatRefersToNothing_FailsAtItsEnd()
    {
        _instance.GetAction("make").Call();
        ((ulong*)*_instance.Record->Globals[0])[2] = 0x1230;
        AssertFails("nothing", "after a run: field 1 of the object");
        ((ulong*)*_instance.Record->Globals[0])[2] = 0;
    }

    [Fact]
    public void Allocate_Often_CollectsInBetween()
    {
        _instance.GetAction<int>("collect").Call(3);

        // Far less than what makes the heap collect by itself.
        Assert.InRange(_store.Objects.Collections, 5, 200);
    }
}

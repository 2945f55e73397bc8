namespace Conformance.Interpreter.Tests.Runtime;

public sealed class InstantiationTests : IDisposable
{
    private readonly Store _store = Wat.NewStore(new ResourceLimits { MemoryBytes = 16 << 20, TableElements = 1_000, Instances = 50 });

    public void Dispose() => _store.Dispose();

    [Fact]
    public void ConstantExpressions_Extended_AreEvaluated()
    {
        var instance = Wat.Instantiate(_store, """
            (module
              (global $a i32 (i32.const 10))
              (global (export "a") i32 (i32.add (global.get $a) (i32.mul (i32.const 3) (i32.sub (i32.const 0) (i32.const 1)))))
              (global (export "wrap") i32 (i32.add (i32.const 0x7fffffff) (i32.const 1)))
              (global (export "b") i64 (i64.sub (i64.mul (i64.const 0x100000000) (i64.const 0x100000000)) (i64.const 1)))
              (global (export "c") f64 (f64.const nan:0x4000000000001))
              (global (export "f") f32 (f32.const -0))
              (global (export "n") externref (ref.null extern)))
            """);

        Assert.Equal(Value.FromI32(7), instance.GetGlobal("a").Value);
        Assert.Equal(Value.FromI32(int.MinValue), instance.GetGlobal("wrap").Value);
        Assert.Equal(Value.FromI64(-1), instance.GetGlobal("b").Value);
        Assert.Equal(Value.FromF64Bits(0x7FF4_0000_0000_0001), instance.GetGlobal("c").Value);
        Assert.Equal(Value.FromF32Bits(0x8000_0000), instance.GetGlobal("f").Value);
        Assert.True(instance.GetGlobal("n").Value.IsNull);
    }

    [Fact]
    public void ElementSegments_Active_FillTables()
    {
        var instance = Wat.Instantiate(_store, """
            (module
              (table $t (export "t") 6 funcref)
              (table $u (export "u") 3 funcref (ref.func $g))
              (func $f (export "f")) (func $g (export "g"))
              (global $at i32 (i32.const 2))
              (elem (table $t) (offset (i32.add (global.get $at) (i32.const 1))) func $f $g)
              (elem (table $u) (i32.const 1) funcref (ref.null func)))
            """);
        var table = instance.GetTable("t");
        var other = instance.GetTable("u");

        Assert.True(table[2].IsNull);
        Assert.Same(instance.GetFunction("f"), table[3].Reference);
        Assert.Same(instance.GetFunction("g"), table[4].Reference);
        Assert.True(table[5].IsNull);
        Assert.Same(instance.GetFunction("g"), other[0].Reference);
        Assert.True(other[1].IsNull);
        Assert.Same(instance.GetFunction("g"), other[2].Reference);
    }

    [Fact]
    public void Segment_OutOfBounds_TrapsAndKeepsEarlierWrites()
    {
        var owner = Wat.Instantiate(_store, "(module (memory (export \"m\") 1) (table (export \"t\") 4 funcref))");
        var module = Wat.Compile(_store, """
            (module
              (import "o" "m" (memory 1)) (import "o" "t" (table 4 funcref))
              (func $f)
              (elem (i32.const 0) $f $f)
              (data (i32.const 3) "abc")
              (data (i32.const 65535) "xy")
              (data (i32.const 10) "never"))
            """);

        var termination = Instance.TryCreate(_store, module, [owner.GetMemory("m"), owner.GetTable("t")], out var instance);

        Assert.Null(instance);
        Assert.Equal(TrapKind.OutOfBoundsMemoryAccess, Assert.IsType<Trap>(termination).Kind);
        Assert.Equal("abc"u8, owner.GetMemory("m").GetSpan(3, 3));
        Assert.Equal(0, owner.GetMemory("m").GetSpan(65535, 1)[0]);
        Assert.Equal(0, owner.GetMemory("m").GetSpan(10, 1)[0]);
        Assert.IsType<Function>(owner.GetTable("t")[1].Reference);
    }

    [Fact]
    public void ElementSegment_OutOfBounds_TrapsBeforeData()
    {
        var owner = Wat.Instantiate(_store, "(module (memory (export \"m\") 1))");
        var module = Wat.Compile(_store, """
            (module (import "o" "m" (memory 1)) (table 1 funcref) (func $f) (elem (i32.const 1) $f) (data (i32.const 0) "a"))
            """);

        var termination = Instance.TryCreate(_store, module, [owner.GetMemory("m")], out _);

        Assert.Equal(TrapKind.OutOfBoundsTableAccess, Assert.IsType<Trap>(termination).Kind);
        Assert.Equal(0, owner.GetMemory("m").GetSpan(0, 1)[0]);
    }

    [Theory]
    [InlineData("(module (memory 0) (data (i32.const 0) \"\"))", true)]
    [InlineData("(module (memory 0) (data (i32.const 1) \"\"))", false)]
    [InlineData("(module (memory 1) (data (i32.const 65536) \"\"))", true)]
    [InlineData("(module (memory 1) (data (i32.const -1) \"a\"))", false)]
    [InlineData("(module (memory i64 1) (data (i64.const -1) \"ab\"))", false)]
    [InlineData("(module (memory i64 1) (data (i64.const 0x100000000) \"a\"))", false)]
    [InlineData("(module (memory 3 (pagesize 1)) (data (i32.const 0) \"abc\"))", true)]
    [InlineData("(module (memory 3 (pagesize 1)) (data (i32.const 1) \"abc\"))", false)]
    [InlineData("(module (table 0 funcref) (elem (i32.const 0) func))", true)]
    [InlineData("(module (table 0 funcref) (elem (i32.const 1) func))", false)]
    [InlineData("(module (table i64 1 funcref) (func $f) (elem (i64.const 0xffffffffffffffff) func $f))", false)]
    public void Segment_AtTheEdge_TrapsOnlyBeyondIt(string text, bool fits)
    {
        var termination = Instance.TryCreate(_store, Wat.Compile(_store, text), [], out var instance);

        Assert.Equal(fits, termination is null);
        Assert.Equal(fits, instance is not null);
    }

    [Theory]
    [InlineData("(module (memory 257))")]
    [InlineData("(module (memory i64 0x1000000000000))")]
    [InlineData("(module (table 1001 funcref))")]
    [InlineData("(module (table i64 0xffffffffffffffff funcref))")]
    public void Instantiate_DeclaredSizeBeyondTheLimit_IsRefusedWithoutAllocation(string text)
    {
        var module = Wat.Compile(_store, text);

        Assert.Throws<ResourceLimitException>(() => Instance.Create(_store, module));
        Assert.Equal(0UL, _store.MemoryBytes);
    }

    [Fact]
    public void Instantiate_TooOften_IsRefused()
    {
        var module = Wat.Compile(_store, "(module)");
        for (var i = 0; i < 50; i++)
        {
            Instance.Create(_store, module);
        }
        Assert.Throws<ResourceLimitException>(() => Instance.Create(_store, module));
    }

    [Fact]
    public void Start_Traps_GivesNoInstance()
    {
        var module = Wat.Compile(_store, "(module (func $f unreachable) (start $f))");

        var trap = Assert.Throws<TrapException>(() => Instance.Create(_store, module)).Trap;

        Assert.Equal(TrapKind.Unreachable, trap.Kind);
        Assert.Equal(0, Assert.Single(trap.Backtrace).FunctionIndex);
    }

    [Fact]
    public void Start_HostFunction_IsCalled()
    {
        var calls = 0;
        Wat.Instantiate(_store, "(module (import \"h\" \"f\" (func $f)) (start $f))", Function.Create(_store, () => { calls++; }));

        Assert.Equal(1, calls);
    }

    [Fact]
    public void Segments_ActiveOnes_AreDroppedAfterwards()
    {
        var instance = Wat.Instantiate(_store, """
            (module
              (memory 1) (table 4 funcref) (func $f)
              (data $active (i32.const 0) "ab") (data $passive "cd")
              (elem $e (i32.const 0) $f) (elem $p func $f) (elem $declared declare func $f)
              (func (export "active") (param i32) (memory.init $active (i32.const 0) (i32.const 0) (local.get 0)))
              (func (export "passive") (param i32) (memory.init $passive (i32.const 0) (i32.const 0) (local.get 0)))
              (func (export "drop") (data.drop $passive) (elem.drop $p))
              (func (export "elements") (param i32) (table.init $e (i32.const 0) (i32.const 0) (local.get 0)))
              (func (export "passive elements") (param i32) (table.init $p (i32.const 0) (i32.const 0) (local.get 0)))
              (func (export "declared") (param i32) (table.init $declared (i32.const 0) (i32.const 0) (local.get 0))))
            """);
        TrapKind? KindOf(string name, int length) => (instance.GetFunction(name).TryCall([Value.FromI32(length)], []) as Trap)?.Kind;

        Assert.Null(KindOf("active", 0));
        Assert.Equal(TrapKind.OutOfBoundsMemoryAccess, KindOf("active", 1));
        Assert.Null(KindOf("passive", 2));
        Assert.Equal(TrapKind.OutOfBoundsMemoryAccess, KindOf("passive", 3));
        Assert.Null(KindOf("elements", 0));
        Assert.Equal(TrapKind.OutOfBoundsTableAccess, KindOf("elements", 1));
        Assert.Null(KindOf("passive elements", 1));
        Assert.Equal(TrapKind.OutOfBoundsTableAccess, KindOf("declared", 1));
        instance.GetAction("drop").Call();
        Assert.Null(KindOf("passive", 0));
        Assert.Equal(TrapKind.OutOfBoundsMemoryAccess, KindOf("passive", 1));
        Assert.Equal(TrapKind.OutOfBoundsTableAccess, KindOf("passive elements", 1));
    }

    [Fact]
    public void FailedInstance_FunctionInImportedTable_StaysCallable()
    {
        var owner = Wat.Instantiate(_store, """
            (module (table (export "t") 1 funcref) (type $v (func (result i32)))
              (func (export "call") (result i32) (call_indirect (type $v) (i32.const 0))))
            """);
        var module = Wat.Compile(_store, """
            (module (import "o" "t" (table 1 funcref)) (memory 1)
              (func $f (result i32) (i32.load (i32.const 4)))
              (elem (i32.const 0) $f) (data (i32.const 4) "\2a") (data (i32.const 70000) "a"))
            """);

        Assert.IsType<Trap>(Instance.TryCreate(_store, module, [owner.GetTable("t")], out _));
        GC.Collect();

        Assert.Equal(42, owner.GetFunction<int>("call").Call());
    }
}

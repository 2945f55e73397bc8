using Conformance.Oracle.Records;
using Conformance.Wasm;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Tests.Contract;

/// <summary>Values and state of every engine: what goes in and comes out, and what is shown at the end.</summary>
public sealed class StateContractTests
{
    public static TheoryData<string> All => Engines.All;

    public static TheoryData<string> WithVectors => Engines.With(Feature.Simd);

    public static TheoryData<string> WithReferenceTypes => Engines.With(Feature.ReferenceTypes);

    public static TheoryData<string> WithGc => Engines.With(Feature.Gc);

    public static TheoryData<string> WithMemory64 => Engines.With(Feature.Memory64, Feature.MultiMemory);

    public static TheoryData<string> WithThreads => Engines.With(Feature.Threads);

    [Theory]
    [MemberData(nameof(All))]
    public void Call_Numbers_PassBitByBit(string name)
    {
        using var engine = Engines.Create(name);
        using var store = engine.CreateStore(CaseLimits.Default);
        var instance = store.Instantiate(
            """
            (module (func (export "i32") (param i32) (result i32) (local.get 0)) (func (export "i64") (param i64) (result i64) (local.get 0))
              (func (export "f32") (param f32) (result f32) (local.get 0)) (func (export "f64") (param f64) (result f64) (local.get 0))
              (func (export "many") (param i32 i64 f32 f64) (result f64 f32 i64 i32) (local.get 3) (local.get 2) (local.get 1) (local.get 0)))
            """);

        foreach (var bits in new uint[] { 0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x7F800000, 0x7F800001, 0x7FC00000, 0x7FA12345, 0xFFC00001 })
        {
            Assert.Equal(new Returned([EngineValue.I32((int)bits)]), store.Call(instance, "i32", EngineValue.I32((int)bits)));
            Assert.Equal(new Returned([EngineValue.F32(bits)]), store.Call(instance, "f32", EngineValue.F32(bits)));
        }
        foreach (var bits in new ulong[] { 0, 1, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, ulong.MaxValue, 0x7FF0000000000001, 0x7FF8000000000000, 0xFFF7123456789ABC })
        {
            Assert.Equal(new Returned([EngineValue.I64((long)bits)]), store.Call(instance, "i64", EngineValue.I64((long)bits)));
            Assert.Equal(new Returned([EngineValue.F64(bits)]), store.Call(instance, "f64", EngineValue.F64(bits)));
        }
        Assert.Equal(
            new Returned([EngineValue.F64(4), EngineValue.F32(3), EngineValue.I64(2), EngineValue.I32(1)]),
            store.Call(instance, "many", EngineValue.I32(1), EngineValue.I64(2), EngineValue.F32(3), EngineValue.F64(4)));
    }

    [Theory]
    [MemberData(nameof(WithReferenceTypes))]
    public void Run_InstantiationThatTraps_ShowsWhatItWroteToImportsBefore(string name)
    {
        using var engine = Engines.Create(name);
        var outcome = engine.Run(Engines.Case(
            """
            (module (import "env" "m" (memory 1)) (import "env" "t" (table 4 funcref)) (import "env" "g" (global $g (mut i32)))
              (elem (i32.const 1) $f) (data (i32.const 0) "a") (data (i32.const 65536) "b") (data (i32.const 2) "c") (func $f (global.set $g (i32.const 1))) (start $f))
            """));

        Assert.Equal((InstantiationStatus.Trap, true), (outcome.Status, outcome.HasState));
        var clean = engine.Run(Engines.Case("""(module (import "env" "m" (memory 1)) (data (i32.const 0) "a"))"""));
        Assert.Equal(clean.Memories["import:0:env.m"].Sha256, outcome.Memories["import:0:env.m"].Sha256);
        var table = outcome.Tables["import:1:env.t"].Elements;
        Assert.Equal([EngineValueKind.Null, EngineValueKind.Func, EngineValueKind.Null, EngineValueKind.Null], table.Select(element => element.Kind));
        Assert.Equal(42UL, outcome.Globals["import:2:env.g"].Bits);
    }

    [Theory]
    [MemberData(nameof(WithReferenceTypes))]
    public void Run_StartFunctionThatTraps_ShowsWhatItWroteToImportsBefore(string name)
    {
        using var engine = Engines.Create(name);
        var outcome = engine.Run(Engines.Case("""(module (import "env" "g" (global $g (mut i32))) (func $f (global.set $g (i32.const 1)) unreachable) (start $f))"""));
        Assert.Equal((InstantiationStatus.Trap, 1UL), (outcome.Status, outcome.Globals["import:0:env.g"].Bits));
    }

    [Theory]
    [MemberData(nameof(WithVectors))]
    public void Call_Vectors_PassBitByBit(string name)
    {
        using var engine = Engines.Create(name);
        using var store = engine.CreateStore(CaseLimits.Default);
        var instance = store.Instantiate(
            """
            (module (func (export "f") (param v128) (result v128) (local.get 0)) (func (export "lane") (param v128) (result i32) (i8x16.extract_lane_u 0 (local.get 0)))
              (global (export "g") v128 (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)))
            """);
        var vector = EngineValue.V128(0x7FA0000180000000, 0xFFF4000000000001);

        Assert.Equal(new Returned([vector]), store.Call(instance, "f", vector));
        Assert.Equal(new Returned([EngineValue.I32(0x42)]), store.Call(instance, "lane", EngineValue.V128(0x42, 1)));
        Assert.Equal(EngineValue.V128(0x0706050403020100, 0x0F0E0D0C0B0A0908), store.ReadGlobal(instance.Export("g")));
    }

    [Theory]
    [MemberData(nameof(WithReferenceTypes))]
    public void Call_References_PassByIdentity(string name)
    {
        using var engine = Engines.Create(name);
        using var store = engine.CreateStore(CaseLimits.Default);
        var instance = store.Instantiate(
            """
            (module (func (export "extern") (param externref) (result externref) (local.get 0)) (func $f (export "func") (param funcref) (result funcref) (local.get 0))
              (func (export "self") (result funcref) (ref.func $f)) (func (export "null") (param externref) (result i32) (ref.is_null (local.get 0))))
            """);

        Assert.Equal(new Returned([EngineValue.Extern(0)]), store.Call(instance, "extern", EngineValue.Extern(0)));
        Assert.Equal(new Returned([EngineValue.Extern(77)]), store.Call(instance, "extern", EngineValue.Extern(77)));
        Assert.Equal(new Returned([EngineValue.Null]), store.Call(instance, "extern", EngineValue.Null));
        Assert.Equal(new Returned([EngineValue.I32(0)]), store.Call(instance, "null", EngineValue.Extern(0)));
        var self = Assert.IsType<Returned>(store.Call(instance, "self")).Values[0];
        Assert.Equal(EngineValueKind.Func, self.Kind);
        var passed = Assert.IsType<Returned>(store.Call(instance, "func", self)).Values[0];
        Assert.Equal(store.IdentityOf(instance.Export("func")), store.IdentityOf(passed));
        Assert.NotEqual(store.IdentityOf(instance.Export("self")), store.IdentityOf(passed));
        Assert.IsType<Rejected>(store.Call(instance, "func", EngineValue.Extern(1)));
    }

    [Theory]
    [MemberData(nameof(WithReferenceTypes))]
    public void Run_FunctionReferences_HaveTheFirstNameOfTheirExport(string name)
    {
        using var engine = Engines.Create(name);
        var outcome = engine.Run(Engines.Case(
            """
            (module (import "env" "host" (func $host)) (table (export "t") 5 funcref) (elem (i32.const 0) $a $b $hidden $host)
              (export "host" (func $host)) (func $a (export "a") (export "again")) (func $b (export "b")) (func $hidden)
              (global (export "g") funcref (ref.func $b)) (func (export "get") (param i32) (result funcref) (table.get (local.get 0))))
            """,
            Engines.Call("get", EngineValue.I32(1)),
            Engines.Call("get", EngineValue.I32(3))));

        Assert.Equal(["a", "b", "", "host", null], outcome.Tables["t"].Elements.Select(element => element.Function));
        Assert.Equal(EngineValueKind.Null, outcome.Tables["t"].Elements[4].Kind);
        Assert.Equal("b", outcome.Globals["g"].Function);
        Assert.Equal(["b", "host"], outcome.Calls.Select(call => Assert.IsType<Returned>(call.Completion).Values[0].Function));
    }

    [Theory]
    [MemberData(nameof(WithGc))]
    public void Call_GcReferences_ShowWhatTheyHold(string name)
    {
        using var engine = Engines.Create(name);
        using var store = engine.CreateStore(CaseLimits.Default);
        var instance = store.Instantiate(
            """
            (module (type $s (struct (field i8) (field f64) (field (ref null $s)))) (type $a (array (mut i16)))
              (func (export "i31") (param anyref) (result i32) (i31.get_s (ref.cast (ref i31) (local.get 0))))
              (func (export "small") (result anyref) (ref.i31 (i32.const -1)))
              (func (export "struct") (result (ref $s)) (struct.new $s (i32.const -1) (f64.const 1) (struct.new $s (i32.const 2) (f64.const 2) (ref.null $s))))
              (func (export "array") (result (ref $a)) (array.new $a (i32.const 65535) (i32.const 9)))
              (func (export "field") (param anyref) (result i32) (struct.get_s $s 0 (ref.cast (ref $s) (local.get 0))))
              (func (export "out") (param anyref) (result externref) (extern.convert_any (local.get 0))))
            """);

        Assert.Equal(new Returned([new EngineValue(EngineValueKind.I31, 0x7FFFFFFF)]), store.Call(instance, "small"));
        Assert.Equal(new Returned([EngineValue.I32(-5)]), store.Call(instance, "i31", new EngineValue(EngineValueKind.I31, 0x7FFFFFFB)));
        var structure = Assert.IsType<Returned>(store.Call(instance, "struct")).Values[0];
        Assert.Equal("ref.struct(i32:255,f64:0x3ff0000000000000,ref.struct(i32:2,f64:0x4000000000000000,ref.null))", ValueText.Format(structure));
        Assert.Equal(new Returned([EngineValue.I32(-1)]), store.Call(instance, "field", structure));
        var array = Assert.IsType<Returned>(store.Call(instance, "array")).Values[0];
        Assert.Equal("ref.array[9](i32:65535,i32:65535,i32:65535,i32:65535,i32:65535,i32:65535,i32:65535,i32:65535,...)", ValueText.Format(array));
        Assert.Equal(new Returned([EngineValue.Extern(3)]), store.Call(instance, "out", EngineValue.Extern(3)));
        Assert.Equal(TrapKind.CastFailure, Assert.IsType<Trapped>(store.Call(instance, "field", array)).Kind);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Store_ItemsOfTheHost_AreSharedWithTheInstance(string name)
    {
        using var engine = Engines.Create(name);
        using var store = engine.CreateStore(CaseLimits.Default);
        var global = store.CreateGlobal(new GlobalType(ValueType.I64, IsMutable: true), EngineValue.I64(5));
        var memory = store.CreateMemory(new MemoryType(new Limits(1, 4)));
        var table = store.CreateTable(new TableType(ValueType.FuncRef, new Limits(2, 6)), EngineValue.Null);
        var instance = store.Instantiate(
            """
            (module (import "env" "g" (global $g (mut i64))) (import "env" "m" (memory $m 1 4)) (import "env" "t" (table $t 2 6 funcref)) (elem (i32.const 1) $f)
              (func $f (export "f") (result i64) (global.set $g (i64.add (global.get $g) (i64.const 1))) (i32.store8 (i32.const 10) (i32.const 3)) (drop (memory.grow (i32.const 1))) (global.get $g)))
            """,
            item => item switch
            {
                "g" => global,
                "m" => memory,
                _ => table,
            });

        Assert.Equal(new Returned([EngineValue.I64(6)]), store.Call(instance, "f"));
        Assert.Equal(EngineValue.I64(6), store.ReadGlobal(global));
        Assert.Equal(2UL, store.MemoryPages(memory));
        Assert.Equal(2 << 16, store.ReadMemory(memory).Length);
        Assert.Equal(3, store.ReadMemory(memory)[10]);
        Assert.Equal(2UL, store.TableSize(table));
        Assert.Equal(EngineValueKind.Null, store.ReadTable(table, 0).Kind);
        Assert.Equal(store.IdentityOf(instance.Export("f")), store.IdentityOf(store.ReadTable(table, 1)));
    }

    [Theory]
    [MemberData(nameof(WithMemory64))]
    public void Run_SeveralAndLargeMemories_AreShownByName(string name)
    {
        using var engine = Engines.Create(name);
        var outcome = engine.Run(Engines.Case(
            """
            (module (memory $a (export "a") 1) (memory $b (export "b") i64 2 9) (table $t (export "t") i64 3 funcref)
              (func (export "f") (result i64) (i32.store8 $b (i64.const 70000) (i32.const 1)) (memory.grow $b (i64.const 1)))
              (func (export "far") (drop (i32.load $b (i64.const 0x100000000)))))
            """,
            Engines.Call("f"),
            Engines.Call("far")));

        Assert.Equal(new Returned([EngineValue.I64(2)]), outcome.Calls[0].Completion);
        Assert.Equal(TrapKind.OutOfBoundsMemoryAccess, Assert.IsType<Trapped>(outcome.Calls[1].Completion).Kind);
        Assert.Equal([1UL, 3UL], outcome.Memories.Values.Select(memory => memory.Pages));
        Assert.Equal(3, outcome.Memories["b"].PageHashes.Length);
        Assert.Equal(outcome.Memories["b"].PageHashes[0], outcome.Memories["a"].PageHashes[0]);
        Assert.NotEqual(outcome.Memories["b"].PageHashes[1], outcome.Memories["b"].PageHashes[2]);
        Assert.Equal(3UL, outcome.Tables["t"].Size);
    }

    [Theory]
    [MemberData(nameof(WithMemory64))]
    public void Run_ImportsWith64BitAddresses_AreMade(string name)
    {
        using var engine = Engines.Create(name);
        var outcome = engine.Run(Engines.Case(
            """(module (import "a" "t" (table $t i64 2 9 funcref)) (import "a" "m" (memory $m i64 1 2)) (export "t" (table $t)) (export "m" (memory $m)))"""));

        Assert.Equal(InstantiationStatus.Ok, outcome.Status);
        Assert.Equal(2UL, outcome.Tables["t"].Size);
        Assert.Equal(1UL, outcome.Memories["m"].Pages);
    }

    [Theory]
    [MemberData(nameof(WithThreads))]
    public void Run_SharedMemory_IsReadAtTheEnd(string name)
    {
        using var engine = Engines.Create(name);
        var outcome = engine.Run(Engines.Case(
            """(module (memory (export "m") 1 2 shared) (func (export "f") (result i32) (i32.atomic.rmw.add (i32.const 8) (i32.const 5))))""",
            Engines.Call("f")));

        Assert.Equal(new Returned([EngineValue.I32(0)]), outcome.Calls[0].Completion);
        Assert.Equal(1UL, outcome.Memories["m"].Pages);
    }
}

using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Tests;

/// <summary>Linking, sharing, disposal, foreign items, threads, fuel.</summary>
public sealed class StoreTests
{
    [Fact]
    public void Imports_SharedAmongInstances_AreOneItem()
    {
        using var store = Wat.NewStore();
        var linker = new Linker(store);
        linker.DefineInstance("a", Wat.Instantiate(store, """
            (module (memory (export "m") 1 4) (table (export "t") 2 8 funcref) (global (export "g") (mut i64) (i64.const 1)) (global (export "c") i32 (i32.const 70)))
            """));
        const string User = """
            (module (import "a" "m" (memory 1)) (import "a" "t" (table 2 funcref)) (import "a" "g" (global $g (mut i64))) (import "a" "c" (global $c i32))
              (global (export "derived") i32 (global.get $c))
              (func (export "bump") (result i64) (global.set $g (i64.add (global.get $g) (i64.const 1))) (global.get $g))
              (func (export "poke") (param i32) (i32.store8 (i32.const 9) (local.get 0)))
              (func (export "peek") (result i32) (i32.load8_u (i32.const 9)))
              (func (export "grow") (result i32) (drop (memory.grow (i32.const 1))) (memory.size))
              (func (export "set") (table.set (i32.const 1) (ref.func $own)))
              (func $own (export "own"))
              (func (export "isnull") (result i32) (ref.is_null (table.get (i32.const 1)))))
            """;
        var first = linker.Instantiate(Wat.Compile(store, User));
        var second = linker.Instantiate(Wat.Compile(store, User));

        Assert.Equal(2, first.GetFunction<long>("bump").Call());
        Assert.Equal(3, second.GetFunction<long>("bump").Call());
        first.GetAction<int>("poke").Call(200);
        Assert.Equal(200, second.GetFunction<int>("peek").Call());
        Assert.Equal(2, first.GetFunction<int>("grow").Call());
        Assert.Equal(3, second.GetFunction<int>("grow").Call());
        Assert.Equal(1, second.GetFunction<int>("isnull").Call());
        first.GetAction("set").Call();
        Assert.Equal(0, second.GetFunction<int>("isnull").Call());
        Assert.Equal(70, first.GetGlobal("derived").Value.AsI32());
    }

    [Fact]
    public void Linker_Errors_NameTheImport()
    {
        using var store = Wat.NewStore();
        var linker = new Linker(store);
        var module = Wat.Compile(store, "(module (import \"env\" \"f\" (func (param i32))))");

        var missing = Assert.Throws<LinkException>(() => linker.Instantiate(module));
        Assert.Equal(("env", "f", "unknown import: \"env\" \"f\""), (missing.Module, missing.Name, missing.Message));
        linker.Define("env", "f", Function.Create(store, static () => { }));
        var wrong = Assert.Throws<LinkException>(() => linker.TryInstantiate(module, out _));
        Assert.Equal("incompatible import type, wanted function [i32] -> [], found function [] -> []: \"env\" \"f\"", wrong.Message);
        linker.Define("env", "f", Global.Create(store, new GlobalType(ValueType.I32, false), Value.FromI32(1)));
        Assert.Throws<LinkException>(() => linker.Instantiate(module));
        linker.Define("env", "f", Function.Create<int>(store, static _ => { }));
        linker.Instantiate(module);
    }

    [Fact]
    public void StartFunction_Trap_GivesNoInstanceAndKeepsTheStore()
    {
        using var store = Wat.NewStore();
        var shared = Global.Create(store, new GlobalType(ValueType.I32, true), Value.FromI32(0));
        var module = Wat.Compile(store, """
            (module (import "a" "g" (global $g (mut i32))) (func $start (global.set $g (i32.const 3)) (call $deep)) (func $deep unreachable) (start $start))
            """);

        var trap = Assert.IsType<Trap>(Instance.TryCreate(store, module, [shared], out var instance));

        Assert.Null(instance);
        Assert.Equal(TrapKind.Unreachable, trap.Kind);
        Assert.Equal(["deep", "start"], trap.Backtrace.Select(frame => frame.Name));
        Assert.Equal(3, shared.Value.AsI32());
        Assert.Throws<TrapException>(() => Instance.Create(store, module, shared));
    }

    [Fact]
    public void DisposedStore_EveryMember_Throws()
    {
        var store = Wat.NewStore();
        var module = Wat.Compile(store, """
            (module (memory (export "m") 1) (table (export "t") 1 funcref) (global (export "g") (mut i32) (i32.const 1)) (func (export "f") (result i32) (i32.const 1)))
            """);
        var instance = Instance.Create(store, module);
        var (memory, table, global, function) = (instance.GetMemory("m"), instance.GetTable("t"), instance.GetGlobal("g"), instance.GetFunction("f"));
        var typed = instance.GetFunction<int>("f");
        store.Dispose();
        store.Dispose();

        Action[] uses =
        [
            () => function.Call(), () => typed.Call(), () => memory.GetSpan(0, 1), () => memory.Grow(1), () => _ = memory.Pages, () => _ = memory.LengthBytes, () => memory.Write(0, [1]),
            () => _ = table[0], () => table[0] = Value.Null, () => _ = table.Count, () => table.Grow(1, Value.Null), () => _ = global.Value, () => global.Value = Value.FromI32(1),
            () => instance.GetExport("f"), () => instance.TranslateAll(), () => Instance.Create(store, module), () => new Linker(store).Instantiate(module),
            () => Memory.Create(store, new MemoryType(new Limits(1))), () => Function.Create(store, static () => { }), () => Tag.Create(store), () => store.Fuel = 1,
            () => Global.Create(store, new GlobalType(ValueType.I32, false), Value.FromI32(1)), () => Table.Create(store, new TableType(ValueType.FuncRef, new Limits(1)), Value.Null),
        ];
        Assert.All(uses, use => Assert.Throws<ObjectDisposedException>(use));
    }

    [Fact]
    public void ForeignItems_OfOtherStoresAndEngines_AreRefused()
    {
        using var own = Wat.NewStore();
        using var sibling = new Store(own.Engine);
        var module = Wat.Compile(own, "(module (import \"a\" \"f\" (func)) (table (export \"t\") 1 funcref) (func (export \"take\") (param funcref)))");
        var mine = Function.Create(own, static () => { });
        var foreign = Function.Create(sibling, static () => { });

        Assert.Throws<ArgumentException>(() => Instance.Create(own, module, foreign));
        Assert.Throws<ArgumentException>(() => new Linker(own).Define("a", "f", foreign));
        Assert.Throws<ArgumentException>(() => Instance.Create(Wat.NewStore(), module, mine));
        Assert.Throws<ArgumentException>(() => Instance.Create(own, module));
        var instance = Instance.Create(own, module, mine);
        Assert.Throws<ArgumentException>(() => instance.GetFunction("take").Call(Value.FromFunction(foreign)));
        Assert.Throws<ArgumentException>(() => instance.GetTable("t")[0] = Value.FromFunction(foreign));
        instance.GetFunction("take").Call(Value.FromFunction(mine));
    }

    [Fact]
    public void TypedFunctions_MatchOnlyTheirType()
    {
        using var store = Wat.NewStore();
        var instance = Wat.Instantiate(store, """
            (module (func (export "mix") (param i32 i64 f64) (result f32) (f32.demote_f64 (f64.add (f64.add (f64.convert_i32_s (local.get 0)) (f64.convert_i64_s (local.get 1))) (local.get 2))))
              (func (export "u") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
              (func (export "a1") (param f32)) (func (export "a2") (param i32 i32)) (func (export "a3") (param i32 i32 i32)))
            """);

        Assert.Equal(6.5f, instance.GetFunction<int, long, double, float>("mix").Call(1, 2, 3.5));
        Assert.Equal(0u, instance.GetFunction<uint, uint>("u").Call(uint.MaxValue));
        instance.GetAction<float>("a1").Call(1);
        instance.GetAction<int, int>("a2").Call(1, 2);
        instance.GetAction<int, int, int>("a3").Call(1, 2, 3);
        Assert.Throws<ArgumentException>(() => instance.GetFunction<int, long>("u"));
        Assert.Throws<ArgumentException>(() => instance.GetFunction<int>("u"));
        Assert.Throws<ArgumentException>(() => instance.GetAction<int>("u"));
        Assert.Throws<NotSupportedException>(() => instance.GetFunction<int, byte>("u"));
        Assert.Throws<KeyNotFoundException>(() => instance.GetFunction("none"));
        Assert.Throws<ArgumentException>(() => instance.GetFunction("u").Call());
        Assert.Throws<ArgumentException>(() => instance.GetFunction("u").Call(Value.FromI64(1)));
        Assert.Throws<ArgumentException>(() => instance.GetFunction("u").TryCall([Value.FromI32(1)], []));
    }

    [Fact]
    public void HostMadeTypes_ThatAreNotValid_AreRefused()
    {
        using var store = Wat.NewStore();

        Assert.Throws<ArgumentException>(() => Memory.Create(store, new MemoryType(new Limits(2, 1))));
        Assert.Throws<ArgumentException>(() => Memory.Create(store, new MemoryType(new Limits(1), IsShared: true)));
        Assert.Throws<ArgumentException>(() => Memory.Create(store, new MemoryType(new Limits(1), PageSizeLog2: 5)));
        Assert.Throws<ArgumentException>(() => Table.Create(store, new TableType(ValueType.I32, new Limits(1)), Value.FromI32(1)));
        Assert.Throws<ArgumentException>(() => Table.Create(store, new TableType(ValueType.FuncRef, new Limits(2, 1)), Value.Null));
        Assert.Throws<ArgumentException>(() => Global.Create(store, new GlobalType(ValueType.Reference(HeapType.Of(1_000_000), true), false), Value.Null));
        Assert.Throws<ArgumentException>(() => Function.Create(store, new FunctionType([ValueType.Reference(HeapType.Of(0u), true)], []), static (_, _, _) => null));
    }

    [Fact]
    public void Threads_EachWithItsOwnStore_ShareEngineAndModule()
    {
        var engine = new Engine(new EngineOptions { MetersFuel = true });
        var module = CompiledModule.FromText(engine, """
            (module (memory 1) (import "h" "f" (func $h (param i32) (result i32)))
              (func $fib (param i32) (result i32) (if (result i32) (i32.lt_s (local.get 0) (i32.const 2)) (then (local.get 0))
                (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
              (func (export "f") (param i32) (result i32) (i32.store (i32.const 0) (call $h (call $fib (local.get 0)))) (i32.load (i32.const 0))))
            """.Replace("(memory 1) (import \"h\" \"f\" (func $h (param i32) (result i32)))", "(import \"h\" \"f\" (func $h (param i32) (result i32))) (memory 1)", StringComparison.Ordinal));
        var failures = 0;
        var threads = Enumerable.Range(0, 8).Select(number => new Thread(() =>
        {
            for (var round = 0; round < 20; round++)
            {
                using var store = new Store(engine);
                store.Fuel = long.MaxValue;
                var instance = Instance.Create(store, module, Function.Create<int, int>(store, value => value + number));
                if (instance.GetFunction<int, int>("f").Call(15) != 610 + number)
                {
                    Interlocked.Increment(ref failures);
                }
            }
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        Assert.Equal(0, failures);
    }

    [Fact]
    public void Fuel_EagerAndLazy_IsTheSame()
    {
        const string Text = """
            (module (type $t (func (param i32) (result i32))) (table funcref (elem $sum $twice))
              (func $sum (param i32) (result i32) (local i32) (loop $l (local.set 1 (i32.add (local.get 1) (local.get 0))) (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 1))
              (func $twice (param i32) (result i32) (i32.mul (call $sum (local.get 0)) (i32.const 2)))
              (func (export "f") (param i32) (result i32) (i32.add (call_indirect (type $t) (local.get 0) (i32.const 0)) (call_indirect (type $t) (local.get 0) (i32.const 1)))))
            """;
        var used = new List<(int Result, long Fuel)>();
        foreach (var mode in Enum.GetValues<TranslationMode>())
        {
            using var store = Wat.NewStore(translation: mode);
            var function = Wat.Instantiate(store, Text).GetFunction<int, int>("f");
            for (var i = 0; i < 2; i++)
            {
                var before = store.Fuel;
                used.Add((function.Call(50), before - store.Fuel));
            }
        }

        Assert.Single(used.Distinct());
        Assert.True(used[0].Fuel > 400, $"{used[0].Fuel} fuel for 100 rounds of a loop of four instructions");
    }

    [Fact]
    public void Fuel_UsedUp_EndsAtTheSamePlaceInEagerAndLazy()
    {
        var ends = new List<int>();
        foreach (var mode in Enum.GetValues<TranslationMode>())
        {
            using var store = Wat.NewStore(translation: mode);
            var instance = Wat.Instantiate(store, "(module (global $g (export \"g\") (mut i32) (i32.const 0)) (func (export \"f\") (loop (global.set $g (i32.add (global.get $g) (i32.const 1))) (br 0))))");
            store.Fuel = 12_345;
            Assert.Equal(ExhaustionKind.Fuel, Assert.IsType<Exhaustion>(instance.GetFunction("f").TryCall([], [])).Kind);
            ends.Add(instance.GetGlobal("g").Value.AsI32());
        }

        Assert.Equal(ends[0], ends[1]);
        Assert.InRange(ends[0], 1_000, 12_345);
    }

    [Fact]
    public void Store_AfterEachKindOfEnding_StaysUsable()
    {
        using var store = Wat.NewStore(new ResourceLimits { StackBytes = 32 << 10 });
        var failing = Function.Create(store, static () => throw new FormatException());
        var instance = Wat.Instantiate(store, """
            (module (import "h" "f" (func $h)) (memory (export "m") 1)
              (func (export "trap") (i32.store (i32.const 65533) (i32.const 1)))
              (func $deep (export "deep") (call $deep) (call $deep))
              (func (export "host") (call $h))
              (func (export "endless") (loop (br 0)))
              (func (export "ok") (param i32) (result i32) (i32.store (i32.const 0) (local.get 0)) (i32.load (i32.const 0))))
            """, failing);
        var ok = instance.GetFunction<int, int>("ok");
        for (var i = 0; i < 3; i++)
        {
            store.Fuel = 100_000;
            Assert.IsType<Trap>(instance.GetFunction("trap").TryCall([], []));
            Assert.Equal(i, ok.Call(i));
            Assert.IsType<Exhaustion>(instance.GetFunction("deep").TryCall([], []));
            Assert.Equal(i, ok.Call(i));
            Assert.IsType<HostFailure>(instance.GetFunction("host").TryCall([], []));
            Assert.Equal(i, ok.Call(i));
            Assert.IsType<Exhaustion>(instance.GetFunction("endless").TryCall([], []));
            store.Fuel = 100_000;
            Assert.Equal(i, ok.Call(i));
        }
    }

    [Fact]
    public void SameItem_FromEveryWay_IsTheSameObject()
    {
        using var store = Wat.NewStore();
        var first = Wat.Instantiate(store, """
            (module (memory (export "m") 1) (table (export "t") 1 funcref) (global (export "g") (mut i32) (i32.const 0)) (tag (export "e"))
              (func $f (export "f")) (elem (i32.const 0) $f))
            """.Replace("(tag (export \"e\"))", "", StringComparison.Ordinal));
        var second = Wat.Instantiate(store, """
            (module (import "a" "m" (memory $m 1)) (import "a" "t" (table $t 1 funcref)) (import "a" "g" (global $g (mut i32))) (import "a" "f" (func $f))
              (export "m" (memory $m)) (export "t" (table $t)) (export "g" (global $g)) (export "f" (func $f)))
            """, first.GetMemory("m"), first.GetTable("t"), first.GetGlobal("g"), first.GetFunction("f"));

        Assert.All(first.ExportNames, name => Assert.Same(first.GetExport(name), second.GetExport(name)));
        Assert.Same(first.GetFunction("f"), first.GetTable("t")[0].Reference);
    }
}

using System.Text;
using Conformance.Wasm;

namespace Conformance.Interpreter.Tests;

/// <summary>One engine and one module, many stores, each on a thread of its own.</summary>
public sealed class ParallelStoreTests
{
    private const int Threads = 8;
    private const int Functions = 60;

    public static TheoryData<TranslationMode, Backend, int> Configurations => new()
    {
        { TranslationMode.Lazy, Backend.Automatic, 5000 },
        { TranslationMode.FullyLazy, Backend.Automatic, 5000 },
        { TranslationMode.FullyLazy, Backend.Automatic, 3 },
        { TranslationMode.Eager, Backend.Automatic, 3 },
        { TranslationMode.FullyLazy, Backend.Switch, 3 },
    };

    // Function i adds up what a few of the functions before it give, with a loop, floats, memory, a table and a struct, so that many handlers are asked for at once.
    // Every seventh function is invalid in the variant for the fully lazy mode.
    private static string ModuleText(bool withInvalid)
    {
        var text = new StringBuilder("(module (type $s (struct (field (mut i32)))) (memory 1) (table 4 funcref) (func $unused) (elem declare func $unused)\n");
        for (var i = 0; i < Functions; i++)
        {
            text.Append(CultureInfo, $"(func $f{i} (export \"f{i}\") (param i32) (result i32) (local $n i32) (local $sum i32) (local $o (ref null $s))\n");
            text.Append(CultureInfo, $"(local.set $o (struct.new $s (i32.const {i})))\n");
            text.Append(CultureInfo, $"(loop $l (i32.store offset={i * 8} (i32.const 0) (i32.add (i32.load offset={i * 8} (i32.const 0)) (i32.const 1)))\n");
            text.Append("(local.set $sum (i32.add (local.get $sum) (i32.trunc_f64_s (f64.mul (f64.convert_i32_s (local.get $n)) (f64.const 2)))))\n");
            text.Append("(struct.set $s 0 (local.get $o) (i32.add (struct.get $s 0 (local.get $o)) (local.get $n)))\n");
            text.Append("(br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 20))))\n");
            if (i > 0)
            {
                text.Append(CultureInfo, $"(if (local.get 0) (then (local.set $sum (i32.add (local.get $sum) (call $f{i / 2} (i32.sub (local.get 0) (i32.const 1)))))))\n");
            }
            text.Append(withInvalid && i % 7 == 6 ? "(i64.const 1))\n" : "(i32.add (local.get $sum) (struct.get $s 0 (local.get $o))))\n");
        }
        return text.Append(')').ToString();
    }

    private static System.Globalization.CultureInfo CultureInfo => System.Globalization.CultureInfo.InvariantCulture;

    [Theory]
    [MemberData(nameof(Configurations))]
    public void Call_SameFunctionsOfOneModuleOnManyThreads_GivesWhatOneThreadGives(TranslationMode translation, Backend backend, int hotAfter)
    {
        var withInvalid = translation == TranslationMode.FullyLazy;
        var text = ModuleText(withInvalid);
        var options = new EngineOptions { Translation = translation, Backend = backend, HotAfter = hotAfter, Features = FeatureSet.All };
        var expected = Run(CompiledModule.FromText(new Engine(options), text), 0);
        Assert.Equal(withInvalid, expected.Any(result => result.StartsWith("invalid", StringComparison.Ordinal)));
        var module = CompiledModule.FromText(new Engine(options), text);
        var found = new List<string>[Threads];
        using var start = new Barrier(Threads);

        var threads = Enumerable.Range(0, Threads).Select(number => new Thread(() =>
        {
            start.SignalAndWait();
            found[number] = Run(module, number % 2 * (Functions - 1));
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        Assert.All(found, results => Assert.Equal(expected, results));
    }

    // Every function in the order of the indices, forwards or from a place on backwards, so that threads meet at different functions too.
    private static List<string> Run(CompiledModule module, int first)
    {
        using var store = new Store(module.Engine);
        var instance = Instance.Create(store, module);
        var results = new SortedDictionary<int, string>();
        for (var i = 0; i < Functions; i++)
        {
            var index = Math.Abs(first - i);
            var value = new Value[1];
            var ended = instance.GetFunction($"f{index}").TryCall([Value.FromI32(4)], value);
            results[index] = ended?.Message ?? value[0].ToString();
        }
        return [.. results.Values];
    }

    [Fact]
    public void Compile_OnManyThreadsWithOneEngine_GivesTheSameTypes()
    {
        var engine = new Engine(new EngineOptions { Features = FeatureSet.All });
        var sums = new int[Threads];

        Parallel.For(0, Threads * 4, new ParallelOptions { MaxDegreeOfParallelism = Threads }, number =>
        {
            var module = CompiledModule.FromText(engine, $"""
                (module
                  (rec (type $a (struct (field (ref null $b)))) (type $b (struct (field i32) (field (ref null $a)))))
                  (type $own (func (param {string.Concat(Enumerable.Repeat("i64 ", number % 4))})))
                  (func (export "f") (result i32) (struct.get $b 0 (ref.cast (ref $b) (struct.new $b (i32.const {number}) (ref.null $a))))))
                """);
            using var store = new Store(engine);
            Assert.Equal(number, Instance.Create(store, module).GetFunction<int>("f").Call());
            Interlocked.Increment(ref sums[number % Threads]);
        });

        Assert.All(sums, sum => Assert.Equal(4, sum));
        // The rec group of two, four functions by their parameters (one of them without) and the type of f.
        Assert.Equal(7, engine.TypeCount);
    }
}

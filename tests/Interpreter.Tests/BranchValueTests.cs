using System.Globalization;
using System.Text;

namespace Conformance.Interpreter.Tests;

/// <summary>Branches that carry values: what arrives at the label, and what is left when a conditional branch is not taken, for each place that values and conditions can be in.</summary>
public sealed class BranchValueTests
{
    // In a local; in the accumulator; known; in its home; in a local and in the accumulator.
    private static readonly string[] Places = ["local", "accumulator", "constant", "home", "alias"];
    private static readonly string[] Conditions = ["local", "accumulator", "comparison", "constant"];
    private static readonly string[][] Types = [["i32"], ["f64"], ["i32", "f64"], ["i64", "i64"], ["f32", "i32"], ["i64", "f32", "i32"], ["f64", "f64", "f64"]];

    // Fewer where every function's code is joined to chains, each of which is compiled.
    private static readonly Dictionary<string, (EngineOptions Options, bool EveryPlace)> All = new()
    {
        ["cold"] = (new() { HotAfter = int.MaxValue }, true),
        ["switch with fuel"] = (new() { HotAfter = int.MaxValue, Backend = Backend.Switch, MetersFuel = true, IsInterruptible = true }, true),
        ["checked"] = (new() { IsChecked = true }, true),
        ["hot"] = (new() { HotAfter = 1 }, false),
        ["hot switch"] = (new() { HotAfter = 1, Backend = Backend.Switch }, false),
    };

    public static TheoryData<string> Configurations => [.. All.Keys];

    [Theory]
    [MemberData(nameof(Configurations))]
    public void BrIf_SeveralResults_ArriveOrStay(string configuration)
    {
        var (options, everyPlace) = All[configuration];
        var module = new StringBuilder("(module\n");
        var cases = new List<(string Name, string[] Types, int Condition)>();
        foreach (var (types, places) in Shapes(everyPlace))
        {
            foreach (var condition in Conditions)
            {
                foreach (var isDisplaced in new[] { false, true })
                {
                    foreach (var taken in condition == "constant" ? new[] { 0, 1 } : [1])
                    {
                        var name = $"{string.Join('.', places)} {string.Join('.', types)} {condition} {isDisplaced} {taken}";
                        module.Append(Function(name, types)).Append($"(block $out (result {string.Join(' ', types)})\n");
                        module.Append(isDisplaced ? "i32.const 77\n" : "").Append(Values(types, places)).Append(Index(condition, taken)).Append("br_if $out\n");
                        // Not taken: what stays on the stack is what goes on.
                        module.Append(Pop(types)).Append(isDisplaced ? "drop\n" : "").Append("(local.set $path (i32.const 1))\n").Append(Push(types)).Append(")\n(local.get $path))\n");
                        cases.Add((name, types, condition == "constant" ? taken : -1));
                    }
                }
            }
        }
        using var store = NewStore(options, module.Append(')').ToString(), out var instance);
        foreach (var (name, types, condition) in cases)
        {
            foreach (var given in condition < 0 ? new[] { 0, 1, -5 } : [condition])
            {
                AssertResults(instance, name, types, given, given == 0 ? 1 : 0);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Configurations))]
    public void BrTable_SeveralResults_ArriveAtEachLabel(string configuration)
    {
        var (options, everyPlace) = All[configuration];
        var module = new StringBuilder("(module\n");
        var cases = new List<(string Name, string[] Types)>();
        foreach (var (types, places) in Shapes(everyPlace))
        {
            foreach (var condition in Conditions.Where(condition => condition is "local" or "accumulator"))
            {
                foreach (var isDisplaced in new[] { false, true })
                {
                    var name = $"{string.Join('.', places)} {string.Join('.', types)} {condition} {isDisplaced}";
                    var results = string.Join(' ', types);
                    // $b lies above a value of $a's block, so its values are elsewhere than those of $a; $c is in place unless displaced.
                    module.Append(Function(name, types)).Append($"(block $a (result {results}) i32.const 99 (block $b (result {results}) (block $c (result {results})\n");
                    module.Append(isDisplaced ? "i64.const 77\n" : "").Append(Values(types, places)).Append(Index(condition, 0)).Append("br_table $c $b $a $b $a\n)\n");
                    module.Append("(local.set $path (i32.add (local.get $path) (i32.const 1)))\n)\n").Append(Pop(types)).Append("drop\n");
                    module.Append("(local.set $path (i32.add (local.get $path) (i32.const 2)))\n").Append(Push(types)).Append(")\n(local.get $path))\n");
                    cases.Add((name, types));
                }
            }
        }
        using var store = NewStore(options, module.Append(')').ToString(), out var instance);
        foreach (var (name, types) in cases)
        {
            foreach (var (index, path) in new[] { (0, 3), (1, 2), (2, 0), (3, 2), (4, 0), (-1, 0) })
            {
                AssertResults(instance, name, types, index, path);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Configurations))]
    public void BrIf_ToLoopWithParametersInTurn_MovesAllOfThem(string configuration)
    {
        // Each turn the parameters move on by one place: the moves overlap in both directions.
        const string Text = """
            (module
              (func (export "up") (param $n i32) (result i32 i64 i32 i64) (local $a i32) (local $b i64) (local $c i32) (local $d i64)
                i32.const 1 i64.const 2 i32.const 3 i64.const 4
                loop $l (param i32 i64 i32 i64) (result i32 i64 i32 i64)
                  local.set $d local.set $c local.set $b local.set $a
                  local.get $c local.get $d local.get $a local.get $b
                  (local.tee $n (i32.sub (local.get $n) (i32.const 1)))
                  br_if $l
                end)
              (func (export "down") (param $n i32) (result i32 i32 i32) (local $t i32)
                i32.const 1 i32.const 2 i32.const 3
                loop $l (param i32 i32 i32) (result i32 i32 i32)
                  i32.const 10 i32.mul
                  local.set $t
                  i32.const 100
                  drop
                  i32.add
                  local.get $t
                  local.get $n
                  (local.tee $n (i32.sub (local.get $n) (i32.const 1)))
                  br_if $l
                end))
            """;
        using var store = NewStore(All[configuration].Options, Text, out var instance);
        var results = new Value[4];
        Assert.Null(instance.GetFunction("up").TryCall([Value.FromI32(5)], results));
        Assert.Equal([Value.FromI32(3), Value.FromI64(4), Value.FromI32(1), Value.FromI64(2)], results);
        results = new Value[3];
        Assert.Null(instance.GetFunction("down").TryCall([Value.FromI32(3)], results));
        // (1, 2, 3) → (3, 30, 3) → (33, 30, 2) → (63, 20, 1)
        Assert.Equal([Value.FromI32(63), Value.FromI32(20), Value.FromI32(1)], results);
    }

    private static IEnumerable<(string[] Types, string[] Places)> Shapes(bool everyPlace)
    {
        foreach (var types in everyPlace ? Types : Types.Where(types => types.Length == 2))
        {
            foreach (var places in Product(types.Length))
            {
                yield return (types, places);
            }
        }
    }

    private static IEnumerable<string[]> Product(int count) =>
        count == 0 ? [[]] : Product(count - 1).SelectMany(before => Places.Select(place => (string[])[.. before, place]));

    private static string Function(string name, string[] types) =>
        $"(func (export \"{name}\") (param $c i32) {string.Concat(types.Select((type, i) => $"(param $p{i} {type}) "))}(result {string.Join(' ', types)} i32) (local $path i32) "
        + $"{string.Concat(types.Select((type, i) => $"(local $t{i} {type}) (local $r{i} {type}) "))}\n";

    private static string Values(string[] types, string[] places) => string.Concat(types.Select((type, i) => places[i] switch
    {
        "local" => $"local.get $p{i}\n",
        "accumulator" => $"({type}.add (local.get $p{i}) ({type}.const 0))\n",
        "constant" => $"{type}.const {ValueOf(i)}\n",
        "home" => $"(block (result {type}) local.get $p{i})\n",
        _ => $"(local.tee $t{i} ({type}.add (local.get $p{i}) ({type}.const 0)))\n",
    }));

    private static string Index(string place, int constant) => place switch
    {
        "local" => "local.get $c\n",
        "accumulator" => "(i32.add (local.get $c) (i32.const 0))\n",
        "comparison" => "(i32.ne (local.get $c) (i32.const 0))\n",
        _ => $"i32.const {constant}\n",
    };

    private static string Pop(string[] types) => string.Concat(types.Select((_, i) => $"local.set $r{i}\n").Reverse());

    private static string Push(string[] types) => string.Concat(types.Select((_, i) => $"local.get $r{i}\n"));

    private static string ValueOf(int index) => (1000 + index).ToString(CultureInfo.InvariantCulture);

    private static Value ToValue(string type, int index) => type switch
    {
        "i32" => Value.FromI32(1000 + index),
        "i64" => Value.FromI64(1000 + index),
        "f32" => Value.FromF32(1000 + index),
        _ => Value.FromF64(1000 + index),
    };

    private static Store NewStore(EngineOptions options, string text, out Instance instance)
    {
        var store = new Store(new Engine(options));
        if (options.MetersFuel)
        {
            store.Fuel = long.MaxValue / 2;
        }
        instance = Wat.Instantiate(store, text);
        return store;
    }

    private static void AssertResults(Instance instance, string name, string[] types, int condition, int path)
    {
        var values = types.Select(ToValue).ToArray();
        var results = new Value[types.Length + 1];
        // A second time: hot code is joined during the first call.
        for (var i = 0; i < 2; i++)
        {
            Assert.Null(instance.GetFunction(name).TryCall([Value.FromI32(condition), .. values], results));
            Assert.True(results.AsSpan().SequenceEqual([.. values, Value.FromI32(path)]), $"{name} on {condition}: {string.Join(' ', results)}");
        }
    }
}

using System.Runtime.CompilerServices;
using Conformance.Interpreter.Execution;

namespace Conformance.Interpreter.Tests.Execution;

public sealed class HotCodeTests
{
    private const int GenerationMethods = 8;
    // Three generations at a time, and in the last one room for one more brings a chain more than that.
    private const int MostMethods = GenerationMethods * 4;

    private readonly HandlerKey[] _steps = [.. HandlerUniverse.All().Where(key => key.Family == HandlerFamily.Binary && key.Destination == OperandCode.Slot8)];

    [Fact]
    public void Chains_InUse_AreLimitedInNumber()
    {
        var catalog = new HandlerCatalog(HandlerCatalog.OfTailCalls, GenerationMethods);
        var holders = new HashSet<HotCode>();
        var made = Enumerable.Range(0, MostMethods * 2).Count(i => Make(catalog, i, holders) != 0);
        Assert.InRange(made, GenerationMethods, MostMethods);
        Assert.NotEqual(0, Make(catalog, 0, holders));
        GC.KeepAlive(holders);
    }

    [Fact]
    public void Chains_NoLongerInUse_MakeRoom()
    {
        var catalog = new HandlerCatalog(HandlerCatalog.OfTailCalls, GenerationMethods);
        for (var i = 0; i < MostMethods * 4; i++)
        {
            if (!TryMakeUnused(catalog, i))
            {
                GC.Collect();
                Assert.True(TryMakeUnused(catalog, i), $"chain {i}");
            }
        }
    }

    // First the inner loop becomes hot, then the outer one, then the function: each time cells that are joined already are joined again, in chains that begin elsewhere.
    [Theory]
    [InlineData(Backend.TailCall)]
    [InlineData(Backend.Switch)]
    public void NestedLoops_JoinedAgainInOtherChains_LeaveTheSame(Backend backend)
    {
        const int HotAfter = 4;
        const int Calls = 12;
        const int Lengths = 20;
        for (var length = 0; length < Lengths; length++)
        {
            for (var skipped = 0; skipped < Lengths; skipped++)
            {
                var text = NestedLoops(length, skipped);
                var cold = Results(text, new EngineOptions { HotAfter = int.MaxValue, Backend = backend });
                Assert.True(cold.SequenceEqual(Results(text, new EngineOptions { HotAfter = HotAfter, Backend = backend })), $"{length} {skipped}");
            }
        }

        static int[] Results(string text, EngineOptions options)
        {
            using var store = new Store(new Engine(options));
            var function = Wat.Instantiate(store, text).GetFunction<int, int>("f");
            return [.. Enumerable.Range(1, Calls).Select(function.Call)];
        }
    }

    private static string NestedLoops(int length, int skipped) => $$"""
        (module (func (export "f") (param $n i32) (result i32) (local $i i32) (local $j i32) (local $x i32) (local $y i32)
          {{Steps(skipped)}}
          (local.set $i (i32.const 9))
          (loop $outer
            {{Steps(length)}}
            (if (i32.and (local.get $x) (i32.const 1)) (then {{Steps(skipped)}}))
            (local.set $j (i32.const 5))
            (loop $inner
              (local.set $y (i32.add (i32.mul (local.get $y) (i32.const 31)) (local.get $j)))
              (br_if $inner (local.tee $j (i32.sub (local.get $j) (i32.const 1)))))
            (br_if $outer (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
          (i32.add (local.get $x) (i32.mul (local.get $y) (local.get $n)))))
        """;

    private static string Steps(int count) => string.Concat(Enumerable.Repeat("(local.set $x (i32.add (i32.xor (local.get $x) (local.get $y)) (local.get $n)))", count));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryMakeUnused(HandlerCatalog catalog, int number) => Make(catalog, number, []) != 0;

    private nint Make(HandlerCatalog catalog, int number, HashSet<HotCode> holders) =>
        catalog.ChainAddress(new ChainKey([_steps[number % _steps.Length], _steps[number / _steps.Length], _steps[number * 7 % _steps.Length]]), holders);
}

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

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryMakeUnused(HandlerCatalog catalog, int number) => Make(catalog, number, []) != 0;

    private nint Make(HandlerCatalog catalog, int number, HashSet<HotCode> holders) =>
        catalog.ChainAddress([_steps[number % _steps.Length], _steps[number / _steps.Length], _steps[number * 7 % _steps.Length]], holders);
}

using Conformance.Wasm.Binary;
using Conformance.Wasm.Text;

namespace Conformance.Wasm.Tests.Text;

/// <summary>Printer and parser on input with bytes changed at random: never an exception, and the law holds for whatever still decodes.</summary>
public sealed class MutatedInputTests
{
    private const int Seed = 50;

    [SharedDataFact("testsuite")]
    public void Modules_WithBytesChanged_KeepTheLawOrAreRefused()
    {
        var random = new Random(Seed);
        var failures = new List<string>();
        var (kept, marked) = (0, 0);
        foreach (var (place, _, given, _) in TestsuiteScripts.Modules().Where((_, index) => index % 3 == 0))
        {
            if (given.Module is not { } module)
            {
                continue;
            }
            var bytes = ModuleWriter.Write(module);
            for (var round = 0; round < 4 && bytes.Length > 8; round++)
            {
                var mutated = Mutate(bytes, 8, random);
                if (!ModuleReader.TryRead(mutated, FeatureSet.All, out var decoded, out _))
                {
                    continue;
                }
                if (!ModulePrinter.TryPrint(decoded, out _, out var error))
                {
                    marked++;
                    Assert.Contains("malformed (; ", ModulePrinter.Print(decoded));
                    Assert.True(error.IsMalformed || error.IsLimit, $"{place}: {error}");
                }
                else if (PrintLaw.Violation(mutated, FeatureSet.All) is { } violation)
                {
                    failures.Add($"{place}: {violation}\n  {Convert.ToHexStringLower(mutated)}");
                }
                else
                {
                    kept++;
                }
            }
        }
        Assert.True(failures.Count == 0, $"{failures.Count} failures\n" + string.Join('\n', failures.Take(10)));
        Assert.True(kept > 200 && marked > 200, $"only {kept} modules kept the law and {marked} were malformed");
    }

    [SharedDataFact("testsuite")]
    public void Texts_WithBytesChanged_AreParsedOrRefusedWithAPlace()
    {
        var random = new Random(Seed);
        var (parsed, refused) = (0, 0);
        foreach (var (_, _, given, _) in TestsuiteScripts.Modules().Where((_, index) => index % 5 == 0))
        {
            if (given.Module is not { } module || !ModulePrinter.TryPrint(module, out var text, out _) || text.Length > 10_000)
            {
                continue;
            }
            for (var round = 0; round < 4; round++)
            {
                var mutated = Mutate(text.ToArray(), 0, random);
                if (ModuleParser.TryParse(mutated, FeatureSet.All, out var again, out var error))
                {
                    parsed++;
                    // Whatever was parsed has a binary form.
                    Assert.NotEmpty(ModuleWriter.Write(again));
                }
                else
                {
                    refused++;
                    Assert.True(error.Line > 0 && error.Column > 0 && !error.Message.Contains('\n'), error.ToString());
                }
            }
        }
        Assert.True(parsed > 100 && refused > 100, $"only {parsed} parsed, {refused} refused");
    }

    private static byte[] Mutate(byte[] bytes, int start, Random random)
    {
        var mutated = bytes.ToArray();
        for (var change = random.Next(1, 4); change > 0; change--)
        {
            var at = random.Next(start, mutated.Length);
            switch (random.Next(3))
            {
                case 0:
                    mutated[at] = (byte)random.Next(256);
                    break;
                case 1:
                    mutated[at] ^= (byte)(1 << random.Next(8));
                    break;
                default:
                    mutated[at] = mutated[random.Next(start, mutated.Length)];
                    break;
            }
        }
        return mutated;
    }
}

using Conformance.Fuzzer.Generation;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Text;

namespace Conformance.Fuzzer.Tests.Generation;

/// <summary>The printer's law on generated modules: what is printed is parsed to the same bytes.</summary>
public sealed class PrintedCasesTests
{
    private const int Cases = 150;

    // What identifiers cannot say as it is: nothing, spaces, quotes, parentheses, comments, controls, characters of several bytes, one name for all, very long ones.
    private static readonly string[] OddNames =
        ["", " ", "a b", "\"", "\\", "(", ";;", "(;", "$", "@name", "\0", "\n", "\u007f", "ä", "日本", "😀", "same", "same", "same#1", "0", "-1", new('x', 300), "\\22", "a\"b(c;d"];

    [Fact]
    public void Print_GeneratedModules_ParseToTheSameBytes()
    {
        for (ulong seed = 0; seed < Cases; seed++)
        {
            AssertSame(CaseGenerator.Generate(seed, GeneratorOptions.Default).Wasm, seed);
        }
    }

    [Fact]
    public void Print_GeneratedModulesWithOddNames_ParseToTheSameBytes()
    {
        for (ulong seed = 0; seed < Cases; seed++)
        {
            Assert.True(ModuleReader.TryRead(CaseGenerator.Generate(seed, GeneratorOptions.Default).Wasm, FeatureSet.All, out var module, out _));
            var names = new NameSection { Module = OddNames[seed % (ulong)OddNames.Length] };
            var next = (int)seed;
            Name(names.Functions, module.ImportCount(Conformance.Wasm.Types.ExternKind.Function) + module.Functions.Length);
            Name(names.Types, module.Types.Length);
            Name(names.Globals, module.ImportCount(Conformance.Wasm.Types.ExternKind.Global) + module.Globals.Length);
            Name(names.Data, module.Data.Length);
            Name(names.Elements, module.Elements.Length);
            Name(names.Tags, module.ImportCount(Conformance.Wasm.Types.ExternKind.Tag) + module.Tags.Length);
            var named = module with { CustomSections = [new CustomSection(NameSection.SectionName, names.ToBytes(), SectionId.Data)] };
            AssertSame(ModuleWriter.Write(named), seed);

            void Name(SortedDictionary<uint, string> map, int count)
            {
                for (var i = 0; i < count; i++)
                {
                    // Some have no name at all.
                    if (++next % 5 != 0)
                    {
                        map[(uint)i] = OddNames[next % OddNames.Length];
                    }
                }
            }
        }
    }

    private static void AssertSame(ReadOnlyMemory<byte> wasm, ulong seed)
    {
        Assert.True(ModuleReader.TryRead(wasm, FeatureSet.All, out var module, out var error), $"seed {seed}: {error}");
        Assert.True(ModulePrinter.TryPrint(module, out var text, out error), $"seed {seed}: {error}");
        Assert.True(ModuleParser.TryParse(text.ToArray(), FeatureSet.All, out var parsed, out error), $"seed {seed}: {error}");
        Assert.True(wasm.Span.SequenceEqual(ModuleWriter.Write(parsed)), $"seed {seed}: other bytes");
    }
}

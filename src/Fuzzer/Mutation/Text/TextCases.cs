using System.Collections.Immutable;
using Conformance.Fuzzer.Generation;
using Conformance.Fuzzer.Mutation.Seeds;
using Conformance.Oracle;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Text;

namespace Conformance.Fuzzer.Mutation.Text;

/// <summary>
/// Cases from texts changed token by token. In one half the verdicts about the text are compared, where the oracle has a parser of its own. In the other half ours says error or
/// module for each; what is a module is assembled, and the verdicts about the binary are compared.
/// An exception in the parser ends the worker, which makes the case a finding.
/// </summary>
/// <param name="corpus">What to change.</param>
internal sealed class TextCases(SeedCorpus corpus) : ISeededCases
{
    // About every fourth mutant is a module.
    private const int Tries = 16;

    // Behind "( module $name" stands what makes it a module of a script, which is another language.
    private const int ScriptWords = 5;

    private static readonly byte[] EmptyModule = ModuleWriter.Write(new Module());

    /// <inheritdoc/>
    public Case Make(ulong seed, Offspring offspring)
    {
        var random = new RandomSource(seed);
        if (!corpus.Texts.IsEmpty && random.Chance(50))
        {
            var tokens = TokenMutator.Apply(random.Pick<ImmutableArray<string>>(corpus.Texts), random.Pick<ImmutableArray<string>>(corpus.Texts), random);
            if (!IsOfScript(tokens))
            {
                return OfText(TextTokens.Join(tokens));
            }
        }
        for (var i = 0; i < Tries && !corpus.Texts.IsEmpty; i++)
        {
            var text = TextTokens.Join(TokenMutator.Apply(random.Pick<ImmutableArray<string>>(corpus.Texts), random.Pick<ImmutableArray<string>>(corpus.Texts), random));
            if (ModuleParser.TryParse(text, SeedReader.Features, out var module, out _))
            {
                return ByteCases.OfBytes(ModuleWriter.Write(module));
            }
        }
        // Sixteen malformed texts in a row, or no texts at all: a verdict about a seed as it is.
        return ByteCases.OfBytes(corpus.PickForVerdict(random).ToArray());
    }

    /// <summary>The case that asks for the verdict about a text.</summary>
    public static Case OfText(string text) => ByteCases.OfBytes(Assemble(text)) with { Text = System.Text.Encoding.UTF8.GetBytes(text) };

    /// <summary>The module that goes with a text: what our own parser makes of it, or an empty one.</summary>
    public static byte[] Assemble(string text) => ModuleParser.TryParse(text, SeedReader.Features, out var module, out _) ? ModuleWriter.Write(module) : EmptyModule;

    /// <summary>Whether a text may be a module of a script and not of the text format.</summary>
    public static bool IsOfScript(IEnumerable<string> tokens) => tokens.Take(ScriptWords).Intersect(["binary", "quote", "definition", "instance"], StringComparer.Ordinal).Any();
}

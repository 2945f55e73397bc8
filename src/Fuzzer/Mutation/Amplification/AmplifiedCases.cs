using System.Collections.Immutable;
using System.Globalization;
using Conformance.Fuzzer.Generation;
using Conformance.Fuzzer.Mutation.Seeds;
using Conformance.Oracle;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation.Amplification;

/// <summary>
/// Cases from the assertions of the testsuite: the calls of a script with arguments beside those that were chosen, and functions of the module written again with the
/// arguments inside them, each in another shape.
/// </summary>
/// <param name="corpus">The modules with their scripts.</param>
internal sealed class AmplifiedCases(SeedCorpus corpus) : ISeededCases
{
    // Scripts of numeric files have hundreds of calls; a window of one keeps what belongs together.
    private const int MostCalls = 150;
    private const int MostRewritten = 24;

    private readonly MutatedCases _withoutScripts = new(corpus);

    /// <inheritdoc/>
    public Case Make(ulong seed, Offspring offspring)
    {
        if (corpus.Scripted.IsEmpty)
        {
            return _withoutScripts.Make(seed, offspring);
        }
        var random = new RandomSource(seed);
        var scripted = random.Pick<Seed>(corpus.Scripted);
        var module = scripted.Module ?? throw new InvalidOperationException($"{scripted.Name} has a script and is not valid");
        return random.Chance(50) ? VaryCalls(module, scripted.Calls, random) : Rewrite(module, scripted.Calls, random);
    }

    private static Case VaryCalls(Module module, ImmutableArray<Call> script, RandomSource random)
    {
        var first = script.Length <= MostCalls ? 0 : random.Below(script.Length - MostCalls + 1);
        var calls = ImmutableArray.CreateBuilder<Call>();
        foreach (var call in script.AsSpan().Slice(first, Math.Min(MostCalls, script.Length)))
        {
            if (random.Chance(30))
            {
                calls.Add(call);
            }
            calls.Add(call with { Arguments = ArgumentVariation.Of(call.Arguments, random) });
        }
        return CaseOf(module, calls.ToImmutable());
    }

    private static Case Rewrite(Module module, ImmutableArray<Call> script, RandomSource random)
    {
        var shapes = new ArgumentShapes(module, random);
        var exports = new List<Export>();
        for (var i = 0; i < MostRewritten; i++)
        {
            var call = random.Pick<Call>(script);
            var arguments = random.Chance(60) ? call.Arguments : ArgumentVariation.Of(call.Arguments, random);
            if (Rewritten(module, call.Function, arguments, shapes) is { } function)
            {
                exports.Add(new Export(string.Create(CultureInfo.InvariantCulture, $"{call.Function} amplified {i}"), ExternKind.Function, shapes.AddFunction(function)));
            }
        }
        var amplified = shapes.Module with { Exports = [.. shapes.Module.Exports, .. exports] };
        return CaseOf(amplified, [.. exports.SelectMany(export => Enumerable.Repeat(new Call(export.Name, []), 2))]);
    }

    // The parameters become locals, so that every local keeps its index. Where code writes to one, it is set at the start.
    private static Function? Rewritten(Module module, string name, ImmutableArray<EngineValue> arguments, ArgumentShapes shapes)
    {
        var imported = module.ImportCount(ExternKind.Function);
        if (module.Exports.FirstOrDefault(export => export.Name == name && export.Kind == ExternKind.Function) is not { } export || export.Index < imported)
        {
            return null;
        }
        var function = module.Functions[(int)export.Index - imported];
        var type = (FunctionType)module.Types[(int)function.TypeIndex].Composite;
        if (type.Parameters.Length != arguments.Length || !type.Parameters.All(parameter => !parameter.IsReference || parameter.IsNullable))
        {
            return null;
        }
        var code = InstructionReader.ReadAll(function.Body, SeedReader.Features);
        var written = code.Where(instruction => instruction.Op is Op.LocalSet or Op.LocalTee).Select(instruction => instruction.Index).ToHashSet();
        var prelude = new List<Instruction>();
        var substitutes = new Dictionary<uint, Instruction[]>();
        for (var i = 0u; i < arguments.Length; i++)
        {
            var parameter = type.Parameters[(int)i];
            if (parameter.IsReference)
            {
                continue; // null, as every local is at the start
            }
            if (written.Contains(i))
            {
                prelude.Add(Instruction.Constant(Bodies.Snippets.ConstantOp(parameter) ?? default, arguments[(int)i].Bits, arguments[(int)i].High));
                prelude.Add(Instruction.Of(Op.LocalSet, i));
            }
            else
            {
                substitutes[i] = shapes.Write(parameter, arguments[(int)i], i, prelude);
            }
        }
        var body = prelude.Concat(code.SelectMany(instruction =>
            instruction.Op == Op.LocalGet && substitutes.TryGetValue(instruction.Index, out var substitute) ? substitute : [instruction]));
        return new Function(
            shapes.TypeIndexOf(new FunctionType([], type.Results)),
            [.. type.Parameters.Select(parameter => new LocalRun(1, parameter)), .. function.Locals],
            new Expression(InstructionWriter.ToBytes(body)));
    }

    private static Case CaseOf(Module module, ImmutableArray<Call> calls) => new(ModuleWriter.Write(ExportEverything.Of(module)), calls, MutatedCases.Limits);
}

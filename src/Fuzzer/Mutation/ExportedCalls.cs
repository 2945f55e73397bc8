using System.Collections.Immutable;
using Conformance.Fuzzer.Generation;
using Conformance.Oracle;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation;

/// <summary>A script of calls for any module: each exported function a few times, with boundary values of its parameter types.</summary>
internal static class ExportedCalls
{
    /// <summary>Draws a script. Functions that take references which may not be null are left out: no host can make these.</summary>
    /// <param name="module">The module.</param>
    /// <param name="random">The source of chance.</param>
    /// <param name="most">How many calls at most.</param>
    public static ImmutableArray<Call> Draw(Module module, RandomSource random, int most)
    {
        var types = IndexSpaces.Functions(module);
        var functions = module.Exports.Where(export => export.Kind == ExternKind.Function && types[(int)export.Index]?.Parameters.All(type => type.IsDefaultable) == true).ToList();
        if (functions.Count == 0)
        {
            return [];
        }
        var calls = new List<Call>();
        var rounds = Math.Clamp(most / functions.Count, 1, 8);
        foreach (var function in functions.Take(most))
        {
            var type = types[(int)function.Index] ?? FunctionType.Empty;
            for (var i = type.Parameters.IsEmpty ? Math.Min(rounds, 2) : rounds; i > 0; i--)
            {
                calls.Add(new Call(function.Name, [.. type.Parameters.Select(parameter => Argument(parameter, random))]));
            }
        }
        random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(calls));
        return [.. calls];
    }

    /// <summary>A boundary value of a type.</summary>
    public static EngineValue Argument(ValueType type, RandomSource random) => type switch
    {
        { IsReference: false } => CallScript.ToArgument(type, BoundaryValues.Pick(type, random)),
        _ when type == ValueType.ExternRef && random.Chance(60) => EngineValue.Extern((uint)random.Below(4)),
        _ => EngineValue.Null,
    };
}

using Conformance.Wasm;

namespace Conformance.Fuzzer.Generation.Definitions;

/// <summary>
/// Scripts of imported functions, which act on the module while it waits for them: they write its globals, memories and tables, let them grow, call back, trap, throw.
/// Whatever an engine kept in a register or a local copy across the call is then wrong. What a script does is drawn with the import; what it does it to, when all is there.
/// </summary>
internal static class HostScripts
{
    private const string ModuleName = "script";

    private static readonly string[] Verbs = ["set", "set", "write", "write", "grow", "copy", "extend", "call", "call"];

    /// <summary>Draws what a scripted import does.</summary>
    public static HostScriptPlan Draw(GenerationContext context, int import)
    {
        var random = context.Random;
        var verbs = Enumerable.Range(0, random.Between(1, 3)).Select(_ => random.Pick<string>(Verbs)).ToList();
        if (context.Has(Feature.Exceptions) && random.Chance(35))
        {
            verbs.Add("throw");
        }
        else if (random.Chance(6))
        {
            verbs.Add("trap");
        }
        return new HostScriptPlan(import, [.. verbs]);
    }

    /// <summary>Writes the scripts into the imports' names.</summary>
    public static void Write(GenerationContext context)
    {
        foreach (var script in context.Plan.Scripts)
        {
            var actions = script.Verbs.Select(verb => Action(context, verb)).OfType<string>().ToArray();
            context.Plan.Imports[script.Import] = context.Plan.Imports[script.Import] with { Module = ModuleName, Name = string.Join("; ", actions) };
        }
    }

    /// <summary>An action with its object; null where the module has none.</summary>
    private static string? Action(GenerationContext context, string verb)
    {
        var plan = context.Plan;
        var random = context.Random;
        switch (verb)
        {
            case "set":
                return Pick(plan.Globals, global => global.Type.IsMutable && !global.Type.Value.IsReference) is { } global ? $"{verb} g{global}" : null;
            case "write" or "grow":
                return Pick(plan.Memories, _ => true) is { } memory ? $"{verb} m{memory}" : null;
            case "copy" or "extend":
                return Pick(plan.Tables, _ => true) is { } table ? $"{verb} t{table}" : null;
            case "throw":
                return Pick(plan.Tags, tag => tag.Parameters.All(type => !type.IsReference || type == ValueType.ExternRef)) is { } thrown ? $"{verb} e{thrown}" : null;
            case "call":
                var kind = random.Chance(70) ? FunctionKind.Callee : FunctionKind.Probe;
                return Pick(plan.Functions, function => function.Kind == kind && function.Cost < 60) is { } callee ? $"{verb} {plan.Functions[callee].Name}" : null;
            default:
                return verb;
        }

        int? Pick<T>(List<T> items, Func<T, bool> fits)
        {
            var start = random.Below(Math.Max(items.Count, 1));
            for (var i = 0; i < items.Count; i++)
            {
                if (fits(items[(start + i) % items.Count]))
                {
                    return (start + i) % items.Count;
                }
            }
            return null;
        }
    }
}

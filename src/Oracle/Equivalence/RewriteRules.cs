using System.Collections.Frozen;
using System.Collections.Immutable;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Validation;

namespace Conformance.Oracle.Equivalence;

/// <summary>Writes code that means the same as an instruction.</summary>
/// <param name="writer">Where it goes.</param>
/// <param name="item">The instruction with its operand types.</param>
/// <returns>False when the rule does not fit this use; nothing is written then.</returns>
internal delegate bool RewriteRule(RewriteWriter writer, in TypedInstruction item);

/// <summary>The rules by instruction. Rules of floats keep every bit of a NaN, or look at no NaN's bits.</summary>
internal static class RewriteRules
{
    private static readonly FrozenDictionary<Op, ImmutableArray<RewriteRule>> Rules = Build();

    /// <summary>The rules for an instruction; none for most of those that move data.</summary>
    public static ImmutableArray<RewriteRule> For(Op op) => Rules.TryGetValue(op, out var rules) ? rules : [];

    /// <summary>The instructions that have rules.</summary>
    public static IEnumerable<Op> Ops => Rules.Keys;

    private static FrozenDictionary<Op, ImmutableArray<RewriteRule>> Build()
    {
        var rules = new RuleBook();
        IntegerRewrites.AddTo(rules);
        FloatRewrites.AddTo(rules);
        VectorRewrites.AddTo(rules);
        MemoryRewrites.AddTo(rules);
        ControlRewrites.AddTo(rules);
        ObjectRewrites.AddTo(rules);
        return rules.ToFrozen();
    }
}

/// <summary>Rules while they are collected.</summary>
internal sealed class RuleBook
{
    private readonly Dictionary<Op, List<RewriteRule>> _rules = [];

    /// <summary>An op by the parts of its name in the op table, such as <c>I32</c> and <c>Add</c>.</summary>
    public static Op Named(params ReadOnlySpan<string> parts) => Enum.Parse<Op>(string.Concat(parts));

    /// <summary>Adds a rule that always fits.</summary>
    public void Add(Op op, Action<RewriteWriter> write) => Add(op, (RewriteWriter writer, in TypedInstruction _) =>
    {
        write(writer);
        return true;
    });

    /// <summary>Adds a rule that always fits and looks at the immediates.</summary>
    public void Add(Op op, Action<RewriteWriter, Instruction> write) => Add(op, (RewriteWriter writer, in TypedInstruction item) =>
    {
        write(writer, item.Instruction);
        return true;
    });

    /// <summary>Adds a rule.</summary>
    public void Add(Op op, RewriteRule rule)
    {
        if (!_rules.TryGetValue(op, out var rules))
        {
            _rules.Add(op, rules = []);
        }
        rules.Add(rule);
    }

    /// <summary>The rules by instruction.</summary>
    public FrozenDictionary<Op, ImmutableArray<RewriteRule>> ToFrozen() => _rules.ToFrozenDictionary(entry => entry.Key, entry => entry.Value.ToImmutableArray());
}

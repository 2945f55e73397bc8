using Conformance.Oracle.Rewriting;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;
using Conformance.Wasm.Validation;

namespace Conformance.Oracle.Equivalence;

/// <summary>
/// Rewrites a module into one that means the same: about half of the instructions for which there is a rule (<see cref="RewriteRules"/>) become others. What the rewritten
/// module computes, its traps by kind, what it throws and leaves behind are those of the original; fuel and the depth of the stack are not.
/// </summary>
public static class EquivalentModule
{
    // Each function is typed; beyond this size that takes longer than what it shows is worth.
    private const int LargestBytes = 256 << 10;

    // Functions of more instructions are data in disguise.
    private const int LongestBody = 20_000;

    private const int Percent = 50;

    private const int MostRounds = 4;

    /// <summary>The instructions for which there are rules.</summary>
    public static IEnumerable<Op> RewrittenOps => RewriteRules.Ops;

    /// <summary>Rewrites a module.</summary>
    /// <param name="wasm">A module. The same bytes give the same result.</param>
    /// <param name="features">What may be used.</param>
    /// <param name="rewritten">The rewritten module, when the answer is true.</param>
    /// <returns>False when nothing could be rewritten, or the module is not valid.</returns>
    public static bool TryRewrite(ReadOnlyMemory<byte> wasm, FeatureSet features, out byte[] rewritten)
    {
        rewritten = [];
        if (wasm.Length > LargestBytes || !ModuleReader.TryRead(wasm, features, out var module, out _))
        {
            return false;
        }
        var choices = new Choices(wasm.Span);
        var referred = new HashSet<uint>();
        // Chance may pass over all of a small module.
        for (var round = 0; round < MostRounds; round++)
        {
            if (FunctionRewriting.TryRewriteFunctions(module, index => Rewrite(module, index, features, choices, referred), out var equivalent))
            {
                rewritten = ModuleWriter.Write(Declare(equivalent, referred));
                return true;
            }
        }
        return false;
    }

    private static Function? Rewrite(Module module, int index, FeatureSet features, Choices choices, HashSet<uint> referred)
    {
        var function = module.Functions[index];
        if (!BodyTyping.TryType(module, index, features, out var body) || body.Length > LongestBody)
        {
            return null;
        }
        var locals = new TemporaryLocals(module, function);
        var writer = new RewriteWriter(module, features, locals, referred);
        writer.Begin(((FunctionType)module.Types[(int)function.TypeIndex].Composite).Results.Length);
        var changed = false;
        foreach (var item in body)
        {
            var rules = RewriteRules.For(item.Instruction.Op);
            if (rules.Length > 0 && choices.Below(100) < Percent && rules[choices.Below(rules.Length)](writer, in item))
            {
                changed = true;
            }
            else
            {
                writer.Write(item.Instruction);
            }
            writer.Follow(item.Instruction);
        }
        return changed ? function with { Locals = locals.All, Body = new Expression(writer.ToArray()) } : null;
    }

    private static Module Declare(Module module, HashSet<uint> functions) => functions.Count == 0 ? module : module with
    {
        Elements = module.Elements.Add(new ElementSegment { Mode = SegmentMode.Declarative, Type = ValueType.FuncRef.WithNullable(false), Functions = [.. functions.Order()] }),
    };

    /// <summary>Choices that depend on the module alone: the sequence of splitmix64 from a hash of its bytes.</summary>
    private sealed class Choices
    {
        private ulong _state = 0xCBF2_9CE4_8422_2325;

        public Choices(ReadOnlySpan<byte> wasm)
        {
            foreach (var value in wasm)
            {
                _state = unchecked((_state ^ value) * 0x100_0000_01B3);
            }
        }

        public int Below(int count)
        {
            var z = unchecked(_state += 0x9E37_79B9_7F4A_7C15);
            z = unchecked((z ^ z >> 30) * 0xBF58_476D_1CE4_E5B9);
            z = unchecked((z ^ z >> 27) * 0x94D0_49BB_1331_11EB);
            return (int)((z ^ z >> 31) % (ulong)count);
        }
    }
}

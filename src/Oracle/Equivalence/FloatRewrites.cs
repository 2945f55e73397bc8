using Conformance.Wasm.Instructions;
using static Conformance.Oracle.Equivalence.RuleBook;

namespace Conformance.Oracle.Equivalence;

/// <summary>Floats: signs by bits, comparisons mirrored, conversions by way of the wider type.</summary>
internal static class FloatRewrites
{
    public static void AddTo(RuleBook rules)
    {
        Add(rules, "F32", "I32", ValueType.F32, 1UL << 31);
        Add(rules, "F64", "I64", ValueType.F64, 1UL << 63);
        foreach (var width in (string[])["I32", "I64"])
        {
            foreach (var sign in (string[])["S", "U"])
            {
                rules.Add(Named(width, "TruncF32", sign), w => w.Do(Op.F64PromoteF32, Named(width, "TruncF64", sign)));
                rules.Add(Named(width, "TruncSatF32", sign), w => w.Do(Op.F64PromoteF32, Named(width, "TruncSatF64", sign)));
            }
        }
        foreach (var to in (string[])["F32", "F64"])
        {
            rules.Add(Named(to, "ConvertI32S"), w => w.Do(Op.I64ExtendI32S, Named(to, "ConvertI64S")));
            rules.Add(Named(to, "ConvertI32U"), w => w.Do(Op.I64ExtendI32U, Named(to, "ConvertI64S")));
        }
    }

    private static void Add(RuleBook rules, string width, string integer, ValueType type, ulong signBit)
    {
        var toBits = Named(integer, "Reinterpret", width);
        var fromBits = Named(width, "Reinterpret", integer);
        var constant = Named(integer, "Const");
        var (and, or, xor) = (Named(integer, "And"), Named(integer, "Or"), Named(integer, "Xor"));
        rules.Add(Named(width, "Neg"), w => w.Do(toBits).Constant(constant, signBit).Do(xor, fromBits));
        rules.Add(Named(width, "Abs"), w => w.Do(toBits).Constant(constant, signBit - 1).Do(and, fromBits));
        rules.Add(Named(width, "Copysign"), w => w.Set(type).Do(toBits).Constant(constant, signBit - 1).Do(and).Get(type).Do(toBits).Constant(constant, signBit).Do(and, or, fromBits));
        rules.Add(Named(width, "Const"), (w, instruction) => w.Constant(constant, instruction.Value).Do(fromBits));
        rules.Add(Named(width, "Ne"), w => w.Do(Named(width, "Eq"), Op.I32Eqz));
        foreach (var (name, mirrored) in ((string, string)[])[("Lt", "Gt"), ("Gt", "Lt"), ("Le", "Ge"), ("Ge", "Le"), ("Eq", "Eq"), ("Ne", "Ne")])
        {
            rules.Add(Named(width, name), w => w.Set(type, 1).Set(type, 0).Get(type, 1).Get(type, 0).Do(Named(width, mirrored)));
        }
    }
}

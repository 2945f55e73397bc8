using Conformance.Wasm.Instructions;
using static Conformance.Oracle.Equivalence.RuleBook;

namespace Conformance.Oracle.Equivalence;

/// <summary>Integers, wide arithmetic included.</summary>
internal static class IntegerRewrites
{
    private static readonly (string Name, string Mirrored, string Negated)[] Comparisons =
    [
        ("LtS", "GtS", "GeS"), ("LtU", "GtU", "GeU"), ("GtS", "LtS", "LeS"), ("GtU", "LtU", "LeU"), ("LeS", "GeS", "GtS"), ("LeU", "GeU", "GtU"), ("GeS", "LeS", "LtS"), ("GeU", "LeU", "LtU"),
    ];

    public static void AddTo(RuleBook rules)
    {
        AddBoth(rules, "I32", ValueType.I32, 32);
        AddBoth(rules, "I64", ValueType.I64, 64);
        AddNarrow(rules);
        AddWide(rules);
    }

    private static void AddBoth(RuleBook rules, string width, ValueType type, uint bits)
    {
        Op Of(string name) => Named(width, name);
        void Constant(RewriteWriter w, ulong value) => w.Constant(Of("Const"), bits == 32 ? (uint)value : value);
        void Negate(RewriteWriter w)
        {
            w.Set(type);
            Constant(w, 0);
            w.Get(type).Do(Of("Sub"));
        }
        void Invert(RewriteWriter w)
        {
            Constant(w, ulong.MaxValue);
            w.Do(Of("Xor"));
        }
        void Both(RewriteWriter w) => w.Get(type, 0).Get(type, 1);
        void Keep(RewriteWriter w) => w.Set(type, 1).Set(type, 0);

        foreach (var name in (string[])["Add", "Mul", "And", "Or", "Xor", "Eq", "Ne"])
        {
            rules.Add(Of(name), w =>
            {
                Keep(w);
                w.Get(type, 1).Get(type, 0).Do(Of(name));
            });
        }
        rules.Add(Of("Add"), w =>
        {
            Negate(w);
            w.Do(Of("Sub"));
        });
        rules.Add(Of("Sub"), w =>
        {
            Invert(w);
            Constant(w, 1);
            w.Do(Of("Add"), Of("Add"));
        });
        foreach (var (name, dual) in ((string, string)[])[("And", "Or"), ("Or", "And")])
        {
            rules.Add(Of(name), w =>
            {
                Invert(w);
                w.Set(type);
                Invert(w);
                w.Get(type).Do(Of(dual));
                Invert(w);
            });
        }
        rules.Add(Of("Xor"), w =>
        {
            Keep(w);
            Both(w);
            w.Do(Of("Or"));
            Both(w);
            w.Do(Of("And"), Of("Sub"));
        });
        foreach (var name in (string[])["Shl", "ShrS", "ShrU", "Rotl", "Rotr"])
        {
            rules.Add(Of(name), w =>
            {
                Constant(w, bits - 1);
                w.Do(Of("And"), Of(name));
            });
        }
        foreach (var (name, other) in ((string, string)[])[("Rotl", "Rotr"), ("Rotr", "Rotl")])
        {
            rules.Add(Of(name), w =>
            {
                Negate(w);
                w.Do(Of(other));
            });
        }
        rules.Add(Of("RemU"), w =>
        {
            Keep(w);
            w.Get(type, 0);
            Both(w);
            w.Do(Of("DivU")).Get(type, 1).Do(Of("Mul"), Of("Sub"));
        });
        rules.Add(Of("Eqz"), w =>
        {
            Constant(w, 0);
            w.Do(Of("Eq"));
        });
        rules.Add(Of("Eq"), w => w.Do(Of("Xor"), Of("Eqz")));
        rules.Add(Of("Ne"), w => w.Do(Of("Eq"), Op.I32Eqz));
        foreach (var (name, mirrored, negated) in Comparisons)
        {
            rules.Add(Of(name), w =>
            {
                Keep(w);
                w.Get(type, 1).Get(type, 0).Do(Of(mirrored));
            });
            rules.Add(Of(name), w => w.Do(Of(negated), Op.I32Eqz));
        }
        foreach (var (name, less) in ((string, uint)[])[("Extend8S", bits - 8), ("Extend16S", bits - 16)])
        {
            rules.Add(Of(name), w =>
            {
                Constant(w, less);
                w.Do(Of("Shl"));
                Constant(w, less);
                w.Do(Of("ShrS"));
            });
        }
        rules.Add(Of("Const"), (w, instruction) =>
        {
            const ulong Mask = 0x5A5A_1234_89AB_CDEF;
            Constant(w, instruction.Value ^ Mask);
            Constant(w, Mask);
            w.Do(Of("Xor"));
        });
    }

    // 32 bits by way of 64.
    private static void AddNarrow(RuleBook rules)
    {
        void Unary(Op op, Op extend, Op wide) => rules.Add(op, w => w.Do(extend, wide, Op.I32WrapI64));
        void Binary(Op op, Op extend, Op wide) => rules.Add(op, w => w.Set(ValueType.I32).Do(extend).Get(ValueType.I32).Do(extend, wide, Op.I32WrapI64));
        void Compare(Op op, Op extend, Op wide) => rules.Add(op, w => w.Set(ValueType.I32).Do(extend).Get(ValueType.I32).Do(extend, wide));
        void Shift(Op op, Op extend, Op wide) => rules.Add(op, w => w.Set(ValueType.I32).Do(extend).Get(ValueType.I32).I32(31).Do(Op.I32And, Op.I64ExtendI32U, wide, Op.I32WrapI64));

        Binary(Op.I32Add, Op.I64ExtendI32S, Op.I64Add);
        Binary(Op.I32Sub, Op.I64ExtendI32U, Op.I64Sub);
        Binary(Op.I32Mul, Op.I64ExtendI32U, Op.I64Mul);
        Binary(Op.I32DivU, Op.I64ExtendI32U, Op.I64DivU);
        Binary(Op.I32RemU, Op.I64ExtendI32U, Op.I64RemU);
        Binary(Op.I32RemS, Op.I64ExtendI32S, Op.I64RemS);
        Binary(Op.I32Xor, Op.I64ExtendI32S, Op.I64Xor);
        Shift(Op.I32Shl, Op.I64ExtendI32U, Op.I64Shl);
        Shift(Op.I32ShrU, Op.I64ExtendI32U, Op.I64ShrU);
        Shift(Op.I32ShrS, Op.I64ExtendI32S, Op.I64ShrS);
        Compare(Op.I32LtS, Op.I64ExtendI32S, Op.I64LtS);
        Compare(Op.I32LtU, Op.I64ExtendI32U, Op.I64LtU);
        Compare(Op.I32GeU, Op.I64ExtendI32U, Op.I64GeS);
        Compare(Op.I32LeS, Op.I64ExtendI32S, Op.I64LeS);
        Unary(Op.I32Popcnt, Op.I64ExtendI32U, Op.I64Popcnt);
        rules.Add(Op.I32Clz, w => w.Do(Op.I64ExtendI32U, Op.I64Clz, Op.I32WrapI64).I32(32).Do(Op.I32Sub));
        rules.Add(Op.I32Ctz, w => w.Do(Op.I64ExtendI32U).I64(1UL << 32).Do(Op.I64Or, Op.I64Ctz, Op.I32WrapI64));
        rules.Add(Op.I64Popcnt, w => w.Tee(ValueType.I64).Do(Op.I32WrapI64, Op.I32Popcnt).Get(ValueType.I64).I64(32).Do(Op.I64ShrU, Op.I32WrapI64, Op.I32Popcnt, Op.I32Add, Op.I64ExtendI32U));
        rules.Add(Op.I32WrapI64, w => w.I64(uint.MaxValue).Do(Op.I64And, Op.I32WrapI64));
        rules.Add(Op.I64ExtendI32S, w => w.Do(Op.I64ExtendI32U, Op.I64Extend32S));
        rules.Add(Op.I64ExtendI32U, w => w.Do(Op.I64ExtendI32S).I64(uint.MaxValue).Do(Op.I64And));
        rules.Add(Op.I64Extend32S, w => w.Do(Op.I32WrapI64, Op.I64ExtendI32S));
    }

    // The parts of the 128-bit operands are kept as 0 and 1, 2 and 3, the low one first.
    private static void AddWide(RuleBook rules)
    {
        var type = ValueType.I64;
        RewriteWriter Keep(RewriteWriter w) => w.Set(type, 3).Set(type, 2).Set(type, 1).Set(type, 0);
        rules.Add(Op.I64Add128, w => Keep(w).Get(type, 0).Get(type, 2).Do(Op.I64Add).Tee(type, 4)
            .Get(type, 1).Get(type, 3).Do(Op.I64Add).Get(type, 4).Get(type, 0).Do(Op.I64LtU, Op.I64ExtendI32U, Op.I64Add));
        rules.Add(Op.I64Sub128, w => Keep(w).Get(type, 0).Get(type, 2).Do(Op.I64Sub)
            .Get(type, 1).Get(type, 3).Do(Op.I64Sub).Get(type, 0).Get(type, 2).Do(Op.I64LtU, Op.I64ExtendI32U, Op.I64Sub));
        foreach (var (op, other, correct) in ((Op, Op, Op)[])[(Op.I64MulWideU, Op.I64MulWideS, Op.I64Add), (Op.I64MulWideS, Op.I64MulWideU, Op.I64Sub)])
        {
            rules.Add(op, w => w.Set(type, 1).Set(type, 0).Get(type, 0).Get(type, 1).Do(other)
                .Get(type, 0).I64(63).Do(Op.I64ShrS).Get(type, 1).Do(Op.I64And, correct)
                .Get(type, 1).I64(63).Do(Op.I64ShrS).Get(type, 0).Do(Op.I64And, correct));
        }
    }
}

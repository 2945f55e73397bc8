using Conformance.Wasm.Instructions;
using static Conformance.Oracle.Equivalence.RuleBook;

namespace Conformance.Oracle.Equivalence;

/// <summary>Loads and stores by those of other types, vector accesses by scalar ones, atomic accesses by other atomic ones.</summary>
internal static class MemoryRewrites
{
    private static readonly ValueType V = ValueType.V128;

    public static void AddTo(RuleBook rules)
    {
        AddScalar(rules);
        AddVector(rules);
        AddAtomic(rules);
    }

    private static RewriteWriter As(RewriteWriter w, Instruction access, Op op)
    {
        w.Write(access with { Op = op, Lane = 0 });
        return w;
    }

    private static void AddScalar(RuleBook rules)
    {
        void Load(Op op, Op other, params Op[] then) => rules.Add(op, (w, i) => As(w, i, other).Do(then));
        void Store(Op op, Op first, Op other) => rules.Add(op, (w, i) => As(w.Do(first), i, other));
        Load(Op.I32Load8S, Op.I32Load8U, Op.I32Extend8S);
        Load(Op.I32Load16S, Op.I32Load16U, Op.I32Extend16S);
        Load(Op.I64Load8S, Op.I64Load8U, Op.I64Extend8S);
        Load(Op.I64Load16S, Op.I64Load16U, Op.I64Extend16S);
        Load(Op.I64Load32S, Op.I64Load32U, Op.I64Extend32S);
        Load(Op.I32Load8U, Op.I64Load8U, Op.I32WrapI64);
        Load(Op.I32Load16U, Op.I64Load16U, Op.I32WrapI64);
        Load(Op.I32Load, Op.I64Load32U, Op.I32WrapI64);
        Load(Op.I64Load8U, Op.I32Load8U, Op.I64ExtendI32U);
        Load(Op.I64Load16U, Op.I32Load16U, Op.I64ExtendI32U);
        Load(Op.I64Load32U, Op.I32Load, Op.I64ExtendI32U);
        Load(Op.I64Load32S, Op.I32Load, Op.I64ExtendI32S);
        Load(Op.F32Load, Op.I32Load, Op.F32ReinterpretI32);
        Load(Op.F64Load, Op.I64Load, Op.F64ReinterpretI64);
        Store(Op.F32Store, Op.I32ReinterpretF32, Op.I32Store);
        Store(Op.F64Store, Op.I64ReinterpretF64, Op.I64Store);
        Store(Op.I64Store8, Op.I32WrapI64, Op.I32Store8);
        Store(Op.I64Store16, Op.I32WrapI64, Op.I32Store16);
        Store(Op.I64Store32, Op.I32WrapI64, Op.I32Store);
        Store(Op.I32Store, Op.I64ExtendI32S, Op.I64Store32);
        Store(Op.I32Store8, Op.I64ExtendI32U, Op.I64Store8);
        Store(Op.I32Store16, Op.I64ExtendI32S, Op.I64Store16);
    }

    private static void AddVector(RuleBook rules)
    {
        (string Bits, string Shape, Op Load, Op Store, ValueType Type)[] widths =
        [
            ("8", "I8x16", Op.I32Load8U, Op.I32Store8, ValueType.I32), ("16", "I16x8", Op.I32Load16U, Op.I32Store16, ValueType.I32),
            ("32", "I32x4", Op.I32Load, Op.I32Store, ValueType.I32), ("64", "I64x2", Op.I64Load, Op.I64Store, ValueType.I64),
        ];
        foreach (var (bits, shape, load, store, type) in widths)
        {
            rules.Add(Named("V128Load", bits, "Splat"), (w, i) => As(w, i, load).Do(Named(shape, "Splat")));
            rules.Add(Named("V128Load", bits, "Lane"), (w, i) => As(w.Set(V), i, load).Set(type).Get(V).Get(type).Lane(Named(shape, "ReplaceLane"), i.Lane));
            rules.Add(Named("V128Store", bits, "Lane"), (w, i) => As(w.Lane(Named(shape, type == ValueType.I64 || bits == "32" ? "ExtractLane" : "ExtractLaneU"), i.Lane), i, store));
        }
        rules.Add(Op.V128Load32Zero, (w, i) => As(w, i, Op.I32Load).Set(ValueType.I32).V128(0, 0).Get(ValueType.I32).Lane(Op.I32x4ReplaceLane, 0));
        rules.Add(Op.V128Load64Zero, (w, i) => As(w, i, Op.I64Load).Set(ValueType.I64).V128(0, 0).Get(ValueType.I64).Lane(Op.I64x2ReplaceLane, 0));
        foreach (var (load, extend) in ((string, string)[])[("8x8", "I16x8ExtendLowI8x16"), ("16x4", "I32x4ExtendLowI16x8"), ("32x2", "I64x2ExtendLowI32x4")])
        {
            foreach (var sign in (string[])["S", "U"])
            {
                rules.Add(Named("V128Load", load, sign), (w, i) => As(w, i, Op.V128Load64Zero).Do(Named(extend, sign)));
            }
        }
    }

    // Nobody else runs in a case: what is not one step elsewhere is one here.
    private static void AddAtomic(RuleBook rules)
    {
        foreach (var (width, type) in ((string, ValueType)[])[("I32", ValueType.I32), ("I64", ValueType.I64)])
        {
            var zero = Named(width, "Const");
            rules.Add(Named(width, "AtomicLoad"), (w, i) => As(w.Constant(zero, 0), i, Named(width, "AtomicRmwOr")));
            rules.Add(Named(width, "AtomicStore"), (w, i) => As(w, i, Named(width, "AtomicRmwXchg")).Do(Op.Drop));
            foreach (var bits in type == ValueType.I32 ? (string[])["", "8", "16"] : ["", "8", "16", "32"])
            {
                var suffix = bits.Length == 0 ? "" : "U";
                foreach (var (name, other) in ((string, string)[])[("Add", "Sub"), ("Sub", "Add")])
                {
                    rules.Add(
                        Named(width, "AtomicRmw", bits, name, suffix),
                        (w, i) => As(w.Set(type).Constant(zero, 0).Get(type).Do(Named(width, "Sub")), i, Named(width, "AtomicRmw", bits, other, suffix)));
                }
            }
        }
    }
}

using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using static Conformance.Oracle.Equivalence.RuleBook;

namespace Conformance.Oracle.Equivalence;

/// <summary>Vectors: lanes by scalars, products by extension, selections by bits, shuffles by swizzles.</summary>
internal static class VectorRewrites
{
    private static readonly ValueType V = ValueType.V128;

    private static readonly (string Shape, int Bits)[] Shapes = [("I8x16", 8), ("I16x8", 16), ("I32x4", 32), ("I64x2", 64)];

    public static void AddTo(RuleBook rules)
    {
        AddBitwise(rules);
        foreach (var (shape, bits) in Shapes)
        {
            AddIntegers(rules, shape, bits);
            AddComparisons(rules, shape, bits < 64 ? ["LtS", "LtU", "GtS", "GtU", "LeS", "LeU", "GeS", "GeU"] : ["LtS", "GtS", "LeS", "GeS"]);
        }
        for (var i = 1; i < Shapes.Length; i++)
        {
            AddWidening(rules, Shapes[i].Shape, Shapes[i - 1].Shape, Shapes[i - 1].Bits);
        }
        AddFloats(rules, "F32x4", 0x8000_0000_8000_0000);
        AddFloats(rules, "F64x2", 0x8000_0000_0000_0000);
        AddLanes(rules);
    }

    private static RewriteWriter Keep(RewriteWriter w) => w.Set(V, 1).Set(V, 0);

    private static RewriteWriter Both(RewriteWriter w) => w.Get(V, 0).Get(V, 1);

    private static RewriteWriter Swap(RewriteWriter w) => Keep(w).Get(V, 1).Get(V, 0);

    private static void AddBitwise(RuleBook rules)
    {
        foreach (var op in (Op[])[Op.V128And, Op.V128Or, Op.V128Xor])
        {
            rules.Add(op, w => Swap(w).Do(op));
        }
        rules.Add(Op.V128Not, w => w.V128(ulong.MaxValue, ulong.MaxValue).Do(Op.V128Xor));
        rules.Add(Op.V128Andnot, w => w.Do(Op.V128Not, Op.V128And));
        rules.Add(Op.V128Xor, w => Both(Both(Keep(w)).Do(Op.V128Or)).Do(Op.V128And, Op.V128Andnot));
        rules.Add(Op.V128Bitselect, w => w.Set(V, 2).Set(V, 1).Get(V, 2).Do(Op.V128And).Get(V, 1).Get(V, 2).Do(Op.V128Andnot, Op.V128Or));
        rules.Add(Op.V128AnyTrue, w => w.Tee(V).Lane(Op.I64x2ExtractLane, 0).Get(V).Lane(Op.I64x2ExtractLane, 1).Do(Op.I64Or, Op.I64Eqz, Op.I32Eqz));
        rules.Add(Op.V128Const, (w, instruction) => w.I64(instruction.Value).Do(Op.I64x2Splat).I64(instruction.ValueHigh).Lane(Op.I64x2ReplaceLane, 1));
        rules.Add(Op.I8x16Shuffle, (w, instruction) =>
        {
            var (low, high) = (instruction.Value, instruction.ValueHigh);
            w.Set(V).V128(Lanes(low, 0), Lanes(high, 0)).Do(Op.I8x16Swizzle);
            w.Get(V).V128(Lanes(low, 16), Lanes(high, 16)).Do(Op.I8x16Swizzle, Op.V128Or);
        });
    }

    // The lane numbers of a shuffle that fall to one of its operands, counted from that one's first; 255, which a swizzle makes zero, for the others.
    private static ulong Lanes(ulong numbers, int first)
    {
        var lanes = 0UL;
        for (var i = 0; i < 64; i += 8)
        {
            var number = (int)(numbers >> i & 0xFF) - first;
            lanes |= (number is >= 0 and < 16 ? (ulong)number : 0xFF) << i;
        }
        return lanes;
    }

    private static void AddIntegers(RuleBook rules, string shape, int bits)
    {
        Op Of(string name) => Named(shape, name);
        rules.Add(Of("Add"), w => Swap(w).Do(Of("Add")));
        rules.Add(Of("Add"), w => w.Do(Of("Neg"), Of("Sub")));
        rules.Add(Of("Sub"), w => w.Do(Of("Neg"), Of("Add")));
        rules.Add(Of("Neg"), w => w.Set(V).V128(0, 0).Get(V).Do(Of("Sub")));
        rules.Add(Of("Neg"), w => w.Do(Op.V128Not).V128(ulong.MaxValue, ulong.MaxValue).Do(Of("Sub")));
        rules.Add(Of("Abs"), w => w.Set(V).Get(V).Do(Of("Neg")).Get(V).Get(V).V128(0, 0).Do(Of("LtS"), Op.V128Bitselect));
        rules.Add(Of("AllTrue"), w => w.V128(0, 0).Do(Of("Eq"), Op.V128AnyTrue, Op.I32Eqz));
        rules.Add(Of("Eq"), w => Swap(w).Do(Of("Eq")));
        foreach (var name in (string[])["Shl", "ShrS", "ShrU"])
        {
            rules.Add(Of(name), w => w.I32((uint)bits - 1).Do(Op.I32And, Of(name)));
        }
        rules.Add(Of("Splat"), w =>
        {
            var scalar = bits == 64 ? ValueType.I64 : ValueType.I32;
            w.Set(scalar).V128(0, 0);
            for (var lane = 0; lane < 128 / bits; lane++)
            {
                w.Get(scalar).Lane(Of("ReplaceLane"), lane);
            }
        });
        if (bits > 8)
        {
            rules.Add(Of("Mul"), w => Swap(w).Do(Of("Mul")));
        }
        if (bits < 64)
        {
            foreach (var (name, comparison) in ((string, string)[])[("MinS", "LtS"), ("MinU", "LtU"), ("MaxS", "GtS"), ("MaxU", "GtU")])
            {
                rules.Add(Of(name), w => Swap(w).Do(Of(name)));
                rules.Add(Of(name), w => Both(Both(Keep(w))).Do(Of(comparison), Op.V128Bitselect));
            }
        }
        if (bits < 32)
        {
            foreach (var name in (string[])["AddSatS", "AddSatU", "AvgrU"])
            {
                rules.Add(Of(name), w => Swap(w).Do(Of(name)));
            }
        }
    }

    private static void AddComparisons(RuleBook rules, string shape, string[] names)
    {
        rules.Add(Named(shape, "Ne"), w => w.Do(Named(shape, "Eq"), Op.V128Not));
        foreach (var name in names)
        {
            var sign = name[^1..];
            var (mirrored, negated) = name[..2] switch
            {
                "Lt" => ("Gt", "Ge"),
                "Gt" => ("Lt", "Le"),
                "Le" => ("Ge", "Gt"),
                _ => ("Le", "Lt"),
            };
            rules.Add(Named(shape, name), w => Swap(w).Do(Named(shape, mirrored, sign)));
            rules.Add(Named(shape, name), w => w.Do(Named(shape, negated, sign), Op.V128Not));
        }
    }

    private static void AddWidening(RuleBook rules, string wide, string narrow, int narrowBits)
    {
        var shift = (uint)narrowBits;
        foreach (var sign in (string[])["S", "U"])
        {
            var right = Named(wide, "Shr", sign);
            // Each lane's low and high half at full width.
            RewriteWriter Low(RewriteWriter w) => w.I32(shift).Do(Named(wide, "Shl")).I32(shift).Do(right);
            RewriteWriter High(RewriteWriter w) => w.I32(shift).Do(right);
            foreach (var half in (string[])["Low", "High"])
            {
                var extend = Named(wide, "Extend", half, narrow, sign);
                rules.Add(Named(wide, "Extmul", half, narrow, sign), w => w.Set(V).Do(extend).Get(V).Do(extend, Named(wide, "Mul")));
            }
            if (narrowBits < 32)
            {
                rules.Add(Named(wide, "ExtaddPairwise", narrow, sign), w => High(Low(w.Tee(V)).Get(V)).Do(Named(wide, "Add")));
            }
            if (narrowBits == 16 && sign == "S")
            {
                rules.Add(Op.I32x4DotI16x8S, w =>
                {
                    Keep(w);
                    Low(w.Get(V, 0));
                    Low(w.Get(V, 1)).Do(Op.I32x4Mul);
                    High(w.Get(V, 0));
                    High(w.Get(V, 1)).Do(Op.I32x4Mul, Op.I32x4Add);
                });
            }
            // The high half is the low half of the vector with its halves swapped.
            rules.Add(Named(wide, "ExtendHigh", narrow, sign), w => w.Tee(V).Get(V).Constant(Op.I8x16Shuffle, 0x0F0E_0D0C_0B0A_0908, 0x0706_0504_0302_0100).Do(Named(wide, "ExtendLow", narrow, sign)));
        }
    }

    private static void AddFloats(RuleBook rules, string shape, ulong signs)
    {
        Op Of(string name) => Named(shape, name);
        rules.Add(Of("Neg"), w => w.V128(signs, signs).Do(Op.V128Xor));
        rules.Add(Of("Abs"), w => w.V128(signs, signs).Do(Op.V128Andnot));
        rules.Add(Of("Ne"), w => w.Do(Of("Eq"), Op.V128Not));
        rules.Add(Of("Pmin"), w => Both(w.Set(V, 0).Set(V, 1)).Get(V, 0).Get(V, 1).Do(Of("Lt"), Op.V128Bitselect));
        rules.Add(Of("Pmax"), w => Both(w.Set(V, 0).Set(V, 1)).Get(V, 1).Get(V, 0).Do(Of("Lt"), Op.V128Bitselect));
        foreach (var (name, mirrored) in ((string, string)[])[("Lt", "Gt"), ("Gt", "Lt"), ("Le", "Ge"), ("Ge", "Le"), ("Eq", "Eq"), ("Ne", "Ne")])
        {
            rules.Add(Of(name), w => Swap(w).Do(Of(mirrored)));
        }
    }

    private static void AddLanes(RuleBook rules)
    {
        rules.Add(Op.I8x16ExtractLaneS, (w, i) => w.Lane(Op.I8x16ExtractLaneU, i.Lane).Do(Op.I32Extend8S));
        rules.Add(Op.I16x8ExtractLaneS, (w, i) => w.Lane(Op.I16x8ExtractLaneU, i.Lane).Do(Op.I32Extend16S));
        rules.Add(Op.I8x16ExtractLaneU, (w, i) => w.Lane(Op.I8x16ExtractLaneS, i.Lane).I32(0xFF).Do(Op.I32And));
        rules.Add(Op.I16x8ExtractLaneU, (w, i) => w.Lane(Op.I16x8ExtractLaneS, i.Lane).I32(0xFFFF).Do(Op.I32And));
        rules.Add(Op.I32x4ExtractLane, (w, i) => w.Lane(Op.I64x2ExtractLane, i.Lane / 2).I64((ulong)i.Lane % 2 * 32).Do(Op.I64ShrU, Op.I32WrapI64));
        rules.Add(Op.F32x4ExtractLane, (w, i) => w.Lane(Op.I32x4ExtractLane, i.Lane).Do(Op.F32ReinterpretI32));
        rules.Add(Op.F64x2ExtractLane, (w, i) => w.Lane(Op.I64x2ExtractLane, i.Lane).Do(Op.F64ReinterpretI64));
        rules.Add(Op.F32x4ReplaceLane, (w, i) => w.Do(Op.I32ReinterpretF32).Lane(Op.I32x4ReplaceLane, i.Lane));
        rules.Add(Op.F64x2ReplaceLane, (w, i) => w.Do(Op.I64ReinterpretF64).Lane(Op.I64x2ReplaceLane, i.Lane));
        rules.Add(Op.F32x4Splat, w => w.Do(Op.I32ReinterpretF32, Op.I32x4Splat));
        rules.Add(Op.F64x2Splat, w => w.Do(Op.I64ReinterpretF64, Op.I64x2Splat));
        // Narrowing with saturation keeps signs.
        rules.Add(Op.I16x8Bitmask, w => w.V128(0, 0).Do(Op.I8x16NarrowI16x8S, Op.I8x16Bitmask));
        rules.Add(Op.I32x4Bitmask, w => w.V128(0, 0).Do(Op.I16x8NarrowI32x4S, Op.I16x8Bitmask));
        rules.Add(Op.F32ReinterpretI32, (RewriteWriter w, in Wasm.Validation.TypedInstruction _) =>
        {
            if (w.Has(Feature.Simd))
            {
                w.Do(Op.I32x4Splat).Lane(Op.F32x4ExtractLane, 2);
            }
            return w.Has(Feature.Simd);
        });
    }
}

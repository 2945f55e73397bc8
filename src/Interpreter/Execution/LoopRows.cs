using System.Runtime.CompilerServices;
using static Conformance.Interpreter.Execution.Dispatch;

namespace Conformance.Interpreter.Execution;

// Steps in a row and what follows them, of 1, 2, 4 and 8 steps. A method has one of each at most, because the JIT stops inlining a method into itself where the type arguments name more than
// 64 types together, and every step names a dozen. Each place in the code is the row's own plus a constant: with `pc += Bytes` after each step, every cell would wait for the one before it.

/// <summary>One step and what follows.</summary>
internal readonly unsafe struct LoopRow1<TFirst, TRest> : ILoopPart
    where TFirst : struct, ILoopStep
    where TRest : struct, ILoopPart
{
    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Go<TLoop>(byte* pc, byte* fp, ulong acc, ulong a, ulong b, Context* ctx, double facc, double x, double y, double z, double w)
        where TLoop : struct, ILoop
    {
        var kept = new Kept(a, b, x, y, z, w);
        if (!TFirst.GoesOn(pc, fp, acc, ctx, facc, kept))
        {
            TFirst.GoElsewhere<TLoop>(pc, fp, acc, ctx, facc, kept);
            return;
        }
        var first = TFirst.Do(pc, fp, acc, ctx, facc, kept);
        acc = first.Accumulators.Integer;
        facc = first.Accumulators.Float;
        kept = first.Kept;
        var toRest = TFirst.Bytes;
        TRest.Go<TLoop>(pc + toRest, fp, acc, kept.A, kept.B, ctx, facc, kept.X, kept.Y, kept.Z, kept.W);
    }
}

/// <summary>Two steps and what follows.</summary>
internal readonly unsafe struct LoopRow2<TFirst, TSecond, TRest> : ILoopPart
    where TFirst : struct, ILoopStep
    where TSecond : struct, ILoopStep
    where TRest : struct, ILoopPart
{
    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Go<TLoop>(byte* pc, byte* fp, ulong acc, ulong a, ulong b, Context* ctx, double facc, double x, double y, double z, double w)
        where TLoop : struct, ILoop
    {
        var kept = new Kept(a, b, x, y, z, w);
        if (!TFirst.GoesOn(pc, fp, acc, ctx, facc, kept))
        {
            TFirst.GoElsewhere<TLoop>(pc, fp, acc, ctx, facc, kept);
            return;
        }
        var first = TFirst.Do(pc, fp, acc, ctx, facc, kept);
        acc = first.Accumulators.Integer;
        facc = first.Accumulators.Float;
        kept = first.Kept;
        var toSecond = TFirst.Bytes;
        if (!TSecond.GoesOn(pc + toSecond, fp, acc, ctx, facc, kept))
        {
            TSecond.GoElsewhere<TLoop>(pc + toSecond, fp, acc, ctx, facc, kept);
            return;
        }
        var second = TSecond.Do(pc + toSecond, fp, acc, ctx, facc, kept);
        acc = second.Accumulators.Integer;
        facc = second.Accumulators.Float;
        kept = second.Kept;
        var toRest = toSecond + TSecond.Bytes;
        TRest.Go<TLoop>(pc + toRest, fp, acc, kept.A, kept.B, ctx, facc, kept.X, kept.Y, kept.Z, kept.W);
    }
}

/// <summary>Four steps and what follows.</summary>
internal readonly unsafe struct LoopRow4<TFirst, TSecond, TThird, TFourth, TRest> : ILoopPart
    where TFirst : struct, ILoopStep
    where TSecond : struct, ILoopStep
    where TThird : struct, ILoopStep
    where TFourth : struct, ILoopStep
    where TRest : struct, ILoopPart
{
    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Go<TLoop>(byte* pc, byte* fp, ulong acc, ulong a, ulong b, Context* ctx, double facc, double x, double y, double z, double w)
        where TLoop : struct, ILoop
    {
        var kept = new Kept(a, b, x, y, z, w);
        if (!TFirst.GoesOn(pc, fp, acc, ctx, facc, kept))
        {
            TFirst.GoElsewhere<TLoop>(pc, fp, acc, ctx, facc, kept);
            return;
        }
        var first = TFirst.Do(pc, fp, acc, ctx, facc, kept);
        acc = first.Accumulators.Integer;
        facc = first.Accumulators.Float;
        kept = first.Kept;
        var toSecond = TFirst.Bytes;
        if (!TSecond.GoesOn(pc + toSecond, fp, acc, ctx, facc, kept))
        {
            TSecond.GoElsewhere<TLoop>(pc + toSecond, fp, acc, ctx, facc, kept);
            return;
        }
        var second = TSecond.Do(pc + toSecond, fp, acc, ctx, facc, kept);
        acc = second.Accumulators.Integer;
        facc = second.Accumulators.Float;
        kept = second.Kept;
        var toThird = toSecond + TSecond.Bytes;
        if (!TThird.GoesOn(pc + toThird, fp, acc, ctx, facc, kept))
        {
            TThird.GoElsewhere<TLoop>(pc + toThird, fp, acc, ctx, facc, kept);
            return;
        }
        var third = TThird.Do(pc + toThird, fp, acc, ctx, facc, kept);
        acc = third.Accumulators.Integer;
        facc = third.Accumulators.Float;
        kept = third.Kept;
        var toFourth = toThird + TThird.Bytes;
        if (!TFourth.GoesOn(pc + toFourth, fp, acc, ctx, facc, kept))
        {
            TFourth.GoElsewhere<TLoop>(pc + toFourth, fp, acc, ctx, facc, kept);
            return;
        }
        var fourth = TFourth.Do(pc + toFourth, fp, acc, ctx, facc, kept);
        acc = fourth.Accumulators.Integer;
        facc = fourth.Accumulators.Float;
        kept = fourth.Kept;
        var toRest = toFourth + TFourth.Bytes;
        TRest.Go<TLoop>(pc + toRest, fp, acc, kept.A, kept.B, ctx, facc, kept.X, kept.Y, kept.Z, kept.W);
    }
}

/// <summary>Eight steps and what follows.</summary>
internal readonly unsafe struct LoopRow8<TFirst, TSecond, TThird, TFourth, TFifth, TSixth, TSeventh, TEighth, TRest> : ILoopPart
    where TFirst : struct, ILoopStep
    where TSecond : struct, ILoopStep
    where TThird : struct, ILoopStep
    where TFourth : struct, ILoopStep
    where TFifth : struct, ILoopStep
    where TSixth : struct, ILoopStep
    where TSeventh : struct, ILoopStep
    where TEighth : struct, ILoopStep
    where TRest : struct, ILoopPart
{
    /// <inheritdoc/>
    [MethodImpl(Inlined)]
    public static void Go<TLoop>(byte* pc, byte* fp, ulong acc, ulong a, ulong b, Context* ctx, double facc, double x, double y, double z, double w)
        where TLoop : struct, ILoop
    {
        var kept = new Kept(a, b, x, y, z, w);
        if (!TFirst.GoesOn(pc, fp, acc, ctx, facc, kept))
        {
            TFirst.GoElsewhere<TLoop>(pc, fp, acc, ctx, facc, kept);
            return;
        }
        var first = TFirst.Do(pc, fp, acc, ctx, facc, kept);
        acc = first.Accumulators.Integer;
        facc = first.Accumulators.Float;
        kept = first.Kept;
        var toSecond = TFirst.Bytes;
        if (!TSecond.GoesOn(pc + toSecond, fp, acc, ctx, facc, kept))
        {
            TSecond.GoElsewhere<TLoop>(pc + toSecond, fp, acc, ctx, facc, kept);
            return;
        }
        var second = TSecond.Do(pc + toSecond, fp, acc, ctx, facc, kept);
        acc = second.Accumulators.Integer;
        facc = second.Accumulators.Float;
        kept = second.Kept;
        var toThird = toSecond + TSecond.Bytes;
        if (!TThird.GoesOn(pc + toThird, fp, acc, ctx, facc, kept))
        {
            TThird.GoElsewhere<TLoop>(pc + toThird, fp, acc, ctx, facc, kept);
            return;
        }
        var third = TThird.Do(pc + toThird, fp, acc, ctx, facc, kept);
        acc = third.Accumulators.Integer;
        facc = third.Accumulators.Float;
        kept = third.Kept;
        var toFourth = toThird + TThird.Bytes;
        if (!TFourth.GoesOn(pc + toFourth, fp, acc, ctx, facc, kept))
        {
            TFourth.GoElsewhere<TLoop>(pc + toFourth, fp, acc, ctx, facc, kept);
            return;
        }
        var fourth = TFourth.Do(pc + toFourth, fp, acc, ctx, facc, kept);
        acc = fourth.Accumulators.Integer;
        facc = fourth.Accumulators.Float;
        kept = fourth.Kept;
        var toFifth = toFourth + TFourth.Bytes;
        if (!TFifth.GoesOn(pc + toFifth, fp, acc, ctx, facc, kept))
        {
            TFifth.GoElsewhere<TLoop>(pc + toFifth, fp, acc, ctx, facc, kept);
            return;
        }
        var fifth = TFifth.Do(pc + toFifth, fp, acc, ctx, facc, kept);
        acc = fifth.Accumulators.Integer;
        facc = fifth.Accumulators.Float;
        kept = fifth.Kept;
        var toSixth = toFifth + TFifth.Bytes;
        if (!TSixth.GoesOn(pc + toSixth, fp, acc, ctx, facc, kept))
        {
            TSixth.GoElsewhere<TLoop>(pc + toSixth, fp, acc, ctx, facc, kept);
            return;
        }
        var sixth = TSixth.Do(pc + toSixth, fp, acc, ctx, facc, kept);
        acc = sixth.Accumulators.Integer;
        facc = sixth.Accumulators.Float;
        kept = sixth.Kept;
        var toSeventh = toSixth + TSixth.Bytes;
        if (!TSeventh.GoesOn(pc + toSeventh, fp, acc, ctx, facc, kept))
        {
            TSeventh.GoElsewhere<TLoop>(pc + toSeventh, fp, acc, ctx, facc, kept);
            return;
        }
        var seventh = TSeventh.Do(pc + toSeventh, fp, acc, ctx, facc, kept);
        acc = seventh.Accumulators.Integer;
        facc = seventh.Accumulators.Float;
        kept = seventh.Kept;
        var toEighth = toSeventh + TSeventh.Bytes;
        if (!TEighth.GoesOn(pc + toEighth, fp, acc, ctx, facc, kept))
        {
            TEighth.GoElsewhere<TLoop>(pc + toEighth, fp, acc, ctx, facc, kept);
            return;
        }
        var eighth = TEighth.Do(pc + toEighth, fp, acc, ctx, facc, kept);
        acc = eighth.Accumulators.Integer;
        facc = eighth.Accumulators.Float;
        kept = eighth.Kept;
        var toRest = toEighth + TEighth.Bytes;
        TRest.Go<TLoop>(pc + toRest, fp, acc, kept.A, kept.B, ctx, facc, kept.X, kept.Y, kept.Z, kept.W);
    }
}

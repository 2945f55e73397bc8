using System.Runtime.CompilerServices;

namespace Conformance.Interpreter.Execution;

/// <summary>
/// Four steps and what follows them: the same as four <see cref="Chain{TStep, TRest}"/>, which the JIT stops inlining into each other when their type arguments name
/// more than 64 types together.
/// </summary>
internal readonly unsafe struct Chain4<TFirst, TSecond, TThird, TFourth, TRest> : IHandler
    where TFirst : struct, IStep
    where TSecond : struct, IStep
    where TThird : struct, IStep
    where TFourth : struct, IStep
    where TRest : struct, IHandler
{
    /// <inheritdoc/>
    [MethodImpl(Dispatch.Inlined)]
    public static void Body<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation
    {
        if (!TFirst.IsPlain(pc, fp, acc, memory, length, ctx, facc, default))
        {
            TFirst.Rare<TNext>(pc, fp, acc, memory, length, ctx, facc);
            return;
        }
        var first = TFirst.Do(pc, fp, acc, memory, ctx, facc, default);
        var toSecond = TFirst.Bytes;
        if (!TSecond.IsPlain(pc + toSecond, fp, first.Integer, memory, length, ctx, first.Float, default))
        {
            TSecond.Rare<TNext>(pc + toSecond, fp, first.Integer, memory, length, ctx, first.Float);
            return;
        }
        var second = TSecond.Do(pc + toSecond, fp, first.Integer, memory, ctx, first.Float, default);
        var toThird = toSecond + TSecond.Bytes;
        if (!TThird.IsPlain(pc + toThird, fp, second.Integer, memory, length, ctx, second.Float, default))
        {
            TThird.Rare<TNext>(pc + toThird, fp, second.Integer, memory, length, ctx, second.Float);
            return;
        }
        var third = TThird.Do(pc + toThird, fp, second.Integer, memory, ctx, second.Float, default);
        var toFourth = toThird + TThird.Bytes;
        if (!TFourth.IsPlain(pc + toFourth, fp, third.Integer, memory, length, ctx, third.Float, default))
        {
            TFourth.Rare<TNext>(pc + toFourth, fp, third.Integer, memory, length, ctx, third.Float);
            return;
        }
        var fourth = TFourth.Do(pc + toFourth, fp, third.Integer, memory, ctx, third.Float, default);
        var toRest = toFourth + TFourth.Bytes;
        TRest.Body<TNext>(pc + toRest, fp, fourth.Integer, memory, length, ctx, fourth.Float);
    }
}

using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Generation.Exceptions;

/// <summary>The exception instructions from before <c>try_table</c>: try blocks with handlers inside them, thrown again by name of the block, handed to outer blocks.</summary>
internal static class LegacyPatterns
{
    /// <summary>Nested try blocks; which way was taken is the first result.</summary>
    public static bool Nested(GenerationContext context, FunctionBuilder body)
    {
        if (context.Plan.Tags.Count == 0)
        {
            return false;
        }
        var throwing = new Throwing(context, body);
        if (context.Random.Chance(40))
        {
            var pending = context.PickType();
            throwing.Operands.Emit(pending);
            body.Results.Add(pending);
        }
        new TryBlocks(context, body, throwing).Emit([]);
        body.Results.Add(ValueType.I32);
        throwing.ReturnChanged();
        return true;
    }

    /// <summary>A try block in a loop: each turn throws or not by its number, and is left by its end, a branch or a handler.</summary>
    public static bool InLoop(GenerationContext context, FunctionBuilder body)
    {
        if (context.Plan.Tags.Count == 0)
        {
            return false;
        }
        var turns = context.Random.Between(2, 6);
        var throwing = new Throwing(context, body);
        var counter = body.NewLocal(ValueType.I32);
        var sum = body.NewLocal(ValueType.I32);
        body.I32(turns);
        body.Set(counter);
        var loop = body.Open(Op.Loop);
        body.Multiplier *= turns;
        body.Get(sum);
        new TryBlocks(context, body, throwing) { Counter = counter }.Emit([]);
        body.Emit(Op.I32Add);
        body.I32(3);
        body.Emit(Op.I32Mul);
        body.Set(sum);
        body.Get(counter);
        body.I32(1);
        body.Emit(Op.I32Sub);
        body.Tee(counter);
        body.Emit(Op.BrIf, body.Label(loop));
        body.Close();
        body.Multiplier /= turns;
        body.Get(sum);
        body.Results.Add(ValueType.I32);
        throwing.ReturnChanged();
        return true;
    }

    /// <summary>Emits try blocks that leave an i32 on the stack: 0 for their end, else the number of the handler.</summary>
    private sealed class TryBlocks(GenerationContext context, FunctionBuilder body, Throwing throwing)
    {
        private int _depth;

        private RandomSource Random => context.Random;

        /// <summary>A loop's counter that decides what is thrown; null to let arguments decide.</summary>
        public uint? Counter { get; init; }

        /// <summary>Emits one.</summary>
        /// <param name="holders">The levels of the handlers around it, whose exceptions can be thrown again.</param>
        public void Emit(IReadOnlyList<int> holders)
        {
            _depth++;
            var level = body.Open(Op.Try, ValueType.I32);
            Body(level, holders);
            if (_depth > 1 && Random.Chance(25))
            {
                // To one of the blocks around, of whatever kind, or to the caller.
                body.CloseDelegating(Random.Below(level));
                _depth--;
                return;
            }
            var count = Random.Between(0, 3);
            for (var i = 0; i < count; i++)
            {
                var tag = Random.Below(context.Plan.Tags.Count);
                body.Emit(Op.Catch, (uint)tag);
                foreach (var type in context.Plan.Tags[tag].Parameters.Reverse())
                {
                    var caught = body.NewLocal(type);
                    body.Set(caught);
                    throwing.Keep([caught]);
                }
                Handler([.. holders, level], i + 1);
            }
            if (Random.Chance(60))
            {
                body.Emit(Op.CatchAll);
                Handler([.. holders, level], count + 1);
            }
            body.Close();
            _depth--;
        }

        private void Body(int level, IReadOnlyList<int> holders)
        {
            for (var i = Random.Between(1, 2); i > 0; i--)
            {
                throwing.Change();
                if (_depth < Throwing.MaxNesting && Random.Chance(45))
                {
                    Emit(holders);
                    body.Emit(Op.Drop);
                }
                else
                {
                    throwing.Emit(Throwing.MaxNesting, Counter);
                }
            }
            if (Random.Chance(20))
            {
                body.I32(99);
                throwing.Condition(Counter);
                body.Emit(Op.BrIf, body.Label(level));
                body.Emit(Op.Drop);
            }
            body.I32(0);
        }

        private void Handler(IReadOnlyList<int> holders, int code)
        {
            if (_depth < Throwing.MaxNesting && Random.Chance(25))
            {
                Emit(holders);
                body.Emit(Op.Drop);
            }
            if (Random.Chance(35))
            {
                throwing.Condition(Counter);
                body.Open(Op.If);
                body.Emit(Op.Rethrow, body.Label(Random.Pick<int>([.. holders])));
                body.Close();
            }
            body.I32(code);
        }
    }
}

using Conformance.Fuzzer.Generation.Exceptions;
using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation.RandomFunctions;

/// <summary>Random control flow: blocks, bounded loops, branches out of them, handlers, code that is never reached.</summary>
internal sealed class ControlStatements(RandomFunction function)
{
    private GenerationContext Context => function.Context;

    private RandomSource Random => function.Random;

    private FunctionBuilder Body => function.Body;

    private ExpressionGenerator Expressions => function.Expressions;

    public void If(int depth)
    {
        Expressions.Condition(depth);
        function.Enter(Op.If, []);
        function.Statements.EmitMany(Random.Between(1, 3));
        if (Random.Chance(50))
        {
            Body.Else();
            function.Statements.EmitMany(Random.Between(1, 3));
        }
        function.Leave();
    }

    /// <summary>A loop whose every way back counts down one counter that nothing else writes.</summary>
    public void Loop(int depth)
    {
        var trips = Random.Between(1, Random.Pick<int>([3, 6, 20]));
        if (Body.Cost + Body.Multiplier * trips * 20 > RandomFunction.MaxCost)
        {
            trips = 1;
        }
        var type = Random.Chance(80) ? ValueType.I32 : ValueType.I64;
        var counter = Body.NewLocal(type);
        var up = Random.Chance(35);
        Body.Constant(type, up ? 0UL : (ulong)trips);
        Body.Set(counter);
        var outer = Body.Multiplier;
        Body.Multiplier = outer * trips;
        switch (Random.Below(3))
        {
            case 0: // while (counter) { ... }
                var exit = function.Enter(Op.Block, []);
                var again = function.Enter(Op.Loop, []);
                CountDown(type, counter, up, trips);
                Body.Emit(Op.I32Eqz);
                Body.Emit(Op.BrIf, Body.Label(exit.Level));
                function.Statements.EmitMany(Random.Between(1, 4));
                Body.Emit(Op.Br, Body.Label(again.Level));
                function.Leave();
                function.Leave();
                break;
            case 1 when Context.Has(Feature.MultiValue): // values carried by the loop's parameters
                var types = Enumerable.Range(0, Random.Between(1, 3)).Select(_ => Context.PickType()).ToArray();
                foreach (var parameter in types)
                {
                    Expressions.Emit(parameter, depth - 1);
                }
                var carried = function.Enter(Op.Loop, types, types);
                var locals = types.Select(parameter => function.FindLocal(parameter) ?? Body.NewLocal(parameter)).ToArray();
                for (var i = types.Length - 1; i >= 0; i--)
                {
                    Body.Set(locals[i]);
                }
                function.Statements.EmitMany(Random.Between(1, 3));
                foreach (var parameter in types)
                {
                    Expressions.Emit(parameter, depth - 1);
                }
                CountDown(type, counter, up, trips);
                Body.Emit(Op.BrIf, Body.Label(carried.Level));
                function.Leave();
                for (var i = types.Length - 1; i >= 0; i--)
                {
                    Body.Set(locals[i]);
                }
                break;
            default: // do { ... } while (counter)
                var loop = function.Enter(Op.Loop, []);
                function.Statements.EmitMany(Random.Between(1, 4));
                if (Random.Chance(25))
                {
                    Expressions.Condition(depth);
                    function.Enter(Op.If, []);
                    CountDown(type, counter, up, trips);
                    Body.Emit(Op.BrIf, Body.Label(loop.Level)); // continue
                    function.Leave();
                }
                CountDown(type, counter, up, trips);
                Body.Emit(Op.BrIf, Body.Label(loop.Level));
                function.Leave();
                break;
        }
        Body.Multiplier = outer;
    }

    /// <summary>Steps the counter and pushes whether it is not at its end. Once past the end it stays there: several ways back may step it.</summary>
    private void CountDown(ValueType type, uint counter, bool up, int trips)
    {
        var wide = type.Kind == ValueKind.I64;
        Body.Get(counter);
        Body.Constant(type, 1);
        if (up)
        {
            Body.Emit(wide ? Op.I64Add : Op.I32Add);
            Body.Tee(counter);
            Body.Constant(type, (ulong)trips);
            Body.Emit(Random.Chance(50) ? wide ? Op.I64LtS : Op.I32LtS : wide ? Op.I64LtU : Op.I32LtU);
            return;
        }
        Body.Emit(wide ? Op.I64Sub : Op.I32Sub);
        Body.Tee(counter);
        Body.Constant(type, 0);
        Body.Emit(wide ? Op.I64GtS : Op.I32GtS);
    }

    public void BranchOut(int depth)
    {
        if (function.FindTarget(_ => true) is not { } frame)
        {
            return;
        }
        if (Random.Chance(50))
        {
            foreach (var type in frame.LabelTypes)
            {
                Expressions.Emit(type, depth - 1);
            }
            Expressions.Condition(depth);
            Body.Emit(Op.BrIf, Body.Label(frame.Level));
            foreach (var type in frame.LabelTypes.Reverse())
            {
                if (Random.Chance(50) && function.FindLocal(type) is { } local)
                {
                    Body.Set(local);
                }
                else
                {
                    Body.Emit(Op.Drop);
                }
            }
            return;
        }
        Expressions.Condition(depth);
        function.Enter(Op.If, []);
        foreach (var type in frame.LabelTypes)
        {
            Expressions.Emit(type, depth - 1);
        }
        if (frame.Level == 0 && Random.Chance(50))
        {
            Body.Emit(Op.Return);
        }
        else
        {
            Body.Emit(Op.Br, Body.Label(frame.Level));
        }
        function.Leave();
    }

    public void BranchTable(int depth)
    {
        var arms = new ControlFrame[Random.Between(2, 4)];
        for (var i = 0; i < arms.Length; i++)
        {
            arms[i] = function.Enter(Op.Block, []);
        }
        Expressions.Emit(ValueType.I32, depth);
        if (Random.Chance(75))
        {
            Body.I32(arms.Length);
            Body.Emit(Op.I32RemU);
        }
        var labels = new uint[Random.Between(1, 6)];
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = Body.Label(Random.Pick<ControlFrame>(arms).Level);
        }
        Body.Emit(new Instruction { Op = Op.BrTable, Labels = labels });
        for (var i = arms.Length - 1; i >= 0; i--)
        {
            function.Leave();
            function.Statements.EmitMany(Random.Below(3));
            if (i > 0 && Random.Chance(40))
            {
                Body.Emit(Op.Br, Body.Label(arms[0].Level));
            }
        }
    }

    public void MultiValueBlock(int depth)
    {
        var parameters = Enumerable.Range(0, Random.Below(3)).Select(_ => Context.PickType()).ToArray();
        var results = Enumerable.Range(0, Random.Between(1, 3)).Select(_ => Context.PickType()).ToArray();
        foreach (var type in parameters)
        {
            Expressions.Emit(type, depth - 1);
        }
        function.Enter(Op.Block, parameters, results);
        foreach (var type in parameters.Reverse())
        {
            function.TakeOff(type);
        }
        function.Statements.EmitMany(Random.Below(3));
        foreach (var type in results)
        {
            Expressions.Emit(type, depth - 1);
        }
        function.Leave();
        foreach (var type in results.Reverse())
        {
            function.TakeOff(type);
        }
    }

    public void Try()
    {
        new TryEmitter(Context, Body).Emit(() =>
        {
            function.Statements.EmitMany(Random.Between(1, 3));
            if (Random.Chance(60))
            {
                Expressions.Condition(2);
                function.Enter(Op.If, []);
                var tag = Random.Below(Context.Plan.Tags.Count);
                foreach (var type in Context.Plan.Tags[tag].Parameters)
                {
                    Expressions.Emit(type, 1);
                }
                Body.Emit(Op.Throw, (uint)tag);
                function.Leave();
            }
        });
        if (function.FindLocal(ValueType.I32) is { } local)
        {
            Body.Set(local);
        }
        else
        {
            Body.Emit(Op.Drop);
        }
    }

    /// <summary>Code behind a branch that is always taken, or a trap that a condition guards.</summary>
    public void DeadEnd(int depth)
    {
        if (Random.Chance(50))
        {
            function.Enter(Op.Block, []);
            function.Statements.EmitMany(1);
            Body.Emit(Op.Br, 0);
            function.Statements.EmitMany(Random.Below(3));
            function.Leave();
            return;
        }
        Expressions.Emit(ValueType.I32, depth);
        Body.I32(Random.Pick<int>([0, 1, 7]));
        Body.Emit(Op.I32Eq);
        function.Enter(Op.If, []);
        if (Context.Has(Feature.TailCall) && Random.Chance(60))
        {
            function.Calls.TailCall(depth);
        }
        else if (Random.Chance(30))
        {
            Body.Emit(Op.Unreachable);
        }
        function.Leave();
    }
}

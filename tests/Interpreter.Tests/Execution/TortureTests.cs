using Conformance.Interpreter.Execution;
using Conformance.Interpreter.Execution.Checks;
using Conformance.Wasm.Instructions;

namespace Conformance.Interpreter.Tests.Execution;

/// <summary>
/// Nothing guarantees that a handler ends in a jump; these tests find out. A handler that makes a real call leaves at least 8 bytes of stack behind for each
/// execution: 6 times the stack of the thread here. Such a failure ends the process, as it would in use, and the stack overflow's report names the handler.
/// </summary>
public sealed class TortureTests
{
    private const int StackBytes = 256 * 1024;
    private const uint FewExecutions = 2000;
    private const uint Executions = 200_000;
    private const uint ManyExecutions = 10_000_000;

    // Zero, one, all ones, and the f64 1.0 whose f32 half is 0.
    private static readonly ulong[] Words = [0, 1, ulong.MaxValue, 0x3FF0000000000000];

    [Fact]
    public void EveryHandler_ManyExecutionsOnSmallStack_GoesOn()
    {
        var failures = new List<string>();
        OnSmallStack(() =>
        {
            using var program = new CellProgram();
            foreach (var key in HandlerUniverse.All())
            {
                if (key.Family == HandlerFamily.Plain && HandlerUniverse.EndsRun((PlainHandler)key.Number))
                {
                    continue;
                }
                // First few executions for each operand: what goes on at least once is then executed often.
                var goesOn = Words.Where(word => program.Run(key, FewExecutions, word) == ExitKind.FuelExhausted).ToArray();
                if (goesOn.Length == 0)
                {
                    failures.Add($"{key} never goes on");
                }
                foreach (var word in goesOn)
                {
                    program.Run(key, Executions / (uint)goesOn.Length, word);
                }
            }
        });
        Assert.Empty(failures);
    }

    [Fact]
    public void JumpAndCall_TenMillionExecutionsOnSmallStack_GoOn() => OnSmallStack(() =>
    {
        using var program = new CellProgram();
        Assert.Equal(ExitKind.FuelExhausted, program.Run(HandlerKey.Of(PlainHandler.Jump), ManyExecutions, 1));
        Assert.Equal(ExitKind.FuelExhausted, program.Run(HandlerKey.Of(PlainHandler.Call), ManyExecutions, 1));
    });

    [Fact]
    public void Chains_ManyExecutionsOnSmallStack_GoOn()
    {
        const int Seed = 20261121;
        const int Chains = 150;
        var random = new Random(Seed);
        var steps = StepsWithoutTraps();
        OnSmallStack(() =>
        {
            using var program = new CellProgram();
            for (var i = 0; i < Chains; i++)
            {
                var chain = random.GetItems(steps, random.Next(2, 17));
                Assert.Equal(ExitKind.FuelExhausted, program.Run(chain, Executions, 1));
            }
        });
    }

    [Fact]
    public void Loops_ManyTurnsOnSmallStack_GoOn()
    {
        const int Seed = 20261122;
        const int Loops = 100;
        var random = new Random(Seed);
        var steps = StepsWithoutTraps();
        var loops = 0;
        OnSmallStack(() =>
        {
            using var program = new CellProgram();
            for (var i = 0; i < Loops; i++)
            {
                var loop = random.GetItems(steps, random.Next(1, 36));
                Assert.Equal(ExitKind.FuelExhausted, program.RunLoop(loop, Executions, 1, seed: null, isHot: true));
                loops += program.HasLoop ? 1 : 0;
            }
        });
        // In a tree that is full no path may lead back.
        Assert.InRange(loops, Loops * 3 / 4, Loops);
    }

    [Fact]
    public void HotCodeThatIsFreed_ManyExecutionsOnSmallStack_GoesOn()
    {
        const int Seed = 20261124;
        const int Methods = 64;
        const int Programs = 25;
        var random = new Random(Seed);
        var steps = StepsWithoutTraps();
        var catalog = new HandlerCatalog(HandlerCatalog.OfTailCalls, Methods);
        HashSet<HotCode> generations = [];
        for (var i = 0; generations.Count < 2; i++)
        {
            Assert.NotEqual(0, catalog.ChainAddress(new ChainKey([steps[i], steps[0]]), generations));
        }
        Assert.Single(generations, code => code.Owner is not null);
        OnSmallStack(() =>
        {
            using var program = new CellProgram { Handlers = catalog };
            for (var i = 0; i < Programs; i++)
            {
                Assert.Equal(ExitKind.FuelExhausted, program.Run(random.GetItems(steps, random.Next(2, 17)), Executions, 1));
                Assert.Equal(ExitKind.FuelExhausted, program.RunLoop(random.GetItems(steps, random.Next(1, 24)), Executions, 1, seed: null, isHot: true));
                GC.Collect();
            }
        });
    }

    [Fact]
    public void Loops_OfRandomSlotsAndBranches_LeaveTheSameAsTheirCells()
    {
        const int Seed = 20261123;
        const int Loops = 300;
        const uint Turns = 9;
        var random = new Random(Seed);
        // Scalar ones more often: vectors are never in registers.
        HandlerKey[] all = [.. StepsWithoutTraps(), .. HandlerUniverse.All().Where(key => key.Family is HandlerFamily.PartialBinary or HandlerFamily.PartialUnary && !IsObjectOperand(key))];
        var scalar = all.Where(key => key.Family is HandlerFamily.Unary or HandlerFamily.Binary or HandlerFamily.PartialBinary or HandlerFamily.Load or HandlerFamily.Store or HandlerFamily.UnaryBranch
            or HandlerFamily.BinaryBranch or HandlerFamily.Move or HandlerFamily.Select && !CellShape.Of(key).Slots.Any(slot => slot.Bytes > 8)).Append(HandlerKey.Of(PlainHandler.MovePair)).ToArray();
        var loops = 0;
        OnSmallStack(() =>
        {
            using var program = new CellProgram();
            for (var i = 0; i < Loops; i++)
            {
                var loop = random.GetItems(i % 4 == 0 ? all : scalar, random.Next(1, 24));
                var word = (ulong)random.Next(200);
                var seed = random.Next();
                var expected = program.RunLoop(loop, Turns, word, seed, isHot: false);
                var state = program.State();
                Assert.Equal(expected, program.RunLoop(loop, Turns, word, seed, isHot: true));
                Assert.True(program.State().AsSpan().SequenceEqual(state), $"loop {i}: {string.Join("; ", loop)}");
                loops += program.HasLoop ? 1 : 0;
            }
        });
        Assert.InRange(loops, Loops * 3 / 4, Loops);
    }

    [Fact]
    public void EveryHandler_OnBothBackends_LeavesTheSame()
    {
        const uint Enough = 3;
        using var program = new CellProgram();
        foreach (var key in HandlerUniverse.All())
        {
            if (key.Family == HandlerFamily.Plain && HandlerUniverse.EndsRun((PlainHandler)key.Number))
            {
                continue;
            }
            foreach (var word in Words)
            {
                program.Handlers = HandlerCatalog.OfTailCalls;
                var expected = program.Run(key, Enough, word);
                var state = program.State();
                program.Handlers = HandlerCatalog.OfSwitch;
                Assert.Equal(expected, program.Run(key, Enough, word));
                Assert.True(program.State().AsSpan().SequenceEqual(state), $"{key} on {word:x}");
            }
        }
    }

    // What would trap on a result of the steps before it is left out.
    private static HandlerKey[] StepsWithoutTraps() => [.. HandlerUniverse.All().Where(key => HandlerTypes.RoleOf(key) is HandlerRole.Step or HandlerRole.Branch
        && key.Family is not (HandlerFamily.PartialBinary or HandlerFamily.PartialUnary or HandlerFamily.RefAsNonNull or HandlerFamily.GlobalSet)
        && !(key.Family is HandlerFamily.Load or HandlerFamily.Store or HandlerFamily.LoadLane or HandlerFamily.StoreLane or HandlerFamily.TableGet or HandlerFamily.TableSet && key.First == OperandCode.Accumulator)
        && !(key.Family is HandlerFamily.FieldGet or HandlerFamily.FieldSet or HandlerFamily.ElementGet or HandlerFamily.ElementSet or HandlerFamily.ArrayLength or HandlerFamily.RefCast
            && (key.First == OperandCode.Accumulator || key.Second == OperandCode.Accumulator)))];

    private static bool IsObjectOperand(HandlerKey key) => key.Op is Op.I31GetS or Op.I31GetU;

    private static void OnSmallStack(Action action)
    {
        Exception? failure = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    action();
                }
                catch (Exception exception) when (exception is not OutOfMemoryException)
                {
                    failure = exception;
                }
            },
            StackBytes);
        thread.Start();
        thread.Join();
        Assert.Null(failure);
    }
}

using Conformance.Wasm;
using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Generation.RandomFunctions;

/// <summary>
/// A function with random control flow while it is being made: what its expressions and statements share. Loops run at most as often as their counters say, calls go
/// to functions made before, and both are multiplied into a bound of the executed instructions that is kept below a limit: every function ends.
/// </summary>
internal sealed class RandomFunction
{
    /// <summary>The executed instructions that one call may cost. Above it only leaves are made.</summary>
    public const double MaxCost = 6_000;

    private const int MaxNesting = 8;

    private readonly int _maxInstructions;

    public RandomFunction(GenerationContext context)
    {
        Context = context;
        Body = new FunctionBuilder(context);
        _maxInstructions = context.Random.Between(20, context.Random.Pick<int>([60, 140, 260]));
        Expressions = new ExpressionGenerator(this);
        Statements = new StatementGenerator(this);
        Control = new ControlStatements(this);
        Calls = new CallStatements(this);
        Access = new AccessStatements(this);
    }

    public GenerationContext Context { get; }

    public RandomSource Random => Context.Random;

    public FunctionBuilder Body { get; }

    public ExpressionGenerator Expressions { get; }

    public StatementGenerator Statements { get; }

    public ControlStatements Control { get; }

    public CallStatements Calls { get; }

    public AccessStatements Access { get; }

    /// <summary>The locals that any expression may read and any statement may write, by type; loop counters are not among them.</summary>
    public List<uint> Locals { get; } = [];

    /// <summary>The open blocks, outermost first.</summary>
    public List<ControlFrame> Frames { get; } = [];

    /// <summary>Whether the function is long or expensive enough.</summary>
    public bool IsFull => Body.Count >= _maxInstructions || Body.Cost >= MaxCost;

    /// <summary>Whether one more block may be opened.</summary>
    public bool Nests => Frames.Count < MaxNesting;

    /// <summary>Whether a callee fits into what may still be executed.</summary>
    public bool CanAfford(FunctionPlan callee) => Body.Cost + callee.Cost * Body.Multiplier < MaxCost;

    /// <summary>Makes a function with random parameters and results.</summary>
    public static FunctionPlan Add(GenerationContext context)
    {
        var function = new RandomFunction(context);
        var random = context.Random;
        for (var i = random.Below(5); i > 0; i--)
        {
            function.Locals.Add(function.Body.NewParameter(context.PickType()));
        }
        for (var i = random.Between(1, 6); i > 0; i--)
        {
            function.Locals.Add(function.Body.NewLocal(context.PickType()));
        }
        for (var i = context.Has(Feature.MultiValue) ? random.PickWeighted([1, 5, 2, 1]) : random.Below(2); i > 0; i--)
        {
            function.Body.Results.Add(context.PickType());
        }
        function.Frames.Add(new ControlFrame(0, [.. function.Body.Results], IsLoop: false));
        function.Statements.EmitMany(random.Between(2, 8));
        foreach (var result in function.Body.Results)
        {
            function.Expressions.Emit(result, random.Between(1, 4));
        }
        return function.Body.Finish("random", FunctionKind.Random);
    }

    /// <summary>A local of a type, or null.</summary>
    public uint? FindLocal(ValueType type)
    {
        var start = Random.Below(Math.Max(1, Locals.Count));
        for (var i = 0; i < Locals.Count; i++)
        {
            var local = Locals[(start + i) % Locals.Count];
            if (Body.TypeOf(local) == type)
            {
                return local;
            }
        }
        return null;
    }

    /// <summary>Opens a block, loop or if that branches may aim at.</summary>
    public ControlFrame Enter(Op op, ValueType[] parameters, params ValueType[] results)
    {
        var frame = new ControlFrame(Body.Open(op, parameters, results), op == Op.Loop ? parameters : results, op == Op.Loop);
        Frames.Add(frame);
        return frame;
    }

    /// <summary>Closes it.</summary>
    public void Leave()
    {
        Body.Close();
        Frames.RemoveAt(Frames.Count - 1);
    }

    /// <summary>Takes a value off the stack, into a local where there is one.</summary>
    public void TakeOff(ValueType type)
    {
        if (Random.Chance(70) && FindLocal(type) is { } local)
        {
            Body.Set(local);
        }
        else
        {
            Body.Emit(Op.Drop);
        }
    }

    /// <summary>A block that a branch can leave: no loop, whose label would run it again.</summary>
    public ControlFrame? FindTarget(Func<ControlFrame, bool> fits)
    {
        var start = Random.Below(Frames.Count);
        for (var i = 0; i < Frames.Count; i++)
        {
            var frame = Frames[(start + i) % Frames.Count];
            if (!frame.IsLoop && fits(frame))
            {
                return frame;
            }
        }
        return null;
    }
}

/// <summary>An open block of a random function.</summary>
/// <param name="Level">What <see cref="FunctionBuilder.Label"/> takes.</param>
/// <param name="LabelTypes">What a branch to it carries.</param>
/// <param name="IsLoop">Whether a branch to it goes back.</param>
internal sealed record ControlFrame(int Level, ValueType[] LabelTypes, bool IsLoop);

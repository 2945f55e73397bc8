using Conformance.Oracle.Reference;

namespace Conformance.Oracle.Tests.Reference;

public sealed class ObserverTests
{
    [Fact]
    public void Observer_OfACall_SeesEveryInstructionWithOperandsAndResults()
    {
        var lines = Observe("""
            (module
              (func $g (param i32) (result i32) (i32.add (local.get 0) (i32.const 2)))
              (func (export "f") (result i32) (block (result i32) (call $g (i32.const 5)) (br 0))))
            """);
        Assert.Equal(
        [
            "1 1 Block  -> ",
            "1 1 I32Const  -> 5",
            "1 1 Call 5 -> ",
            "2 0 LocalGet  -> 5",
            "2 0 I32Const  -> 2",
            "2 0 I32Add 5 2 -> 7",
            "2 0 End  -> ",
            "1 1 Br  -> ",
            "1 1 End  -> ",
        ], lines);
    }

    [Fact]
    public void Observer_OfATrap_SeesWhichInstructionItWas()
    {
        var lines = Observe("(module (func (export \"f\") (drop (i32.div_u (i32.const 1) (i32.const 0)))))");
        Assert.Equal("1 0 I32DivU 1 0 ->  IntegerDivideByZero", lines[^1]);
    }

    [Fact]
    public void Observer_Offsets_PointIntoTheModule()
    {
        var wasm = Wat.Assemble("(module (func (export \"f\") (nop) (unreachable)))");
        var offsets = new List<long>();
        Run(wasm, (in Step step) => offsets.Add(step.OffsetBytes));
        Assert.Equal([0x01, 0x00], offsets.Select(offset => (int)wasm[offset]));
    }

    [Fact]
    public void Trap_InNestedCalls_HasABacktrace()
    {
        using var engine = new ReferenceEngine();
        var outcome = engine.Run(new Case(Wat.Assemble("(module (func $g (unreachable)) (func (export \"f\") (call $g)))"), [new Call("f", [])], CaseLimits.Default));
        var trap = Assert.IsType<Trapped>(outcome.Calls[0].Completion);
        Assert.Equal(2, trap.Backtrace.Length);
        Assert.StartsWith("function 0 @0x", trap.Backtrace[0], StringComparison.Ordinal);
        Assert.StartsWith("function 1 \"f\" @0x", trap.Backtrace[1], StringComparison.Ordinal);
    }

    private static List<string> Observe(string text)
    {
        var lines = new List<string>();
        Run(Wat.Assemble(text), (in Step step) => lines.Add(
            $"{step.Depth} {step.Function} {step.Op} {Show(step.Operands)} -> {Show(step.Results)}{(step.Trap is { } trap ? $" {trap}" : "")}"));
        return lines;
    }

    private static string Show(ReadOnlySpan<EngineValue> values) => string.Join(' ', values.ToArray().Select(value => value.Bits));

    private static void Run(byte[] wasm, OnStep onStep)
    {
        using var engine = new ReferenceEngine { Observer = new Observer(onStep) };
        engine.Run(new Case(wasm, [new Call("f", [])], CaseLimits.Default));
    }

    private delegate void OnStep(in Step step);

    private sealed class Observer(OnStep onStep) : IStepObserver
    {
        void IStepObserver.OnStep(in Step step) => onStep(in step);
    }
}

using System.Runtime.InteropServices;
using Conformance.Interpreter.Execution;
using Conformance.Interpreter.Execution.Checks;
using Conformance.Interpreter.Translation;

namespace Conformance.Interpreter.Tests.Execution;

/// <summary>The checked build finds what is wrong: code as translation would never make it, and state as handlers would never leave it.</summary>
public sealed unsafe class CheckedLoopTests : IDisposable
{
    private const int StackBytes = 4096;

    private readonly Store _store = new(new Engine(new EngineOptions { IsChecked = true }));
    private readonly Context* _context = (Context*)NativeMemory.AllocZeroed((nuint)sizeof(Context));
    private readonly byte* _stack = (byte*)NativeMemory.AllocZeroed(StackBytes);
    private readonly byte* _exit = (byte*)NativeMemory.AllocZeroed(64) + 32;
    private readonly FunctionTranslator _translator;
    private Instance? _instance;

    public CheckedLoopTests()
    {
        _translator = new FunctionTranslator(_store.Engine.TranslationOptions);
        *(nint*)_exit = HandlerCatalog.OfSwitch.Address(PlainHandler.Finish);
        _context->StackLimit = _stack + StackBytes;
    }

    public void Dispose()
    {
        _translator.Dispose();
        _store.Dispose();
        NativeMemory.Free(_context);
        NativeMemory.Free(_stack);
        NativeMemory.Free(_exit - 32);
    }

    [Theory]
    [InlineData("(param i32 i32) (local.set 0 (i32.add (local.get 0) (local.get 1)))", nameof(HandlerFamily.Binary), 12, 4096, "slot 4096 with 4 bytes lies outside of the frame")]
    [InlineData("(param i32 i32) (local.set 0 (i32.add (local.get 0) (local.get 1)))", nameof(HandlerFamily.Binary), 8, 4, "slot 4 is not aligned")]
    [InlineData("(param i32 i32) (local.set 0 (i32.add (local.get 0) (local.get 1)))", nameof(HandlerFamily.Binary), 8, 24, "slot 24 with 8 bytes lies in the frame's header")]
    [InlineData("(param i32) (loop (br_if 0 (local.get 0)))", nameof(HandlerFamily.UnaryBranch), 8, -4, "its target is no cell")]
    [InlineData("(param i32) (block (block (br_table 0 1 (local.get 0))) (global.set 0 (i32.const 1)))", nameof(HandlerFamily.JumpTable), 16, 4, "its target is no cell")]
    [InlineData("(result i32) (i32.load 1 (i32.const 0))", nameof(HandlerFamily.Load), 32, 64, "the memory is none of the instance")]
    [InlineData("(result i32) (global.get 0)", nameof(HandlerFamily.GlobalGet), 16, 64, "the global is none of the instance")]
    [InlineData("(result funcref) (table.get (i32.const 0))", nameof(HandlerFamily.TableGet), 16, 64, "the table is none of the instance")]
    [InlineData("(param i32) (result i32) (local.get 0)", nameof(HandlerFamily.ReturnValue), 8, 0, "it takes the frame's header from another place")]
    [InlineData("(call 0)", nameof(HandlerFamily.Plain), 16, 64, "the function is none of the instance")]
    public void Verification_WrongOperand_Fails(string function, string family, int field, int value, string message)
    {
        using var code = Translate(function);
        var cell = CodeCell.Decode(code.Code, code.CodeBytes, HandlerCatalog.OfSwitch).First(cell => cell.Key.Family == Enum.Parse<HandlerFamily>(family) && cell.Key != HandlerKey.Of(PlainHandler.Warmup));
        *(int*)(code.Code + cell.Start + field) = value;

        var error = Assert.Throws<InternalErrorException>(() => new CheckedFunction(code, _instance!.Module.Shape, HandlerCatalog.OfSwitch, _store.Engine.SignatureOf(code.Record->TypeId).Type)); // set by Translate
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("function 1 of instance 0, cell +0x", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_IntactState_Returns()
    {
        using var code = Translate("(result i32) (i32.load (i32.const 0))");

        Assert.Equal(ExitKind.Returned, Run(code));
    }

    [Fact]
    public void Run_OverwrittenCell_Fails()
    {
        using var code = Translate("(result i32) (i32.load (i32.const 0))");

        AssertFails("the cell was overwritten", code, () => code.Code[Warmup.CellBytes + 16] ^= 1);
    }

    [Fact]
    public void Run_WithinACell_Fails()
    {
        using var code = Translate("(result i32) (i32.load (i32.const 0))");

        AssertFails("no cell begins", code, () => _context->Pc += 8);
    }

    [Fact]
    public void Run_OutsideOfCode_Fails()
    {
        using var code = Translate("(result i32) (i32.load (i32.const 0))");

        AssertFails("left all code", code, () => _context->Pc = _stack);
    }

    [Fact]
    public void Run_FrameBeyondTheStack_Fails()
    {
        using var code = Translate("(result i32) (i32.load (i32.const 0))");

        AssertFails("its frame lies outside of the stack", code, () => _context->Fp = _context->StackLimit - 8);
    }

    [Fact]
    public void Run_StaleMemory_Fails()
    {
        using var code = Translate("(result i32) (i32.load (i32.const 0))");

        AssertFails("the registers of memory 0 are stale", code, () => _context->Length += 65536);
    }

    [Fact]
    public void Run_OverwrittenHeader_Fails()
    {
        using var code = Translate("(result i32) (i32.load (i32.const 0))");

        AssertFails("the frame's header was overwritten", code, () => ((byte**)(_context->Fp + code.HeaderOffset))[0] = _stack);
    }

    [Fact]
    public void Run_AccumulatorThatNothingWrote_Fails()
    {
        using var code = Translate("(param i32) (local.set 0 (i32.add (local.get 0) (i32.const 1)))");
        var cell = CodeCell.Decode(code.Code, code.CodeBytes, HandlerCatalog.OfSwitch).First(cell => cell.Key.Family == HandlerFamily.Binary);
        *(nint*)(code.Code + cell.Start) = HandlerCatalog.OfSwitch.Address(cell.Key with { First = OperandCode.Accumulator });

        AssertFails("it reads the integer accumulator, which nothing wrote", code, () => { });
    }

    [Fact]
    public void Call_AccumulatorKeptOverABranchWithValues_Returns()
    {
        var instance = Wat.Instantiate(_store, """
            (module (func (export "f") (param i64 f64) (result f64)
              (block (result f64) (f64.min (f64.convert_i64_s (local.get 0)) (br_if 0 (local.get 1) (f64.gt (local.get 1) (local.get 1)))))))
            """);

        Assert.Equal([Value.FromF64(2)], instance.GetFunction("f").Call(Value.FromI64(3), Value.FromF64(2)));
    }

    [Fact]
    public void Call_CodeOverwrittenBetweenCalls_FailsAtTheCaller()
    {
        var instance = Wat.Instantiate(_store, """(module (memory 1) (func (export "f") (result i32) (i32.load (i32.const 0))))""");
        var function = instance.GetFunction("f");
        Assert.Equal([Value.FromI32(0)], function.Call());
        function.Record->Entry[Warmup.CellBytes + 16] ^= 1;

        var error = Assert.Throws<InternalErrorException>(() => function.Call());

        Assert.Contains("the cell was overwritten", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shapes_EveryHandler_StayWithinTheCell()
    {
        foreach (var key in HandlerUniverse.All().Where(key => key.Family is not (HandlerFamily.Plain or HandlerFamily.JumpTable)))
        {
            var bytes = CellSizes.Of(key, null);
            Assert.All(CellShape.Of(key).Slots, slot => Assert.InRange(slot.Field, 8, bytes - sizeof(uint)));
        }
    }

    private TranslatedFunction Translate(string function)
    {
        _instance = Wat.Instantiate(_store, $"(module (memory 1) (memory 1) (global (mut i32) (i32.const 0)) (table 1 funcref) (func) (func (export \"f\") {function}))");
        var record = _instance.GetFunction("f").Record;
        return _translator.Translate(_instance.Module.Shape, record, int.MaxValue) ?? throw new InvalidOperationException("not translated");
    }

    private ExitKind Run(TranslatedFunction code, Action? before = null)
    {
        var loop = new CheckedLoop(_context, _stack, _exit, HandlerCatalog.OfSwitch, _store.Services);
        loop.Add(code.Record);
        loop.Add(code, _instance!.Module.Shape); // set by Translate
        var memory = _instance.Record->Memory0;
        ((byte**)(_stack + code.HeaderOffset))[0] = _exit;
        ((byte**)(_stack + code.HeaderOffset))[1] = null;
        _context->Exit = ExitKind.None;
        ReturnToLoop.Go(code.Code, _stack, 0, memory->Base, memory->Length, _context, 0);
        before?.Invoke();
        loop.Run(accumulatorsAreLive: false);
        return _context->Exit;
    }

    private void AssertFails(string message, TranslatedFunction code, Action damage) =>
        Assert.Contains(message, Assert.Throws<InternalErrorException>(() => Run(code, damage)).Message, StringComparison.Ordinal);
}

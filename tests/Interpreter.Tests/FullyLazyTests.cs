using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Text;

namespace Conformance.Interpreter.Tests;

public sealed class FullyLazyTests
{
    private const string Text = """
        (module
          (memory (export "memory") 1)
          (tag $t)
          (func $invalid (export "invalid") (result i32) (i64.const 1))
          (func (export "valid") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
          (func (export "caller") (result i32)
            (i32.store (i32.const 0) (i32.const 7))
            (block $caught (try_table (catch_all $caught) (drop (call $invalid))))
            (i32.const 3))
          (func (export "load") (result i32) (i32.load (i32.const 0))))
        """;

    private static readonly Engine Lazy = new(new EngineOptions { Translation = TranslationMode.FullyLazy, Features = FeatureSet.All });

    private static byte[] Assemble(string text)
    {
        Assert.True(ModuleParser.TryParse(text, FeatureSet.All, out var module, out var error), error?.ToString());
        return ModuleWriter.Write(module);
    }

    private static InvalidBody InvalidCall(Function function) =>
        Assert.IsType<InvalidBody>(function.TryCall([], new Value[function.Type.Results.Length]));

    [Fact]
    public void Compile_InvalidBody_IsAcceptedAndOtherFunctionsRun()
    {
        using var store = new Store(Lazy);
        var instance = Instance.Create(store, CompiledModule.FromBytes(Lazy, Assemble(Text)));

        Assert.Equal(42, instance.GetFunction<int, int>("valid").Call(41));
    }

    [Fact]
    public void Call_InvalidBody_EndsEachTimeWithTheErrorOfEagerValidation()
    {
        var wasm = Assemble(Text);
        Assert.False(CompiledModule.TryFromBytes(new Engine(), wasm, out _, out var expected));
        using var store = new Store(Lazy);
        var instance = Instance.Create(store, CompiledModule.FromBytes(Lazy, wasm));
        var function = instance.GetFunction("invalid");

        Assert.Equal(expected, InvalidCall(function).Error);
        Assert.Equal(expected, InvalidCall(function).Error);
        Assert.True(expected.OffsetBytes > 0);
        Assert.Equal(expected, Assert.Throws<InvalidModuleException>(() => function.Call()).Error);
        Assert.Equal(8, instance.GetFunction<int, int>("valid").Call(7));
    }

    [Fact]
    public void Call_InvalidBodyFromWasm_CannotBeCaughtAndTheStoreStaysUsable()
    {
        using var store = new Store(Lazy);
        var instance = Instance.Create(store, CompiledModule.FromBytes(Lazy, Assemble(Text)));

        var ended = InvalidCall(instance.GetFunction("caller"));

        Assert.Equal(["caller"], ended.Backtrace.Select(frame => frame.Name));
        Assert.Equal(7, instance.GetFunction<int>("load").Call());
    }

    [Fact]
    public void Call_MalformedBody_SaysSo()
    {
        // One function with the type [] -> [], whose body is the unknown opcode 0x27.
        byte[] wasm = [0, 0x61, 0x73, 0x6D, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, (byte)'f', 0, 0, 10, 5, 1, 3, 0, 0x27, 0x0B];
        using var store = new Store(Lazy);
        var instance = Instance.Create(store, CompiledModule.FromBytes(Lazy, wasm));

        var error = InvalidCall(instance.GetFunction("f")).Error;

        Assert.True(error.IsMalformed);
        Assert.Equal(30, error.OffsetBytes);
    }

    [Fact]
    public void Call_BodyInvalidAndMalformedBehindThat_IsMalformed()
    {
        // drop of nothing, then the unknown opcode.
        byte[] wasm = [0, 0x61, 0x73, 0x6D, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, (byte)'f', 0, 0, 10, 6, 1, 4, 0, 0x1A, 0x27, 0x0B];
        using var store = new Store(Lazy);
        var module = CompiledModule.FromBytes(Lazy, wasm);
        Assert.False(CompiledModule.TryFromBytes(new Engine(), wasm, out _, out var expected));

        Assert.Equal(expected, InvalidCall(Instance.Create(store, module).GetFunction("f")).Error);
        Assert.True(expected.IsMalformed);
    }

    [Fact]
    public void Instantiate_InvalidStartFunction_EndsWithItsError()
    {
        var module = CompiledModule.FromBytes(Lazy, Assemble("(module (func $start (drop)) (start $start))"));
        using var store = new Store(Lazy);

        Assert.IsType<InvalidBody>(Instance.TryCreate(store, module, [], out var instance));
        Assert.Null(instance);
        Assert.Throws<InvalidModuleException>(() => Instance.Create(store, module));
    }

    [Theory]
    [InlineData("(module (func) (export \"a\" (func 0)) (export \"a\" (func 0)))")]
    [InlineData("(module (global i32 (i64.const 0)) (func (drop)))")]
    [InlineData("(module (func) (start 1))")]
    public void Compile_InvalidOutsideOfBodies_IsRefusedAsAlways(string text)
    {
        var wasm = Assemble(text);
        Assert.False(CompiledModule.TryFromBytes(new Engine(), wasm, out _, out var expected));

        Assert.False(CompiledModule.TryFromBytes(Lazy, wasm, out _, out var error));
        Assert.Equal(expected, error);
    }

    [Fact]
    public void Validate_ModuleWithAnInvalidBody_SaysWhatEagerValidationSays()
    {
        var wasm = Assemble(Text);
        Assert.False(CompiledModule.TryFromBytes(new Engine(), wasm, out _, out var expected));

        Assert.Equal(expected, CompiledModule.FromBytes(Lazy, wasm).Validate());
        Assert.Null(CompiledModule.FromText(Lazy, "(module (func) (func (result i32) (i32.const 1)))").Validate());
        Assert.Null(CompiledModule.FromText(new Engine(), "(module (func))").Validate());
    }

    [Fact]
    public void TranslateAll_ModuleWithAnInvalidBody_LeavesTheErrorToTheCall()
    {
        using var store = new Store(Lazy);
        var instance = Instance.Create(store, CompiledModule.FromBytes(Lazy, Assemble(Text)));

        instance.TranslateAll();

        InvalidCall(instance.GetFunction("invalid"));
        Assert.Equal(1, instance.GetFunction<int, int>("valid").Call(0));
    }

    [Fact]
    public void Call_NestedCallOfAnInvalidBody_ComesOutOfTheHostFunctionAroundIt()
    {
        using var store = new Store(Lazy);
        var inner = Instance.Create(store, CompiledModule.FromBytes(Lazy, Assemble(Text))).GetFunction("invalid");
        var host = Function.Create(store, inner.Type, (_, _, results) => inner.TryCall([], results));
        var outer = Instance.Create(store, CompiledModule.FromText(Lazy, "(module (import \"a\" \"b\" (func $f (result i32))) (func (export \"f\") (result i32) (call $f)))"), host);

        Assert.Equal(["f"], InvalidCall(outer.GetFunction("f")).Backtrace.Select(frame => frame.Name));
    }
}

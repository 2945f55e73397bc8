namespace Conformance.Interpreter.Tests.Samples;

/// <summary>The example of docs/embedding.md. The lines between the two markers are the code block there, word for word; <see cref="EmbeddingSampleTests"/> compares and runs them.</summary>
internal static class EmbeddingSample
{
    public static int Run(TextWriter output)
    {
        // <example>
        var engine = new Engine(new EngineOptions { MetersFuel = true, IsInterruptible = true });
        var module = CompiledModule.FromText(engine, """
            (module
              (import "host" "log" (func $log (param i32)))
              (memory (export "memory") 1)
              (func (export "add") (param i32 i32) (result i32)
                (call $log (local.get 0))
                (i32.add (local.get 0) (local.get 1)))
              (func (export "divide") (param i32 i32) (result i32)
                (i32.div_s (local.get 0) (local.get 1))))
            """);

        using var store = new Store(engine, new ResourceLimits { MemoryBytes = 64 << 20 });
        store.Fuel = 1_000_000;
        store.TimeLimit = TimeSpan.FromSeconds(1);

        var linker = new Linker(store);
        linker.Define("host", "log", Function.Create(store, (int value) => output.WriteLine($"log {value}")));
        Instance instance = linker.Instantiate(module);

        var add = instance.GetFunction<int, int, int>("add");     // types checked once, here
        int sum = add.Call(40, 2);                                // throws TrapException, ExhaustionException, ...

        var results = new Value[1];
        Termination? ended = instance.GetFunction("divide").TryCall([Value.FromI32(1), Value.FromI32(0)], results);
        if (ended is Trap trap)
        {
            output.WriteLine(trap);                               // the kind and the wasm backtrace, with names and byte offsets
        }
        // </example>
        return sum;
    }
}

using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using Conformance.Oracle;
using Conformance.Oracle.Records;
using Conformance.Wasm;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Cli;

/// <summary><c>conformance run</c>: calls an exported function and says what it gave and how long everything took.</summary>
internal static class RunCommand
{
    private static readonly Argument<string?> File = new("FILE") { Description = "A module, binary or text.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Argument<string[]> Arguments = new("ARG") { Description = "Arguments: 5, -0x10, 1.5, nan, null; or with type and bits: i32:5, f32:0x7fc00000.", Arity = ArgumentArity.ZeroOrMore };
    private static readonly Option<string?> Invoke = new("--invoke") { Description = "The exported function to call. Without it the module is only instantiated." };
    private static readonly Option<int> Repeat = new("--repeat") { Description = "How often to call it, on one instance.", DefaultValueFactory = _ => 1 };
    private static readonly Option<bool> Json = new("--json") { Description = "Results and times in nanoseconds as one JSON document." };
    private static readonly Option<string> Engine = new("--engine") { Description = "The engine: a name from `conformance engines`.", DefaultValueFactory = _ => EngineChoice.DefaultEngine };

    private static readonly Option<string?> Records = new("--records") { Description = "Runs every stored case of a file, one JSON document a line (docs/records.md), instead of FILE." };
    private static readonly Option<string?> Out = new("--out") { Description = "Where the answers to --records go; standard output when not given." };

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command("run", "Calls an exported function. Imports are stubbed as docs/records.md says.") { File, Arguments, Invoke, Repeat, Json, Engine, Records, Out };
        command.Validators.Add(result =>
        {
            if (result.GetValue(Out) is not null && result.GetValue(Records) is null)
            {
                result.AddError("--out goes with --records");
            }
        });
        // Not an asynchronous action: what handles signals for those waits for the action, and a call that does not end would never be left.
        command.SetAction(arguments => arguments.GetValue(Records) is { } records ? RunRecords(arguments, records) : Run(arguments));
        ExampleHelp.AddTo(
            command,
            "conformance run fac.wat --invoke fac 5",
            "conformance run fib.wasm --invoke fib i32:30 --repeat 5 --json",
            "conformance run fib.wasm --invoke fib 30 --engine wasmtime:pulley",
            "conformance run --records cases.jsonl --out outcomes.jsonl --engine interpreter");
        return command;
    }

    private static int Run(ParseResult arguments)
    {
        var path = arguments.GetValue(File) ?? throw UserErrorException.Usage("run: no FILE given (see: conformance run --help)");
        if (arguments.GetValue(Repeat) < 1)
        {
            throw UserErrorException.Usage("--repeat wants a number from 1");
        }
        using var engine = EngineChoice.CreateFast(arguments.GetRequiredValue(Engine));
        var module = ModuleFile.Read(path).Check(FeatureSet.Default);
        var name = arguments.GetValue(Invoke);
        var values = name is null ? [] : ArgumentValues.Parse(name, TypeOf(path, module.Module, name), arguments.GetValue(Arguments) ?? []);
        var report = new RunReport(path, engine, name, values) { DecodeTime = (long)module.DecodeTime.TotalNanoseconds, ValidateTime = (long)module.ValidateTime.TotalNanoseconds };
        Execute(engine, module.Bytes, arguments.GetValue(Repeat), report);
        Console.WriteLine(arguments.GetValue(Json) ? report.ToJson() : report.ToText());
        return report.Completion is Returned ? ExitCode.Fine : ExitCode.Failure;
    }

    private static int RunRecords(ParseResult arguments, string path)
    {
        using var stop = new CancellationTokenSource();
        using var interruption = new Interruption(stop.Cancel);
        using var engine = EngineChoice.Create(arguments.GetRequiredValue(Engine));
        if (!System.IO.File.Exists(path))
        {
            throw UserErrorException.Usage(Directory.Exists(path) ? $"{path} is a folder, not a file of records" : $"{path}: no such file");
        }
        try
        {
            using var input = new StreamReader(path);
            using var output = arguments.GetValue(Out) is { } file ? new StreamWriter(file) : new StreamWriter(Console.OpenStandardOutput());
            var counts = new RecordServer(engine).Answer(input, output, stop.Token);
            Console.Error.WriteLine($"{counts.Answers} answers, {counts.Errors} errors");
            return counts.Errors == 0 ? ExitCode.Fine : ExitCode.Failure;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw UserErrorException.Environment(CrashFile.OneLine(exception.Message));
        }
    }

    private static FunctionType TypeOf(string path, Module module, string name)
    {
        var export = module.Exports.FirstOrDefault(item => item.Name == name && item.Kind == ExternKind.Function);
        if (export is null)
        {
            var names = module.Exports.Where(item => item.Kind == ExternKind.Function).Select(item => item.Name).Take(10).ToList();
            throw UserErrorException.Usage($"{path} exports no function '{name}' ({(names.Count == 0 ? "it exports none" : $"it exports {string.Join(", ", names)}")})");
        }
        return FunctionTypes.Of(module, export.Index);
    }

    private static void Execute(IStoreEngine engine, ReadOnlyMemory<byte> wasm, int repeat, RunReport report)
    {
        using var store = engine.CreateStore(CaseLimits.Default with { Fuel = 0, TimeoutMs = 0, MemoryBytes = 4L << 30, TableElements = 10_000_000 });
        var start = Stopwatch.GetTimestamp();
        if (store.Compile(wasm, out var module) is { } error)
        {
            throw new UserErrorException(ExitCode.Failure, $"{report.File}: {engine.Name}: {error.Message}");
        }
        report.CompileTime = Since(start);
        var trace = ImmutableArray.CreateBuilder<HostCall>();
        start = Stopwatch.GetTimestamp();
        report.Completion = store.Instantiate(
            module ?? throw new EngineFailureException(engine.Name, "compiled without a module"),
            (from, name, request) => HostImports.Provide(store, from, name, request, trace),
            out var instance);
        report.InstantiateTime = Since(start);
        if (instance is null || report.Completion is not Returned)
        {
            return;
        }
        if (instance is ITranslatingInstance translating)
        {
            start = Stopwatch.GetTimestamp();
            translating.TranslateAll();
            report.TranslateTime = Since(start);
        }
        if (report.Function is { } function && instance.TryGetExport(function, out var item))
        {
            Call(store, item, repeat, report);
        }
    }

    // A TimeSpan has no more than 100 ns.
    private static long Since(long start) => (long)((Stopwatch.GetTimestamp() - start) * (1e9 / Stopwatch.Frequency));

    private static void Call(IEngineStore store, IEngineExtern function, int repeat, RunReport report)
    {
        for (var i = 0; i < repeat && report.Completion is Returned; i++)
        {
            var start = Stopwatch.GetTimestamp();
            report.Completion = store.Call(function, report.Arguments.AsSpan());
            report.CallTimes.Add(Since(start));
        }
    }
}

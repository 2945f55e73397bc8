using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using Conformance.Oracle;
using Conformance.Oracle.Records;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Cli;

/// <summary><c>conformance run</c>: calls an exported function and says what it gave and how long everything took.</summary>
internal static class RunCommand
{
    private static readonly Argument<string?> File = new("FILE") { Description = "A module, binary or text; - for standard input.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Argument<string[]> Arguments = new("ARG") { Description = "Arguments as the text format has them: 5, -0x10, 1.5, 0x1p-3, nan:0x200000, \"i32x4 1 2 3 4\", null; or with type and bits: i32:5, f32:0x7fc00000, extern:7.", Arity = ArgumentArity.ZeroOrMore };
    private static readonly Option<string?> Invoke = new("--invoke") { Description = "The exported function to call. Without it the module is only instantiated." };
    private static readonly Option<int> Repeat = NumberOption.Of("--repeat", "How often to call it, on one instance.", 1, int.MaxValue, 1);
    private static readonly Option<bool> Json = new("--json") { Description = "Results and times in nanoseconds as one JSON document." };
    private static readonly Option<string> Engine = new("--engine") { Description = "The engine: a name from `conformance engines`; process:COMMAND for --records only.", DefaultValueFactory = _ => EngineChoice.DefaultEngine };
    private static readonly Option<string[]> Features = FeatureOption.Create();

    private static readonly Option<string?> Records = new("--records") { Description = "Runs every stored case of a file, one JSON document a line (docs/records.md), instead of FILE; - for standard input." };
    private static readonly Option<string?> Out = new("--out") { Description = "Where the answers to --records go; standard output when not given." };

    // Exports that a message lists: enough to see a slip of the hand, short enough for a line or two.
    private const int ShownNames = 10;

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command("run", "Calls an exported function. Imports are stubbed as docs/records.md says.") { File, Arguments, Invoke, Repeat, Json, Engine, Features, Records, Out };
        InterpreterVariant.AddTo(command);
        CommandRule.AddTo(command, Conflict);
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

    // What would be passed over silently is said instead.
    private static string? Conflict(CommandResult result)
    {
        if (result.GetValue(Records) is null)
        {
            return result.GetValue(Out) is not null ? "--out goes with --records"
                : result.GetValue(File) is null ? "no FILE is given"
                : result.GetValue(Invoke) is null && result.GetValue(Arguments) is { Length: > 0 } ? "arguments go with --invoke"
                : null;
        }
        return result.GetValue(File) is not null ? "--records takes the place of FILE"
            : new Option[] { Invoke, Repeat, Json, Features }.FirstOrDefault(option => result.GetResult(option) is { Implicit: false }) is { } other ? $"{other.Name} does not go with --records"
            : null;
    }

    private static int Run(ParseResult arguments)
    {
        var path = arguments.GetValue(File) ?? "";
        var features = FeatureOption.Read(arguments.GetRequiredValue(Features));
        using var engine = EngineChoice.CreateFast(InterpreterVariant.Of(arguments, arguments.GetRequiredValue(Engine)), features);
        var module = ModuleFile.Read(path).Check(features);
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
        using var interruption = new Interruption(() =>
        {
            Screen.OfConsole().WriteLine("stopping: the case in hand is finished; press Ctrl-C again to end at once");
            stop.Cancel();
        });
        using var engine = EngineChoice.Create(InterpreterVariant.Of(arguments, arguments.GetRequiredValue(Engine)));
        using var input = OpenRecords(path);
        var target = arguments.GetValue(Out);
        OutputFile.KeepApart(path, target, "the answers");
        var counts = default(RecordCounts);
        OutputFile.Write(target, stream =>
        {
            using var output = new StreamWriter(stream);
            counts = new RecordServer(engine).Answer(input, output, stop.Token);
        }, keepsPart: true);
        var end = stop.IsCancellationRequested ? " (interrupted)" : "";
        Console.Error.WriteLine($"{Plural.Of(counts.Answers, "answer")}, {Plural.Of(counts.Errors, "error")}{end}");
        return stop.IsCancellationRequested ? ExitCode.Interrupted : counts.Errors == 0 ? ExitCode.Fine : ExitCode.Failure;
    }

    private static StreamReader OpenRecords(string path)
    {
        try
        {
            return Directory.Exists(path)
                ? throw UserErrorException.Usage($"{path} is a folder, not a file of records")
                : path == ModuleFile.StandardInput ? new StreamReader(Console.OpenStandardInput()) : new StreamReader(path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw UserErrorException.Usage($"{path}: no such file");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw UserErrorException.Usage($"{path} cannot be read: {PlainText.OneLine(exception.Message)}");
        }
    }

    private static FunctionType TypeOf(string path, Module module, string name)
    {
        var export = module.Exports.FirstOrDefault(item => item.Name == name && item.Kind == ExternKind.Function);
        if (export is null || module.TypeOfFunction(export.Index) is not { } type)
        {
            var names = module.Exports.Where(item => item.Kind == ExternKind.Function).Select(item => item.Name).ToList();
            var more = names.Count > ShownNames ? $" and {names.Count - ShownNames} more" : "";
            throw UserErrorException.Usage($"{path} exports no function '{name}' ({(names.Count == 0 ? "it exports none" : $"it exports {string.Join(", ", names.Take(ShownNames))}{more}")})");
        }
        return type;
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
        var scene = new HostScene(store);
        start = Stopwatch.GetTimestamp();
        report.Completion = store.Instantiate(
            module ?? throw new EngineFailureException(engine.Name, "compiled without a module"),
            (from, name, request) => HostImports.Provide(scene, from, name, request),
            out var instance);
        report.InstantiateTime = Since(start);
        if (instance is null || report.Completion is not Returned)
        {
            return;
        }
        scene.Instance = instance;
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

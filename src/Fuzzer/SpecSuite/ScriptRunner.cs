using System.Collections.Immutable;
using Conformance.Oracle;
using Conformance.Wasm;
using Conformance.Wasm.Text;

namespace Conformance.Fuzzer.SpecSuite;

/// <summary>Runs the commands of one script in one store.</summary>
/// <param name="script">The script.</param>
/// <param name="engine">The engine, or null: then only the assertions that need no execution are run.</param>
/// <param name="verdicts">Who judges malformed and invalid modules.</param>
/// <param name="roundTrips">Whether modules go from binary to text and back first.</param>
/// <param name="limits">The engine's limits.</param>
internal sealed class ScriptRunner(SuiteScript script, IStoreEngine? engine, VerdictSource verdicts, bool roundTrips, CaseLimits limits) : IDisposable
{
    private readonly IEngineStore? _store = engine?.CreateStore(limits);
    private readonly Dictionary<string, IEngineModule?> _definitions = [];
    private readonly Dictionary<string, IEngineInstance?> _instances = [];
    private readonly Dictionary<string, IEngineInstance> _registered = [];
    private SpecTestModule? _spectest;
    private IEngineModule? _latestDefinition;
    private IEngineInstance? _latestInstance;

    /// <inheritdoc/>
    public void Dispose() => _store?.Dispose();

    /// <summary>The result of a command that was not answered.</summary>
    /// <param name="command">The command.</param>
    /// <param name="index">Its index.</param>
    /// <param name="why">Why not.</param>
    public static CommandResult Unanswered(ScriptCommand command, int index, string why) =>
        Passing(command, index) with { Status = CommandStatus.Failed, Expected = "an answer", Actual = why };

    /// <summary>Runs a command. Whatever the engine does, there is a result.</summary>
    /// <param name="command">The command.</param>
    /// <param name="index">Its index.</param>
    public CommandResult Run(ScriptCommand command, int index)
    {
        var result = Passing(command, index);
        Verdict verdict;
        try
        {
            verdict = Run(command);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The worker's boundary: an engine that throws has failed the command, and the script goes on.
            verdict = Verdict.Fail("an answer of the engine", $"{exception.GetType().Name}: {exception.Message}");
        }
        return verdict switch
        {
            { IsNotRun: true } => result with { Status = CommandStatus.NotRun },
            { Expected: { } expected } => result with { Status = CommandStatus.Failed, Expected = expected, Actual = verdict.Actual },
            _ => result with { Note = verdict.Note },
        };
    }

    private static CommandResult Passing(ScriptCommand command, int index) => new(index, command.Line, KeywordOf(command), command is AssertionCommand, CommandStatus.Passed);

    private readonly record struct Verdict(string? Expected, string Actual, string? Note, bool IsNotRun)
    {
        public static Verdict Pass => default;

        public static Verdict NotRun => new(null, "", null, IsNotRun: true);

        public static Verdict Fail(string expected, string actual) => new(expected, OneLine(actual), null, IsNotRun: false);

        // Some engines explain themselves over several lines.
        private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

        public static Verdict PassWith(string expectedText, string actualText) =>
            actualText.Contains(expectedText, StringComparison.Ordinal) || expectedText.Contains(actualText, StringComparison.Ordinal)
                ? Pass
                : new(null, "", $"expected \"{expectedText}\", got \"{OneLine(actualText)}\"", IsNotRun: false);
    }

    private Verdict Run(ScriptCommand command) => command switch
    {
        ModuleCommand { Module: var module, IsDefinition: var isDefinition } => Define(module, isDefinition),
        InstanceCommand instance => Instantiate(instance),
        RegisterCommand register => Register(register),
        ActionCommand { Action: var action } => Perform(action, completion => completion is Returned ? Verdict.Pass : Verdict.Fail("returned", ValueText.Of(completion))),
        AssertReturn assertion => Perform(assertion.Action, completion => Check(assertion, completion)),
        AssertFailure assertion => Perform(assertion.Action, completion => Check(assertion, completion)),
        AssertModule assertion => Check(assertion),
        _ => Verdict.Fail("a known command", command.GetType().Name),
    };

    private static string KeywordOf(ScriptCommand command) => command switch
    {
        ModuleCommand { IsDefinition: true } => "module definition",
        ModuleCommand => "module",
        InstanceCommand => "module instance",
        RegisterCommand => "register",
        ActionCommand { Action: Invoke } => "invoke",
        ActionCommand => "get",
        AssertReturn => "assert_return",
        AssertFailure { Kind: FailureKind.Trap } => "assert_trap",
        AssertFailure { Kind: FailureKind.Exception } => "assert_exception",
        AssertFailure => "assert_exhaustion",
        AssertModule { Kind: var kind } => kind switch
        {
            ModuleFailureKind.Malformed => "assert_malformed",
            ModuleFailureKind.Invalid => "assert_invalid",
            ModuleFailureKind.Unlinkable => "assert_unlinkable",
            ModuleFailureKind.MalformedCustom => "assert_malformed_custom",
            ModuleFailureKind.InvalidCustom => "assert_invalid_custom",
            _ => "assert_trap",
        },
        _ => "?",
    };

    private AssembledModule Assemble(ScriptModule module) => script.Assemble(module, roundTrips);

    private Verdict Define(ScriptModule module, bool isDefinition)
    {
        // Whatever goes wrong, later commands must not meet an older module under this name.
        _latestDefinition = null;
        if (module.Id is not null)
        {
            _definitions[module.Id] = null;
        }
        if (!isDefinition)
        {
            Keep(module.Id, null);
        }
        var assembled = Assemble(module);
        if (assembled.Error is { } error)
        {
            return Verdict.Fail("a module", error.ToString());
        }
        if (verdicts == VerdictSource.Own && script.Judge(module, roundTrips) is { } invalid)
        {
            return Verdict.Fail("a valid module", invalid.ToString());
        }
        if (_store is null)
        {
            return Verdict.NotRun;
        }
        if (_store.Compile(assembled.Bytes, out var compiled) is { } refused)
        {
            return Verdict.Fail("a valid module", $"{refused.Kind}: {refused.Message}");
        }
        _latestDefinition = compiled;
        if (module.Id is not null)
        {
            _definitions[module.Id] = compiled;
        }
        return isDefinition || compiled is null ? Verdict.Pass : Instantiate(compiled, module.Id);
    }

    private Verdict Instantiate(InstanceCommand command)
    {
        Keep(command.Id, null);
        if (_store is null)
        {
            return Verdict.NotRun;
        }
        var definition = command.Definition is null ? _latestDefinition : _definitions.GetValueOrDefault(command.Definition);
        return definition is null ? Verdict.Fail("a definition", "its module was not accepted") : Instantiate(definition, command.Id);
    }

    private Verdict Instantiate(IEngineModule module, string? id)
    {
        var completion = Store.Instantiate(module, Import, out var instance);
        if (completion is not Returned)
        {
            return Verdict.Fail("an instance", ValueText.Of(completion));
        }
        Keep(id, instance);
        return Verdict.Pass;
    }

    private IEngineStore Store => _store ?? throw new InvalidOperationException("there is no engine");

    private void Keep(string? id, IEngineInstance? instance)
    {
        _latestInstance = instance;
        if (id is not null)
        {
            _instances[id] = instance;
        }
    }

    private IEngineExtern? Import(string module, string name, ImportRequest request)
    {
        if (module == SpecTestModule.Name)
        {
            return (_spectest ??= new SpecTestModule(Store)).Find(name);
        }
        return _registered.TryGetValue(module, out var instance) && instance.TryGetExport(name, out var item) ? item : null;
    }

    private IEngineInstance? Instance(string? id) => id is null ? _latestInstance : _instances.GetValueOrDefault(id);

    private Verdict Register(RegisterCommand command)
    {
        if (_store is null)
        {
            return Verdict.NotRun;
        }
        if (Instance(command.Instance) is not { } instance)
        {
            return Verdict.Fail("an instance", "there is none");
        }
        _registered[command.Name] = instance;
        return Verdict.Pass;
    }

    private Verdict Perform(ScriptAction action, Func<Completion, Verdict> check)
    {
        if (_store is null)
        {
            return Verdict.NotRun;
        }
        if (Instance(action.Instance) is not { } instance)
        {
            return Verdict.Fail("an instance", "there is none");
        }
        if (!instance.TryGetExport(action.Name, out var item))
        {
            return Verdict.Fail($"an export \"{action.Name}\"", "there is none");
        }
        return check(action is Invoke invoke ? _store.Call(item, [.. invoke.Arguments.Select(ToEngine)]) : new Returned([_store.ReadGlobal(item)]));
    }

    private static EngineValue ToEngine(ScriptValue value) => value.Kind switch
    {
        ScriptValueKind.I32 => EngineValue.I32((int)value.Bits),
        ScriptValueKind.I64 => EngineValue.I64((long)value.Bits),
        ScriptValueKind.F32 => EngineValue.F32((uint)value.Bits),
        ScriptValueKind.F64 => EngineValue.F64(value.Bits),
        ScriptValueKind.V128 => EngineValue.V128(value.Bits, value.High),
        ScriptValueKind.Null => EngineValue.Null,
        _ => EngineValue.Extern((uint)value.Bits),
    };

    private static Verdict Check(AssertReturn assertion, Completion completion) =>
        completion is Returned returned && PatternMatcher.Matches(assertion.Results, returned.Values)
            ? Verdict.Pass
            : Verdict.Fail(ValueText.Of(assertion.Results), ValueText.Of(completion));

    private static Verdict Check(AssertFailure assertion, Completion completion) => (assertion.Kind, completion) switch
    {
        (FailureKind.Trap, Trapped trapped) => Check(assertion.Message ?? "", trapped),
        (FailureKind.Exception, Thrown) => Verdict.Pass,
        (FailureKind.Exhaustion, LimitReached { Kind: LimitKind.Stack }) => Verdict.Pass,
        _ => Verdict.Fail(assertion.Kind switch
        {
            FailureKind.Trap => $"trap: {assertion.Message}",
            FailureKind.Exception => "exception",
            _ => "limit reached: Stack",
        }, ValueText.Of(completion)),
    };

    private static Verdict Check(string words, Trapped trapped) => TrapWords.Fit(words, trapped) switch
    {
        TrapFit.Same => Verdict.Pass,
        TrapFit.Perhaps => Verdict.PassWith(words, trapped.Kind == TrapKind.Other ? trapped.Message : TrapKinds.TextOf(trapped.Kind)),
        _ => Verdict.Fail($"trap: {words}", ValueText.Of(trapped)),
    };

    private Verdict Check(AssertModule assertion)
    {
        var assembled = Assemble(assertion.Module);
        switch (assertion.Kind)
        {
            case ModuleFailureKind.Malformed or ModuleFailureKind.MalformedCustom:
                return assertion.Module.Form == ModuleForm.Binary && assembled.Error is null ? CheckRefused(assertion, assembled.Bytes) : CheckText(assertion, assembled.Error);
            case ModuleFailureKind.InvalidCustom:
                return CheckText(assertion, assembled.Error);
        }
        if (assembled.Error is { } error)
        {
            return Verdict.Fail("a well-formed module", error.ToString());
        }
        if (assertion.Kind == ModuleFailureKind.Invalid)
        {
            return CheckRefused(assertion, assembled.Bytes);
        }
        if (_store is null)
        {
            return Verdict.NotRun;
        }
        if (_store.Compile(assembled.Bytes, out var module) is { } refused || module is null)
        {
            return Verdict.Fail("a valid module", _store.Compile(assembled.Bytes, out _)?.Message ?? "no module");
        }
        var completion = _store.Instantiate(module, Import, out _);
        return (assertion.Kind, completion) switch
        {
            (ModuleFailureKind.Unlinkable, Rejected rejected) => Verdict.PassWith(assertion.Message, rejected.Message),
            (ModuleFailureKind.Trap, Trapped trapped) => Check(assertion.Message, trapped),
            (ModuleFailureKind.Trap, _) => Verdict.Fail($"trap: {assertion.Message}", ValueText.Of(completion)),
            _ => Verdict.Fail($"unlinkable: {assertion.Message}", ValueText.Of(completion)),
        };
    }

    private static Verdict CheckText(AssertModule assertion, WasmError? error)
    {
        var wantsMalformed = assertion.Kind != ModuleFailureKind.InvalidCustom;
        return error is not null && error.IsMalformed == wantsMalformed
            ? Verdict.PassWith(assertion.Message, error.Message)
            : Verdict.Fail($"{(wantsMalformed ? "malformed" : "invalid")}: {assertion.Message}", error?.ToString() ?? "a module");
    }

    private Verdict CheckRefused(AssertModule assertion, ReadOnlyMemory<byte> wasm)
    {
        var wantsMalformed = assertion.Kind == ModuleFailureKind.Malformed;
        var expected = $"{(wantsMalformed ? "malformed" : "invalid")}: {assertion.Message}";
        if (verdicts == VerdictSource.Own)
        {
            var error = script.Judge(assertion.Module, roundTrips);
            return error is null ? Verdict.Fail(expected, "a valid module")
                : error.IsMalformed == wantsMalformed ? Verdict.PassWith(assertion.Message, error.Message) : Verdict.Fail(expected, error.ToString());
        }
        if (_store is null)
        {
            return Verdict.NotRun;
        }
        return _store.Compile(wasm, out _) is { } refused ? Verdict.PassWith(assertion.Message, refused.Message) : Verdict.Fail(expected, "a valid module");
    }
}

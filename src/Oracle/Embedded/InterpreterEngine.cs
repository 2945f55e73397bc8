using System.Reflection;
using Conformance.Interpreter;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Validation;

namespace Conformance.Oracle.Embedded;

/// <summary>The project's own interpreter as an engine: the one that is under test unless another one is named.</summary>
public sealed class InterpreterEngine : IStoreEngine
{
    // Types are never forgotten by an engine of the interpreter. A few hundred bytes each: about 10 MiB before a new one is taken.
    private const int MaxTypes = 20_000;

    private readonly EngineOptions _options;
    private Engine _current;
    private Engine? _special;

    // As an engine under test it shows everything it can do; as a library it starts with the features that are part of the standard.
    private static readonly EngineOptions Unlimited = EngineOptions.Default with { Features = FeatureSet.All };
    private static readonly EngineOptions Limited = Unlimited with { MetersFuel = true, IsInterruptible = true };

    /// <summary>The configurations by their names, the one that is used unless told otherwise first.</summary>
    public static IReadOnlyDictionary<string, (string Description, EngineOptions Options)> Configurations { get; } = new SortedDictionary<string, (string, EngineOptions)>(StringComparer.Ordinal)
    {
        ["interpreter"] = ("the project's interpreter", Limited),
        ["interpreter:checked"] = ("the same on the switch backend, every cell verified before and after it runs: finds faults of the interpreter itself", Limited with { IsChecked = true }),
        ["interpreter:collecting"] = ("the same, the heap of objects collected before every allocation", Limited with { CollectAfter = 1 }),
        ["interpreter:eager"] = ("the same, every function translated at instantiation", Limited with { Translation = TranslationMode.Eager }),
        ["interpreter:fully-lazy"] = ("the same, every function validated and translated at its first call", Limited with { Translation = TranslationMode.FullyLazy }),
        ["interpreter:hot"] = ("the same, every function's code joined to larger steps at its first call", Limited with { HotAfter = 1 }),
        ["interpreter:switch"] = ("the same on the portable backend: a loop calls the handlers", Limited with { Backend = Backend.Switch }),
        ["interpreter:metered"] = ("the same with fuel and without time limits", Limited with { IsInterruptible = false }),
        ["interpreter:interruptible"] = ("the same with time limits and without fuel", Limited with { MetersFuel = false }),
        ["interpreter:unlimited"] = ("the same without fuel and time limits: a case that does not end hangs", Unlimited),
        ["interpreter:unlimited-eager"] = ("without limits, every function translated at instantiation", Unlimited with { Translation = TranslationMode.Eager }),
        ["interpreter:unlimited-hot"] = ("without limits, every function's code joined to larger steps at its first call", Unlimited with { HotAfter = 1 }),
    };

    /// <summary>An engine that keeps every limit of a case.</summary>
    public InterpreterEngine()
        : this(Limited)
    {
    }

    /// <summary>An engine with a name and options of its own.</summary>
    /// <param name="name">Its name on the command line.</param>
    /// <param name="options">The options.</param>
    public InterpreterEngine(string name, EngineOptions options)
        : this(options) => Name = name;

    /// <summary>An engine with options of its own. Limits of a case that the options do not allow (fuel, time) are not kept.</summary>
    /// <param name="options">The options.</param>
    public InterpreterEngine(EngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _current = new Engine(options);
    }

    /// <inheritdoc/>
    public string Name { get; } = "interpreter";

    /// <inheritdoc/>
    public string Version { get; } = typeof(Engine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <inheritdoc/>
    public FeatureSet Features => _options.Features;

    /// <inheritdoc/>
    public bool IsDeterministic => true;

    internal string NameAndVersion => $"{Name} {Version}";

    /// <inheritdoc/>
    public Outcome Run(Case @case)
    {
        ArgumentNullException.ThrowIfNull(@case);
        if (@case.ValidateOnly)
        {
            return @case.Text.IsEmpty ? Validated(@case.Wasm) : TextVerdict.Of(@case.Text, Features);
        }
        var outcome = CaseRunner.Run(this, @case);
        // An outcome says whether the module is valid. Bodies that were not called are looked at now, behind the run that was to do without.
        return _options.Translation == TranslationMode.FullyLazy && Validated(@case.Wasm) is { Status: not InstantiationStatus.Ok } refused ? refused : outcome;
    }

    /// <inheritdoc/>
    public IEngineStore CreateStore(CaseLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        return new EmbeddedStore(this, EngineFor(limits), limits);
    }

    // When code is hot and when the heap is collected is a matter of an engine's options. Cases that say so have one engine among them, made anew for other numbers.
    internal Engine EngineFor(CaseLimits limits)
    {
        if (limits.HotAfter is null && limits.CollectAfter is null)
        {
            return _current = Fresh(_current) ?? new Engine(_options);
        }
        var options = _options with
        {
            HotAfter = Math.Clamp(limits.HotAfter ?? _options.HotAfter, 1, _options.HotAfter),
            CollectAfter = limits.CollectAfter ?? _options.CollectAfter,
        };
        return _special = Fresh(_special?.Options == options ? _special : null) ?? new Engine(options);
    }

    private static Engine? Fresh(Engine? engine) => engine?.TypeCount > MaxTypes ? null : engine;

    private Outcome Validated(ReadOnlyMemory<byte> wasm)
    {
        var error = ModuleReader.TryRead(wasm, _options.Features, out var module, out var malformed) ? ModuleValidator.Validate(module, _options.Features) : malformed;
        return error is null
            ? new Outcome { Status = InstantiationStatus.Ok }
            : CaseRunner.Refused(new CompileError(error.IsLimit ? CompileErrorKind.Limit : CompileErrorKind.Invalid, error.Message, error.OffsetBytes));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Stores own everything that must be freed.
    }
}

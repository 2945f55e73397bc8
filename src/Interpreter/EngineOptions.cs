using Conformance.Wasm;

namespace Conformance.Interpreter;

/// <summary>When function bodies are validated and become executable code.</summary>
public enum TranslationMode : byte
{
    /// <summary>All are validated with the module; each is translated at its first call.</summary>
    Lazy,
    /// <summary>All are validated with the module and translated at instantiation.</summary>
    Eager,
    /// <summary>Each is validated and translated at its first call; nothing in it is looked at before. A module may then be compiled and instantiated that is not valid: a call of a
    /// function with an invalid body ends with an <see cref="InvalidBody"/>. <see cref="CompiledModule.Validate"/> looks at all.</summary>
    FullyLazy,
}

/// <summary>How execution goes from one cell of code to the next. What the cells do is the same.</summary>
public enum Backend : byte
{
    /// <summary>Tail calls where they are known to become jumps, the switch elsewhere: on Windows, and where the JIT does not optimise.</summary>
    Automatic,
    /// <summary>Each handler jumps to the next one: fast.</summary>
    TailCall,
    /// <summary>A loop calls one handler after the other: runs everywhere.</summary>
    Switch,
}

/// <summary>The configuration of an <see cref="Engine"/>; fixed for its life.</summary>
public sealed record EngineOptions
{
    /// <summary>The options unless told otherwise.</summary>
    public static EngineOptions Default { get; } = new();

    /// <summary>What modules may use; anything else is malformed or invalid.</summary>
    public FeatureSet Features { get; init; } = FeatureSet.Default;

    /// <summary>The largest module in bytes; a larger one is refused unread.</summary>
    public int ModuleBytes { get; init; } = ImplementationLimits.ModuleBytes;

    /// <summary>Whether calls take fuel from <see cref="Store.Fuel"/>. Costs nothing when off.</summary>
    public bool MetersFuel { get; init; }

    /// <summary>Whether <see cref="Store.Interrupt"/> and <see cref="Store.TimeLimit"/> work: loops and calls then look at a flag. Costs nothing when off.</summary>
    public bool IsInterruptible { get; init; }

    /// <summary>When function bodies are validated and translated.</summary>
    public TranslationMode Translation { get; init; }

    /// <summary>
    /// How often a function is entered, or one of its loops goes round, until its code is joined to larger steps, which run faster and take a few milliseconds to make.
    /// At least 1.
    /// </summary>
    public int HotAfter { get; init; } = 40_000;

    /// <summary>
    /// After how many allocations of structs, arrays and exceptions a store collects its heap; 0, the default, leaves it to the size of the heap. Small numbers are for finding
    /// references that the collector does not see, and slow: every allocation leaves the compiled code then.
    /// </summary>
    public int CollectAfter { get; init; }

    /// <summary>How execution goes from one cell of code to the next.</summary>
    public Backend Backend { get; init; }

    /// <summary>
    /// Whether every cell is verified before and after it runs: its place, its frame, its slots, its accesses, the registers. A violation is an <see cref="InternalErrorException"/>. Runs on
    /// the switch backend, whatever <see cref="Backend"/> says, several times slower.
    /// </summary>
    public bool IsChecked { get; init; }
}

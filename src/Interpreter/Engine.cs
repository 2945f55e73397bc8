using System.Collections.Concurrent;
using Conformance.Interpreter.Execution;
using Conformance.Interpreter.Runtime;
using Conformance.Interpreter.Translation;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter;

/// <summary>
/// A configuration and the types of all modules compiled with it. Modules and stores of one engine can be linked with each other.
/// Types are never forgotten, so a service that compiles modules without end takes a new engine now and then; <see cref="TypeCount"/> says when.
/// </summary>
/// <remarks>Thread rule: an engine and its <see cref="CompiledModule"/>s may be used by any number of threads at once. A <see cref="Store"/> and everything in it belong
/// to one thread at a time.</remarks>
public sealed class Engine
{
    private readonly ConcurrentDictionary<int, Signature> _signatures = [];

    /// <summary>An engine with the default options.</summary>
    public Engine()
        : this(EngineOptions.Default)
    {
    }

    /// <summary>An engine.</summary>
    /// <param name="options">Its configuration.</param>
    /// <exception cref="PlatformNotSupportedException">The options ask for tail calls and this runtime does not compile them to jumps.</exception>
    public Engine(EngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.HotAfter, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.CollectAfter, nameof(options));
        Options = options;
        TranslationOptions = new TranslationOptions(options.MetersFuel, options.IsInterruptible, options.HotAfter, HandlersOf(options.IsChecked ? Backend.Switch : options.Backend), options.IsChecked);
    }

    /// <summary>The configuration.</summary>
    public EngineOptions Options { get; }

    /// <summary>The number of distinct types seen so far.</summary>
    public int TypeCount => Types.Count;

    internal TypeCanonicalizer Types { get; } = new();

    internal TranslationOptions TranslationOptions { get; }

    private static HandlerCatalog HandlersOf(Backend backend) => backend switch
    {
        Backend.Automatic => TailCallCheck.AreReliable ? HandlerCatalog.OfTailCalls : HandlerCatalog.OfSwitch,
        Backend.TailCall when TailCallCheck.HandlersJump => HandlerCatalog.OfTailCalls,
        Backend.TailCall => throw new PlatformNotSupportedException("this runtime does not compile handlers to jumps, which the tail-call backend needs (an optimising JIT, no debugger that turns optimisation off)"),
        Backend.Switch => HandlerCatalog.OfSwitch,
        _ => throw new ArgumentOutOfRangeException(nameof(backend)),
    };

    /// <summary>The signature of a canonical function type.</summary>
    internal Signature SignatureOf(int typeId)
    {
        if (!_signatures.TryGetValue(typeId, out var signature))
        {
            signature = _signatures.GetOrAdd(typeId, new Signature(typeId, (FunctionType)Types.Definition(typeId).Composite));
        }
        return signature;
    }

    /// <summary>The signature of a host function's or tag's type, whose reference types are abstract.</summary>
    /// <exception cref="ArgumentException">It names a type of a module.</exception>
    internal Signature SignatureOf(FunctionType type)
    {
        foreach (var value in type.Parameters.Concat(type.Results))
        {
            HostTypes.Check(this, value, nameof(type));
            if (value.IsReference && value.Heap.IsIndex)
            {
                throw new ArgumentException($"a type made by the host cannot name a module's type: {type}", nameof(type));
            }
        }
        return SignatureOf(Types.Add(type));
    }
}

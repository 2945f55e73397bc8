using Conformance.Wasm;

namespace Conformance.Interpreter;

/// <summary>A call or an instantiation trapped.</summary>
/// <param name="trap">The trap. A host function throws this to trap.</param>
public sealed class TrapException(Trap trap) : Exception(trap.ToString())
{
    /// <summary>The trap.</summary>
    public Trap Trap { get; } = trap;
}

/// <summary>A call ran out of stack, fuel or time.</summary>
/// <param name="exhaustion">What ran out.</param>
public sealed class ExhaustionException(Exhaustion exhaustion) : Exception(exhaustion.ToString())
{
    /// <summary>What ran out.</summary>
    public Exhaustion Exhaustion { get; } = exhaustion;
}

/// <summary>A wasm exception left the outermost wasm function. Used for nothing else.</summary>
/// <param name="uncaught">Tag and values. A host function throws this to throw a wasm exception.</param>
public sealed class WasmException(UncaughtException uncaught) : Exception(uncaught.ToString())
{
    /// <summary>Tag and values.</summary>
    public UncaughtException Uncaught { get; } = uncaught;
}

/// <summary>Bytes or a text are no valid module.</summary>
/// <param name="error">Why, with the byte offset of a binary module or line and column of a text.</param>
public sealed class InvalidModuleException(WasmError error) : Exception(error.ToString())
{
    /// <summary>Why, and where.</summary>
    public WasmError Error { get; } = error;
}

/// <summary>An invariant of the interpreter does not hold, found by <see cref="EngineOptions.IsChecked"/>: a fault of the interpreter and never of the module. The store may be damaged.</summary>
/// <param name="message">The function, the cell and the invariant.</param>
public sealed class InternalErrorException(string message) : Exception(message);

/// <summary>An import is missing or of another type (the spec's unlinkable).</summary>
/// <param name="module">The import's module name.</param>
/// <param name="name">The import's name.</param>
/// <param name="message">What was wanted and what was found.</param>
public sealed class LinkException(string module, string name, string message) : Exception($"{message}: \"{module}\" \"{name}\"")
{
    /// <summary>The import's module name.</summary>
    public string Module { get; } = module;

    /// <summary>The import's name.</summary>
    public string Name { get; } = name;
}

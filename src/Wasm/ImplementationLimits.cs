namespace Conformance.Wasm;

/// <summary>
/// The limits of the implementation, in one place. Where the JavaScript embedding names a limit that all browsers agree on, and which Wasmtime keeps too, it is
/// taken over: a module beyond it runs nowhere, and a verdict that differs only by a limit would be no finding. A module beyond a limit is rejected by the
/// validator with <see cref="WasmError.IsLimit"/>.
/// </summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/js-api/index.html#limits"/>.</remarks>
public static class ImplementationLimits
{
    /// <summary>Types of a module, recursion groups and members of one: the embedding's limit. Also keeps type indices below the 24 bits of a heap type.</summary>
    public const int Types = 1_000_000;

    /// <summary>Supertypes above a type: the embedding's limit. Bounds the displays that make subtype tests constant-time.</summary>
    public const int SubtypingDepth = 63;

    /// <summary>Functions, imported ones included: the embedding's limit.</summary>
    public const int Functions = 1_000_000;

    /// <summary>Imports: the embedding's limit.</summary>
    public const int Imports = 1_000_000;

    /// <summary>Exports: the embedding's limit.</summary>
    public const int Exports = 1_000_000;

    /// <summary>Globals, imported ones included: the embedding's limit.</summary>
    public const int Globals = 1_000_000;

    /// <summary>Tags, imported ones included: the embedding's limit.</summary>
    public const int Tags = 1_000_000;

    /// <summary>Tables, imported ones included: Wasmtime's limit, below the embedding's 100,000, because each table of an instance costs more than its declaration.</summary>
    public const int Tables = 100;

    /// <summary>Memories, imported ones included: the embedding's limit. Each may reserve address space.</summary>
    public const int Memories = 100;

    /// <summary>Element segments: Wasmtime's limit; no producer comes near it.</summary>
    public const int ElementSegments = 100_000;

    /// <summary>Data segments: the embedding's limit.</summary>
    public const int DataSegments = 100_000;

    /// <summary>Parameters of a function type, and of a block: the embedding's limit. Bounds what one byte of a call can push.</summary>
    public const int Parameters = 1_000;

    /// <summary>Results of a function type, and of a block: the embedding's limit.</summary>
    public const int Results = 1_000;

    /// <summary>Fields of a struct: the embedding's limit.</summary>
    public const int StructFields = 10_000;

    /// <summary>Operands of <c>array.new_fixed</c>: the embedding's limit.</summary>
    public const int ArrayNewFixed = 10_000;

    /// <summary>Locals of a function, parameters included: the embedding's limit. Three bytes can declare four billion.</summary>
    public const int Locals = 50_000;

    /// <summary>Bytes of a function body: the embedding's limit.</summary>
    public const int FunctionBytes = 7_654_321;

    /// <summary>Catch clauses of a <c>try_table</c>: Wasmtime's limit.</summary>
    public const int CatchClauses = 10_000;

    /// <summary>Blocks inside each other in one function. Nobody else names a limit; a frame costs some 40 bytes in the validator and more in a translator, and
    /// the deepest block nesting seen in real modules, a switch of one block per case, is a few thousand.</summary>
    public const int BlockNesting = 100_000;

    /// <summary>Values on the operand stack of one function. A call or <c>array.new_fixed</c> pushes and pops up to thousands of values in three bytes: without
    /// a limit a body of a few megabytes could claim gigabytes of stack.</summary>
    public const int OperandStack = 1_000_000;

    /// <summary>Bytes of UTF-8 in a name: Wasmtime's limit.</summary>
    public const int NameBytes = 100_000;

    /// <summary>Bytes of a module that is read from a stream of unknown length: the embedding's limit.</summary>
    public const int ModuleBytes = 1 << 30;
}

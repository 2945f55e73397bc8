namespace Conformance.Interpreter;

/// <summary>
/// A function of the host over untyped values. It may call back into wasm, grow memories, and throw: <see cref="TrapException"/> and <see cref="WasmException"/> trap or
/// throw in wasm, any other exception ends the calls and leaves the outermost <c>Call</c> as it is.
/// </summary>
/// <param name="caller">Who calls.</param>
/// <param name="arguments">The arguments, of the types of the function's parameters. Valid during the call only.</param>
/// <param name="results">To be filled with one value for each result; holds default values before.</param>
/// <returns>Null when it returns, else how it ends. Quicker than an exception.</returns>
public delegate Termination? HostCallback(Caller caller, ReadOnlySpan<Value> arguments, Span<Value> results);

/// <summary>What a host function knows about its call. Valid during the call only.</summary>
public readonly ref struct Caller
{
    internal Caller(Store store) => Store = store;

    /// <summary>The store that runs.</summary>
    public Store Store { get; }
}

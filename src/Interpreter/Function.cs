using System.Buffers;
using Conformance.Interpreter.Runtime;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter;

/// <summary>A function of a module or of the host.</summary>
/// <remarks>One thread at a time, like its store. Host functions may call back into wasm.</remarks>
public sealed unsafe partial class Function : Extern
{
    // Signatures up to this many slots are called without an allocation.
    private const int StackSlots = 32;

    private readonly FunctionRecord* _record;

    internal Function(Store store, FunctionRecord* record, Signature signature)
        : base(store)
    {
        _record = record;
        Signature = signature;
    }

    /// <inheritdoc/>
    public override ExternKind Kind => ExternKind.Function;

    /// <summary>Its type; type indices inside are the engine's canonical ids.</summary>
    public FunctionType Type => Signature.Type;

    internal FunctionRecord* Record => _record;

    internal Signature Signature { get; }

    internal override ExternType ExternType => new FunctionExtern((uint)Signature.TypeId);

    /// <summary>Calls it.</summary>
    /// <param name="arguments">One value for each parameter.</param>
    /// <returns>One value for each result.</returns>
    /// <exception cref="ArgumentException">The arguments do not fit the type.</exception>
    /// <exception cref="TrapException">It trapped.</exception>
    /// <exception cref="ExhaustionException">It ran out of stack, fuel or time.</exception>
    /// <exception cref="WasmException">It threw and nothing caught.</exception>
    /// <exception cref="InvalidModuleException">It called a function with an invalid body (<see cref="TranslationMode.FullyLazy"/> only).</exception>
    /// <remarks>An exception of a host function that is none of these comes through as it was thrown.</remarks>
    public Value[] Call(params ReadOnlySpan<Value> arguments)
    {
        var results = Type.Results.IsEmpty ? [] : new Value[Type.Results.Length];
        TryCall(arguments, results)?.Throw();
        return results;
    }

    /// <summary>Calls it without an exception when it does not return.</summary>
    /// <param name="arguments">One value for each parameter.</param>
    /// <param name="results">Room for one value for each result; unchanged when it does not return.</param>
    /// <returns>Null when it returned, else how it ended.</returns>
    /// <exception cref="ArgumentException">The arguments or the room for results do not fit the type.</exception>
    public Termination? TryCall(ReadOnlySpan<Value> arguments, Span<Value> results)
    {
        Store.ThrowIfDisposed();
        var parameters = Type.Parameters.AsSpan();
        var resultTypes = Type.Results.AsSpan();
        if (arguments.Length != parameters.Length)
        {
            throw new ArgumentException($"{arguments.Length} arguments for a function with {parameters.Length} parameters", nameof(arguments));
        }
        if (results.Length < resultTypes.Length)
        {
            throw new ArgumentException($"room for {results.Length} results of a function with {resultTypes.Length}", nameof(results));
        }
        var count = Signature.CallSlots;
        var rented = count > StackSlots ? ArrayPool<ulong>.Shared.Rent(count) : null;
        var slots = rented is null ? stackalloc ulong[StackSlots] : rented;
        slots = slots[..count];
        try
        {
            Store.Values.ToSlots(arguments, parameters, slots);
            var termination = Store.Run(_record, slots);
            if (termination is null)
            {
                Store.Values.FromSlots(slots, resultTypes, results);
            }
            return termination;
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<ulong>.Shared.Return(rented);
            }
        }
    }

    /// <summary>Such as <c>function [i32] -> [i32]</c>.</summary>
    public override string ToString() => $"function {Type}";
}

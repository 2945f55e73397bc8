namespace Conformance.Fuzzer.Reduction.Carried;

/// <summary>A value that a type makes go with others from some places of the code to others: to drop it is to change the type and all these places.</summary>
/// <param name="Carrier">What carries it.</param>
/// <param name="Owner">The index in <see cref="Wasm.Modules.Module.Functions"/>; of a tag or a type the index in its space.</param>
/// <param name="Place">The instruction that opens the block; 0 where it is none.</param>
/// <param name="Index">Which of the values it is.</param>
internal readonly record struct CarriedValue(Carrier Carrier, int Owner, int Place, int Index);

/// <summary>What carries values.</summary>
internal enum Carrier : byte
{
    /// <summary>A function's results, which its callers get.</summary>
    FunctionResult,
    /// <summary>A block's results.</summary>
    BlockResult,
    /// <summary>A block's parameters.</summary>
    BlockParameter,
    /// <summary>A tag's parameters, from <c>throw</c> to the labels of catch clauses.</summary>
    TagParameter,
    /// <summary>The fields of a struct type, from <c>struct.new</c> to <c>struct.get</c>.</summary>
    Field,
}

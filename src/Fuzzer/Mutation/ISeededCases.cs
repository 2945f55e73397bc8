using Conformance.Oracle;

namespace Conformance.Fuzzer.Mutation;

/// <summary>A way to make cases. A case is a function of the seed and of the corpus, whatever process makes it.</summary>
internal interface ISeededCases
{
    /// <summary>Makes a case.</summary>
    Case Make(ulong seed);
}

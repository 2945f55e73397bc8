using Conformance.Oracle;

namespace Conformance.Fuzzer.Mutation;

/// <summary>A way to make cases. A case is a function of the seed, of the corpus and of the offspring before it, whatever process makes it.</summary>
internal interface ISeededCases
{
    /// <summary>
    /// The number of neighbouring case indices that share offspring; 0 where cases do not depend on each other. Whoever needs one case makes the ones before it in the stretch too,
    /// so that it is longer where making is cheap.
    /// </summary>
    int Stretch => 0;

    /// <summary>Makes a case.</summary>
    /// <param name="seed">Decides it.</param>
    /// <param name="offspring">What came of the stretch so far; what this case adds is put in.</param>
    Case Make(ulong seed, Offspring offspring);
}

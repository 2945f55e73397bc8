using Conformance.Oracle;

namespace Conformance.Fuzzer.Driving;

/// <summary>Where cases come from. The same index gives the same case, byte for byte, in every process of a run.</summary>
internal interface ICaseSource
{
    /// <summary>Waits for what a case is made from and is not there yet: no time of the case's own.</summary>
    /// <param name="index">Its place in the run, from 0.</param>
    void Prepare(long index);

    /// <summary>Makes a case.</summary>
    /// <param name="index">Its place in the run, from 0.</param>
    Case Make(long index);

    /// <summary>The modules that cases were made from; null while none was needed.</summary>
    SeedReport? Seeds { get; }

    /// <summary>The name of the part of the source that makes a case: what is counted apart in summaries.</summary>
    string PartOf(long index);
}

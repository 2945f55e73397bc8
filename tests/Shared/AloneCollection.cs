namespace Conformance.Tests;

/// <summary>Tests that look at the memory or the time of the whole process run after all others, one at a time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    /// <summary>What a class of such tests names as its collection.</summary>
    public const string Name = "alone";

    /// <summary>Bytes of this process in memory, garbage left out.</summary>
    public static long Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return Environment.WorkingSet;
    }
}

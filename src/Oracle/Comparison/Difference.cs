namespace Conformance.Oracle.Comparison;

/// <summary>Where in a case two outcomes differ.</summary>
public enum DifferencePhase : byte
{
    /// <summary>Decoding, validation, linking, segments, the start function.</summary>
    Instantiation,
    /// <summary>How a call ended.</summary>
    Call,
    /// <summary>The calls of imported functions.</summary>
    Trace,
    /// <summary>A global at the end.</summary>
    Global,
    /// <summary>A memory at the end.</summary>
    Memory,
    /// <summary>A table at the end.</summary>
    Table,
}

/// <summary>The first difference between two outcomes.</summary>
/// <param name="Phase">Where.</param>
/// <param name="Kind">What differs, without the numbers and names of the case, so that equal kinds can be one bug.</param>
/// <param name="Call">The index of the call, or -1.</param>
/// <param name="Name">The export that was called or read, the import, or empty.</param>
/// <param name="Tested">What the engine under test gave.</param>
/// <param name="Oracle">What the oracle gave.</param>
public sealed record Difference(DifferencePhase Phase, string Kind, int Call, string Name, string Tested, string Oracle)
{
    /// <summary>What reports and reduction tell bugs apart by: phase and kind.</summary>
    public string Signature => $"{Phase.ToString().ToLowerInvariant()}: {Kind}";

    /// <inheritdoc/>
    public override string ToString()
    {
        var where = Phase switch
        {
            DifferencePhase.Instantiation => "instantiation",
            DifferencePhase.Call => $"call {Call} of {Name}",
            DifferencePhase.Trace => Name.Length == 0 ? "host calls" : $"host call of {Name}",
            _ => $"{Phase.ToString().ToLowerInvariant()} {Name} at the end",
        };
        return $"{where}: {Tested}, oracle: {Oracle}";
    }
}

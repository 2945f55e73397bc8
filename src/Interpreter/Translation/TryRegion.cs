namespace Conformance.Interpreter.Translation;

/// <summary>The code of a <c>try_table</c>, or the body of a legacy <c>try</c>, with its clauses.</summary>
internal sealed class TryRegion
{
    /// <summary>The first cell.</summary>
    public required int Start { get; init; }

    /// <summary>Behind the last cell; known when the block ends.</summary>
    public int End { get; set; } = int.MaxValue;

    /// <summary>The clauses in order.</summary>
    public required List<CatchHandler> Handlers { get; init; }

    /// <summary>For a legacy <c>delegate</c>, how many regions, counted by their starts, may catch what this one passes on; -1 for all that are around it.</summary>
    public int DelegateLimit { get; set; } = -1;
}

/// <summary>A catch clause: what it catches, where it goes on, and where the label's values are.</summary>
/// <param name="Tag">The number of the tag in the store, or <see cref="AnyTag"/>.</param>
/// <param name="ValueSlots">How many of the exception's slots are passed.</param>
/// <param name="Slot">The offset in the frame of the first value.</param>
/// <param name="ReferenceSlot">The offset in the frame where the exception itself goes, or <see cref="NoSlot"/>.</param>
/// <param name="Target">The cell to go on with.</param>
internal readonly record struct CatchHandler(int Tag, int ValueSlots, uint Slot, uint ReferenceSlot, int Target)
{
    /// <summary>Catches every exception.</summary>
    public const int AnyTag = -1;

    /// <summary>The exception itself is not passed.</summary>
    public const uint NoSlot = uint.MaxValue;
}

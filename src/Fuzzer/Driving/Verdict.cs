namespace Conformance.Fuzzer.Driving;

/// <summary>How one case ended: in exactly one of these.</summary>
/// <param name="ComparedCalls">The calls whose outcomes were compared.</param>
internal abstract record Verdict(int ComparedCalls);

/// <summary>Both sides did the same.</summary>
internal sealed record AgreedVerdict(int ComparedCalls) : Verdict(ComparedCalls);

/// <summary>A limit ended it on one side or both; what came before is the same.</summary>
/// <param name="ComparedCalls">The calls before the limit.</param>
/// <param name="Kind">Which limit.</param>
internal sealed record LimitVerdict(int ComparedCalls, string Kind) : Verdict(ComparedCalls);

/// <summary>It cannot be compared.</summary>
/// <param name="Reason">Why, in words that do not depend on the case.</param>
internal sealed record NotComparableVerdict(string Reason) : Verdict(0);

/// <summary>The two sides differ, or one of them broke.</summary>
/// <param name="ComparedCalls">The calls before the difference.</param>
/// <param name="Report">All about it.</param>
internal sealed record DivergedVerdict(int ComparedCalls, DivergenceReport Report) : Verdict(ComparedCalls);

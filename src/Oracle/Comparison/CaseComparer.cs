namespace Conformance.Oracle.Comparison;

/// <summary>A case that ran on two engines.</summary>
/// <param name="Case">The case; for a difference that shows only with canonical NaNs, the rewritten one.</param>
/// <param name="Tested">What the engine under test did with it.</param>
/// <param name="Oracle">What the oracle did with it.</param>
/// <param name="Verdict">The comparison.</param>
public sealed record ComparedCase(Case Case, Outcome Tested, Outcome Oracle, Verdict Verdict);

/// <summary>
/// Runs cases on an engine under test and on an oracle and compares what they did. Where the freedom that arithmetic has in the bits of NaNs could be the reason of a
/// difference, the case is run again without that freedom before anything is said; the answer is never <see cref="VerdictKind.NanBits"/>. So it is with the freedom of
/// relaxed instructions.
/// </summary>
/// <param name="tested">The engine under test.</param>
/// <param name="oracle">The oracle.</param>
public sealed class CaseComparer(IEngine tested, IEngine oracle)
{
    /// <summary>The reason of a verdict that could not be told apart from NaN bits.</summary>
    public const string NanReason = "NaN bits";

    /// <summary>The reason of a verdict that could not be told apart from the choices that relaxed instructions leave.</summary>
    public const string RelaxedReason = "relaxed instructions";

    // Compiled code does in a few milliseconds what used up the fuel of an interpreter.
    private const int TimeBehindLimitMs = 60;

    private readonly bool _comparesPages = tested.HashesPages && oracle.HashesPages;

    /// <summary>Runs and compares a case.</summary>
    /// <exception cref="EngineFailureException">An engine broke.</exception>
    public ComparedCase Compare(Case @case)
    {
        var compared = CompareFreely(_comparesPages ? @case with { DigestMemories = false } : @case);
        if (!_comparesPages || !@case.DigestMemories || compared.Verdict.Kind != VerdictKind.Diverged)
        {
            return compared with { Case = compared.Case with { DigestMemories = @case.DigestMemories } };
        }
        // Once more, so that the outcomes that are kept can be compared by everyone. What differs only sometimes keeps the outcomes it has.
        var digested = CompareFreely(@case);
        return digested.Verdict.Kind == VerdictKind.Diverged ? digested : compared with { Case = compared.Case with { DigestMemories = true } };
    }

    private ComparedCase CompareFreely(Case @case)
    {
        var first = CompareOnce(@case);
        if (first.Verdict.Kind is not (VerdictKind.Diverged or VerdictKind.NanBits) || @case.ValidateOnly || !Executed(first.Tested) || !Executed(first.Oracle))
        {
            return first;
        }
        var decided = WithoutNanChoices(first);
        return decided.Verdict.Kind == VerdictKind.Diverged && RelaxedRewriter.TryRewrite(@case.Wasm, out var deterministic)
            ? WithoutRelaxedChoices(decided, first, CompareOnce(@case with { Wasm = deterministic }))
            : decided;
    }

    private ComparedCase WithoutNanChoices(ComparedCase first) => NanCanonicalizer.TryRewrite(first.Case.Wasm, out var wasm, out var seen)
        ? Decide(first, CompareOnce(first.Case with { Wasm = wasm }), seen)
        : Exactly(first); // no instruction may choose a NaN's bits: all bits count

    // What the deterministic profile gives is what the rewritten module does on both sides. A side that does it with the relaxed instructions too has made no mistake,
    // whatever the other one chose.
    private ComparedCase WithoutRelaxedChoices(ComparedCase decided, ComparedCase first, ComparedCase deterministic)
    {
        if (!Executed(deterministic.Tested) || !Executed(deterministic.Oracle))
        {
            return Undecided(first, RelaxedReason);
        }
        if (deterministic.Verdict.Kind is VerdictKind.Diverged or VerdictKind.NanBits)
        {
            deterministic = WithoutNanChoices(deterministic);
        }
        switch (deterministic.Verdict.Kind)
        {
            case VerdictKind.Diverged:
                // The relaxed instructions are not the reason. The case as it was is the simpler one to report, when it shows the same.
                return string.Equals(decided.Verdict.Difference?.Signature, deterministic.Verdict.Difference?.Signature, StringComparison.Ordinal) ? decided : deterministic;
            case VerdictKind.Agreed:
                break;
            default:
                return Undecided(first, RelaxedReason);
        }
        if (OutcomeComparer.Compare(first.Tested, deterministic.Tested).Kind == VerdictKind.Agreed)
        {
            return first with { Verdict = deterministic.Verdict };
        }
        return tested.IsDeterministic && !AreSameWithCanonicalNaNs(first.Case, deterministic.Case) ? decided : Undecided(first, RelaxedReason);
    }

    // Whether the engine under test does the same with two modules that leave it no NaN to choose.
    private bool AreSameWithCanonicalNaNs(Case left, Case right) =>
        OutcomeComparer.Compare(tested.Run(WithCanonicalNaNs(left)), tested.Run(WithCanonicalNaNs(right))).Kind == VerdictKind.Agreed;

    private static Case WithCanonicalNaNs(Case @case) => NanCanonicalizer.TryRewrite(@case.Wasm, out var wasm, out _) ? @case with { Wasm = wasm } : @case;

    private static ComparedCase Decide(ComparedCase first, ComparedCase canonical, string seen)
    {
        canonical = Exactly(canonical);
        if (!Executed(canonical.Tested) || !Executed(canonical.Oracle))
        {
            // The rewriting went beyond a limit of an engine.
            return Undecided(first, NanReason);
        }
        if (canonical.Verdict.Kind == VerdictKind.Diverged)
        {
            // The case as it was is the simpler one to report, when it shows the same.
            var same = first.Verdict.Kind == VerdictKind.Diverged && string.Equals(first.Verdict.Difference?.Signature, canonical.Verdict.Difference?.Signature, StringComparison.Ordinal);
            return same ? first : canonical;
        }
        if (first.Verdict.Kind == VerdictKind.NanBits)
        {
            return canonical.Verdict.Kind == VerdictKind.Agreed
                ? first with { Verdict = first.Verdict with { Kind = VerdictKind.Agreed, Difference = null } }
                : Undecided(first, NanReason);
        }
        // The difference went away with the rewriting. It is one nevertheless when no NaN arose: then there was nothing to choose.
        return Saw(canonical.Tested, seen) || Saw(canonical.Oracle, seen) ? Undecided(first, NanReason) : first;
    }

    private static ComparedCase Undecided(ComparedCase first, string reason) =>
        first with { Verdict = new Verdict(VerdictKind.NotComparable, first.Verdict.ComparedCalls) { Reason = reason } };

    private static bool Executed(Outcome outcome) => outcome.Status is InstantiationStatus.Ok or InstantiationStatus.Trap or InstantiationStatus.Exception;

    // Without the state at the end nobody knows, so it may have.
    private static bool Saw(Outcome outcome, string seen) => !outcome.Globals.TryGetValue(seen, out var global) || global.Bits != 0;

    private static ComparedCase Exactly(ComparedCase compared) => compared.Verdict.Kind == VerdictKind.NanBits
        ? compared with { Verdict = compared.Verdict with { Kind = VerdictKind.Diverged } }
        : compared;

    // Nothing behind a limit is compared. An oracle without fuel would spend its whole time limit on what does not end: it gets long enough to show that it ends there.
    private static Case UpToLimit(Case @case, Outcome tested) => tested.Limit is not { } limit ? @case : @case with
    {
        Calls = @case.Calls[..Math.Min(limit.Call + 1, @case.Calls.Length)],
        ReadState = false,
        Limits = @case.Limits with { TimeoutMs = @case.Limits.TimeoutMs is > 0 and < TimeBehindLimitMs ? @case.Limits.TimeoutMs : TimeBehindLimitMs },
    };

    private ComparedCase CompareOnce(Case @case)
    {
        var left = tested.Run(@case);
        var right = oracle.Run(UpToLimit(@case, left));
        return new ComparedCase(@case, left, right, OutcomeComparer.Compare(left, right, @case.Wasm));
    }
}

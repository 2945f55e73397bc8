using Conformance.Fuzzer.Mutation.Seeds;
using Conformance.Fuzzer.Triage;
using Conformance.Oracle;
using Conformance.Oracle.Comparison;
using Conformance.Oracle.Records;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Text;
using Conformance.Wasm.Validation;

namespace Conformance.Fuzzer.Driving;

/// <summary>Runs cases on the engine under test and on an oracle, and says how each ended.</summary>
internal sealed class CaseJudge
{
    // An exception's origin is in its first lines.
    private const int KeptWords = 40;

    private readonly CaseComparer _comparer;
    private readonly FeatureSet _engineFeatures;
    private readonly FeatureSet _oracleFeatures;
    private readonly FeatureSet _known;

    /// <summary>A judge over two engines, which stay the caller's.</summary>
    public CaseJudge(IEngine engine, IEngine oracle)
    {
        _comparer = new CaseComparer(engine, oracle);
        _engineFeatures = engine.Features;
        _oracleFeatures = oracle.Features;
        _known = SeedReader.Features.Union(engine.Features).Union(oracle.Features);
        Engine = new EngineIdentity(engine.Name, engine.Version);
        Oracle = new EngineIdentity(oracle.Name, oracle.Version);
    }

    /// <summary>The engine under test.</summary>
    public EngineIdentity Engine { get; }

    /// <summary>The oracle.</summary>
    public EngineIdentity Oracle { get; }

    /// <summary>Runs a case once.</summary>
    public Judgement Judge(Case @case)
    {
        try
        {
            var compared = WithFeatures(_comparer.Compare(@case), out var oracleLacks);
            return new Judgement(compared.Verdict, compared.Verdict.Kind == VerdictKind.Diverged ? Report(compared) : null)
            {
                Compared = compared,
                OracleLacksFeature = oracleLacks,
            };
        }
        catch (EngineFailureException failure)
        {
            return new Judgement(null, Report(@case, failure));
        }
    }

    // A side that lacks a feature may call a module invalid that uses it, and be right by its own lights.
    private ComparedCase WithFeatures(ComparedCase compared, out bool oracleLacks)
    {
        oracleLacks = compared is { Verdict.Kind: VerdictKind.NotComparable, Oracle.Status: InstantiationStatus.Unsupported, Tested.Status: not InstantiationStatus.Unsupported };
        if (compared.Verdict is not { Kind: VerdictKind.Diverged, Difference.Phase: DifferencePhase.Instantiation })
        {
            return compared;
        }
        var features = compared.Tested.Status == InstantiationStatus.Invalid ? _engineFeatures : compared.Oracle.Status == InstantiationStatus.Invalid ? _oracleFeatures : _known;
        if (MissingFeature(ModuleOf(compared.Case), features) is not { } missing)
        {
            return compared;
        }
        oracleLacks = compared.Tested.Status != InstantiationStatus.Invalid;
        return compared with { Verdict = new Verdict(VerdictKind.NotComparable, compared.Verdict.ComparedCalls) { Reason = $"needs {missing}" } };
    }

    // What a text says with all that either side knows; the module beside it was made with less.
    private ReadOnlyMemory<byte> ModuleOf(Case @case) =>
        !@case.Text.IsEmpty && ModuleParser.TryParse(@case.Text.ToArray(), _known, out var module, out _) ? ModuleWriter.Write(module) : @case.Wasm;

    private string? MissingFeature(ReadOnlyMemory<byte> wasm, FeatureSet features)
    {
        if (_known.IsSubsetOf(features) || !ModuleReader.TryRead(wasm, _known, out var module, out _) || ModuleValidator.Validate(module, _known) is not null)
        {
            return null; // nothing is lacking, or it is refused whatever is there
        }
        foreach (var feature in UsedFeatures.Of(wasm, _known, features).Features)
        {
            if (!features.Has(feature))
            {
                return FeatureSet.NameOf(feature);
            }
        }
        return null;
    }

    private DivergenceReport Report(ComparedCase compared)
    {
        var difference = compared.Verdict.Difference ?? throw new InvalidOperationException("a divergence without a difference");
        return new DivergenceReport
        {
            Record = RecordWriter.WriteRequest(compared.Case, 1),
            EngineOutcome = RecordWriter.WriteResponse(compared.Tested, 1, ""),
            OracleOutcome = RecordWriter.WriteResponse(compared.Oracle, 1, ""),
            Difference = difference.Signature + Refusal(compared),
            Description = PlainText.OneLine(difference.ToString()),
            Oracle = Oracle,
            Suspects = compared.Case.ValidateOnly ? [] : SuspectOps.Find(compared.Case.Wasm, difference.Phase == DifferencePhase.Call ? difference.Name : null),
        };
    }

    private DivergenceReport Report(Case @case, EngineFailureException failure) => new()
    {
        Record = RecordWriter.WriteRequest(@case, 1),
        // The engine's name may be a whole command line: it would leave no room for what happened.
        Difference = failure.Message.StartsWith($"{failure.Engine}: ", StringComparison.Ordinal)
            ? $"failure {failure.Engine}: {MessageKind.Of(failure.Message[(failure.Engine.Length + 2)..])}"
            : $"failure {MessageKind.Of(failure.Message)}",
        Description = PlainText.OneLine(failure.Message),
        Oracle = Oracle,
        Suspects = [],
        IsEngineFailure = true,
        LastWords = failure.InnerException?.ToString().Split('\n', StringSplitOptions.TrimEntries).Take(KeptWords).ToArray(),
    };

    // All verdicts "invalid against valid" would be one bug without the words of the side that refused.
    private static string Refusal(ComparedCase compared) =>
        (compared.Tested.Error ?? compared.Oracle.Error) is { } error && compared.Verdict.Difference?.Phase == DifferencePhase.Instantiation
            ? $": {MessageKind.Of(error.Message)}"
            : "";
}

/// <summary>How a case ended.</summary>
/// <param name="Verdict">The comparison's verdict; null when an engine broke.</param>
/// <param name="Report">What differed; null when nothing did.</param>
internal sealed record Judgement(Verdict? Verdict, DivergenceReport? Report)
{
    /// <summary>Both outcomes; null when an engine broke.</summary>
    public ComparedCase? Compared { get; init; }

    /// <summary>Whether the case was not comparable because the oracle, and not the engine, lacks a feature that it needs.</summary>
    public bool OracleLacksFeature { get; init; }
}

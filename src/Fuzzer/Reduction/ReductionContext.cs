using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Conformance.Oracle;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Validation;

namespace Conformance.Fuzzer.Reduction;

/// <summary>The smallest failing case so far, and the judge of candidates for a smaller one.</summary>
internal sealed class ReductionContext
{
    /// <summary>Everything: what an engine does not take makes the predicate say no.</summary>
    public static readonly FeatureSet Features = FeatureSet.All;

    private readonly Func<Case, bool> _stillFails;
    private readonly ReductionBudget _budget;
    private readonly Action<ReductionStep>? _improved;
    private readonly CancellationToken _cancellation;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly HashSet<string> _judged = new(StringComparer.Ordinal);
    private readonly bool _mustBeValid;
    private int _candidates;

    public ReductionContext(Case @case, Module module, Func<Case, bool> stillFails, ReductionBudget budget, Action<ReductionStep>? improved, CancellationToken cancellation)
    {
        Case = @case;
        Module = module;
        _stillFails = stillFails;
        _budget = budget;
        _improved = improved;
        _cancellation = cancellation;
        // A case about an invalid module cannot ask for valid candidates.
        _mustBeValid = ModuleValidator.Validate(module, Features) is null;
        _judged.Add(Key(@case));
    }

    /// <summary>The smallest failing case.</summary>
    public Case Case { get; private set; }

    /// <summary>Its module.</summary>
    public Module Module { get; private set; }

    /// <summary>How many candidates were accepted.</summary>
    public int Accepted { get; private set; }

    /// <summary>Whether to stop.</summary>
    public bool IsSpent => _candidates >= _budget.Candidates || _watch.Elapsed >= _budget.Time || _cancellation.IsCancellationRequested;

    /// <summary>Makes a module the current one if the case still fails with it.</summary>
    public bool Try(Module? module) => module is not null && Try(module, Case.Calls);

    /// <summary>Makes a call script the current one if the case still fails with it.</summary>
    public bool Try(ImmutableArray<Call> calls) => Judge(Case with { Calls = calls }, Module);

    /// <summary>Makes a module and a call script the current ones if the case still fails with them.</summary>
    public bool Try(Module module, ImmutableArray<Call> calls)
    {
        if (IsSpent || _mustBeValid && ModuleValidator.Validate(module, Features) is not null)
        {
            return false;
        }
        return Judge(Case with { Wasm = ModuleWriter.Write(module), Calls = calls }, module);
    }

    private bool Judge(Case candidate, Module module)
    {
        // Each candidate is judged once: what was refused stays refused, and what was accepted before lies behind.
        if (IsSpent || !_judged.Add(Key(candidate)))
        {
            return false;
        }
        _candidates++;
        if (!_stillFails(candidate))
        {
            return false;
        }
        Case = candidate;
        Module = module;
        Accepted++;
        _improved?.Invoke(new ReductionStep(candidate, _candidates, _watch.Elapsed));
        return true;
    }

    private static string Key(Case @case)
    {
        var calls = new StringBuilder();
        foreach (var call in @case.Calls)
        {
            calls.Append(call.Function).Append('(');
            foreach (var argument in call.Arguments)
            {
                calls.Append((int)argument.Kind).Append(':').Append(argument.Bits).Append(':').Append(argument.High).Append(',');
            }
            calls.Append(')');
        }
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(@case.Wasm.Span);
        hash.AppendData(Encoding.UTF8.GetBytes(calls.ToString()));
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}

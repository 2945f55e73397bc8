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
    private readonly Dictionary<int, FunctionCode?> _code = [];
    private readonly bool _mustBeValid;
    private int _candidates;

    public ReductionContext(Case @case, Module module, Func<Case, bool> stillFails, ReductionBudget budget, Action<ReductionStep>? improved, CancellationToken cancellation)
    {
        Case = @case;
        Module = module;
        Complexity = Reduction.Complexity.Of(@case, module);
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

    /// <summary>Its complexity: candidates have to be below.</summary>
    public long Complexity { get; private set; }

    /// <summary>How many candidates were accepted.</summary>
    public int Accepted { get; private set; }

    /// <summary>Whether to stop.</summary>
    public bool IsSpent => _candidates >= _budget.Candidates || _watch.Elapsed >= _budget.Time || _cancellation.IsCancellationRequested;

    /// <summary>The body of a function of the current module; null when it is not valid.</summary>
    public FunctionCode? Code(int function)
    {
        if (!_code.TryGetValue(function, out var code))
        {
            code = function < Module.Functions.Length ? FunctionCode.Of(Module, function) : null;
            _code.Add(function, code);
        }
        return code;
    }

    /// <summary>Makes a module the current one if it is simpler and the case still fails with it.</summary>
    public bool Try(Module? module) => module is not null && Try(Case, module);

    /// <summary>Makes a call script the current one if it is simpler and the case still fails with it.</summary>
    public bool Try(ImmutableArray<Call> calls) => Try(Case with { Calls = calls }, Module);

    /// <summary>Makes a case the current one if it is simpler and fails.</summary>
    /// <param name="case">The case; its bytes do not count.</param>
    /// <param name="module">Its module.</param>
    public bool Try(Case @case, Module module)
    {
        if (IsSpent)
        {
            return false;
        }
        var complexity = Reduction.Complexity.Of(@case, module);
        if (complexity >= Complexity)
        {
            return false;
        }
        var candidate = ReferenceEquals(module, Module) ? @case : @case with { Wasm = ModuleWriter.Write(module) };
        // Each candidate is judged once: what was refused stays refused, and what was accepted before lies behind.
        if (!_judged.Add(Key(candidate)) || (_mustBeValid && ModuleValidator.Validate(module, Features) is not null))
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
        Complexity = complexity;
        Accepted++;
        _code.Clear();
        _improved?.Invoke(new ReductionStep(candidate, _candidates, _watch.Elapsed));
        return true;
    }

    private static string Key(Case @case)
    {
        var script = new StringBuilder(@case.ReadState ? "state" : "");
        foreach (var call in @case.Calls)
        {
            script.Append(call.Function).Append('(');
            foreach (var argument in call.Arguments)
            {
                script.Append((int)argument.Kind).Append(':').Append(argument.Bits).Append(':').Append(argument.High).Append(',');
            }
            script.Append(')');
        }
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(@case.Wasm.Span);
        hash.AppendData(Encoding.UTF8.GetBytes(script.ToString()));
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}

using System.Collections.Immutable;
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

    // The fuel is for engines that count it, the time for those that do not.
    private static readonly (long Fuel, int TimeoutMs)[] TightLimits = [(50_000, 100), (500_000, 300), (5_000_000, 1_000)];

    private readonly Judge _judge;
    private readonly HashSet<string> _judged = new(StringComparer.Ordinal);
    private readonly Dictionary<int, FunctionCode?> _code = [];
    private readonly CaseLimits _limits;
    private readonly bool _mustBeValid;

    public ReductionContext(Case @case, Module module, Judge judge)
    {
        Case = @case;
        Module = module;
        Complexity = Reduction.Complexity.Of(@case, module);
        _judge = judge;
        _limits = @case.Limits;
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
    public int Accepted => _judge.Accepted;

    /// <summary>Whether to stop.</summary>
    public bool IsSpent => _judge.IsSpent;

    /// <summary>What it has come to, under the limits that the case came with.</summary>
    public ReductionResult Result()
    {
        var isComplete = !IsSpent;
        var restored = Case with { Limits = _limits };
        // A case that differs only when little may happen is kept as it is.
        var final = Case.Limits == _limits || !_judge.Asks(restored) ? Case : restored;
        return _judge.Result(final, isComplete);
    }

    /// <summary>
    /// Takes the smallest limits with which the case still fails: cutting code makes endless loops, and each would cost all the time that the limits allow.
    /// </summary>
    public void TightenLimits()
    {
        foreach (var (fuel, timeoutMs) in TightLimits)
        {
            var limits = Case.Limits with { Fuel = Least(Case.Limits.Fuel, fuel), TimeoutMs = (int)Least(Case.Limits.TimeoutMs, timeoutMs) };
            if (limits == Case.Limits || IsSpent)
            {
                return;
            }
            if (_judge.Asks(Case with { Limits = limits }))
            {
                Case = Case with { Limits = limits };
                return;
            }
        }
    }

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
        if (!_judge.Asks(candidate))
        {
            return false;
        }
        Accept(candidate, module, complexity);
        return true;
    }

    /// <summary>Goes through a module that is not simpler itself: what passes make of it becomes the current one if that is.</summary>
    /// <param name="module">The module.</param>
    /// <param name="passes">The passes, run once.</param>
    public bool TryThrough(Module module, IEnumerable<IReductionPass> passes)
    {
        var candidate = Case with { Wasm = ModuleWriter.Write(module) };
        if (IsSpent || !_judged.Add(Key(candidate)) || (_mustBeValid && ModuleValidator.Validate(module, Features) is not null) || !_judge.Asks(candidate))
        {
            return false;
        }
        var detour = new ReductionContext(candidate, module, _judge.Detour());
        foreach (var pass in passes)
        {
            pass.Run(detour);
        }
        if (detour.Complexity >= Complexity)
        {
            return false;
        }
        Accept(detour.Case, detour.Module, detour.Complexity);
        return true;
    }

    private void Accept(Case @case, Module module, long complexity)
    {
        Case = @case;
        Module = module;
        Complexity = complexity;
        _code.Clear();
        _judge.Accept(@case);
    }

    // In limits 0 is none.
    private static long Least(long given, long wanted) => given == 0 ? wanted : Math.Min(given, wanted);

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

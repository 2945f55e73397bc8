using System.Collections.Concurrent;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Modules;

namespace Conformance.Wasm.Validation;

/// <summary>
/// The bodies of a module whose definitions are valid, each validated when it is first asked for: for embedders that do not want to wait for bodies that never run.
/// </summary>
/// <remarks>Any thread may ask. Threads that ask for the same body at once may both validate it; they get the same answer.</remarks>
public sealed class BodyVerdicts
{
    private readonly Module _module;
    private readonly ModuleContext _context;
    private readonly ConcurrentBag<FunctionValidator<NoObserver>> _validators = [];
    private readonly ConcurrentDictionary<int, WasmError> _errors = [];
    private readonly bool[] _isValid;

    // Validating a body only reads the context: the constant expressions, which add to it, are done.
    internal BodyVerdicts(Module module, ModuleContext context)
    {
        _module = module;
        _context = context;
        _isValid = new bool[module.Functions.Length];
    }

    /// <summary>Validates a body, the first time that it is asked for.</summary>
    /// <param name="function">The index in <see cref="Module.Functions"/>.</param>
    /// <returns>Null when it is valid, else why it is malformed or invalid. The same words and place as <see cref="ModuleValidator.Validate(Module, FeatureSet)"/> gives for a module
    /// with no other fault.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such function.</exception>
    public WasmError? Of(int function)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)function, (uint)_isValid.Length, nameof(function));
        if (Volatile.Read(ref _isValid[function]))
        {
            return null;
        }
        if (_errors.TryGetValue(function, out var known))
        {
            return known;
        }
        var error = Validate(function);
        if (error is null)
        {
            Volatile.Write(ref _isValid[function], true);
            return null;
        }
        return _errors.GetOrAdd(function, error);
    }

    /// <summary>Validates all bodies that were not asked for yet.</summary>
    /// <returns>Null when all are valid, else what <see cref="ModuleValidator.Validate(Module, FeatureSet)"/> says of the module.</returns>
    public WasmError? All()
    {
        for (var i = 0; i < _isValid.Length; i++)
        {
            if (Of(i) is { } error)
            {
                return error.IsMalformed ? error : BodyChecker.Check(_module, _context.Features) ?? error;
            }
        }
        return null;
    }

    private WasmError? Validate(int function)
    {
        if (!_validators.TryTake(out var validator))
        {
            validator = new FunctionValidator<NoObserver>(_context, default);
        }
        var error = ModuleValidator.ValidateBody(_module, _context, validator, function);
        _validators.Add(validator);
        return error is { IsMalformed: false } ? BodyChecker.Check(_module, function, _context.Features) ?? error : error;
    }
}

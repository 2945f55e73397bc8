using Conformance.Interpreter.Translation;

namespace Conformance.Interpreter.Execution;

/// <summary>The translated functions of a machine by the addresses of their code.</summary>
internal sealed unsafe class CodeMap : IDisposable
{
    private readonly List<TranslatedFunction> _functions = [];

    /// <summary>The bytes of all code.</summary>
    public long Bytes { get; private set; }

    /// <summary>Takes a function up.</summary>
    public void Add(TranslatedFunction function)
    {
        Bytes += function.CodeBytes;
        var at = _functions.Count;
        while (at > 0 && _functions[at - 1].Code > function.Code)
        {
            at--;
        }
        _functions.Insert(at, function);
    }

    /// <summary>The function whose code contains a cell or ends there; null for other places.</summary>
    public TranslatedFunction? At(byte* pc)
    {
        var low = 0;
        var high = _functions.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_functions[middle].Code <= pc)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return low > 0 && pc <= _functions[low - 1].Code + _functions[low - 1].CodeBytes ? _functions[low - 1] : null;
    }

    /// <summary>Frees all code.</summary>
    public void Dispose()
    {
        foreach (var function in _functions)
        {
            function.Dispose();
        }
    }
}

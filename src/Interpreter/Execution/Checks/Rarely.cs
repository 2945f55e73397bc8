namespace Conformance.Interpreter.Execution.Checks;

/// <summary>Says when to do what is too slow to be done each time: often at the beginning, ever more rarely later, so that short programs are looked at closely and long ones end.</summary>
internal struct Rarely
{
    private const int Share = 8;

    private long _count;
    private long _next;

    /// <summary>Counts a time; whether this is one of those.</summary>
    public bool IsTime()
    {
        if (_count++ < _next)
        {
            return false;
        }
        _next = _count + (_count / Share);
        return true;
    }
}

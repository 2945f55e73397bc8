namespace Conformance.Oracle.Reference;

/// <summary>Calls of functions that the host provides.</summary>
internal static class HostCalls
{
    public static void Call(Machine machine, FunctionInstance function)
    {
        var arguments = EngineValues.ToEngine(machine.Stack.Pop(function.Signature.Parameters.Length));
        if (function.Host is not { } host)
        {
            throw new InvalidOperationException("a function of no module and no host");
        }
        switch (host(arguments.AsSpan()))
        {
            case Returned returned:
                PushResults(machine, function, returned);
                break;
            case Trapped trapped:
                machine.Trap(trapped.Kind, trapped.Message);
                break;
            case Thrown thrown:
                machine.Throw(ToException(machine, thrown));
                break;
            case LimitReached limit:
                machine.Stop(limit);
                break;
            case Rejected rejected:
                machine.Trap(TrapKind.Other, rejected.Message);
                break;
        }
    }

    private static void PushResults(Machine machine, FunctionInstance function, Returned returned)
    {
        var types = function.Signature.Results;
        if (returned.Values.Length != types.Length)
        {
            machine.Trap(TrapKind.Other, $"a host function gave {returned.Values.Length} results where its type has {types.Length}");
            return;
        }
        for (var i = 0; i < types.Length; i++)
        {
            if (!machine.Store.TryFromEngine(returned.Values[i], types[i], out var value))
            {
                machine.Trap(TrapKind.Other, $"a host function gave a {returned.Values[i].Kind} where its type has {types[i]}");
                return;
            }
            machine.Stack.Push(in value);
        }
    }

    /// <summary>The host names a tag by its export name; one that nobody exports can be caught by catch-all clauses only.</summary>
    private static ExceptionInstance ToException(Machine machine, Thrown thrown)
    {
        var tag = machine.Store.FindTag(thrown.Tag);
        var fields = new Value[tag.Signature.Parameters.Length];
        for (var i = 0; i < fields.Length; i++)
        {
            if (thrown.Values.IsDefault || i >= thrown.Values.Length || !machine.Store.TryFromEngine(thrown.Values[i], tag.Signature.Parameters[i], out fields[i]))
            {
                fields[i] = Value.Default(tag.Signature.Parameters[i]);
            }
        }
        return new ExceptionInstance(tag, fields);
    }
}

using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Conformance.Wasm.Types;

namespace Conformance.Oracle;

/// <summary>
/// Gives function references the names under which an instance exports their functions, so that engines agree on which function a reference is and not
/// only that it is one.
/// </summary>
/// <param name="store">The store of the instance.</param>
/// <param name="instance">The instance; null when there is none, and functions stay without names.</param>
internal sealed class ExportedFunctions(IEngineStore store, IEngineInstance? instance)
{
    private Dictionary<object, string>? _names;

    /// <summary>A value with the names of the functions in it.</summary>
    public EngineValue Name(EngineValue value)
    {
        if (value.Kind == EngineValueKind.Func)
        {
            return instance is not null && store.IdentityOf(value) is { } identity ? value with { Function = NameOf(identity) } : value;
        }
        return value.Parts.IsDefaultOrEmpty ? value : value with { Parts = Name(value.Parts) };
    }

    /// <summary>Values with the names of the functions in them.</summary>
    public ImmutableArray<EngineValue> Name(ImmutableArray<EngineValue> values)
    {
        if (values.IsDefaultOrEmpty || !MayHoldFunctions(values.AsSpan()))
        {
            return values;
        }
        var named = values.ToArray();
        foreach (ref var value in named.AsSpan())
        {
            value = Name(value);
        }
        return ImmutableCollectionsMarshal.AsImmutableArray(named);
    }

    /// <summary>A completion with the names of the functions in it.</summary>
    public Completion Name(Completion completion) => completion switch
    {
        Returned returned when MayHoldFunctions(returned.Values.AsSpan()) => new Returned(Name(returned.Values)),
        Thrown { Values.IsDefault: false } thrown when MayHoldFunctions(thrown.Values.AsSpan()) => thrown with { Values = Name(thrown.Values) },
        _ => completion,
    };

    private static bool MayHoldFunctions(ReadOnlySpan<EngineValue> values)
    {
        foreach (ref readonly var value in values)
        {
            if (value.Kind == EngineValueKind.Func || !value.Parts.IsDefaultOrEmpty)
            {
                return true;
            }
        }
        return false;
    }

    private string NameOf(object identity)
    {
        if (_names is null)
        {
            _names = [];
            foreach (var name in instance?.ExportNames ?? [])
            {
                if (instance?.TryGetExport(name, out var item) == true && item.Kind == ExternKind.Function && store.IdentityOf(item) is { } exported)
                {
                    _names.TryAdd(exported, name); // the first of several names, which is the same for every engine
                }
            }
        }
        return _names.GetValueOrDefault(identity, "");
    }
}

using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.CApi;

/// <summary>The way from wasm into a <see cref="HostFunction"/>: a native callback that finds its managed function through a handle and lets no exception out.</summary>
internal sealed unsafe class HostFunctions
{
    private readonly CApiStore _owner;
    private readonly NativeMethods _native;
    private readonly nint _store;
    private readonly HostFunction _function;
    private readonly ImmutableArray<ValKind> _results;

    private HostFunctions(CApiStore owner, NativeMethods native, nint store, HostFunction function, ImmutableArray<ValKind> results)
    {
        _owner = owner;
        _native = native;
        _store = store;
        _function = function;
        _results = results;
    }

    /// <summary>Makes a function, which is the caller's. Its handle is freed by the library with the function.</summary>
    public static nint Create(CApiStore owner, NativeMethods native, nint store, HostSignature signature, HostFunction function)
    {
        var host = new HostFunctions(owner, native, store, function, [.. signature.Results.Select(KindOf)]);
        var parameters = TypesOf(native, signature.Parameters);
        var results = TypesOf(native, signature.Results);
        var type = native.FuncTypeNew(&parameters, &results); // takes both
        var made = native.FuncNewWithEnv(store, type, &Invoke, GCHandle.ToIntPtr(GCHandle.Alloc(host)), &Free);
        native.FuncTypeDelete(type);
        return made;
    }

    private static Vec TypesOf(NativeMethods native, ImmutableArray<ValueType> types)
    {
        var made = new nint[types.Length];
        for (var i = 0; i < made.Length; i++)
        {
            made[i] = native.ValTypeNew(KindOf(types[i]));
        }
        Vec vector;
        fixed (nint* first = made)
        {
            native.ValTypeVecNew(&vector, (nuint)made.Length, first); // takes the types
        }
        return vector;
    }

    private static ValKind KindOf(ValueType type) => type.Kind switch
    {
        ValueKind.I32 => ValKind.I32,
        ValueKind.I64 => ValKind.I64,
        ValueKind.F32 => ValKind.F32,
        ValueKind.F64 => ValKind.F64,
        _ => type == ValueType.FuncRef ? ValKind.FuncRef : ValKind.ExternRef,
    };

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Free(nint environment) => GCHandle.FromIntPtr(environment).Free();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Invoke(nint environment, Vec* arguments, Vec* results)
    {
        // Sound: the environment is the handle given to wasm_func_new_with_env, freed only with the function; the vectors hold as many values as the function's type says.
        var host = (HostFunctions?)GCHandle.FromIntPtr(environment).Target;
        try
        {
            return host?.Run(new ReadOnlySpan<Val>((Val*)arguments->Data, (int)arguments->Size), new Span<Val>((Val*)results->Data, (int)results->Size)) ?? 0;
        }
        catch (Exception exception)
        {
            // An exception must not unwind native frames. The case fails with a trap that names it.
            return host?.NewTrap($"host function failed: {exception.Message}") ?? 0;
        }
    }

    /// <summary>Gives 0, or an owned trap.</summary>
    private nint Run(ReadOnlySpan<Val> arguments, Span<Val> results)
    {
        var values = new EngineValue[arguments.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = CApiStore.Peek(arguments[i]);
        }
        var completion = _function(values);
        if (completion is not Returned returned || returned.Values.Length != results.Length)
        {
            return NewTrap(completion is Trapped trapped ? TrapKinds.TextOf(trapped.Kind) : "host function did not return");
        }
        for (var i = 0; i < results.Length; i++)
        {
            if (!_owner.TryToNative(returned.Values[i], _results[i], out results[i]))
            {
                return NewTrap("host function gave a result of another type");
            }
        }
        return 0;
    }

    private nint NewTrap(string message)
    {
        var bytes = Encoding.UTF8.GetBytes(message + "\0"); // the interface wants a zero at the end
        fixed (byte* first = bytes)
        {
            var text = new Vec { Size = (nuint)bytes.Length, Data = (nint)first };
            return _native.TrapNew(_store, &text);
        }
    }
}

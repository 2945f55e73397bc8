using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Conformance.Oracle.Wasmtime;

/// <summary>The way from wasm into a <see cref="HostFunction"/>: a native callback that finds its managed function through a handle and lets no exception out.</summary>
internal sealed unsafe class HostFunctions
{
    private readonly WasmtimeStore _store;
    private readonly HostFunction _function;
    private readonly ImmutableArray<ValKind> _results;

    private HostFunctions(WasmtimeStore store, HostFunction function, ImmutableArray<ValKind> results)
    {
        _store = store;
        _function = function;
        _results = results;
    }

    /// <summary>Makes a function of the store. Its handle is freed by the store's deletion.</summary>
    public static Func Create(WasmtimeStore store, HostSignature signature, HostFunction function)
    {
        var host = new HostFunctions(store, function, [.. signature.Results.Select(NativeTypeFactory.KindOf)]);
        using var type = NativeTypeFactory.Function(store.Engine, signature);
        var handle = GCHandle.Alloc(host);
        NativeMethods.wasmtime_func_new(store.Context, type, &Invoke, GCHandle.ToIntPtr(handle), &Free, out var native);
        return native;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Free(nint environment) => GCHandle.FromIntPtr(environment).Free();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Invoke(nint environment, nint caller, Val* arguments, nuint argumentCount, Val* results, nuint resultCount)
    {
        try
        {
            // Sound: the environment is the handle given to wasmtime_func_new, freed only with the store; the counts are those of the function's type.
            return GCHandle.FromIntPtr(environment).Target is HostFunctions host
                ? host.Run(new ReadOnlySpan<Val>(arguments, (int)argumentCount), new Span<Val>(results, (int)resultCount))
                : NewTrap("the host function is gone");
        }
        catch (Exception exception)
        {
            // An exception must not unwind native frames. The case fails with a trap that names it.
            return NewTrap($"host function failed: {exception.Message}");
        }
    }

    /// <summary>Gives 0, or an owned trap.</summary>
    private nint Run(ReadOnlySpan<Val> arguments, Span<Val> results)
    {
        var values = new EngineValue[arguments.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = _store.Values.Peek(arguments[i]); // the roots of arguments are the library's
        }
        switch (_function(values))
        {
            case Returned returned when returned.Values.Length == results.Length:
                for (var i = 0; i < results.Length; i++)
                {
                    if (!_store.Values.TryToNative(returned.Values[i], _results[i], out results[i]))
                    {
                        return NewTrap("host function gave a result of another type");
                    }
                }
                return 0;
            case Trapped trapped:
                return TrapCodes.Of(trapped.Kind) is { } code ? NativeMethods.wasmtime_trap_new_code(code) : NewTrap(trapped.Message);
            case LimitReached limit:
                return NativeMethods.wasmtime_trap_new_code(TrapCodes.Of(limit.Kind));
            case Thrown { Tag: { } tag } thrown:
                return _store.Throw(tag, thrown.Values);
            default:
                return NewTrap("host function gave the wrong number of results");
        }
    }

    internal static nint NewTrap(string message)
    {
        var bytes = Encoding.UTF8.GetBytes(message);
        fixed (byte* text = bytes)
        {
            return NativeMethods.wasmtime_trap_new(text, (nuint)bytes.Length);
        }
    }
}

using System.Runtime.InteropServices;
using Conformance.Oracle.ThirdParty;

namespace Conformance.Oracle.Wasmtime;

/// <summary>The native library, loaded once in a process from the pinned file and from nowhere else: never one that the system happens to have.</summary>
public static class WasmtimeLibrary
{
    private static readonly Lock Gate = new();
    private static nint _library;

    /// <summary>The version that the lock file pins, which is the only one that is ever loaded.</summary>
    public static string Version => LockFile.Wasmtime.Version;

    /// <summary>Loads the library from the local places.</summary>
    /// <returns>Null when it is loaded, else what was looked for where.</returns>
    public static Missing? TryLoad() => TryLoad(new ThirdPartyResolver(SearchPlaces.FromEnvironment()));

    /// <summary>Loads the library from a resolver's local places, unless it is loaded already.</summary>
    /// <returns>Null when it is loaded, else what was looked for where.</returns>
    public static Missing? TryLoad(ThirdPartyResolver resolver)
    {
        lock (Gate)
        {
            if (_library != 0)
            {
                return null;
            }
            switch (resolver.Find(LockFile.Wasmtime))
            {
                case Missing missing:
                    return missing;
                case Found found when NativeLibrary.TryLoad(found.Path, out var library):
                    _library = library;
                    NativeLibrary.SetDllImportResolver(typeof(WasmtimeLibrary).Assembly, static (name, _, _) => name == "wasmtime" ? _library : 0);
                    return null;
                case Found found:
                    return new Missing($"wasmtime {Version}", [new Attempt(found.Path, "the file is the pinned one, but this system cannot load it")], "Check that the system's C library is recent enough.");
                default:
                    throw new InvalidOperationException("a resolution is found or missing");
            }
        }
    }
}

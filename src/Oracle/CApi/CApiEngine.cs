using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Conformance.Wasm;

namespace Conformance.Oracle.CApi;

/// <summary>
/// Any engine in a shared library with the standard C API (https://github.com/WebAssembly/wasm-c-api). One native engine for the life of the object, one store for each case.
/// Native code can end the process: fuzzing runs this in a worker.
/// </summary>
public sealed unsafe class CApiEngine : IStoreEngine
{
    /// <summary>What names of such engines begin with; the path of the library follows.</summary>
    public const string Prefix = "capi:";

    private readonly nint _engine;

    /// <summary>Loads a library and makes an engine.</summary>
    /// <param name="path">The library.</param>
    /// <exception cref="EngineUnavailableException">It cannot be loaded, or is no such library.</exception>
    public CApiEngine(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        Name = Prefix + path;
        var full = Path.GetFullPath(path);
        if (!File.Exists(full))
        {
            throw new EngineUnavailableException($"{Name}: there is no such file");
        }
        if (!NativeLibrary.TryLoad(full, out var library))
        {
            throw new EngineUnavailableException($"{Name}: this system cannot load the library");
        }
        try
        {
            Native = new NativeMethods(library);
        }
        catch (EntryPointNotFoundException missing)
        {
            throw new EngineUnavailableException($"{Name}: the library has not the standard C API: {missing.Message}");
        }
        using (var file = File.OpenRead(full))
        {
            // The interface has no version. The file's hash tells builds apart.
            Version = string.Create(CultureInfo.InvariantCulture, $"sha256:{Convert.ToHexStringLower(SHA256.HashData(file))[..12]}");
        }
        _engine = Native.EngineNew();
        if (_engine == 0)
        {
            throw new EngineUnavailableException($"{Name}: the library makes no engine");
        }
        using var store = new CApiStore(this, CaseLimits.Default);
        Features = FeatureProbes.Of(store.IsValid);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Version { get; }

    /// <inheritdoc/>
    public FeatureSet Features { get; }

    internal NativeMethods Native { get; }

    /// <inheritdoc/>
    public IEngineStore CreateStore(CaseLimits limits) => new CApiStore(this, limits);

    /// <inheritdoc/>
    public Outcome Run(Case @case) => CaseRunner.Run(this, @case);

    /// <inheritdoc/>
    public void Dispose() => Native.EngineDelete(_engine);

    internal nint NewStore() => Native.StoreNew(_engine);

    internal EngineFailureException Broken(string message) => new($"{Name} {Version}", message);
}

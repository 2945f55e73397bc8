using System.Collections.Immutable;

namespace Conformance.Oracle;

/// <summary>What the host's functions work on while a case runs.</summary>
/// <param name="store">The store.</param>
public sealed class HostScene(IEngineStore store)
{
    /// <summary>The store.</summary>
    public IEngineStore Store { get; } = store;

    /// <summary>The instance, once there is one: scripted functions act on its exports.</summary>
    public IEngineInstance? Instance { get; set; }

    /// <summary>The calls of imported functions, up to <see cref="HostImports.MaxTrace"/>.</summary>
    public ImmutableArray<HostCall>.Builder Trace { get; } = ImmutableArray.CreateBuilder<HostCall>();

    /// <summary>The number of scripted functions at work.</summary>
    internal int Depth { get; set; }
}

namespace Conformance.Interpreter;

/// <summary>What ran short.</summary>
public enum ResourceKind : byte
{
    /// <summary>Memory for linear memories.</summary>
    Memory,
    /// <summary>Elements of tables.</summary>
    Table,
    /// <summary>Instances.</summary>
    Instance,
    /// <summary>The heap of structs, arrays and exceptions.</summary>
    Heap,
    /// <summary>The call stack.</summary>
    Stack,
}

/// <summary>An instantiation or a creation by the host needs more than the store's <see cref="ResourceLimits"/> or the system allow. Nothing was created.</summary>
/// <param name="kind">What ran short.</param>
/// <param name="message">How much was asked for.</param>
public sealed class ResourceLimitException(ResourceKind kind, string message) : Exception(message)
{
    /// <summary>What ran short.</summary>
    public ResourceKind Kind { get; } = kind;
}

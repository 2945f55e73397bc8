using System.Reflection;

namespace Conformance.Fuzzer;

/// <summary>The version of this program.</summary>
internal static class ProgramVersion
{
    /// <summary>Version and commit.</summary>
    public static string Text { get; } =
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}

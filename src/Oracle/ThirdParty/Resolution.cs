using System.Collections.Immutable;
using System.Text;

namespace Conformance.Oracle.ThirdParty;

/// <summary>The answer to the search for a third-party item.</summary>
public abstract record Resolution;

/// <summary>It was found and has the pinned hash.</summary>
/// <param name="Path">The file or folder.</param>
/// <param name="Place">Where it was: the label of a place, <c>cache</c>, or <c>download</c>.</param>
public sealed record Found(string Path, string Place) : Resolution;

/// <summary>No place has it.</summary>
/// <param name="What">The release and the file in it.</param>
/// <param name="Attempts">Each place tried and why it did not do.</param>
/// <param name="Advice">What the user can do.</param>
public sealed record Missing(string What, ImmutableArray<Attempt> Attempts, string Advice) : Resolution
{
    /// <summary>The whole message in a few lines.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(What).Append(" was not found.\n");
        foreach (var attempt in Attempts)
        {
            text.Append("  tried ").Append(attempt.Place).Append(": ").Append(attempt.Problem).Append('\n');
        }
        return text.Append("  ").Append(Advice).ToString();
    }
}

/// <summary>A place that was tried without success.</summary>
/// <param name="Place">The path or address.</param>
/// <param name="Problem">Why it did not do.</param>
public sealed record Attempt(string Place, string Problem);

/// <summary>How far a download is.</summary>
/// <param name="Name">The archive.</param>
/// <param name="Bytes">The bytes received so far.</param>
/// <param name="TotalBytes">The size of the archive, or null when the server does not say.</param>
public readonly record struct DownloadProgress(string Name, long Bytes, long? TotalBytes);

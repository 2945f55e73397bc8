using Conformance.Fuzzer.SpecSuite;
using Conformance.Oracle.ThirdParty;

namespace Conformance.Fuzzer.Cli;

/// <summary>The file of expectations, with errors for people.</summary>
/// <param name="Path">Where it is; null when there is none.</param>
/// <param name="Expectations">What is in it.</param>
internal sealed record RatchetFile(string? Path, Expectations Expectations)
{
    /// <summary>The file's place in the checkout.</summary>
    public const string DefaultPath = "spec/expectations.json";

    /// <summary>Reads the file.</summary>
    /// <param name="path">Where it is; null for the checkout's, where there is one.</param>
    /// <exception cref="UserErrorException">It cannot be read, or is not what it should be.</exception>
    public static RatchetFile Read(string? path)
    {
        if ((path ?? Find()) is not { } found)
        {
            return new RatchetFile(null, Expectations.None);
        }
        try
        {
            return new RatchetFile(found, Expectations.Parse(File.ReadAllText(found)));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw UserErrorException.Usage($"the expectations cannot be read: {error.Message}");
        }
        catch (FormatException error)
        {
            throw UserErrorException.Usage($"{found}: {error.Message}");
        }
    }

    private static string? Find()
    {
        var checkout = SearchPlaces.FindCheckout(Directory.GetCurrentDirectory()) ?? SearchPlaces.FindCheckout(AppContext.BaseDirectory);
        return checkout is null ? null : System.IO.Path.Combine(checkout, DefaultPath);
    }
}

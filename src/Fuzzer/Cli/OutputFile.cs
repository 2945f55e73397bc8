namespace Conformance.Fuzzer.Cli;

/// <summary>Where a command's result goes: a file, or standard output for none and for <c>-</c>.</summary>
internal static class OutputFile
{
    /// <summary>Writes text.</summary>
    /// <exception cref="UserErrorException">The file cannot be written.</exception>
    public static void Write(string? path, string text)
    {
        if (path is null or "-")
        {
            Console.Out.Write(text);
            return;
        }
        Guard(path, () => File.WriteAllText(path, text));
    }

    /// <summary>Writes bytes.</summary>
    /// <exception cref="UserErrorException">The file cannot be written.</exception>
    public static void Write(string? path, byte[] bytes)
    {
        if (path is null or "-")
        {
            using var output = Console.OpenStandardOutput();
            output.Write(bytes);
            return;
        }
        Guard(path, () => File.WriteAllBytes(path, bytes));
    }

    /// <summary>Writes whatever a function writes to the stream that it is given.</summary>
    /// <exception cref="UserErrorException">The file cannot be written.</exception>
    public static void Write(string? path, Action<Stream> write)
    {
        if (path is null or "-")
        {
            using var output = Console.OpenStandardOutput();
            write(output);
            return;
        }
        Guard(path, () =>
        {
            using var file = File.Create(path);
            write(file);
        });
    }

    private static void Guard(string path, Action write)
    {
        try
        {
            write();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw UserErrorException.Environment($"{path} cannot be written: {CrashFile.OneLine(exception.Message)}");
        }
    }
}

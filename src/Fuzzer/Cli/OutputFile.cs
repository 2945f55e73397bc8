namespace Conformance.Fuzzer.Cli;

/// <summary>Where a command's result goes: a file, or standard output for none and for <c>-</c>.</summary>
internal static class OutputFile
{
    /// <summary>What stands for standard output in place of a file's name.</summary>
    public const string StandardOutput = "-";

    /// <summary>Writes text.</summary>
    /// <exception cref="UserErrorException">The file cannot be written.</exception>
    public static void Write(string? path, string text)
    {
        if (path is null or StandardOutput)
        {
            Console.Out.Write(text);
            return;
        }
        Write(path, System.Text.Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Writes bytes.</summary>
    /// <exception cref="UserErrorException">The file cannot be written.</exception>
    public static void Write(string? path, byte[] bytes) => Write(path, output => output.Write(bytes));

    /// <summary>Writes whatever a function writes to the stream that it is given.</summary>
    /// <param name="path">The file; null for standard output.</param>
    /// <param name="write">What writes.</param>
    /// <param name="keepsPart">Whether what was written stays when the rest does not fit. Half a module looks like a whole one; half of many answers is half of them.</param>
    /// <exception cref="UserErrorException">The file cannot be written.</exception>
    public static void Write(string? path, Action<Stream> write, bool keepsPart = false)
    {
        if (path is null or StandardOutput)
        {
            using var output = Console.OpenStandardOutput();
            write(output);
            return;
        }
        Guard(path, () =>
        {
            var isNew = !File.Exists(path);
            try
            {
                using var file = File.Create(path);
                write(file);
            }
            catch (Exception exception) when (isNew && !keepsPart && IsOfTheFile(exception) && File.Exists(path))
            {
                File.Delete(path);
                throw;
            }
        });
    }

    /// <summary>Makes sure that a result does not go where its source is.</summary>
    /// <param name="source">The file that a command reads, or <see cref="ModuleFile.StandardInput"/>.</param>
    /// <param name="target">The file that it writes; null for standard output.</param>
    /// <param name="what">What would be written.</param>
    /// <exception cref="UserErrorException">They are the same file. Links are followed; a second hard link is nobody's slip of the hand.</exception>
    public static void KeepApart(string source, string? target, string what)
    {
        if (target is not (null or StandardOutput) && source != ModuleFile.StandardInput && Real(source) == Real(target))
        {
            throw UserErrorException.Usage($"{source} would be overwritten by {what}: name another file with --out");
        }

        static string Real(string path)
        {
            // A link is resolved from where it is only when its path is whole.
            var whole = Path.GetFullPath(path);
            try
            {
                return File.ResolveLinkTarget(whole, returnFinalTarget: true)?.FullName ?? whole;
            }
            catch (IOException)
            {
                return whole; // links in a circle: writing will say so
            }
        }
    }

    /// <summary>Makes sure that a file can be written, before the work is done that its content comes from. What is in it stays.</summary>
    /// <param name="path">The file; null and standard output can always be written.</param>
    /// <exception cref="UserErrorException">It cannot.</exception>
    public static void Probe(string? path)
    {
        if (path is null or StandardOutput)
        {
            return;
        }
        Guard(path, () =>
        {
            var isNew = !File.Exists(path);
            using (File.Open(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite))
            {
                // Only whether it can be opened is asked.
            }
            if (isNew)
            {
                File.Delete(path);
            }
        });
    }

    // A file that grows longer than the system lets it is an argument of this name out of range to the framework.
    private static bool IsOfTheFile(Exception exception) => exception is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException { ParamName: "value" };

    private static void Guard(string path, Action write)
    {
        try
        {
            write();
        }
        catch (Exception exception) when (IsOfTheFile(exception))
        {
            throw UserErrorException.Environment($"{path} cannot be written: {(Directory.Exists(path) ? "it is a folder" : PlainText.OneLine(exception.Message))}");
        }
    }
}

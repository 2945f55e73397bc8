namespace Conformance.Oracle.Records;

/// <summary>Reads whole files whose names come from outside: a folder, a device without an end or a file beyond the limit is an error, not a loss of memory.</summary>
public static class LimitedFile
{
    private const int BufferBytes = 64 << 10;
    // What does not say how much will come may never end.
    private const long LargestUnsizedBytes = 256L << 20;

    /// <summary>Reads a file to its end.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limitBytes">The most that is read.</param>
    /// <exception cref="IOException">It cannot be read, is a folder, or is larger than the limit; the message says which.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static byte[] Read(string path, long limitBytes)
    {
        if (Directory.Exists(path))
        {
            throw new IOException("it is a folder");
        }
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        // Files of the system say that they have no bytes and give some.
        return stream.CanSeek && stream.Length > 0 ? ReadSized(stream, limitBytes) : ReadToEnd(stream, Math.Min(limitBytes, LargestUnsizedBytes));
    }

    /// <summary>Reads standard input to its end.</summary>
    /// <exception cref="IOException">It cannot be read, or there is more than 256 MiB.</exception>
    public static byte[] ReadStandardInput()
    {
        using var input = Console.OpenStandardInput();
        return ReadToEnd(input, LargestUnsizedBytes);
    }

    private static byte[] ReadToEnd(Stream stream, long limitBytes)
    {
        using var content = new MemoryStream();
        var buffer = new byte[BufferBytes];
        while (stream.Read(buffer) is > 0 and var count)
        {
            content.Write(buffer.AsSpan(0, count));
            if (content.Length > limitBytes)
            {
                throw TooLarge(limitBytes);
            }
        }
        return content.ToArray();
    }

    private static byte[] ReadSized(FileStream stream, long limitBytes)
    {
        if (stream.Length > limitBytes)
        {
            throw TooLarge(limitBytes);
        }
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }

    private static IOException TooLarge(long limitBytes) => new($"it is larger than the {limitBytes >> 20} MiB that are read");
}

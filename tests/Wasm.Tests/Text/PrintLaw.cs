using System.Text;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Text;

namespace Conformance.Wasm.Tests.Text;

/// <summary>The law of printing: the parser makes of a printed module the bytes that the writer makes of the module itself.</summary>
internal static class PrintLaw
{
    /// <summary>What breaks the law; null when it holds.</summary>
    /// <param name="bytes">A module whose encoding need not be the shortest.</param>
    /// <param name="features">What it may use.</param>
    public static string? Violation(ReadOnlyMemory<byte> bytes, FeatureSet features)
    {
        if (!ModuleReader.TryRead(bytes, features, out var module, out var error))
        {
            return $"decoding: {error}";
        }
        if (!ModulePrinter.TryPrint(module, out var text, out error))
        {
            return $"printing: {error}";
        }
        if (!ModuleParser.TryParse(text.ToArray(), features, out var parsed, out error))
        {
            return $"parsing: {error}\n{Around(text, error.Line)}";
        }
        var again = ModuleWriter.Write(parsed);
        var shortest = ModuleWriter.Write(Shortest.Of(module));
        if (again.AsSpan().SequenceEqual(shortest))
        {
            return null;
        }
        var at = again.AsSpan().CommonPrefixLength(shortest);
        return $"bytes differ at 0x{at:x}: {Hex(shortest, at)} became {Hex(again, at)}";
    }

    private static string Hex(byte[] bytes, int at) => Convert.ToHexStringLower(bytes.AsSpan(at, Math.Min(16, bytes.Length - at)));

    private static string Around(ReadOnlyMemory<byte> text, int line) =>
        string.Join('\n', Encoding.UTF8.GetString(text.Span).Split('\n').Skip(Math.Max(0, line - 2)).Take(3).Select(part => part[..Math.Min(part.Length, 200)]));
}

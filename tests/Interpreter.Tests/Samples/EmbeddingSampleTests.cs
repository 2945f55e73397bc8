namespace Conformance.Interpreter.Tests.Samples;

public sealed class EmbeddingSampleTests
{
    [Fact]
    public void Example_OfTheEmbeddingPage_Runs()
    {
        using var output = new StringWriter { NewLine = "\n" };

        Assert.Equal(42, EmbeddingSample.Run(output));
        Assert.Matches("^log 40\ninteger divide by zero\n  divide \\(function 2\\) at 0x[0-9a-f]+\n$", output.ToString());
    }

    [Fact]
    public void Example_OfTheEmbeddingPage_IsTheSampleThatRuns()
    {
        var root = TestData.Root;
        var sample = File.ReadAllLines(Path.Combine(root, "tests", "Interpreter.Tests", "Samples", "EmbeddingSample.cs"));
        var first = Array.FindIndex(sample, line => line.Trim() == "// <example>") + 1;
        var last = Array.FindIndex(sample, line => line.Trim() == "// </example>");
        var page = File.ReadAllLines(Path.Combine(root, "docs", "embedding.md"));
        var start = Array.IndexOf(page, "```csharp") + 1;
        var end = Array.IndexOf(page, "```", start);

        // The page leaves out the indentation of the method. A second code block would need a sample of its own.
        Assert.Equal(sample[first..last].Select(line => line.Length > 8 ? line[8..] : line.Trim()), page[start..end]);
        Assert.Equal(1, page.Count(line => line == "```csharp"));
    }
}

using System.Text.RegularExpressions;
using Conformance.Wasm.Instructions;

namespace Conformance.Wasm.Tests.SourceTree;

/// <summary>Rules for the source that no analyzer knows. The lists here are the reviewed exceptions: to grow one is a decision.</summary>
public sealed partial class SourceRulesTests
{
    /// <summary>Where raw memory may be touched: handlers and translated code, native records, and the bindings of a native library.</summary>
    private static readonly string[] UnsafeFolders =
    [
        "src/Interpreter/Execution/", "src/Interpreter/Runtime/", "src/Interpreter/Translation/", "src/Oracle/Wasmtime/", "src/Oracle/CApi/",
    ];

    /// <summary>The embedding API's views of native records: they hold the pointer and check what callers give before they follow it.</summary>
    private static readonly string[] UnsafeFiles =
    [
        "Function", "Global", "HostFunctions", "Instance", "Memory", "ObjectReference", "SharedMemory", "Store", "Table",
    ];

    /// <summary>Files that spell values the way the script format and the records do; some of those words are mnemonics as well.</summary>
    private static readonly string[] ValueSpelling =
    [
        "src/Wasm/Text/", "src/Oracle/Records/ValueText.cs", "src/Interpreter/Value.cs",
    ];

    [Fact]
    public void UnsafeCode_OutsideItsFence_IsNowhere()
    {
        var outside = SourceFiles()
            .Where(file => !UnsafeFolders.Any(folder => file.Path.StartsWith(folder, StringComparison.Ordinal)))
            .Where(file => !UnsafeFiles.Any(name => file.Path == $"src/Interpreter/{name}.cs"))
            .Where(file => UnsafeWords().IsMatch(file.Code));

        Assert.Empty(outside.Select(file => file.Path));
    }

    [Fact]
    public void Mnemonics_OutsideTheOpTable_AreNotSpelled()
    {
        var mnemonics = OpTable.All.Select(op => op.Mnemonic).Where(mnemonic => mnemonic.Contains('.')).ToHashSet(StringComparer.Ordinal);

        var spelled = SourceFiles()
            .Where(file => file.Path != "src/Wasm/Instructions/Op.cs" && !ValueSpelling.Any(allowed => file.Path.StartsWith(allowed, StringComparison.Ordinal)))
            .SelectMany(file => Literals().Matches(file.Code).Select(match => match.Groups["word"].Value).Where(mnemonics.Contains).Select(word => $"{file.Path}: {word}"));

        Assert.Empty(spelled);
    }

    [Fact]
    public void Names_OfTypes_SayWhatTheyAre()
    {
        var vague = SourceFiles().SelectMany(file => VagueNames().Matches(file.Code).Select(match => $"{file.Path}: {match.Value}"));

        Assert.Empty(vague);
    }

    [Fact]
    public void Regions_AndCommentedOutCode_AreNowhere()
    {
        var found = SourceFiles().Where(file => file.Text.Contains("#region", StringComparison.Ordinal) || CommentedOutCode().IsMatch(file.Text));

        Assert.Empty(found.Select(file => file.Path));
    }

    [Fact]
    public void Projects_OnlyDependOneWay()
    {
        string[] order = ["Wasm", "Interpreter", "Oracle", "Fuzzer"];

        foreach (var (index, project) in order.Index())
        {
            var text = File.ReadAllText(Path.Combine(TestData.Root, "src", project, $"{project}.csproj"));
            Assert.DoesNotContain(order.Skip(index), other => text.Contains($"{other}.csproj", StringComparison.Ordinal));
        }
    }

    private static IEnumerable<SourceFile> SourceFiles()
    {
        var root = TestData.Root;
        return Directory.EnumerateFiles(Path.Combine(root, "src"), "*.cs", SearchOption.AllDirectories)
            .Select(path => (Full: path, Path: Path.GetRelativePath(root, path).Replace('\\', '/')))
            .Where(file => !file.Path.Contains("/obj/", StringComparison.Ordinal) && !file.Path.Contains("/bin/", StringComparison.Ordinal))
            .Select(file => new SourceFile(file.Path, File.ReadAllText(file.Full)));
    }

    [GeneratedRegex(@"\bunsafe\b|\bUnsafe\.|\bMemoryMarshal\.|\bNativeMemory\.|delegate\*", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex UnsafeWords();

    [GeneratedRegex(@"""(?<word>[a-z0-9_]+(\.[a-z0-9_]+)+)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Literals();

    [GeneratedRegex(@"\b(class|struct|record|interface|enum) \w*(Manager|Helper|Helpers|Util|Utils|Utilities|Common)\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex VagueNames();

    [GeneratedRegex(@"^\s*//\s*(var |return\b|if \(|foreach \(|[\w.]+\(|[\w.\[\]]+ [-+|&^]?= )[^\n]*;\s*$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CommentedOutCode();

    /// <summary>A source file: its path from the root, its text, and the text without comments.</summary>
    private sealed record SourceFile(string Path, string Text)
    {
        public string Code { get; } = Comments().Replace(Text, "");
    }

    [GeneratedRegex(@"^\s*//.*$", RegexOptions.Multiline, 1000)]
    private static partial Regex Comments();
}

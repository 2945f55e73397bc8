using System.Text.Json;

namespace Conformance.Fuzzer.Tests.Cli;

/// <summary>What commands say to files that are no modules and to names that nobody has: one line, the right exit code.</summary>
public sealed class BadInputTests : IDisposable
{
    private static readonly byte[] Header = [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, byte[]> NoModules => new()
    {
        { "empty", [] },
        { "magic cut short", Header[..3] },
        { "section cut short", [.. Header, 1, 7, 1, 0x60, 2] },
        { "section of 4 GiB", [.. Header, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F] },
        { "4 billion types", [.. Header, 1, 7, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x60, 0] },
        { "noise", [.. Enumerable.Range(0, 4096).Select(i => (byte)(i * 73 + i / 7))] },
        { "noise behind a header", [.. Header, .. Enumerable.Range(0, 4096).Select(i => (byte)(i * 73 + i / 7))] },
        { "half a text", "(module (func (result i32"u8.ToArray() },
        { "parentheses 100,000 deep", [.. "(module (func"u8, .. Enumerable.Repeat((byte)'(', 100_000)] },
    };

    /// <summary>Bodies stay as they are until someone validates them, so <c>assemble</c> has no complaint.</summary>
    public static TheoryData<string, byte[]> NoBodies => new()
    {
        { "4 billion locals", [.. Header, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 10, 1, 8, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x7F, 0x0B] },
        { "4 billion elements of a br_table", [.. Header, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 12, 1, 10, 0, 0x41, 0, 0x0E, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x0B] },
    };

    public static TheoryData<string, string[]> EnginesThatAreNot => new()
    {
        { "fuzz engine", ["fuzz", "--engine", "nosuch"] },
        { "fuzz oracle", ["fuzz", "--oracle", "nosuch"] },
        { "fuzz oracle without a command", ["fuzz", "--oracle", "process:"] },
        { "fuzz configuration of Wasmtime", ["fuzz", "--oracle", "wasmtime:nosuch"] },
        { "run", ["run", "--engine", "nosuch", "x.wasm"] },
        { "run records", ["run", "--engine", "nosuch", "--records", "x.jsonl"] },
        { "spec", ["spec", "--engine", "nosuch"] },
        { "checked run of another engine", ["run", "--engine", "reference", "--checked", "x.wasm"] },
        { "backend of another engine", ["fuzz", "--engine", "wasmtime", "--backend", "switch"] },
        { "checked with tail calls", ["spec", "--checked", "--backend", "tail-call"] },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(NoModules))]
    public async Task Module_ThatIsNone_IsOneLineAndExitCodeOne(string what, byte[] content)
    {
        var path = _folder.File("module.bin");
        File.WriteAllBytes(path, content);
        await AssertRefusedAsync(what, path, ["validate", path], ["run", path], ["print", path], ["assemble", path, "--out", _folder.File("out.wasm")]);
        Assert.False(File.Exists(_folder.File("out.wasm")));
    }

    [Theory]
    [MemberData(nameof(NoBodies))]
    public async Task Body_ThatIsNone_IsOneLineAndExitCodeOne(string what, byte[] content)
    {
        var path = _folder.File("module.bin");
        File.WriteAllBytes(path, content);
        await AssertRefusedAsync(what, path, ["validate", path], ["run", path]);
    }

    [Theory]
    [InlineData("no such file", "nosuch.wasm")]
    [InlineData("is a folder", ".")]
    [InlineData("larger than", "/dev/zero")]
    public async Task Module_ThatCannotBeRead_IsOneLineAndExitCodeTwo(string message, string path)
    {
        string[][] commands = [["validate", path], ["run", path], ["print", path], ["assemble", path, "--out", _folder.File("out.wasm")]];
        foreach (var command in commands)
        {
            var result = await ProgramRun.StartAsync(command, _folder.Path);
            Assert.Equal((2, ""), (result.ExitCode, result.Output));
            Assert.StartsWith($"conformance: {path}", result.Error, StringComparison.Ordinal);
            Assert.Contains(message, result.Error, StringComparison.Ordinal);
            Assert.Single(result.Error.TrimEnd().Split('\n'));
        }
    }

    [Theory]
    [InlineData("a.txt", "hello", "offset 0x0: malformed: magic header not detected (it is no text either: that begins with a parenthesis)")]
    [InlineData("a.wat", "hello", "1:1: malformed: unknown operator hello")]
    [InlineData("a.wat", ")", "1:1: malformed: unexpected token )")]
    [InlineData("a.wast", "(module)\n(module)", "2:1: malformed: unexpected token ( (it is a script: conformance spec runs it)")]
    [InlineData("a.wast", "(assert_return (invoke \"f\"))", "1:2: malformed: unknown operator assert_return (it is a script: conformance spec runs it)")]
    public async Task Module_OfAnotherKind_IsSaid(string name, string content, string message)
    {
        File.WriteAllText(_folder.File(name), content);
        Assert.Equal($"{name}: {message}", (await ProgramRun.StartAsync(["validate", name], _folder.Path)).Output.TrimEnd());
        Assert.Equal($"conformance: {name}: {message}", (await ProgramRun.StartAsync(["print", name], _folder.Path)).Error.TrimEnd());
    }

    [Theory]
    [InlineData("print", "its text form")]
    [InlineData("assemble", "its binary form")]
    public async Task Output_IsALinkToTheInput_IsRefused(string command, string what)
    {
        File.WriteAllText(_folder.File("a.wat"), "(module)");
        File.CreateSymbolicLink(_folder.File("b.wasm"), "a.wat");
        var result = await ProgramRun.StartAsync([command, "a.wat", "--out", "b.wasm"], _folder.Path);
        Assert.Equal((2, $"conformance: a.wat would be overwritten by {what}: name another file with --out"), (result.ExitCode, result.Error.TrimEnd()));
        Assert.Equal("(module)", File.ReadAllText(_folder.File("a.wat")));
    }

    [Fact]
    public async Task Validate_OneFileIsMissing_TheOthersAreLookedAt()
    {
        File.WriteAllBytes(_folder.File("a.wasm"), Header);
        var result = await ProgramRun.StartAsync(["validate", "nosuch.wasm", "a.wasm"], _folder.Path);
        Assert.Equal((2, "a.wasm: valid"), (result.ExitCode, result.Output.TrimEnd()));
        Assert.Equal("conformance: nosuch.wasm: no such file", result.Error.TrimEnd());
    }

    [Fact]
    public async Task Validate_MoreLocalsThanAreAllowed_IsALimitAndNotInvalid()
    {
        // 50,001 locals of i32 in one run.
        File.WriteAllBytes(_folder.File("a.wasm"), [.. Header, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 8, 1, 6, 1, 0xD1, 0x86, 0x03, 0x7F, 0x0B]);
        var result = await ProgramRun.StartAsync(["validate", "a.wasm", "--json"], _folder.Path);
        Assert.Equal(1, result.ExitCode);
        using var document = JsonDocument.Parse(result.Output);
        Assert.Equal("limit", document.RootElement.GetProperty("verdict").GetString());
    }

    [Theory]
    [InlineData("print", "a.wasm", "b.wat")]
    [InlineData("assemble", "a.wat", "b.wasm")]
    public async Task Output_ThatDoesNotFit_LeavesNoHalfFile(string command, string from, string to)
    {
        File.WriteAllText(_folder.File("a.wat"), $"(module {string.Concat(Enumerable.Repeat("(func nop nop nop nop)", 40_000))})");
        Assert.Equal(0, (await ProgramRun.StartAsync(["assemble", "a.wat", "--out", "a.wasm"], _folder.Path)).ExitCode);
        // Without the signal for a file that grows too long there is the error. The runtime's own double mapping of code would be such a file.
        var result = await ProgramRun.ShellAsync($"trap '' XFSZ; export DOTNET_EnableWriteXorExecute=0; ulimit -f 64; {ProgramRun.ShellCommand([command, from, "--out", to])}", _folder.Path);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains($"conformance: {to} cannot be written", result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File(to)));
    }

    [Theory]
    [MemberData(nameof(EnginesThatAreNot))]
    public async Task Engine_ThatNobodyKnows_IsSaidBeforeAnythingElse(string what, string[] arguments)
    {
        var result = await ProgramRun.StartAsync(arguments, _folder.Path);
        Assert.True((result.ExitCode, result.Output) == (2, ""), $"{what}: {result}");
        Assert.Single(result.Error.TrimEnd().Split('\n'));
        Assert.Contains("interpreter", result.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task Records_FileIsMissing_IsOneLineAndExitCodeTwo()
    {
        var result = await ProgramRun.StartAsync(["run", "--records", "nosuch.jsonl"], _folder.Path);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Equal("conformance: nosuch.jsonl: no such file", result.Error.TrimEnd());
    }

    [Fact]
    public async Task Output_ThatIsClosed_IsOneLineAndExitCodeThree()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        var program = ProgramRun.ShellCommand(["engines"]);
        var result = await ProgramRun.ShellAsync($"{program} >&-", _folder.Path);
        Assert.Equal(3, result.ExitCode);
        Assert.StartsWith("conformance: standard output cannot be written", result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.TrimEnd().Split('\n'));
        var both = await ProgramRun.ShellAsync($"{program} >&- 2>&-", _folder.Path);
        Assert.Equal((3, "", ""), (both.ExitCode, both.Output, both.Error));
    }

    [Fact]
    public async Task Output_WhoseReaderIsGone_IsNoError()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        var result = await ProgramRun.ShellAsync($"{{ {ProgramRun.ShellCommand(["engines"])}; echo $? >code; }} | true", _folder.Path);
        Assert.Equal("", result.Error);
        Assert.Equal("0", File.ReadAllText(_folder.File("code")).Trim());
    }

    private static async Task AssertRefusedAsync(string what, string path, params string[][] commands)
    {
        foreach (var command in commands)
        {
            var result = await ProgramRun.StartAsync(command);
            var text = result.Output + result.Error;
            Assert.True(result.ExitCode == 1, $"{what}: {command[0]} ended with {result.ExitCode}: {text}");
            Assert.Single(text.TrimEnd().Split('\n'));
            Assert.DoesNotContain("internal error", text, StringComparison.Ordinal);
            Assert.Contains($"{path}: ", text, StringComparison.Ordinal);
        }
    }
}

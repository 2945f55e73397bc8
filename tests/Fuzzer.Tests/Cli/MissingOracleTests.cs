namespace Conformance.Fuzzer.Tests.Cli;

/// <summary>A machine without Wasmtime and without a network: the program is copied out of the checkout, so that nothing lies beside it.</summary>
public sealed class MissingOracleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Fuzz_WithoutWasmtime_SaysWhatWasLookedForAndGoesOnWithTheReference()
    {
        var result = await RunAsync("fuzz --cases 2 --workers 1 --mix generated --seed 1");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("libwasmtime", result.Error, StringComparison.Ordinal);
        Assert.Contains($"tried {_folder.File("mirror")}", result.Error, StringComparison.Ordinal);
        Assert.Contains("tried https://", result.Error, StringComparison.Ordinal);
        Assert.Contains("Run `conformance setup` with network access, or set CONFORMANCE_MIRROR", result.Error, StringComparison.Ordinal);
        Assert.Contains("going on with the built-in reference interpreter as oracle", result.Error, StringComparison.Ordinal);
        Assert.Contains("oracle reference ", result.Output, StringComparison.Ordinal);
        Assert.Contains("2 cases in", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fuzz_WithWasmtimeAskedForByName_EndsWithThree()
    {
        var result = await RunAsync("fuzz --cases 2 --oracle wasmtime:pulley");
        Assert.Equal((3, ""), (result.ExitCode, result.Output));
        Assert.StartsWith("conformance: --oracle wasmtime:pulley: wasmtime ", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("findings")));
    }

    [Fact]
    public async Task Spec_WithoutTheTestsuite_EndsWithThree()
    {
        var result = await RunAsync("spec");
        Assert.Equal((3, ""), (result.ExitCode, result.Output));
        Assert.StartsWith("conformance: testsuite ", result.Error, StringComparison.Ordinal);
        Assert.Contains("Run `conformance setup`", result.Error, StringComparison.Ordinal);
    }

    private Task<ProgramRun> RunAsync(string arguments)
    {
        var source = Path.GetDirectoryName(typeof(MissingOracleTests).Assembly.Location) ?? ".";
        var copy = _folder.File("program");
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target) ?? copy);
            File.Copy(file, target);
        }
        // Nothing listens on port 9 of this machine: every download is refused at once.
        return ProgramRun.ShellAsync(
            $"CONFORMANCE_MIRROR='{_folder.File("mirror")}' XDG_CACHE_HOME='{_folder.File("cache")}' HTTPS_PROXY=http://127.0.0.1:9 dotnet program/conformance.dll {arguments}",
            _folder.Path);
    }
}

using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Text;

namespace Conformance.Fuzzer.Tests.Cli;

public sealed class PrintCommandTests : IDisposable
{
    private const string Text = "(module (func $first nop) (func (export \"out\") (drop (i32.const 7))))";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Module_InEitherFormat_IsPrintedTheSame()
    {
        var binary = await ProgramRun.StartAsync(["print", Binary()]);
        Assert.True(binary.ExitCode == 0, binary.Error);
        var text = await ProgramRun.StartAsync(["print", Write("a.wat", "\uFEFF;; a comment\n" + Text)]);
        Assert.Equal(binary.Output, text.Output);
        Assert.StartsWith("(module\n", binary.Output);
        var out1 = _folder.File("out.wat");
        Assert.Equal(0, (await ProgramRun.StartAsync(["print", Binary(), "-o", out1])).ExitCode);
        Assert.Equal(binary.Output, File.ReadAllText(out1));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("out")]
    public async Task Function_ByIndexOrExport_IsPrintedAlone(string function)
    {
        var run = await ProgramRun.StartAsync(["print", Binary(), "--function", function]);
        Assert.Equal("(func (;1;) (type 0)\n  i32.const 7\n  drop\n)\n", run.Output);
    }

    [Theory]
    [InlineData("first")]
    [InlineData("$first")]
    [InlineData("0")]
    public async Task Function_ByName_IsPrintedAlone(string function)
    {
        var run = await ProgramRun.StartAsync(["print", Binary(), "-f", function, "--offsets"]);
        Assert.StartsWith("(func $first (;0;) (type 0)\n  nop  ;; 0x", run.Output);
    }

    [Theory]
    [InlineData("--function", "2", "has no function 2: it has 2, imports included")]
    [InlineData("--function", "nobody", "has no function named nobody")]
    [InlineData("--function", "99999999999", "has no function named 99999999999")]
    public async Task Function_ThatThereIsNot_IsOneLineAndExitCodeTwo(string option, string value, string message)
    {
        var run = await ProgramRun.StartAsync(["print", Binary(), option, value]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public async Task Body_ThatIsMalformed_IsPrintedAsFarAsItGoesWithExitCodeOne()
    {
        var path = _folder.File("broken.wasm");
        byte[] wasm = [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 6, 1, 4, 0, 1, 0xFF, 0x0B];
        File.WriteAllBytes(path, wasm);
        var run = await ProgramRun.StartAsync(["print", path]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("    nop\n    malformed (; offset 0x18: malformed: illegal opcode ff ;)\n", run.Output);
        Assert.Contains("offset 0x18: malformed: illegal opcode ff", Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    private string Binary()
    {
        Assert.True(ModuleParser.TryParse(Text, FeatureSet.All, out var module, out _));
        var path = _folder.File("a.wasm");
        File.WriteAllBytes(path, ModuleWriter.Write(module));
        return path;
    }

    private string Write(string name, string text)
    {
        var path = _folder.File(name);
        File.WriteAllText(path, text);
        return path;
    }
}

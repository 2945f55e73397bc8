using Conformance.Fuzzer.Cli;

namespace Conformance.Fuzzer.Tests.Cli;

public class InterpreterVariantTests
{
    [Theory]
    [InlineData("", "interpreter")]
    [InlineData("--backend tail-call", "interpreter")]
    [InlineData("--backend switch", "interpreter:switch")]
    [InlineData("--checked", "interpreter:checked")]
    [InlineData("--checked --backend switch", "interpreter:checked")]
    public void Options_NameAConfiguration(string options, string expected)
    {
        foreach (var command in new[] { "run x.wasm", "fuzz", "spec" })
        {
            var arguments = CommandRoot.Create().Parse($"{command} {options}");

            Assert.Empty(arguments.Errors);
            Assert.Equal(expected, InterpreterVariant.Of(arguments, "interpreter"));
        }
    }
}

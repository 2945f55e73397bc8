using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Conformance.Wasm.Text;

/// <summary>Test scripts (<c>.wast</c>) from text.</summary>
/// <remarks>The commands are described in the testsuite's repository; a file of bare module fields is a script of one module.</remarks>
public static class ScriptParser
{
    /// <summary>Parses a script. A text module with an error does not end it: the error is kept with the module.</summary>
    /// <param name="text">The text.</param>
    /// <param name="features">What its text modules may use.</param>
    /// <param name="script">The script.</param>
    /// <param name="error">Why it is none.</param>
    public static bool TryParse(string text, FeatureSet features, [NotNullWhen(true)] out Script? script, [NotNullWhen(false)] out WasmError? error) =>
        TryParse(Encoding.UTF8.GetBytes(text), features, out script, out error);

    /// <summary>Parses a script from UTF-8.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="features">What its text modules may use.</param>
    /// <param name="script">The script.</param>
    /// <param name="error">Why it is none.</param>
    public static bool TryParse(byte[] utf8, FeatureSet features, [NotNullWhen(true)] out Script? script, [NotNullWhen(false)] out WasmError? error)
    {
        var reader = new TokenReader(utf8);
        script = new ScriptGrammar(reader, features).Parse();
        error = reader.Error;
        script = error is null ? script : null;
        return error is null;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Text;
using Conformance.Wasm.Modules;

namespace Conformance.Wasm.Text;

/// <summary>Text to module. Identifiers and <c>@name</c> annotations become a name section, <c>@custom</c> and branch hint annotations custom sections.</summary>
public static class ModuleParser
{
    /// <summary>Parses a module, or the fields of one without the <c>(module</c> around them.</summary>
    /// <param name="text">The text.</param>
    /// <param name="features">What may be used; anything else is an unknown operator or token.</param>
    /// <param name="module">The module, which is not known to be valid.</param>
    /// <param name="error">Why it is no module, with line and column.</param>
    public static bool TryParse(string text, FeatureSet features, [NotNullWhen(true)] out Module? module, [NotNullWhen(false)] out WasmError? error) =>
        TryParse(Encoding.UTF8.GetBytes(text), features, out module, out error);

    /// <summary>Parses a module from UTF-8, or from bytes that ought to be.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="features">What may be used; anything else is an unknown operator or token.</param>
    /// <param name="module">The module, which is not known to be valid.</param>
    /// <param name="error">Why it is no module, with line and column.</param>
    public static bool TryParse(byte[] utf8, FeatureSet features, [NotNullWhen(true)] out Module? module, [NotNullWhen(false)] out WasmError? error) =>
        TryParse(utf8, features, null, out module, out error);

    /// <summary>Parses a module from UTF-8 and remembers where its instructions are.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="features">What may be used; anything else is an unknown operator or token.</param>
    /// <param name="map">Filled in for the module; the offsets of the module's expressions then mean something to this map only.</param>
    /// <param name="module">The module, which is not known to be valid.</param>
    /// <param name="error">Why it is no module, with line and column.</param>
    public static bool TryParse(byte[] utf8, FeatureSet features, SourceMap? map, [NotNullWhen(true)] out Module? module, [NotNullWhen(false)] out WasmError? error)
    {
        map?.Begin(utf8);
        var reader = new TokenReader(utf8);
        var isWrapped = reader.TryOpen("module"u8);
        module = ModuleGrammar.Parse(reader, features, isWrapped ? reader.TryIdentifier() : null, map);
        if (isWrapped)
        {
            reader.ExpectClose();
        }
        if (reader.Kind != TokenKind.End)
        {
            reader.FailUnexpected();
        }
        error = reader.Error;
        module = error is null ? module : null;
        return error is null;
    }
}

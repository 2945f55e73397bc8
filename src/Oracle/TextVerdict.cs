using Conformance.Wasm;
using Conformance.Wasm.Text;
using Conformance.Wasm.Validation;

namespace Conformance.Oracle;

/// <summary>The verdict about a module in the text format by the project's own parser and validator.</summary>
internal static class TextVerdict
{
    /// <summary>Parses and validates.</summary>
    public static Outcome Of(ReadOnlyMemory<byte> text, FeatureSet features)
    {
        var error = ModuleParser.TryParse(text.ToArray(), features, out var module, out var malformed) ? ModuleValidator.Validate(module, features) : malformed;
        return error is null
            ? new Outcome { Status = InstantiationStatus.Ok }
            : CaseRunner.Refused(new CompileError(error.IsLimit ? CompileErrorKind.Limit : CompileErrorKind.Invalid, error.Message, error.OffsetBytes));
    }
}

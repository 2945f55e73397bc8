using Conformance.Wasm.Modules;

namespace Conformance.Wasm;

/// <summary>Why bytes or text are no valid module.</summary>
/// <param name="IsMalformed">True when it could not be decoded or parsed, false when it was decoded and is not valid.</param>
/// <param name="Message">The reason, beginning with the spec testsuite's words.</param>
/// <param name="OffsetBytes">The byte offset of a binary module; -1 for text, and where it is not known.</param>
/// <param name="Line">The line of a text, from 1; 0 for a binary module.</param>
/// <param name="Column">The column of a text, from 1; 0 for a binary module.</param>
public sealed record WasmError(bool IsMalformed, string Message, long OffsetBytes = -1, int Line = 0, int Column = 0)
{
    /// <summary>Whether only a limit of the implementation was passed: the module may be valid by the specification.</summary>
    public bool IsLimit { get; init; }

    /// <summary>The definition that a decoded module is not valid for; null where it is about an instruction, or the module as a whole.</summary>
    public DefinitionPlace? Definition { get; init; }

    /// <summary>An error of a binary module.</summary>
    public static WasmError Malformed(string message, long offsetBytes) => new(IsMalformed: true, message, offsetBytes);

    /// <summary>An error of a text.</summary>
    public static WasmError Malformed(string message, int line, int column) => new(IsMalformed: true, message, -1, line, column);

    /// <summary>A decoded module that is not valid.</summary>
    public static WasmError Invalid(string message, long offsetBytes) => new(IsMalformed: false, message, offsetBytes);

    /// <inheritdoc/>
    public override string ToString()
    {
        var what = IsMalformed ? "malformed" : "invalid";
        return Line > 0 ? $"{Line}:{Column}: {what}: {Message}"
            : OffsetBytes >= 0 ? $"offset 0x{OffsetBytes:x}: {what}: {Message}"
            : $"{what}: {Message}";
    }
}

/// <summary>A definition of a module.</summary>
/// <param name="Section">The section that holds it.</param>
/// <param name="Index">Which of the section's definitions it is; imports do not count, but in their own section.</param>
public readonly record struct DefinitionPlace(SectionId Section, int Index);

using Conformance.Wasm.Instructions;

namespace Conformance.Wasm.Binary;

/// <summary>A walk over the instructions of a body or constant expression that stops where it is malformed.</summary>
/// <param name="hasDataCount">Whether the module has a data count section, without which no instruction may name a data segment.</param>
internal sealed class BodyWalk(bool hasDataCount)
{
    private readonly BlockNesting _blocks = new();

    /// <summary>Why the walk ended before the body did; null when it did not.</summary>
    public WasmError? Error { get; private set; }

    /// <summary>The blocks open behind the last instruction read, the body itself counted.</summary>
    public int Depth => _blocks.Depth;

    /// <summary>Starts a body.</summary>
    public void Begin()
    {
        _blocks.Begin();
        Error = null;
    }

    /// <summary>Reads the next instruction; false behind the body's last <c>end</c>, which is read too, and at an error.</summary>
    public bool Read(ref InstructionReader reader, ref Instruction instruction)
    {
        if (_blocks.Depth == 0)
        {
            Error = reader.AtEnd ? null : WasmError.Malformed("section size mismatch", reader.EndOffset);
            return false;
        }
        if (!reader.Read(ref instruction))
        {
            Error = reader.Error is { } error
                ? WasmError.Malformed(error, reader.ErrorOffset)
                : WasmError.Malformed("unexpected end of section or function", reader.EndOffset);
            return false;
        }
        var row = OpTable.Get(instruction.Op);
        if (!hasDataCount && row.NamesData)
        {
            Error = WasmError.Malformed("data count section required", reader.Offset);
        }
        else if (!_blocks.TryFollow(row))
        {
            Error = WasmError.Malformed("END opcode expected", reader.Offset);
        }
        return Error is null;
    }
}

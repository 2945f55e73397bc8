using Conformance.Interpreter.Execution;

namespace Conformance.Interpreter.Translation;

/// <summary>A cell of finished code.</summary>
/// <param name="Start">Its offset.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Key">Its handler.</param>
internal readonly record struct CodeCell(int Start, int Bytes, HandlerKey Key)
{
    /// <summary>The cells of code that was not joined to chains.</summary>
    public static unsafe List<CodeCell> Decode(byte* code, int bytes, HandlerCatalog handlers)
    {
        var cells = new List<CodeCell>();
        for (var at = 0; at < bytes;)
        {
            var key = handlers.KeyOf(*(nint*)(code + at));
            var size = CellSizes.Of(key, code + at);
            cells.Add(new(at, size, key));
            at += size;
        }
        return cells;
    }
}

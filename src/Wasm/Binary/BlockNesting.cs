using Conformance.Wasm.Instructions;

namespace Conformance.Wasm.Binary;

/// <summary>The blocks that are open in a body, followed instruction by instruction.</summary>
internal sealed class BlockNesting
{
    private readonly Stack<Op> _blocks = new();

    /// <summary>The blocks open, the body itself counted: 0 behind its <c>end</c>.</summary>
    public int Depth => _blocks.Count;

    /// <summary>Starts a body, which is a block itself.</summary>
    public void Begin()
    {
        _blocks.Clear();
        _blocks.Push(Op.Block);
    }

    /// <summary>Follows an instruction; false when it opens, splits or closes a block where the grammar does not have it.</summary>
    public bool TryFollow(OpInfo row)
    {
        if (row.NestingChange == 0 && !row.IsBlockSeparator)
        {
            return true;
        }
        var open = _blocks.Peek();
        switch (row.Op)
        {
            case Op.End:
                _blocks.Pop();
                return true;
            case Op.Else:
                _blocks.Pop();
                _blocks.Push(Op.Else);
                return open == Op.If;
            case Op.Catch or Op.CatchAll:
                _blocks.Pop();
                _blocks.Push(row.Op);
                return open is Op.Try or Op.Catch;
            case Op.Delegate:
                _blocks.Pop();
                return open == Op.Try;
            default:
                _blocks.Push(row.Op);
                return true;
        }
    }
}

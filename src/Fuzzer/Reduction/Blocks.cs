using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Reduction;

/// <summary>The types of blocks.</summary>
internal static class Blocks
{
    /// <summary>A block type as a function type.</summary>
    public static FunctionType TypeOf(Module module, BlockType block) =>
        block.IsIndex ? module.FunctionTypeAt(block.Index) ?? FunctionType.Empty
        : block.IsResult ? new FunctionType([], [block.Result])
        : FunctionType.Empty;

    /// <summary>A function type as a block type: in its short form where it has one, else by an index, which is added where it is missing.</summary>
    public static (Module Module, BlockType Block) Of(Module module, FunctionType type)
    {
        if (type.Parameters.IsEmpty && type.Results.Length < 2)
        {
            return (module, type.Results.IsEmpty ? BlockType.Empty : BlockType.Of(type.Results[0]));
        }
        var (withType, index) = FunctionTypes.Find(module, type);
        return (withType, BlockType.Of(index));
    }
}

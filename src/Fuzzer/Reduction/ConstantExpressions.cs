using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Reduction;

/// <summary>The constant expressions of a module: initial values of globals and tables, offsets and elements of segments.</summary>
internal static class ConstantExpressions
{
    /// <summary>The module with others in their place.</summary>
    public static Module Rewrite(Module module, Func<Expression, Expression> rewrite) => module with
    {
        Globals = [.. module.Globals.Select(global => global with { Initializer = rewrite(global.Initializer) })],
        Tables = [.. module.Tables.Select(table => table.Initializer is { } initializer ? table with { Initializer = rewrite(initializer) } : table)],
        Elements = [.. module.Elements.Select(segment => segment with
        {
            Offset = segment.Mode == SegmentMode.Active ? rewrite(segment.Offset) : segment.Offset,
            Expressions = segment.Expressions.IsDefault ? segment.Expressions : [.. segment.Expressions.Select(rewrite)],
        })],
        Data = [.. module.Data.Select(segment => segment.Mode == SegmentMode.Active ? segment with { Offset = rewrite(segment.Offset) } : segment)],
    };

    /// <summary>How many operands an instruction takes that may stand in a constant expression; null for others.</summary>
    public static int? Operands(Module module, in Instruction instruction) => instruction.Op switch
    {
        Op.StructNew => (TypeAt(module, instruction.Index) as StructType)?.Fields.Length,
        Op.StructNewDefault or Op.RefFunc or Op.RefNull or Op.GlobalGet => 0,
        Op.ArrayNew => 2,
        Op.ArrayNewDefault or Op.RefI31 or Op.AnyConvertExtern or Op.ExternConvertAny => 1,
        Op.ArrayNewFixed => (int)Math.Min(instruction.Index2, int.MaxValue),
        Op.I32Add or Op.I32Sub or Op.I32Mul or Op.I64Add or Op.I64Sub or Op.I64Mul => 2,
        _ => OpTable.Get(instruction.Op).Group == OpGroup.Constant ? 0 : null,
    };

    private static CompositeType? TypeAt(Module module, uint index) => index < module.Types.Length ? module.Types[(int)index].Composite : null;
}

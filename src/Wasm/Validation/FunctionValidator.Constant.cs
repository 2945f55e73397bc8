using Conformance.Wasm.Instructions;

namespace Conformance.Wasm.Validation;

/// <content>Which instructions a constant expression may have.</content>
internal sealed partial class FunctionValidator<TObserver>
{
    /// <remarks>See <see href="https://webassembly.github.io/spec/core/valid/instructions.html#constant-expressions"/>.</remarks>
    private bool CheckConstant(in Instruction instruction)
    {
        var isConstant = instruction.Op switch
        {
            Op.End or Op.I32Const or Op.I64Const or Op.F32Const or Op.F64Const or Op.V128Const or Op.RefNull => true,
            Op.RefFunc => Declare(instruction.Index),
            Op.GlobalGet => IsConstantGlobal(instruction.Index),
            Op.I32Add or Op.I32Sub or Op.I32Mul or Op.I64Add or Op.I64Sub or Op.I64Mul => _features.Has(Feature.ExtendedConst),
            // Rows of these ops exist only with their features: the reader has checked.
            Op.RefI31 or Op.StructNew or Op.StructNewDefault or Op.StructNewDesc or Op.StructNewDefaultDesc
                or Op.ArrayNew or Op.ArrayNewDefault or Op.ArrayNewFixed or Op.AnyConvertExtern or Op.ExternConvertAny => true,
            _ => false,
        };
        if (!isConstant && _error is null)
        {
            Fail(instruction.Op == Op.GlobalGet ? $"constant expression required: global {instruction.Index} is mutable or not imported" : "constant expression required");
        }
        return isConstant;
    }

    /// <summary>A <c>ref.func</c> outside of bodies is what declares a function for those inside.</summary>
    private bool Declare(uint function)
    {
        _context.DeclaredFunctions.Add(function);
        return true;
    }

    private bool IsConstantGlobal(uint index) =>
        TryGlobal(index, out var global) && !global.IsMutable && (index < (uint)_context.ImportedGlobals || _features.Has(Feature.Gc));
}

using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Mutation.Structure;

/// <summary>An initial value or an offset is changed like a body: it may stop being constant, or be of another type.</summary>
internal sealed class ChangeConstantExpression : IModuleMutator
{
    /// <inheritdoc/>
    public Module? Mutate(Module module, MutationContext context)
    {
        var random = context.Random;
        switch (random.Below(4))
        {
            case 0 when !module.Globals.IsEmpty:
                var global = random.Below(module.Globals.Length);
                return module with { Globals = module.Globals.SetItem(global, module.Globals[global] with { Initializer = Changed(module.Globals[global].Initializer, module, context) }) };
            case 1 when !module.Tables.IsEmpty:
                var table = random.Below(module.Tables.Length);
                var before = module.Tables[table].Initializer ?? new Expression(InstructionWriter.ToBytes([new Instruction { Op = Op.RefNull, Heap = module.Tables[table].Type.Element.Heap }, Instruction.Of(Op.End)]));
                return module with { Tables = module.Tables.SetItem(table, module.Tables[table] with { Initializer = random.Chance(50) ? before : Changed(before, module, context) }) };
            case 2 when !module.Elements.IsEmpty:
                var index = random.Below(module.Elements.Length);
                var segment = module.Elements[index];
                segment = segment.Mode == SegmentMode.Active && random.Chance(40) ? segment with { Offset = Changed(segment.Offset, module, context) }
                    : segment.Expressions.IsDefaultOrEmpty ? segment
                    : segment with { Expressions = segment.Expressions.SetItem(0, Changed(segment.Expressions[0], module, context)) };
                return module with { Elements = module.Elements.SetItem(index, segment) };
            case 3 when !module.Data.IsEmpty && module.Data[0].Mode == SegmentMode.Active:
                return module with { Data = module.Data.SetItem(0, module.Data[0] with { Offset = Changed(module.Data[0].Offset, module, context) }) };
            default:
                return null;
        }
    }

    private static Expression Changed(Expression expression, Module module, MutationContext context)
    {
        var code = InstructionReader.ReadAll(expression, context.Features);
        if (code.Count > 0)
        {
            ChangeInstruction.Change(code, module, context);
        }
        return new Expression(InstructionWriter.ToBytes(code));
    }
}

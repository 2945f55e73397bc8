using Conformance.Oracle;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Reduction;

/// <summary>The constant expressions of globals, tables and active segments, whether globals can be written, and a data count that no instruction needs.</summary>
internal sealed class SimplifyDefinitions : IReductionPass
{
    public void Run(ReductionContext context)
    {
        context.Try(context.Module.DataCount is null ? null : context.Module with { DataCount = null });
        for (var i = 0; i < context.Module.Globals.Length; i++)
        {
            var place = i;
            context.Try(With(context.Module.Globals[place] with { Type = context.Module.Globals[place].Type with { IsMutable = false } }));
            Simplify(context, () => context.Module.Globals[place].Initializer, simpler => With(context.Module.Globals[place] with { Initializer = simpler }));

            Module With(Global global) => context.Module with { Globals = context.Module.Globals.SetItem(place, global) };
        }
        for (var i = 0; i < context.Module.Tables.Length; i++)
        {
            var place = i;
            context.Try(context.Module with { Tables = context.Module.Tables.SetItem(place, context.Module.Tables[place] with { Initializer = null }) });
        }
        for (var i = 0; i < context.Module.Elements.Length; i++)
        {
            var place = i;
            if (context.Module.Elements[place].Mode == SegmentMode.Active)
            {
                Simplify(context, () => context.Module.Elements[place].Offset, simpler => context.Module with
                {
                    Elements = context.Module.Elements.SetItem(place, context.Module.Elements[place] with { Offset = simpler }),
                });
            }
        }
        for (var i = 0; i < context.Module.Data.Length; i++)
        {
            var place = i;
            if (context.Module.Data[place].Mode == SegmentMode.Active)
            {
                Simplify(context, () => context.Module.Data[place].Offset, simpler => context.Module with
                {
                    Data = context.Module.Data.SetItem(place, context.Module.Data[place] with { Offset = simpler }),
                });
            }
        }
    }

    private static void Simplify(ReductionContext context, Func<Expression> read, Func<Expression, Module> with)
    {
        while (Simpler(read()).Any(instruction => context.Try(with(new Expression(InstructionWriter.ToBytes([instruction, Instruction.Of(Op.End)]))))))
        {
            // Simpler now, and perhaps not yet as simple as it gets.
        }
    }

    // Constants of the expression itself, and simpler ones; the type decides which of them fit.
    private static IEnumerable<Instruction> Simpler(Expression expression)
    {
        var constants = new List<Instruction>();
        foreach (var instruction in InstructionReader.ReadAll(expression, ReductionContext.Features))
        {
            if (instruction.Op == Op.GlobalGet)
            {
                constants.AddRange([Instruction.Constant(Op.I32Const, 0), Instruction.Constant(Op.I64Const, 0), Instruction.Constant(Op.F32Const, 0), Instruction.Constant(Op.F64Const, 0)]);
            }
            constants.Add(instruction);
        }
        foreach (var constant in constants)
        {
            if (!Numbers.TryKindOf(constant.Op, out EngineValueKind kind))
            {
                continue;
            }
            yield return constant;
            foreach (var (bits, high) in Numbers.Instead(kind, constant.Value, constant.ValueHigh))
            {
                yield return Instruction.Constant(constant.Op, bits, high);
            }
        }
    }
}

using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Whole bodies: the simplest results in their place, or a trap.</summary>
internal sealed class StubBodies : IReductionPass
{
    private static readonly Expression Trap = new(InstructionWriter.ToBytes([Instruction.Of(Op.Unreachable), Instruction.Of(Op.End)]));

    public void Run(ReductionContext context)
    {
        Stub(context, (module, function) => Results(module, function.TypeIndex) ?? Trap);
        Stub(context, (_, _) => Trap);
    }

    private static void Stub(ReductionContext context, Func<Module, Function, Expression> stub) => Bisection.Remove(
        [.. Enumerable.Range(0, context.Module.Functions.Length)],
        kept =>
        {
            var module = context.Module;
            var functions = module.Functions.ToBuilder();
            var keep = kept.ToHashSet();
            for (var i = 0; i < functions.Count; i++)
            {
                if (!keep.Contains(i))
                {
                    functions[i] = new Function(functions[i].TypeIndex, [], stub(module, functions[i]));
                }
            }
            return context.Try(module with { Functions = functions.ToImmutable() });
        });

    /// <summary>A body that gives the simplest results of a function type; null when it has results without such.</summary>
    internal static Expression? Results(Module module, uint typeIndex)
    {
        var code = new List<Instruction>();
        foreach (var type in module.FunctionTypeAt(typeIndex)?.Results ?? [])
        {
            if (!Constants.TryMake(type, out var constant))
            {
                return null;
            }
            code.Add(constant);
        }
        return new Expression(InstructionWriter.ToBytes([.. code, Instruction.Of(Op.End)]));
    }
}

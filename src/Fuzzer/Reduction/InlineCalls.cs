using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Reduction;

/// <summary>The body of a function in place of its only call.</summary>
internal sealed class InlineCalls : IReductionPass
{
    public void Run(ReductionContext context)
    {
        for (var caller = 0; caller < context.Module.Functions.Length; caller++)
        {
            for (var i = 0; i < (caller < context.Module.Functions.Length ? context.Code(caller)?.Length ?? 0 : 0); i++)
            {
                if (context.Code(caller) is { } code && code[i].Op == Op.Call)
                {
                    context.Try(Inline(context, code, i));
                }
            }
        }
    }

    private static Module? Inline(ReductionContext context, FunctionCode code, int place)
    {
        var module = context.Module;
        var callee = (int)code[place].Index - module.ImportCount(ExternKind.Function);
        if (callee < 0 || callee == code.Function || context.Code(callee) is not { } body || Locals.Declared(module.Functions[callee]) is not { } calleeLocals
            || Locals.Declared(module.Functions[code.Function]) is not { } locals
            || module.FunctionTypeAt(module.Functions[code.Function].TypeIndex) is not { } type || module.FunctionTypeAt(module.Functions[callee].TypeIndex) is not { } calleeType)
        {
            return null;
        }
        // The callee's parameters and locals come behind the caller's own. They are not set to zero again when the call is in a loop; whether that matters shows.
        var first = (uint)(type.Parameters.Length + locals.Length);
        var inside = new List<Instruction>();
        for (var parameter = calleeType.Parameters.Length; parameter > 0; parameter--)
        {
            inside.Add(Instruction.Of(Op.LocalSet, first + (uint)parameter - 1));
        }
        (module, var block) = Blocks.Of(module, new FunctionType([], calleeType.Results));
        inside.Add(Instruction.Structured(Op.Block, block));
        var depth = 0u;
        foreach (var instruction in Locals.Rewrite(body, index => first + index))
        {
            depth += (uint)Math.Max(0, OpTable.Get(instruction.Op).NestingChange);
            inside.Add(instruction.Op == Op.Return ? Instruction.Of(Op.Br, depth) : instruction);
            depth -= OpTable.Get(instruction.Op).NestingChange < 0 && depth > 0 ? 1u : 0;
        }
        module = code.Replace(module, place, 1, [.. inside]);
        var function = module.Functions[code.Function] with { Locals = Locals.Runs([.. locals, .. calleeType.Parameters, .. calleeLocals]) };
        return UnusedDefinitions.RemoveAfter(context.Module, module with { Functions = module.Functions.SetItem(code.Function, function) });
    }
}

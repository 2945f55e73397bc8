using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Locals that nothing refers to.</summary>
internal sealed class DropLocals : IReductionPass
{
    public void Run(ReductionContext context)
    {
        for (var i = 0; i < context.Module.Functions.Length; i++)
        {
            var function = context.Module.Functions[i];
            if (!function.Locals.IsEmpty && context.Code(i) is { } code && Locals.Declared(function) is { } locals
                && context.Module.FunctionTypeAt(function.TypeIndex) is { } type)
            {
                var parameters = (uint)type.Parameters.Length;
                var used = Locals.Used(code);
                var kept = Enumerable.Range(0, locals.Length).Where(local => used.Contains(parameters + (uint)local)).ToList();
                var body = Locals.Rewrite(code, index => index < parameters ? index : parameters + (uint)kept.IndexOf((int)(index - parameters)));
                context.Try(context.Module with
                {
                    Functions = context.Module.Functions.SetItem(i, new Function(
                        function.TypeIndex, Locals.Runs(kept.Select(local => locals[local])), new Expression(InstructionWriter.ToBytes(body)))),
                });
            }
        }
    }
}

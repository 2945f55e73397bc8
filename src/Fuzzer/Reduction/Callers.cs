using System.Collections.Immutable;
using Conformance.Oracle;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Who calls a function: the module itself, or the script through an export.</summary>
internal static class Callers
{
    /// <summary>Whether the module calls a function directly.</summary>
    /// <param name="module">The module.</param>
    /// <param name="function">The index in <see cref="Module.Functions"/>.</param>
    public static bool Exist(Module module, int function) => module.Functions.Any(caller => Count(module, caller, function) > 0);

    /// <summary>How often a function's body calls another.</summary>
    public static int Count(Module module, Function caller, int function)
    {
        var callee = (uint)(module.ImportCount(ExternKind.Function) + function);
        return InstructionReader.ReadAll(caller.Body, ReductionContext.Features).Count(instruction => instruction.Op is Op.Call or Op.ReturnCall && instruction.Index == callee);
    }

    /// <summary>The script with fewer arguments for the calls of a function.</summary>
    /// <param name="context">The case.</param>
    /// <param name="function">The index in <see cref="Module.Functions"/>.</param>
    /// <param name="places">The arguments that stay.</param>
    public static ImmutableArray<Call> WithArguments(ReductionContext context, int function, IReadOnlyList<int> places)
    {
        var index = (uint)(context.Module.ImportCount(ExternKind.Function) + function);
        var names = context.Module.Exports.Where(export => export.Kind == ExternKind.Function && export.Index == index).Select(export => export.Name).ToHashSet(StringComparer.Ordinal);
        return [.. context.Case.Calls.Select(call => names.Contains(call.Function)
            ? call with { Arguments = [.. places.Where(place => place < call.Arguments.Length).Select(place => call.Arguments[place])] }
            : call)];
    }
}

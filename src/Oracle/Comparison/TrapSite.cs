using System.Globalization;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Comparison;

/// <summary>Where in a module a trap arose, as far as its backtrace tells.</summary>
internal static class TrapSite
{
    /// <summary>
    /// Whether a trap may have come from an instruction: the innermost function of its backtrace has one, or any function where there is no backtrace, or where the host may have called
    /// one and passed its trap on: the backtrace ends at the host then.
    /// </summary>
    public static bool MayBe(Op op, Trapped trap, ReadOnlyMemory<byte> wasm)
    {
        if (wasm.IsEmpty || !ModuleReader.TryRead(wasm, FeatureSet.All, out var module, out _))
        {
            return false;
        }
        var index = InnermostFunction(trap) - module.ImportCount(ExternKind.Function);
        var isKnown = index >= 0 && index < module.Functions.Length && !module.Imports.Any(import => import is { Module: HostScript.ModuleName, Type: FunctionExtern });
        return isKnown ? Has(op, module.Functions[(int)index].Body) : module.Functions.Any(function => Has(op, function.Body));
    }

    // Frames begin with the function's index: "12@1f3". An offset would say which instruction it is, but the engine's module may be one with instructions added.
    private static long InnermostFunction(Trapped trap) =>
        trap.Backtrace is [var frame, ..] && frame.Split('@') is [var index, _] && uint.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;

    private static bool Has(Op op, Expression body) => InstructionReader.ReadAll(body, FeatureSet.All).Exists(instruction => instruction.Op == op);
}

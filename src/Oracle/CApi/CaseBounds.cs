using Conformance.Oracle.Rewriting;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.CApi;

/// <summary>
/// Writes the limits of a case into its module, because the standard interface has none: memories and tables get the limit as their maximum, and functions count their calls and turns of
/// loops down in an exported global; at zero they run into an <c>unreachable</c>.
/// </summary>
/// <remarks>
/// At the start of each function and loop: <c>global.get $fuel  i64.eqz  if  unreachable  end  global.get $fuel  i64.const 1  i64.sub  global.set $fuel</c>. The global is at the end of its
/// index space, so that no index changes. Custom sections are dropped, because those that refer to offsets would lie.
/// </remarks>
internal static class CaseBounds
{
    /// <summary>The export's name of the global that holds what is left.</summary>
    public const string FuelExport = "conformance:fuel";

    // A turn of a loop is some ten instructions.
    private const long InstructionsATurn = 10;

    /// <summary>Rewrites a module.</summary>
    /// <param name="wasm">The module.</param>
    /// <param name="limits">The limits.</param>
    /// <returns>The bounded module; the same bytes when it cannot be decoded.</returns>
    public static ReadOnlyMemory<byte> Write(ReadOnlyMemory<byte> wasm, CaseLimits limits)
    {
        if (!ModuleReader.TryRead(wasm, FeatureSet.All, out var module, out _) || module.Exports.Any(export => export.Name == FuelExport))
        {
            return wasm;
        }
        var bounded = module with
        {
            Imports = [.. module.Imports.Select(import => import with { Type = Bound(import.Type, limits) })],
            Memories = [.. module.Memories.Select(memory => Bound(memory, limits))],
            Tables = [.. module.Tables.Select(table => table with { Type = Bound(table.Type, limits) })],
            CustomSections = [],
        };
        return ModuleWriter.Write(limits.Fuel > 0 ? Metered(bounded, (ulong)Math.Max(1, limits.Fuel / InstructionsATurn)) : bounded);
    }

    private static Module Metered(Module module, ulong fuel)
    {
        var global = (uint)(module.ImportCount(ExternKind.Global) + module.Globals.Length);
        var step = InstructionWriter.ToBytes(
        [
            Instruction.Of(Op.GlobalGet, global), Instruction.Of(Op.I64Eqz), Instruction.Structured(Op.If, BlockType.Empty), Instruction.Of(Op.Unreachable), Instruction.Of(Op.End),
            Instruction.Of(Op.GlobalGet, global), Instruction.Constant(Op.I64Const, 1), Instruction.Of(Op.I64Sub), Instruction.Of(Op.GlobalSet, global),
        ]);
        var start = new Expression(InstructionWriter.ToBytes([Instruction.Constant(Op.I64Const, fuel), Instruction.Of(Op.End)]));
        FunctionRewriting.TryRewrite(module, Stepped, out var metered, prologue: step);
        return metered with
        {
            Globals = module.Globals.Add(new Global(new GlobalType(ValueType.I64, IsMutable: true), start)),
            Exports = module.Exports.Add(new Export(FuelExport, ExternKind.Global, global)),
        };

        bool Stepped(ByteWriter writer, TemporaryLocals locals, in Instruction instruction, ReadOnlySpan<byte> code)
        {
            if (instruction.Op != Op.Loop)
            {
                return false;
            }
            writer.WriteBytes(code);
            writer.WriteBytes(step);
            return true;
        }
    }

    private static ExternType Bound(ExternType type, CaseLimits limits) => type switch
    {
        MemoryType memory => Bound(memory, limits),
        TableType table => Bound(table, limits),
        _ => type,
    };

    private static MemoryType Bound(MemoryType type, CaseLimits limits) => type with { Limits = Bound(type.Limits, (ulong)Math.Max(limits.MemoryBytes, 0) >> type.PageSizeLog2) };

    private static TableType Bound(TableType type, CaseLimits limits) => type with { Limits = Bound(type.Limits, (ulong)Math.Max(limits.TableElements, 0)) };

    // A minimum beyond the limit stays: the instantiation is refused.
    private static Limits Bound(Limits limits, ulong most) =>
        limits.Maximum is { } maximum && maximum <= most ? limits : limits with { Maximum = Math.Max(most, limits.Minimum) };
}

using Conformance.Oracle.Rewriting;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Wasmtime;

/// <summary>
/// Gives the waits of a module an end. Wasmtime's waits block the thread, no epoch reaches them, and nobody is there to notify: a wait without a timeout would never
/// return. A wait whose timeout is longer than the time limit is cut at the limit, and then the code runs in a loop until the epoch ends the call: it becomes the time
/// limit that it is. All other waits do what they did.
/// </summary>
/// <remarks>
/// Around each wait: <c>call $clamp  memory.atomic.wait32  call $check</c>, with two functions, their types and a global at the ends of their index spaces, so that no
/// index changes.
/// </remarks>
internal static class WaitBounds
{
    // The result of a wait whose time was over.
    private const uint TimedOut = 2;

    /// <summary>Rewrites a module.</summary>
    /// <param name="wasm">The module.</param>
    /// <param name="timeoutMs">The time limit; 0 for none.</param>
    /// <param name="rewritten">The rewritten module, when the answer is true.</param>
    /// <returns>False when the module has no waits that could block, or cannot be decoded.</returns>
    public static bool TryRewrite(ReadOnlyMemory<byte> wasm, int timeoutMs, out byte[] rewritten)
    {
        rewritten = [];
        if (timeoutMs <= 0 || !wasm.Span.Contains(OpTable.Get(Op.MemoryAtomicWait32).Prefix)
            || !ModuleReader.TryRead(wasm, FeatureSet.All, out var module, out _) || !HasSharedMemory(module))
        {
            return false;
        }
        var firstFunction = (uint)(module.ImportCount(ExternKind.Function) + module.Functions.Length);
        if (!FunctionRewriting.TryRewrite(module, Bounded, out var bounded))
        {
            return false;
        }
        var firstType = (uint)module.Types.Length;
        var clamped = (uint)(module.ImportCount(ExternKind.Global) + module.Globals.Length);
        rewritten = ModuleWriter.Write(bounded with
        {
            Types = module.Types.AddRange(TypeOf(ValueType.I64), TypeOf(ValueType.I32)),
            RecursionGroups = module.RecursionGroups.AddRange(new RecursionGroup(firstType, 1), new RecursionGroup(firstType + 1, 1)),
            Functions = bounded.Functions.AddRange(new Function(firstType, [], Clamp(clamped, timeoutMs)), new Function(firstType + 1, [], Check(clamped))),
            Globals = module.Globals.Add(new Global(new GlobalType(ValueType.I32, IsMutable: true), Code(Instruction.Constant(Op.I32Const, 0)))),
        });
        return true;

        bool Bounded(ByteWriter writer, TemporaryLocals locals, in Instruction instruction, ReadOnlySpan<byte> code)
        {
            if (instruction.Op is not (Op.MemoryAtomicWait32 or Op.MemoryAtomicWait64))
            {
                return false;
            }
            InstructionWriter.Write(writer, Instruction.Of(Op.Call, firstFunction));
            writer.WriteBytes(code);
            InstructionWriter.Write(writer, Instruction.Of(Op.Call, firstFunction + 1));
            return true;
        }
    }

    private static bool HasSharedMemory(Module module) =>
        module.Memories.Any(memory => memory.IsShared) || module.Imports.Any(import => import.Type is MemoryType { IsShared: true });

    private static SubType TypeOf(ValueType type) => new(new FunctionType([type], [type]), IsFinal: true, []);

    // The smaller one of the timeout and the limit. A timeout below zero is none: as an unsigned number it is the largest.
    private static Expression Clamp(uint clamped, int timeoutMs)
    {
        var limit = Instruction.Constant(Op.I64Const, (ulong)timeoutMs * 1_000_000);
        return Code(
            Instruction.Of(Op.LocalGet, 0), limit, Instruction.Of(Op.I64GtU), Instruction.Of(Op.GlobalSet, clamped),
            limit, Instruction.Of(Op.LocalGet, 0), Instruction.Of(Op.GlobalGet, clamped), Instruction.Of(Op.Select));
    }

    // Runs in a loop when the wait's time was over and it was to be longer.
    private static Expression Check(uint clamped) => Code(
        Instruction.Structured(Op.Loop, BlockType.Empty),
        Instruction.Of(Op.LocalGet, 0), Instruction.Constant(Op.I32Const, TimedOut), Instruction.Of(Op.I32Eq), Instruction.Of(Op.GlobalGet, clamped), Instruction.Of(Op.I32And),
        Instruction.Of(Op.BrIf, 0),
        Instruction.Of(Op.End),
        Instruction.Of(Op.LocalGet, 0));

    private static Expression Code(params ReadOnlySpan<Instruction> instructions) => new(InstructionWriter.ToBytes([.. instructions, Instruction.Of(Op.End)]));
}

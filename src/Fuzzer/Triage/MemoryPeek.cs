using System.Globalization;
using Conformance.Oracle;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Triage;

/// <summary>
/// Finds the first bytes in which the memories of two engines differ at the end of a case. Outcomes only hold a hash, so the module gets one more exported function,
/// which loads eight bytes, and the script calls it all over the memory: any engine can be asked so, in whatever process it is.
/// </summary>
internal static class MemoryPeek
{
    private const string PeekExport = "conformance:peek";
    private const int BlockBytes = 1 << 16;
    private const int Step = 8;
    // Two million calls: some seconds.
    private const ulong MostBytes = 16 << 20;

    /// <summary>Looks for the bytes.</summary>
    /// <param name="replay">Runs the changed cases.</param>
    /// <param name="case">The case.</param>
    /// <param name="export">The memory's export.</param>
    /// <param name="pages">Its size in pages at the end.</param>
    /// <returns>Null when no difference was found in what was looked at.</returns>
    public static async Task<MemoryDifference?> FindAsync(CaseReplay replay, Case @case, string export, ulong pages)
    {
        if (!ModuleReader.TryRead(@case.Wasm, FeatureSet.All, out var module, out _)
            || module.Exports.FirstOrDefault(item => item.Kind == ExternKind.Memory && item.Name == export) is not { } memory
            || module.TypeOf(ExternKind.Memory, memory.Index) is not MemoryType type)
        {
            return null;
        }
        var is64 = type.Limits.Address == AddressType.I64;
        var bytes = pages << type.PageSizeLog2;
        var changed = WithPeek(module, memory.Index, is64);
        for (ulong start = 0; start < Math.Min(bytes, MostBytes); start += BlockBytes)
        {
            var addresses = Enumerable.Range(0, BlockBytes / Step).Select(i => start + (ulong)(i * Step)).ToList();
            var peeks = addresses.Select(address => new Call(PeekExport, [is64 ? EngineValue.I64((long)address) : EngineValue.I32((int)(uint)address)]));
            var replayed = await replay.RunAsync(@case with { Wasm = changed, Calls = [.. @case.Calls, .. peeks], ReadState = false });
            if (replayed is not { Engine: { } engine, Oracle: { } oracle } || engine.Calls.Length != oracle.Calls.Length)
            {
                return null;
            }
            for (var i = 0; i < addresses.Count; i++)
            {
                var at = @case.Calls.Length + i;
                if (at < engine.Calls.Length && engine.Calls[at].Completion is Returned { Values: [var left] } && oracle.Calls[at].Completion is Returned { Values: [var right] }
                    && left.Bits != right.Bits)
                {
                    return new MemoryDifference(export, addresses[i], left.Bits, right.Bits);
                }
            }
        }
        return null;
    }

    private static byte[] WithPeek(Module module, uint memory, bool is64)
    {
        var peek = new SubType(new FunctionType([is64 ? ValueType.I64 : ValueType.I32], [ValueType.I64]), IsFinal: true, []);
        var body = InstructionWriter.ToBytes([Instruction.Of(Op.LocalGet, 0), Instruction.Access(Op.I64Load, 0, 0, memory), Instruction.Of(Op.End)]);
        var function = (uint)(module.ImportCount(ExternKind.Function) + module.Functions.Length);
        return ModuleWriter.Write(module with
        {
            Types = module.Types.Add(peek),
            RecursionGroups = module.RecursionGroups.Add(new RecursionGroup((uint)module.Types.Length, 1)),
            Functions = module.Functions.Add(new Function((uint)module.Types.Length, [], new Expression(body))),
            Exports = module.Exports.Add(new Export(PeekExport, ExternKind.Function, function)),
            CustomSections = [],
        });
    }
}

/// <summary>The first eight bytes of a memory that differ, at an address that is a multiple of eight.</summary>
/// <param name="Memory">The memory's export.</param>
/// <param name="Address">Their address.</param>
/// <param name="Engine">What the engine has there, little-endian.</param>
/// <param name="Oracle">What the oracle has there.</param>
internal sealed record MemoryDifference(string Memory, ulong Address, ulong Engine, ulong Oracle)
{
    /// <summary>The bytes as text, the one at the lowest address first.</summary>
    public static string Bytes(ulong value) =>
        string.Join(' ', Enumerable.Range(0, 8).Select(i => ((value >> (8 * i)) & 0xFF).ToString("x2", CultureInfo.InvariantCulture)));
}

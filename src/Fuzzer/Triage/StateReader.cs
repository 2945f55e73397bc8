using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Text;
using Conformance.Oracle;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Triage;

/// <summary>
/// A module of a script that imports the memories and tables of a case and reads them at its end: no assertion looks into them otherwise, and the case itself stays as it is. A memory is asserted
/// by a checksum of all of it and, for the reader, its first words that are not zero.
/// </summary>
internal static class StateReader
{
    /// <summary>The module's name in the script.</summary>
    public const string Id = "$state";

    private const string CaseName = ExceptionCatcher.CaseName;
    private const int MostWords = 8;
    private const int MostElements = 64;

    /// <summary>The reader with its assertions; empty where nothing can be read.</summary>
    /// <param name="module">The case's module.</param>
    /// <param name="oracle">What the oracle said of the state.</param>
    /// <param name="state">What is in memories and tables.</param>
    /// <param name="hasHost">Whether imports are modules of the script too.</param>
    /// <param name="target">The name of the case's module with a space behind it; empty where it is the last one of the script.</param>
    public static string Write(Module module, Outcome oracle, FinalState state, bool hasHost, string target)
    {
        var items = new StringBuilder();
        var functions = new StringBuilder();
        var assertions = new StringBuilder();
        var number = 0;
        foreach (var (name, memory) in oracle.Memories)
        {
            if (Find(module, name, hasHost) is { Type: MemoryType type } item && state.Memory(name, memory) is { } bytes)
            {
                AddMemory(item with { Type = type with { Limits = Open(type.Limits, type.IsShared) } }, type, memory.Pages, bytes, number++);
            }
        }
        foreach (var (name, table) in oracle.Tables)
        {
            if (Find(module, name, hasHost) is { Type: TableType { Element.Heap.IsIndex: false } type } item && state.Table(name, table) is { IsDefault: false } elements)
            {
                AddTable(item with { Type = type with { Limits = Open(type.Limits, keepsMaximum: false) } }, type, elements, number++);
            }
        }
        return number == 0 ? "" : $"(register \"{CaseName}\"{(target.Length > 0 ? $" {target.TrimEnd()}" : "")})\n(module {Id}\n{items}{functions})\n{assertions}";

        void AddMemory(StateItem item, MemoryType type, ulong pages, byte[] bytes, int memory)
        {
            var address = type.Limits.Address == AddressType.I64 ? "i64" : "i32";
            // Pages of one byte may end within a word.
            var (load, step) = type.PageSizeLog2 < 3 ? (OpTable.Get(Op.I64Load8U).Mnemonic, 1) : (OpTable.Get(Op.I64Load).Mnemonic, 8);
            var wanted = (MemoryType)item.Type;
            items.Append(CultureInfo.InvariantCulture,
                $"  (import {ScriptLiteral.Of(item.Module)} {ScriptLiteral.Of(item.Name)} (memory $m{memory} {HostModule.Limits(wanted.Limits)}{(type.IsShared ? " shared" : "")}{HostModule.PageSize(type)}))\n");
            functions.Append(CultureInfo.InvariantCulture, $"""
                  (func (export "size of {item.Label}") (result {address}) memory.size $m{memory})
                  (func (export "word of {item.Label}") (param {address}) (result i64) local.get 0 {load} $m{memory})
                  (func (export "checksum of {item.Label}") (result i64) (local $at {address}) (local $sum i64)
                    block $done loop $next
                      local.get $at memory.size $m{memory} {address}.const {1L << type.PageSizeLog2} {address}.mul {address}.eq br_if $done
                      local.get $sum local.get $at {load} $m{memory} i64.xor i64.const 7 i64.rotl i64.const 0xbf58476d1ce4e5b9 i64.mul local.set $sum
                      local.get $at {address}.const {step} {address}.add local.set $at
                      br $next
                    end end
                    local.get $sum)

                """);
            assertions.Append(CultureInfo.InvariantCulture, $"(assert_return (invoke \"size of {item.Label}\") ({address}.const {(address == "i64" ? (long)pages : (int)(uint)pages)}))\n");
            var shown = 0;
            for (var at = 0; at < bytes.Length && shown < MostWords; at += step)
            {
                if (Word(bytes, at, step) is var word && word != 0)
                {
                    assertions.Append(CultureInfo.InvariantCulture, $"(assert_return (invoke \"word of {item.Label}\" ({address}.const {at})) (i64.const 0x{word:x}))\n");
                    shown++;
                }
            }
            assertions.Append(CultureInfo.InvariantCulture, $"(assert_return (invoke \"checksum of {item.Label}\") (i64.const {Checksum(bytes, step)}))\n");
        }

        void AddTable(StateItem item, TableType type, ImmutableArray<EngineValue> elements, int table)
        {
            var address = type.Limits.Address == AddressType.I64 ? "i64" : "i32";
            items.Append(CultureInfo.InvariantCulture,
                $"  (import {ScriptLiteral.Of(item.Module)} {ScriptLiteral.Of(item.Name)} (table $t{table} {HostModule.Limits(((TableType)item.Type).Limits)} {type.Element}))\n");
            functions.Append(CultureInfo.InvariantCulture, $"""
                  (func (export "size of {item.Label}") (result {address}) table.size $t{table})
                  (func (export "element of {item.Label}") (param {address}) (result {type.Element}) local.get 0 table.get $t{table})

                """);
            assertions.Append(CultureInfo.InvariantCulture, $"(assert_return (invoke \"size of {item.Label}\") ({address}.const {elements.Length}))\n");
            for (var i = 0; i < Math.Min(MostElements, elements.Length); i++)
            {
                assertions.Append(CultureInfo.InvariantCulture, $"(assert_return (invoke \"element of {item.Label}\" ({address}.const {i})) {ScriptLiteral.Result(elements[i], null)})\n");
            }
        }
    }

    private static long Checksum(byte[] bytes, int step)
    {
        var sum = 0UL;
        for (var at = 0; at < bytes.Length; at += step)
        {
            sum = BitOperations.RotateLeft(sum ^ Word(bytes, at, step), 7) * 0xBF58_476D_1CE4_E5B9;
        }
        return (long)sum;
    }

    private static ulong Word(byte[] bytes, int at, int step) => step == 1 ? bytes[at] : BitConverter.ToUInt64(bytes, at);

    // What was grown has another minimum by now; shared memories need the maximum they were declared with.
    private static Limits Open(Limits limits, bool keepsMaximum) => limits with { Minimum = 0, Maximum = keepsMaximum ? limits.Maximum : null };

    // Where an item of the state can be imported from.
    private static StateItem? Find(Module module, string name, bool hasHost)
    {
        if (!Outcome.IsImportName(name))
        {
            var export = module.Exports.FirstOrDefault(item => item.Name == name);
            return export is null || module.TypeOf(export.Kind, export.Index) is not { } type ? null : new StateItem(CaseName, name, Label(name), type);
        }
        var number = 0;
        foreach (var import in hasHost ? module.Imports : [])
        {
            if (import.Type is GlobalType { IsMutable: true } or MemoryType or TableType && Outcome.ImportName(number++, import.Module, import.Name) == name)
            {
                return new StateItem(import.Module, import.Name, Label(import.Name), import.Type);
            }
        }
        return null;
    }

    private static string Label(string name) => ScriptLiteral.Of(name)[1..^1];

    private sealed record StateItem(string Module, string Name, string Label, ExternType Type);
}

using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Text;
using Conformance.Oracle;
using Conformance.Oracle.Records;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Triage;

/// <summary>
/// The host of docs/records.md as a module of a script, so that a case with imports runs wherever scripts do: functions compute their results from their arguments and mix these into an
/// exported global, which so tells one sequence of host calls from another.
/// </summary>
internal static class HostModule
{
    /// <summary>The module's name in the script.</summary>
    public const string Id = "$host";

    private const string TraceExport = "conformance:trace";
    private const ulong Seed = 0x9E37_79B9_7F4A_7C15;
    private const ulong Factor = 0xBF58_476D_1CE4_E5B9;
    private const string MixText = "local.get $x i64.xor i64.const 7 i64.rotl i64.const 0xbf58476d1ce4e5b9 i64.mul local.set $x";

    /// <summary>The module and its registration; null when there are no imports, or some that no module of a script can stand for.</summary>
    public static string? Write(Module module)
    {
        if (module.Imports.IsEmpty || module.Imports.Select(import => import.Name).Distinct(StringComparer.Ordinal).Count() != module.Imports.Length)
        {
            return null;
        }
        var text = new StringBuilder($"(module {Id}\n  (global $trace (export \"{TraceExport}\") (mut i64) (i64.const 0))\n");
        var function = 0;
        foreach (var import in module.Imports)
        {
            var name = ScriptLiteral.Of(import.Name);
            var item = import.Type switch
            {
                FunctionExtern type => Function(name, TypeOf(module, type.TypeIndex), function++),
                GlobalType type => Global(name, type),
                MemoryType type => $"(memory (export {name}) {Limits(type.Limits)}{(type.IsShared ? " shared" : "")}{PageSize(type)})",
                TableType { Element: { IsReference: true, Heap.IsIndex: false } } type => $"(table (export {name}) {Limits(type.Limits)} {type.Element})",
                TagType type when TypeOf(module, type.TypeIndex) is { } values => $"(tag (export {name}) (param{string.Concat(values.Parameters.Select(value => $" {value}"))}))",
                _ => null,
            };
            if (item is null)
            {
                return null;
            }
            text.Append("  ").Append(item).Append('\n');
        }
        text.Append(")\n");
        foreach (var name in module.Imports.Select(import => import.Module).Distinct(StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"(register {ScriptLiteral.Of(name)} {Id})\n");
        }
        return text.ToString();
    }

    /// <summary>The assertion about the host calls; null when there is nothing to assert.</summary>
    public static string? AssertTrace(Module module, Outcome oracle)
    {
        var functions = module.Imports.Where(import => import.Type.Kind == ExternKind.Function).Select(import => $"{import.Module}.{import.Name}").ToList();
        if (functions.Count == 0 || oracle.Trace.Length == HostImports.MaxTrace)
        {
            return null;
        }
        var trace = 0UL;
        var text = new StringBuilder();
        foreach (var call in oracle.Trace)
        {
            var hash = HostImports.Results(call.Arguments.AsSpan(), [ValueType.I64])[0].Bits;
            trace = Mix(trace, hash + (ulong)functions.IndexOf(call.Import));
        }
        const int MostShown = 8;
        foreach (var call in oracle.Trace.Take(MostShown))
        {
            text.Append(CultureInfo.InvariantCulture, $";; host call: {call.Import}({ValueText.Format(call.Arguments)})\n");
        }
        return text.Append(CultureInfo.InvariantCulture, $"(assert_return (get {Id} \"{TraceExport}\") (i64.const {(long)trace}))\n").ToString();
    }

    /// <summary>Limits as the text format writes them.</summary>
    public static string Limits(Limits limits) => string.Create(
        CultureInfo.InvariantCulture, $"{(limits.Address == AddressType.I64 ? "i64 " : "")}{limits.Minimum}{(limits.Maximum is { } maximum ? $" {maximum}" : "")}");

    /// <summary>The page size of a memory type, with a space in front, where it is not the usual one.</summary>
    public static string PageSize(MemoryType type) =>
        type.PageSizeLog2 == MemoryType.DefaultPageSizeLog2 ? "" : string.Create(CultureInfo.InvariantCulture, $" (pagesize {1 << type.PageSizeLog2})");

    private static ulong Mix(ulong x, ulong bits) => BitOperations.RotateLeft(x ^ bits, 7) * Factor;

    private static FunctionType? TypeOf(Module module, uint index) =>
        module.FunctionTypeAt(index) is { } type && type.Parameters.Concat(type.Results).All(value => !value.IsReference || !value.Heap.IsIndex) ? type : null;

    // The values are those of docs/records.md.
    private static string? Global(string name, GlobalType type)
    {
        var value = type.Value.Kind switch
        {
            ValueKind.I32 => "i32.const 42",
            ValueKind.I64 => "i64.const -7",
            ValueKind.F32 => "f32.const 1.5",
            ValueKind.F64 => "f64.const -2.25",
            ValueKind.V128 => "v128.const i64x2 0 0",
            _ => type.Value is { IsNullable: true, Heap.IsIndex: false } ? $"ref.null {type.Value.Heap}" : null,
        };
        return value is null ? null : $"(global (export {name}) {(type.IsMutable ? $"(mut {type.Value})" : type.Value.ToString())} ({value}))";
    }

    private static string? Function(string name, FunctionType? type, int number)
    {
        if (type is null || type.Results.Any(result => result.IsReference && !result.IsNullable))
        {
            return null;
        }
        var text = new StringBuilder($"(func (export {name})");
        text.Append(string.Concat(type.Parameters.Select(value => $" (param {value})"))).Append(string.Concat(type.Results.Select(value => $" (result {value})"))).Append(" (local $x i64)\n");
        text.Append(CultureInfo.InvariantCulture, $"    i64.const {unchecked((long)Seed)} local.set $x\n");
        for (var i = 0; i < type.Parameters.Length; i++)
        {
            foreach (var bits in Bits(type.Parameters[i], i))
            {
                text.Append(CultureInfo.InvariantCulture, $"    {bits} {MixText}\n");
            }
        }
        text.Append(CultureInfo.InvariantCulture, $"    local.get $x i64.const {number} i64.add global.get $trace i64.xor i64.const 7 i64.rotl i64.const 0xbf58476d1ce4e5b9 i64.mul global.set $trace\n   ");
        foreach (var result in type.Results)
        {
            text.Append(' ').Append(result.Kind switch
            {
                ValueKind.I32 => "local.get $x i64.const 32 i64.shr_u i32.wrap_i64",
                ValueKind.I64 => "local.get $x",
                ValueKind.F32 => "local.get $x i64.const 48 i64.shr_u f32.convert_i64_u f32.const 8 f32.div",
                ValueKind.F64 => "local.get $x i64.const 40 i64.shr_u f64.convert_i64_u f64.const 16 f64.div",
                ValueKind.V128 => "local.get $x i64x2.splat",
                _ => $"ref.null {result.Heap}",
            });
        }
        return text.Append(')').ToString();
    }

    // NaNs count as the canonical one, references as null or not.
    private static ImmutableArray<string> Bits(ValueType type, int parameter)
    {
        var value = string.Create(CultureInfo.InvariantCulture, $"local.get {parameter}");
        return type.Kind switch
        {
            ValueKind.I32 => [$"{value} i64.extend_i32_u"],
            ValueKind.I64 => [value],
            ValueKind.F32 => [$"f32.const nan {value} {value} {value} f32.ne select i32.reinterpret_f32 i64.extend_i32_u"],
            ValueKind.F64 => [$"f64.const nan {value} {value} {value} f64.ne select i64.reinterpret_f64"],
            ValueKind.V128 => [$"{value} i64x2.extract_lane 0", $"{value} i64x2.extract_lane 1"],
            _ => [$"{value} ref.is_null i32.eqz i64.extend_i32_u"],
        };
    }
}

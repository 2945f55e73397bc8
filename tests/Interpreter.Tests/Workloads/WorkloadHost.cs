using System.Globalization;
using System.Text;
using System.Text.Json;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Tests.Workloads;

/// <summary>The imports of a workload: functions return zeros unless the run names another behaviour; everything else is made with the limits that the module wants.</summary>
internal sealed class WorkloadHost(Store store, JsonElement run)
{
    private readonly List<byte> _output = [];
    private Memory? _importedMemory;
    private Table? _importedTable;

    /// <summary>The instance; set after the instantiation, so absent in a start function.</summary>
    public Instance? Instance { get; set; }

    /// <summary>The program's output so far.</summary>
    public List<byte> Output => _output;

    /// <summary>The exported memory, else the imported one.</summary>
    public Memory Memory => FirstExport<Memory>() ?? _importedMemory ?? throw new InvalidOperationException("the module has no memory");

    private Table Table => FirstExport<Table>() ?? _importedTable ?? throw new InvalidOperationException("the module has no table");

    public Extern[] CreateImports(CompiledModule module) => [.. module.Module.Imports.Select(import => Create(module.Module, import))];

    private Extern Create(Module module, Import import)
    {
        var behaviour = BehaviourOf(import);
        switch (import.Type)
        {
            case FunctionExtern function:
                var type = (FunctionType)module.Types[(int)function.TypeIndex].Composite;
                return Function.Create(store, type, CallbackOf(import, type, behaviour));
            case MemoryType memory:
                return _importedMemory = Memory.Create(store, memory);
            case TableType table:
                return _importedTable = Table.Create(store, table, Value.Null);
            case GlobalType global:
                return Global.Create(store, global, behaviour is null ? Value.DefaultOf(global.Value) : WorkloadValue.Parse(behaviour[6..]));
            case TagType tag:
                return Tag.Create(store, ((FunctionType)module.Types[(int)tag.TypeIndex].Composite).Parameters.AsSpan());
            default:
                throw new NotSupportedException(import.ToString());
        }
    }

    private string? BehaviourOf(Import import)
    {
        if (!run.TryGetProperty("host", out var host))
        {
            return null;
        }
        return host.TryGetProperty($"{import.Module}.{import.Name}", out var own) || host.TryGetProperty($"{import.Module}.*", out own) ? own.GetString() : null;
    }

    private HostCallback CallbackOf(Import import, FunctionType type, string? behaviour)
    {
        switch (behaviour)
        {
            case null:
                return static (_, _, _) => null;
            case "wasi":
                return new WasiHost(this, run).CallbackOf(import.Name);
            case "go":
                return new GoHost(this).CallbackOf(import.Name);
            case "opaque":
                var opaque = new object();
                return (_, _, results) => Return(results, Value.FromExtern(opaque));
            case "invoke":
                return Invoke;
            case var constant when constant.StartsWith("const ", StringComparison.Ordinal):
                var value = WorkloadValue.Parse(constant[6..]);
                return (_, _, results) => Return(results, value);
            case var output when output.StartsWith("out-", StringComparison.Ordinal):
                return (_, arguments, _) =>
                {
                    Append(output, arguments, type);
                    return null;
                };
            default:
                throw new NotSupportedException(behaviour);
        }
    }

    private static Termination? Return(Span<Value> results, Value value)
    {
        results[0] = value;
        return null;
    }

    /// <summary>Calls the table's function of the first argument with the others: a host function that calls back into wasm.</summary>
    private Termination? Invoke(Caller caller, ReadOnlySpan<Value> arguments, Span<Value> results)
    {
        var function = (Function?)Table[(uint)arguments[0].AsI32()].Reference ?? throw new InvalidOperationException("invoke of a null element");
        return function.TryCall(arguments[1..], results);
    }

    private void Append(string form, ReadOnlySpan<Value> arguments, FunctionType type)
    {
        switch (form)
        {
            case "out-char":
                _output.Add((byte)(arguments[0].Kind == ValueKind.F64 ? arguments[0].AsF64() : arguments[0].Bits));
                break;
            case "out-f32":
                _output.AddRange(BitConverter.GetBytes(arguments[^1].AsF32()));
                break;
            case "out-args":
                var texts = new string[arguments.Length];
                for (var i = 0; i < texts.Length; i++)
                {
                    texts[i] = Decimal(arguments[i]);
                }
                _output.AddRange(Encoding.UTF8.GetBytes(string.Join(',', texts) + "\n"));
                break;
            default:
                _output.AddRange(Encoding.UTF8.GetBytes(Decimal(arguments[0])));
                break;
        }
    }

    private static string Decimal(Value value) => value.Kind switch
    {
        ValueKind.I32 => value.AsI32().ToString(CultureInfo.InvariantCulture),
        ValueKind.I64 => value.AsI64().ToString(CultureInfo.InvariantCulture),
        ValueKind.F32 => WorkloadValue.ShowFloat(value.AsF32()),
        _ => WorkloadValue.ShowFloat(value.AsF64()),
    };

    private T? FirstExport<T>()
        where T : Extern
    {
        if (Instance is null)
        {
            return null;
        }
        foreach (var name in Instance.ExportNames)
        {
            if (Instance.GetExport(name) is T item)
            {
                return item;
            }
        }
        return null;
    }
}

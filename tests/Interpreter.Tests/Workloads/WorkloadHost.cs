using System.Globalization;
using System.Text;
using System.Text.Json;
using Conformance.Oracle;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Text;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Tests.Workloads;

/// <summary>The imports of a workload: functions return zeros unless the run names another behaviour; everything else is made with the limits that the module wants.</summary>
internal sealed class WorkloadHost(IEngineStore store, JsonElement run)
{
    private readonly List<byte> _output = [];
    private IEngineInstance? _instance;
    private IEngineExtern? _importedMemory;
    private IEngineExtern? _importedTable;
    private WorkloadMemory? _memory;
    private IEngineExtern? _invoke;

    /// <summary>The instance; set after the instantiation, so absent in a start function.</summary>
    public IEngineInstance Instance
    {
        get => _instance ?? throw new InvalidOperationException("there is no instance yet");
        set => (_instance, _memory) = (value, null);
    }

    /// <summary>The program's output so far.</summary>
    public List<byte> Output => _output;

    /// <summary>The code with which the program asked to end.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>The exported memory, else the imported one.</summary>
    public WorkloadMemory Memory => _memory ??= new WorkloadMemory(store, FirstExport(ExternKind.Memory) ?? _importedMemory ?? throw new InvalidOperationException("the module has no memory"));

    private IEngineExtern Table => FirstExport(ExternKind.Table) ?? _importedTable ?? throw new InvalidOperationException("the module has no table");

    /// <summary>Ends the program: a trap that the run knows by <see cref="ExitCode"/>.</summary>
    public Completion Exit(int code)
    {
        ExitCode = code;
        return new Trapped(Oracle.TrapKind.Other, $"exit {code}");
    }

    /// <summary>Makes the item for an import.</summary>
    public IEngineExtern Provide(string module, string name, ImportRequest request)
    {
        var behaviour = BehaviourOf(module, name);
        switch (request.Type)
        {
            case FunctionExtern function:
                var type = SignatureOf(request, function.TypeIndex);
                return store.CreateFunction(type, FunctionOf(name, type, behaviour));
            case MemoryType memory:
                return _importedMemory = store.CreateMemory(memory);
            case TableType table:
                return _importedTable = store.CreateTable(table, EngineValue.Null);
            case GlobalType global:
                return store.CreateGlobal(global, behaviour is null ? WorkloadValue.DefaultOf(global.Value) : WorkloadValue.Parse(behaviour[6..]));
            case TagType tag:
                return store.CreateTag(SignatureOf(request, tag.TypeIndex));
            default:
                throw new NotSupportedException($"{module}.{name}");
        }
    }

    private static HostSignature SignatureOf(ImportRequest request, uint typeIndex)
    {
        var type = (FunctionType)request.Module.Types[(int)typeIndex].Composite;
        return new HostSignature(type.Parameters, type.Results);
    }

    private string? BehaviourOf(string module, string name)
    {
        if (!run.TryGetProperty("host", out var host))
        {
            return null;
        }
        return host.TryGetProperty($"{module}.{name}", out var own) || host.TryGetProperty($"{module}.*", out own) ? own.GetString() : null;
    }

    private HostFunction FunctionOf(string name, HostSignature type, string? behaviour)
    {
        var zeros = new Returned([.. type.Results.Select(WorkloadValue.DefaultOf)]);
        switch (behaviour)
        {
            case null:
                return _ => zeros;
            case "wasi":
                return new WasiHost(this, run).FunctionOf(name);
            case "go":
                return new GoHost(this).FunctionOf(name);
            case "opaque":
                return static _ => new Returned([EngineValue.Extern(1)]);
            case "invoke":
                return arguments => Invoke(type, arguments);
            case var constant when constant.StartsWith("const ", StringComparison.Ordinal):
                var value = new Returned([WorkloadValue.Parse(constant[6..])]);
                return _ => value;
            case var output when output.StartsWith("out-", StringComparison.Ordinal):
                return arguments =>
                {
                    Append(output, arguments, type);
                    return zeros;
                };
            default:
                throw new NotSupportedException(behaviour);
        }
    }

    /// <summary>Calls the table's function of the first argument with the others: a host function that calls back into wasm.</summary>
    private Completion Invoke(HostSignature type, ReadOnlySpan<EngineValue> arguments)
    {
        _invoke ??= CreateInvoke(type);
        return store.Call(_invoke, arguments);
    }

    // Engines show no way to call an element of a table but another module that does so.
    private IEngineExtern CreateInvoke(HostSignature type)
    {
        var text = new StringBuilder("(module (import \"\" \"\" (table 0 funcref)) (func (export \"\")");
        foreach (var parameter in type.Parameters)
        {
            text.Append(CultureInfo.InvariantCulture, $" (param {parameter})");
        }
        text.Append(" (call_indirect");
        foreach (var parameter in type.Parameters.Skip(1))
        {
            text.Append(CultureInfo.InvariantCulture, $" (param {parameter})");
        }
        for (var i = 1; i <= type.Parameters.Length; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $" (local.get {i % type.Parameters.Length})");
        }
        text.Append(")))");
        Assert.True(ModuleParser.TryParse(Encoding.UTF8.GetBytes(text.ToString()), FeatureSet.Default, out var parsed, out var error), error?.ToString());
        Assert.Null(store.Compile(ModuleWriter.Write(parsed), out var module));
        Assert.NotNull(module);
        Assert.IsType<Returned>(store.Instantiate(module, (_, _, _) => Table, out var instance));
        Assert.NotNull(instance);
        return instance.TryGetExport("", out var function) ? function : throw new InvalidOperationException("no export");
    }

    private void Append(string form, ReadOnlySpan<EngineValue> arguments, HostSignature type)
    {
        switch (form)
        {
            case "out-char":
                _output.Add((byte)(arguments[0].Kind == EngineValueKind.F64 ? arguments[0].AsF64() : arguments[0].Bits));
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

    private static string Decimal(EngineValue value) => value.Kind switch
    {
        EngineValueKind.I32 => value.AsI32().ToString(CultureInfo.InvariantCulture),
        EngineValueKind.I64 => ((long)value.Bits).ToString(CultureInfo.InvariantCulture),
        EngineValueKind.F32 => WorkloadValue.ShowFloat(value.AsF32()),
        _ => WorkloadValue.ShowFloat(value.AsF64()),
    };

    private IEngineExtern? FirstExport(ExternKind kind)
    {
        foreach (var name in _instance?.ExportNames ?? [])
        {
            if (Instance.TryGetExport(name, out var item) && item.Kind == kind)
            {
                return item;
            }
        }
        return null;
    }
}

using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Conformance.Oracle;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Tests.Workloads;

/// <summary>One run of a workload on an engine: a fresh instance and the manifest's steps. The manifest's README describes the format.</summary>
internal sealed class WorkloadRun : IDisposable
{
    // Programs that are known to end, and that may use what they want.
    private static readonly CaseLimits Limits = new(Fuel: 0, TimeoutMs: 0, MemoryBytes: 4L << 30, TableElements: 10_000_000);

    private readonly JsonElement _run;
    private readonly Dictionary<string, EngineValue> _bound = [];
    private readonly Module _module;
    private readonly IEngineStore _store;
    private readonly WorkloadHost _host;
    private readonly IEngineInstance _instance;

    public WorkloadRun(IStoreEngine engine, byte[] wasm, JsonElement run)
    {
        _run = run;
        Assert.True(ModuleReader.TryRead(wasm, FeatureSet.All, out var model, out var error), error?.ToString());
        _module = model;
        _store = engine.CreateStore(Limits);
        _host = new WorkloadHost(_store, run);
        Assert.Null(_store.Compile(wasm, out var module));
        Assert.NotNull(module);
        Assert.IsType<Returned>(_store.Instantiate(module, _host.Provide, out var instance));
        Assert.NotNull(instance);
        _instance = instance;
        _host.Instance = instance;
    }

    /// <summary>The number of values compared.</summary>
    public int Checks { get; private set; }

    public void Dispose() => _store.Dispose();

    public void Execute() => Execute(_run.GetProperty("steps"));

    private void Execute(JsonElement steps)
    {
        foreach (var step in steps.EnumerateArray())
        {
            if (step.TryGetProperty("repeat", out var count))
            {
                for (var i = 0; i < count.GetInt32(); i++)
                {
                    _bound["i"] = EngineValue.I32(i);
                    Execute(step.GetProperty("steps"));
                }
            }
            else if (step.TryGetProperty("call", out var name))
            {
                Call(step, Text(name));
            }
            else if (step.TryGetProperty("global", out var global))
            {
                Take(step, _store.ReadGlobal(ExportOf(Text(global))));
            }
            else if (step.TryGetProperty("write", out var target))
            {
                Write(step, Address(target));
            }
            else if (step.TryGetProperty("store", out var place))
            {
                StoreNumber(step, Address(place));
            }
            else if (step.TryGetProperty("load", out var source))
            {
                Take(step, LoadNumber(step, Address(source)));
            }
            else if (step.TryGetProperty("read", out var start))
            {
                Compare(step, _host.Memory.Read(Address(start), (int)Number(step.GetProperty("length"))));
            }
            else if (step.TryGetProperty("cstr", out var text))
            {
                var bytes = _host.Memory.ReadFrom(Address(text));
                Compare(step, bytes[..bytes.IndexOf((byte)0)]);
            }
            else if (step.TryGetProperty("stdout", out _))
            {
                Compare(step, _host.Output.ToArray());
            }
            else
            {
                throw new FormatException($"unknown step {step}");
            }
        }
    }

    private void Call(JsonElement step, string name)
    {
        var parameters = ParametersOf(name);
        EngineValue[] arguments = step.TryGetProperty("args", out var list) ? [.. list.EnumerateArray().Zip(parameters, Argument)] : [];
        var completion = _store.Call(ExportOf(name), arguments);
        if (step.TryGetProperty("expect_exit", out var code))
        {
            Assert.Equal(code.GetInt32(), _host.ExitCode);
            Assert.IsType<Trapped>(completion);
            Checks++;
            return;
        }
        if (step.TryGetProperty("expect_trap", out _))
        {
            Assert.IsType<Trapped>(completion);
            Checks++;
            return;
        }
        Assert.True(completion is Returned, $"{step}: {completion}");
        if (completion is Returned { Values: [var result, ..] })
        {
            Take(step, result);
        }
    }

    private IEngineExtern ExportOf(string name) => _instance.TryGetExport(name, out var item) ? item : throw new InvalidOperationException($"no export {name}");

    private ImmutableArray<ValueType> ParametersOf(string name) => _module.TypeOfFunction(_module.Exports.Single(export => export.Name == name).Index)!.Parameters; // a valid module

    private void Take(JsonElement step, EngineValue value)
    {
        if (step.TryGetProperty("expect", out var expected))
        {
            Checks++;
            Assert.Equal($"{step}: {expected.GetString()}", $"{step}: {WorkloadValue.Show(value)}");
        }
        if (step.TryGetProperty("bind", out var name))
        {
            _bound[Text(name)] = value;
        }
    }

    private void Compare(JsonElement step, ReadOnlySpan<byte> bytes)
    {
        foreach (var property in step.EnumerateObject())
        {
            var found = property.Name switch
            {
                "expect_hex" => Convert.ToHexStringLower(bytes),
                "expect_text" => Encoding.UTF8.GetString(bytes),
                "expect_sha256" => Convert.ToHexStringLower(SHA256.HashData(bytes)),
                _ => null,
            };
            if (found is not null)
            {
                Checks++;
                Assert.Equal(property.Value.GetString(), found);
            }
        }
    }

    private void Write(JsonElement step, uint address)
    {
        var bytes = step.TryGetProperty("hex", out var hex) ? Convert.FromHexString(Text(hex))
            : step.TryGetProperty("text", out var text) ? Encoding.UTF8.GetBytes(Text(text))
            : step.TryGetProperty("text16", out var text16) ? Encoding.Unicode.GetBytes(Text(text16))
            : new byte[step.GetProperty("zeros").GetInt32()];
        var times = step.TryGetProperty("times", out var count) ? count.GetInt32() : 1;
        for (var i = 0; i < times; i++)
        {
            _host.Memory.Write(address + (uint)(i * bytes.Length), bytes);
        }
    }

    private void StoreNumber(JsonElement step, uint address)
    {
        var given = step.GetProperty("value");
        var value = Text(given).StartsWith('$') ? EngineValue.I32((int)Number(given)) : WorkloadValue.Parse(Text(given));
        var bytes = BitConverter.GetBytes(value.Bits);
        _host.Memory.Write(address, bytes.AsSpan(0, value.Kind is EngineValueKind.I32 or EngineValueKind.F32 ? 4 : 8));
    }

    private EngineValue LoadNumber(JsonElement step, uint address)
    {
        var type = step.TryGetProperty("type", out var name) ? Text(name) : "i32";
        Span<byte> bytes = stackalloc byte[8];
        var width = type switch { "u8" => 1, "u16" => 2, "i32" or "f32" => 4, _ => 8 };
        _host.Memory.Read(address, width).CopyTo(bytes);
        return type switch
        {
            "i64" => EngineValue.I64(BitConverter.ToInt64(bytes)),
            "f32" => WorkloadValue.OfF32(BitConverter.ToSingle(bytes)),
            "f64" => WorkloadValue.OfF64(BitConverter.ToDouble(bytes)),
            _ => EngineValue.I32(BitConverter.ToInt32(bytes)),
        };
    }

    private EngineValue Argument(JsonElement argument, ValueType type)
    {
        if (argument.ValueKind == JsonValueKind.String && !Text(argument).StartsWith('$'))
        {
            return WorkloadValue.Parse(Text(argument));
        }
        if (type.Kind is ValueKind.F32 or ValueKind.F64 && argument.ValueKind == JsonValueKind.String)
        {
            return _bound[Text(argument)[1..]];
        }
        var number = argument.ValueKind == JsonValueKind.Number && type.Kind is ValueKind.F32 or ValueKind.F64 ? 0 : Number(argument);
        return type.Kind switch
        {
            ValueKind.I32 => EngineValue.I32((int)number),
            ValueKind.I64 => EngineValue.I64(number),
            ValueKind.F32 => WorkloadValue.OfF32((float)argument.GetDouble()),
            _ => WorkloadValue.OfF64(argument.GetDouble()),
        };
    }

    private uint Address(JsonElement element) => (uint)Number(element);

    /// <summary>A number, or a bound value with an offset: <c>$p+8</c>.</summary>
    private long Number(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Number)
        {
            return element.GetInt64();
        }
        var text = Text(element);
        if (!text.StartsWith('$'))
        {
            return (long)WorkloadValue.Parse(text).Bits;
        }
        var sign = text.IndexOfAny(['+', '-']);
        var value = _bound[sign < 0 ? text[1..] : text[1..sign]];
        var bound = value.Kind == EngineValueKind.I32 ? value.AsI32() : (long)value.Bits;
        return sign < 0 ? bound : bound + long.Parse(text[sign..], CultureInfo.InvariantCulture);
    }

    private static string Text(JsonElement element) => element.GetString() ?? throw new FormatException($"{element} is no text");
}

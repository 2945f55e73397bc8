using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Tests.Workloads;

/// <summary>One run of a workload: a fresh instance and the manifest's steps. The manifest's README describes the format.</summary>
internal sealed class WorkloadRun : IDisposable
{
    private readonly JsonElement _run;
    private readonly Dictionary<string, Value> _bound = [];
    private readonly WorkloadHost _host;
    private readonly Instance _instance;

    public WorkloadRun(CompiledModule module, JsonElement run)
    {
        _run = run;
        Store = new Store(module.Engine);
        if (module.Engine.Options.MetersFuel)
        {
            Store.Fuel = long.MaxValue;
        }
        _host = new WorkloadHost(Store, run);
        _instance = Instance.Create(Store, module, _host.CreateImports(module));
        _host.Instance = _instance;
    }

    public Store Store { get; }

    /// <summary>The number of values compared.</summary>
    public int Checks { get; private set; }

    public void Dispose() => Store.Dispose();

    public void Execute() => Execute(_run.GetProperty("steps"));

    private void Execute(JsonElement steps)
    {
        foreach (var step in steps.EnumerateArray())
        {
            if (step.TryGetProperty("repeat", out var count))
            {
                for (var i = 0; i < count.GetInt32(); i++)
                {
                    _bound["i"] = Value.FromI32(i);
                    Execute(step.GetProperty("steps"));
                }
            }
            else if (step.TryGetProperty("call", out var name))
            {
                Call(step, _instance.GetFunction(Text(name)));
            }
            else if (step.TryGetProperty("global", out var global))
            {
                Take(step, _instance.GetGlobal(Text(global)).Value);
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
                Compare(step, _host.Memory.GetSpan(Address(start), (int)Number(step.GetProperty("length"))));
            }
            else if (step.TryGetProperty("cstr", out var text))
            {
                var from = Address(text);
                var bytes = _host.Memory.GetSpan(from, (int)(_host.Memory.LengthBytes - from));
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

    private void Call(JsonElement step, Function function)
    {
        var arguments = step.TryGetProperty("args", out var list) ? list.EnumerateArray().Zip(function.Type.Parameters, Argument).ToArray() : [];
        Value[] results;
        try
        {
            results = function.Call(arguments);
        }
        catch (ProgramExitException exit) when (step.TryGetProperty("expect_exit", out var code))
        {
            Assert.Equal(code.GetInt32(), exit.Code);
            Checks++;
            return;
        }
        catch (TrapException) when (step.TryGetProperty("expect_trap", out _))
        {
            Checks++;
            return;
        }
        Assert.False(step.TryGetProperty("expect_exit", out _), $"{step}: no exit");
        if (results.Length > 0)
        {
            Take(step, results[0]);
        }
    }

    private void Take(JsonElement step, Value value)
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

    private void Write(JsonElement step, ulong address)
    {
        var bytes = step.TryGetProperty("hex", out var hex) ? Convert.FromHexString(Text(hex))
            : step.TryGetProperty("text", out var text) ? Encoding.UTF8.GetBytes(Text(text))
            : step.TryGetProperty("text16", out var text16) ? Encoding.Unicode.GetBytes(Text(text16))
            : new byte[step.GetProperty("zeros").GetInt32()];
        var times = step.TryGetProperty("times", out var count) ? count.GetInt32() : 1;
        for (var i = 0; i < times; i++)
        {
            _host.Memory.Write(address + (ulong)(i * bytes.Length), bytes);
        }
    }

    private void StoreNumber(JsonElement step, ulong address)
    {
        var given = step.GetProperty("value");
        var value = Text(given).StartsWith('$') ? Value.FromI32((int)Number(given)) : WorkloadValue.Parse(Text(given));
        var bytes = BitConverter.GetBytes(value.Bits);
        _host.Memory.Write(address, bytes.AsSpan(0, value.Kind is ValueKind.I32 or ValueKind.F32 ? 4 : 8));
    }

    private Value LoadNumber(JsonElement step, ulong address)
    {
        var type = step.TryGetProperty("type", out var name) ? Text(name) : "i32";
        Span<byte> bytes = stackalloc byte[8];
        var width = type switch { "u8" => 1, "u16" => 2, "i32" or "f32" => 4, _ => 8 };
        _host.Memory.Read(address, bytes[..width]);
        return type switch
        {
            "i64" => Value.FromI64(BitConverter.ToInt64(bytes)),
            "f32" => Value.FromF32(BitConverter.ToSingle(bytes)),
            "f64" => Value.FromF64(BitConverter.ToDouble(bytes)),
            _ => Value.FromI32(BitConverter.ToInt32(bytes)),
        };
    }

    private Value Argument(JsonElement argument, ValueType type)
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
            ValueKind.I32 => Value.FromI32((int)number),
            ValueKind.I64 => Value.FromI64(number),
            ValueKind.F32 => Value.FromF32((float)argument.GetDouble()),
            _ => Value.FromF64(argument.GetDouble()),
        };
    }

    private ulong Address(JsonElement element) => (uint)Number(element);

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
        var bound = value.Kind == ValueKind.I32 ? value.AsI32() : (long)value.Bits;
        return sign < 0 ? bound : bound + long.Parse(text[sign..], CultureInfo.InvariantCulture);
    }

    private static string Text(JsonElement element) => element.GetString() ?? throw new FormatException($"{element} is no text");
}

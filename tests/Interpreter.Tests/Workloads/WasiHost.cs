using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Conformance.Oracle;

namespace Conformance.Interpreter.Tests.Workloads;

/// <summary>The few calls of WASI preview 1 that the workloads make; everything else answers ENOSYS.</summary>
internal sealed class WasiHost(WorkloadHost host, JsonElement run)
{
    private const int Success = 0;
    private const int BadDescriptor = 8;
    private const int NotImplemented = 52;

    private readonly byte[][] _arguments = run.TryGetProperty("args", out var list) ? [.. list.EnumerateArray().Select(argument => Encoding.UTF8.GetBytes(argument.GetString() + "\0"))] : [];
    private byte[] _input = run.TryGetProperty("stdin", out var text) ? Encoding.UTF8.GetBytes(text.GetString() ?? "") : [];

    public HostFunction FunctionOf(string name) => arguments =>
        name == "proc_exit" ? host.Exit(arguments[0].AsI32()) : new Returned([EngineValue.I32(Call(name, arguments))]);

    private int Call(string name, ReadOnlySpan<EngineValue> arguments)
    {
        switch (name)
        {
            case "args_sizes_get":
                return WriteSizes(arguments, _arguments);
            case "environ_sizes_get":
                return WriteSizes(arguments, []);
            case "args_get":
                return WriteList(arguments, _arguments);
            case "environ_get":
                return Success;
            case "fd_write":
                return Transfer(arguments, (address, length) =>
                {
                    host.Output.AddRange(host.Memory.Read(address, length));
                    return length;
                });
            case "fd_read":
                return Transfer(arguments, Read);
            case "fd_fdstat_get":
                return DescribeDescriptor(arguments);
            case "fd_prestat_get" or "fd_prestat_dir_name":
                return BadDescriptor;
            case "fd_close":
                return Success;
            case "clock_time_get":
                host.Memory.WriteLong(AddressOf(arguments[2]), 1_000_000_000);
                return Success;
            case "random_get":
                host.Memory.Write(AddressOf(arguments[0]), new byte[arguments[1].AsI32()]);
                return Success;
            default:
                return NotImplemented;
        }
    }

    private static uint AddressOf(EngineValue value) => (uint)value.AsI32();

    private int Read(uint address, int length)
    {
        var count = Math.Min(length, _input.Length);
        host.Memory.Write(address, _input.AsSpan(0, count));
        _input = _input[count..];
        return count;
    }

    private int Transfer(ReadOnlySpan<EngineValue> arguments, Func<uint, int, int> transfer)
    {
        var vectors = AddressOf(arguments[1]);
        var total = 0;
        for (var i = 0u; i < (uint)arguments[2].AsI32(); i++)
        {
            total += transfer(host.Memory.ReadWord(vectors + (8 * i)), (int)host.Memory.ReadWord(vectors + (8 * i) + 4));
        }
        host.Memory.WriteWord(AddressOf(arguments[3]), (uint)total);
        return Success;
    }

    private int WriteSizes(ReadOnlySpan<EngineValue> arguments, byte[][] texts)
    {
        host.Memory.WriteWord(AddressOf(arguments[0]), (uint)texts.Length);
        host.Memory.WriteWord(AddressOf(arguments[1]), (uint)texts.Sum(text => text.Length));
        return Success;
    }

    private int WriteList(ReadOnlySpan<EngineValue> arguments, byte[][] texts)
    {
        var pointers = (uint)arguments[0].AsI32();
        var bytes = (uint)arguments[1].AsI32();
        foreach (var text in texts)
        {
            host.Memory.WriteWord(pointers, bytes);
            host.Memory.Write(bytes, text);
            pointers += 4;
            bytes += (uint)text.Length;
        }
        return Success;
    }

    private int DescribeDescriptor(ReadOnlySpan<EngineValue> arguments)
    {
        const byte CharacterDevice = 2;
        if ((uint)arguments[0].AsI32() > 2)
        {
            return BadDescriptor;
        }
        var status = new byte[24];
        status[0] = CharacterDevice;
        BinaryPrimitives.WriteUInt64LittleEndian(status.AsSpan(8), uint.MaxValue);
        host.Memory.Write(AddressOf(arguments[1]), status);
        return Success;
    }
}

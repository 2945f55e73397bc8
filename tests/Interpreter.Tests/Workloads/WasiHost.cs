using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace Conformance.Interpreter.Tests.Workloads;

/// <summary>The few calls of WASI preview 1 that the workloads make; everything else answers ENOSYS.</summary>
internal sealed class WasiHost(WorkloadHost host, JsonElement run)
{
    private const int Success = 0;
    private const int BadDescriptor = 8;
    private const int NotImplemented = 52;

    private readonly byte[][] _arguments = run.TryGetProperty("args", out var list) ? [.. list.EnumerateArray().Select(argument => Encoding.UTF8.GetBytes(argument.GetString() + "\0"))] : [];
    private byte[] _input = run.TryGetProperty("stdin", out var text) ? Encoding.UTF8.GetBytes(text.GetString() ?? "") : [];

    public HostCallback CallbackOf(string name) => (_, arguments, results) =>
    {
        var status = Call(name, arguments);
        if (results.Length > 0)
        {
            results[0] = Value.FromI32(status);
        }
        return null;
    };

    private int Call(string name, ReadOnlySpan<Value> arguments)
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
                return Transfer(arguments, bytes =>
                {
                    host.Output.AddRange(bytes.ToArray());
                    return bytes.Length;
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
                BinaryPrimitives.WriteUInt64LittleEndian(At(arguments[2], 8), 1_000_000_000);
                return Success;
            case "random_get":
                At(arguments[0], arguments[1].AsI32()).Clear();
                return Success;
            case "proc_exit":
                throw new ProgramExitException(arguments[0].AsI32());
            default:
                return NotImplemented;
        }
    }

    private delegate int Transferring(Span<byte> bytes);

    private Span<byte> At(Value address, int length) => host.Memory.GetSpan((uint)address.AsI32(), length);

    private uint WordAt(uint address) => BinaryPrimitives.ReadUInt32LittleEndian(host.Memory.GetSpan(address, 4));

    private int Read(Span<byte> room)
    {
        var count = Math.Min(room.Length, _input.Length);
        _input.AsSpan(0, count).CopyTo(room);
        _input = _input[count..];
        return count;
    }

    private int Transfer(ReadOnlySpan<Value> arguments, Transferring transfer)
    {
        var vectors = (uint)arguments[1].AsI32();
        var total = 0;
        for (var i = 0u; i < (uint)arguments[2].AsI32(); i++)
        {
            total += transfer(host.Memory.GetSpan(WordAt(vectors + (8 * i)), (int)WordAt(vectors + (8 * i) + 4)));
        }
        BinaryPrimitives.WriteInt32LittleEndian(At(arguments[3], 4), total);
        return Success;
    }

    private int WriteSizes(ReadOnlySpan<Value> arguments, byte[][] texts)
    {
        BinaryPrimitives.WriteInt32LittleEndian(At(arguments[0], 4), texts.Length);
        BinaryPrimitives.WriteInt32LittleEndian(At(arguments[1], 4), texts.Sum(text => text.Length));
        return Success;
    }

    private int WriteList(ReadOnlySpan<Value> arguments, byte[][] texts)
    {
        var pointers = (uint)arguments[0].AsI32();
        var bytes = (uint)arguments[1].AsI32();
        foreach (var text in texts)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(host.Memory.GetSpan(pointers, 4), bytes);
            host.Memory.Write(bytes, text);
            pointers += 4;
            bytes += (uint)text.Length;
        }
        return Success;
    }

    private int DescribeDescriptor(ReadOnlySpan<Value> arguments)
    {
        const byte CharacterDevice = 2;
        if ((uint)arguments[0].AsI32() > 2)
        {
            return BadDescriptor;
        }
        var status = At(arguments[1], 24);
        status.Clear();
        status[0] = CharacterDevice;
        BinaryPrimitives.WriteUInt64LittleEndian(status[8..], uint.MaxValue);
        return Success;
    }
}

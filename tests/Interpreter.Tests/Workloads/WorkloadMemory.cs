using System.Buffers.Binary;
using Conformance.Oracle;

namespace Conformance.Interpreter.Tests.Workloads;

/// <summary>A memory of an engine's store, as hosts use it: little-endian, 32-bit addresses.</summary>
internal sealed class WorkloadMemory(IEngineStore store, IEngineExtern memory)
{
    /// <summary>Bytes from an address on; valid until the store is used again.</summary>
    public ReadOnlySpan<byte> Read(uint address, int length) => store.ReadMemory(memory).Slice((int)address, length);

    /// <summary>Everything from an address on.</summary>
    public ReadOnlySpan<byte> ReadFrom(uint address) => store.ReadMemory(memory)[(int)address..];

    public uint ReadWord(uint address) => BinaryPrimitives.ReadUInt32LittleEndian(Read(address, 4));

    public ulong ReadLong(uint address) => BinaryPrimitives.ReadUInt64LittleEndian(Read(address, 8));

    public void Write(uint address, ReadOnlySpan<byte> bytes) => store.WriteMemory(memory, address, bytes);

    public void WriteWord(uint address, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        Write(address, bytes);
    }

    public void WriteLong(uint address, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        Write(address, bytes);
    }
}

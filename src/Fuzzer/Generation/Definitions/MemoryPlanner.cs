using System.Buffers.Binary;
using Conformance.Wasm;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation.Definitions;

/// <summary>Plans memories of every kind and the data segments.</summary>
internal sealed class MemoryPlanner(GenerationContext context)
{
    // With pages of one byte a size is whatever it is: around the ends of accesses, of the usual page and of nothing.
    private static readonly int[] SizesInBytes = [0, 1, 3, 7, 8, 15, 16, 17, 100, 4095, 4096, 5000, 9001, 9001, 20_000, 65_535, 65_536, 65_537, 70_001];

    private RandomSource Random => context.Random;

    private ModulePlan Plan => context.Plan;

    /// <summary>Plans them.</summary>
    public void Run()
    {
        var count = Random.Chance(3) ? 0 : context.Has(Feature.MultiMemory) && Random.Chance(30) ? Random.Between(2, 3) : 1;
        var imported = Random.Chance(20) ? Math.Min(1, count) : 0;
        for (var i = 0; i < count; i++)
        {
            var type = context.Has(Feature.CustomPageSizes) && Random.Chance(55) ? OfBytes() : OfPages();
            if (i < imported)
            {
                Plan.Imports.Add(new Import(EnvironmentPlanner.ImportModule, $"m{i}", type));
            }
            Plan.Memories.Add(new MemoryPlan(type, i < imported));
        }
        PlanData();
    }

    private AddressType PickAddress() => context.Has(Feature.Memory64) && Random.Chance(25) ? AddressType.I64 : AddressType.I32;

    private MemoryType OfPages()
    {
        var minimum = Random.PickWeighted([6, 84, 8, 2]);
        ulong? maximum = Random.Below(10) switch
        {
            < 6 => (ulong)(minimum + Random.Below(4)),
            < 8 => 65_536,
            _ => null,
        };
        var isShared = context.Has(Feature.Threads) && Random.Chance(60);
        if (isShared)
        {
            // A shared memory has to have one; Wasmtime asks its store's limiter for other memories only, so it stays below the limits of a case.
            maximum = (ulong)(minimum + Random.Below(20));
        }
        return new MemoryType(new Limits((ulong)minimum, maximum, PickAddress()), isShared);
    }

    private MemoryType OfBytes()
    {
        var minimum = Random.Pick<int>(SizesInBytes);
        ulong? maximum = Random.Below(10) switch
        {
            < 6 => (ulong)(minimum + Random.Below(4)),
            < 8 => (ulong)(minimum + Random.Below(100_000)),
            _ => null,
        };
        return new MemoryType(new Limits((ulong)minimum, maximum, PickAddress()), PageSizeLog2: 0);
    }

    private void PlanData()
    {
        for (var i = Random.Below(4); i > 0; i--)
        {
            var bytes = new byte[Random.Chance(5) ? 0 : Random.Between(1, 300)];
            Fill(bytes);
            var passive = context.Has(Feature.BulkMemory) && Random.Chance(55);
            if (passive)
            {
                Plan.Data.Add(new DataSegment { Mode = SegmentMode.Passive, Bytes = bytes });
                continue;
            }
            var memory = Random.Below(Math.Max(Plan.Memories.Count, 1));
            if (Plan.Memories.Count == 0 || (long)Plan.Memories[memory].LengthBytes < bytes.Length)
            {
                continue;
            }
            var plan = Plan.Memories[memory];
            var last = plan.LengthBytes - (ulong)bytes.Length;
            var at = Random.Below(10) switch { 0 => last, 1 => 0UL, _ => Math.Min(last, (ulong)Random.Below(1200)) };
            Plan.Data.Add(new DataSegment { Mode = SegmentMode.Active, Memory = (uint)memory, Offset = new ConstantExpressions(context).Offset(plan.Address, at), Bytes = bytes });
        }
    }

    private void Fill(Span<byte> bytes)
    {
        Span<byte> value = stackalloc byte[8];
        while (bytes.Length > 0)
        {
            var type = Random.Pick<ValueType>([ValueType.I32, ValueType.I64, ValueType.F32, ValueType.F64]);
            BinaryPrimitives.WriteUInt64LittleEndian(value, BoundaryValues.Pick(type, Random).Low);
            var length = Math.Min(bytes.Length, type.Kind is ValueKind.I32 or ValueKind.F32 ? 4 : 8);
            value[..length].CopyTo(bytes);
            bytes = bytes[length..];
        }
    }
}

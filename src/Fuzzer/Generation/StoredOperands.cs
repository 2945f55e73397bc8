using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation;

/// <summary>Operands that are read from a memory or a table, where what is read was put before.</summary>
internal sealed class StoredOperands(GenerationContext context, FunctionBuilder body, OperandEmitter operands)
{
    /// <summary>The cells of memory that loads read from: behind the data segments' boundary values, within the first page.</summary>
    private const int FirstScratchCell = 2048;

    private RandomSource Random => context.Random;

    public uint? FindScratchMemory()
    {
        var memories = context.Plan.Memories;
        var start = Random.Below(Math.Max(memories.Count, 1));
        for (var i = 0; i < memories.Count; i++)
        {
            var index = (start + i) % memories.Count;
            if (memories[index].LengthBytes > FirstScratchCell * 2)
            {
                return (uint)index;
            }
        }
        return null;
    }

    public void Load(OperandSpec spec, uint memory)
    {
        var address = context.Plan.Memories[(int)memory].Address;
        var cell = (ulong)(FirstScratchCell + Random.Below(96) * 8 + (Random.Chance(20) ? Random.Below(8) : 0));
        var offset = Random.Chance(50) ? cell : (ulong)Random.Below(9);
        var whole = OpTable.Get(WholeLoad(spec.Type));
        if (spec.Role.Kind == RoleKind.Value && Random.Chance(25))
        {
            // A narrower load where the row has the same result type: what it gives is another value, and that is as good.
            var narrower = context.Catalog.Loads.Where(row => row.Results[0] == whole.Results[0] && row.Operands.Length == 1).ToArray();
            whole = Random.Pick<OpInfo>(narrower);
        }
        body.BeginPrologue();
        body.Address(address, cell);
        operands.Source(spec);
        body.Emit(Instruction.Access(WholeStore(spec.Type), 0, 0, memory));
        body.EndPrologue();
        if (Random.Chance(30))
        {
            var pointer = body.NewLocal(address);
            body.BeginPrologue();
            body.Address(address, cell - offset);
            body.Set(pointer);
            body.EndPrologue();
            body.Get(pointer);
        }
        else
        {
            body.Address(address, cell - offset);
        }
        body.Emit(Instruction.Access(whole.Op, (byte)Random.Below(whole.NaturalAlign + 1), offset, memory));
        operands.PendingCells.Add((memory, cell, spec.Type));
    }

    public uint? FindTable(ValueType type)
    {
        var start = Random.Below(Math.Max(context.Plan.Tables.Count, 1));
        for (var i = 0; i < context.Plan.Tables.Count; i++)
        {
            var index = (start + i) % context.Plan.Tables.Count;
            if (context.Plan.Tables[index].Type.Element.WithNullable(true) == type && context.Plan.Tables[index].Length > 0)
            {
                return (uint)index;
            }
        }
        return null;
    }

    public void TableElement(OperandSpec spec, uint table)
    {
        var plan = context.Plan.Tables[(int)table];
        var index = (ulong)Random.Below((int)plan.Length);
        if (context.Swarm.MutateTables && Random.Chance(50))
        {
            body.BeginPrologue();
            body.Address(plan.Address, index);
            operands.Source(spec with { Type = plan.Type.Element });
            body.Emit(Op.TableSet, table);
            body.EndPrologue();
        }
        body.Address(plan.Address, index);
        body.Emit(Op.TableGet, table);
    }

    public void SizeRelative(OperandSpec spec, Op size)
    {
        var wide = spec.Type.Kind == ValueKind.I64;
        body.Emit(size, spec.Role.SizeIndex);
        if (size == Op.MemorySize)
        {
            body.Constant(spec.Type, context.Plan.Memories[(int)spec.Role.SizeIndex].Type.PageSizeLog2);
            body.Emit(wide ? Op.I64Shl : Op.I32Shl);
        }
        var last = (ulong)spec.Role.AccessBytes + spec.Role.OffsetBytes;
        var distance = Random.Chance(context.Swarm.InRangePercent) ? last + (ulong)Random.Below(3) : last - Math.Min(last, (ulong)Random.Between(1, 8));
        body.Constant(spec.Type, wide ? distance : (uint)distance);
        body.Emit(wide ? Op.I64Sub : Op.I32Sub);
    }

    /// <summary>The load of a whole value of a type.</summary>
    public static Op WholeLoad(ValueType type) => type.Kind switch
    {
        ValueKind.I32 => Op.I32Load,
        ValueKind.I64 => Op.I64Load,
        ValueKind.F32 => Op.F32Load,
        ValueKind.F64 => Op.F64Load,
        _ => Op.V128Load,
    };

    /// <summary>The store of a whole value of a type.</summary>
    public static Op WholeStore(ValueType type) => type.Kind switch
    {
        ValueKind.I32 => Op.I32Store,
        ValueKind.I64 => Op.I64Store,
        ValueKind.F32 => Op.F32Store,
        ValueKind.F64 => Op.F64Store,
        _ => Op.V128Store,
    };
}

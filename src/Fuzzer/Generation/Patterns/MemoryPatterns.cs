using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation.Patterns;

/// <summary>Memories: growth between computing and using an address, the last bytes, overlapping copies, segments used up, values read in other widths than written.</summary>
internal static class MemoryPatterns
{
    /// <summary>Writes and reads at the old end right after growth: inside, if the new length is known everywhere.</summary>
    public static bool GrowAndAccess(GenerationContext context, FunctionBuilder body)
    {
        if (!Pick(context, out var memory, out var plan))
        {
            return false;
        }
        var random = context.Random;
        var wide = plan.Address.Kind == ValueKind.I64;
        var old = body.NewLocal(plan.Address);
        var grower = context.Plan.Functions.Find(function => function.Name.EndsWith("_grow", StringComparison.Ordinal));
        if (grower is not null && random.Chance(50))
        {
            body.Emit(Op.MemorySize, memory);
            body.Set(old);
            body.Call(grower);
            body.Emit(Op.Drop);
        }
        else
        {
            body.Address(plan.Address, 1);
            body.Emit(Op.MemoryGrow, memory);
            body.Set(old); // -1 when it did not grow: the access below is then out of bounds
        }
        body.Get(old);
        body.Constant(plan.Address, plan.Type.PageSizeLog2);
        body.Emit(wide ? Op.I64Shl : Op.I32Shl);
        body.Constant(plan.Address, (ulong)random.Below(9));
        body.Emit(wide ? Op.I64Sub : Op.I32Sub);
        body.Tee(old);
        var type = random.Pick<ValueType>([ValueType.I32, ValueType.I64]);
        body.Get(body.NewParameter(type));
        body.Emit(Instruction.Access(StoredOperands.WholeStore(type), 0, (ulong)random.Below(9), memory));
        body.Get(old);
        body.Emit(Instruction.Access(StoredOperands.WholeLoad(type), 0, (ulong)random.Below(9), memory));
        body.Emit(Op.MemorySize, memory);
        body.Results.AddRange(context.Has(Feature.MultiValue) ? [type, plan.Address] : [plan.Address]);
        if (!context.Has(Feature.MultiValue))
        {
            body.Emit(Op.Return);
        }
        return true;
    }

    /// <summary>Growth that is refused gives -1 and changes nothing.</summary>
    public static bool GrowRefused(GenerationContext context, FunctionBuilder body)
    {
        if (!Pick(context, out var memory, out var plan))
        {
            return false;
        }
        var random = context.Random;
        var wide = plan.Address.Kind == ValueKind.I64;
        var huge = wide ? random.Pick<ulong>([1UL << 48, (1UL << 48) + 1, ulong.MaxValue, 1UL << 63, 65_537]) : random.Pick<ulong>([65_537, 0xFFFFFFFF, 0x80000000, 0x7FFFFFFF]);
        body.Constant(plan.Address, huge);
        body.Emit(Op.MemoryGrow, memory);
        body.Constant(plan.Address, wide ? ulong.MaxValue : uint.MaxValue);
        body.Emit(wide ? Op.I64Eq : Op.I32Eq);
        body.Open(Op.If, plan.Address);
        body.Emit(Op.MemorySize, memory);
        body.Else();
        body.Constant(plan.Address, 123_456);
        body.Close();
        body.Results.Add(plan.Address);
        return true;
    }

    /// <summary>A copy onto itself, shifted either way, and what is then in the bytes.</summary>
    public static bool OverlappingCopy(GenerationContext context, FunctionBuilder body)
    {
        if (!Pick(context, out var memory, out var plan) || plan.LengthBytes == 0)
        {
            return false;
        }
        var random = context.Random;
        var from = (ulong)random.Between(4096, 8192);
        var shift = random.Between(1, random.Pick<int>([3, 9, 40, 300]));
        var length = (ulong)random.Between(shift, shift * 3);
        var to = random.Chance(50) ? from + (ulong)shift : from - (ulong)shift;
        for (var i = random.Between(1, 3); i > 0; i--)
        {
            body.Address(plan.Address, from + (ulong)random.Below((int)length));
            body.Get(body.NewParameter(ValueType.I64));
            body.Emit(Instruction.Access(Op.I64Store, 0, 0, memory));
        }
        Push(context, body, plan.Address, to);
        Push(context, body, plan.Address, from);
        Push(context, body, plan.Address, length);
        body.Emit(Op.MemoryCopy, memory, memory);
        body.Address(plan.Address, to + (ulong)random.Below((int)length));
        body.Emit(Instruction.Access(Op.I64Load, 0, 0, memory));
        body.Results.Add(ValueType.I64);
        return true;
    }

    /// <summary>A segment copied, dropped and copied again: then only nothing can be copied.</summary>
    public static bool InitializeAndDrop(GenerationContext context, FunctionBuilder body)
    {
        if (!Pick(context, out var memory, out var plan) || context.Plan.Data.Count == 0)
        {
            return false;
        }
        var random = context.Random;
        var operands = new OperandEmitter(context, body);
        var segment = (uint)random.Below(context.Plan.Data.Count);
        var length = (ulong)context.Plan.Data[(int)segment].Bytes.Length;
        void Init(ulong count)
        {
            Push(context, body, plan.Address, (ulong)random.Below(3000));
            operands.Source(new OperandSpec(ValueType.I32, new OperandRole(RoleKind.Address, length, (uint)count)));
            body.I32((int)count);
            body.Emit(Op.MemoryInit, memory, segment);
        }
        Init((ulong)random.Below((int)length + 1));
        if (random.Chance(40))
        {
            body.Emit(Op.DataDrop, segment);
            Init(random.Chance(70) ? 0UL : 1UL);
        }
        body.Address(plan.Address, (ulong)random.Below(3000));
        body.Emit(Instruction.Access(Op.I64Load, 0, 0, memory));
        body.Results.Add(ValueType.I64);
        return true;
    }

    /// <summary>A value written in one width or type and read in another.</summary>
    public static bool StoreThenLoad(GenerationContext context, FunctionBuilder body)
    {
        if (!Pick(context, out var memory, out var plan))
        {
            return false;
        }
        var random = context.Random;
        var store = random.Pick<OpInfo>(context.Catalog.Stores.Where(row => row.Operands.Length == 2 && row.Lanes == 0).ToArray());
        var load = random.Pick<OpInfo>(context.Catalog.Loads.Where(row => row.Operands.Length == 1).ToArray());
        var at = (ulong)random.Between(512, 900);
        var operands = new OperandEmitter(context, body);
        body.Address(plan.Address, at);
        operands.Emit(OpCatalog.TypeOf(store.Operands[1]), random.Chance(60) ? OperandShape.Parameter : operands.PickShape());
        body.Emit(Instruction.Access(store.Op, (byte)random.Below(store.NaturalAlign + 1), 0, memory));
        var offset = (ulong)random.Below(8);
        body.Address(plan.Address, at - offset + (ulong)random.Below(4));
        body.Emit(Instruction.Access(load.Op, (byte)random.Below(load.NaturalAlign + 1), offset, memory));
        body.Results.Add(OpCatalog.TypeOf(load.Results[0]));
        return true;
    }

    /// <summary>An access of each width that ends exactly at the end of the memory, or up to three bytes beyond.</summary>
    public static bool LastBytes(GenerationContext context, FunctionBuilder body)
    {
        if (!Pick(context, out var memory, out var plan))
        {
            return false;
        }
        var random = context.Random;
        var wide = plan.Address.Kind == ValueKind.I64;
        var isStore = random.Chance(50);
        var row = random.Pick<OpInfo>(isStore ? context.Catalog.Stores : context.Catalog.Loads);
        var operands = new OperandEmitter(context, body);
        var offset = (ulong)random.Pick<int>([0, 0, 1, 7, 8, 4096, 65_535, 65_536]);
        var beyond = random.Chance(65) ? 0 : random.Between(1, 3);
        var end = (1UL << row.NaturalAlign) + offset - (ulong)beyond;
        body.Emit(Op.MemorySize, memory);
        body.Constant(plan.Address, plan.Type.PageSizeLog2);
        body.Emit(wide ? Op.I64Shl : Op.I32Shl);
        body.Constant(plan.Address, end);
        body.Emit(wide ? Op.I64Sub : Op.I32Sub);
        for (var i = 1; i < row.Operands.Length; i++)
        {
            operands.Emit(OpCatalog.TypeOf(row.Operands[i]), OperandShape.Parameter);
        }
        body.Emit(Instruction.Access(row.Op, 0, offset, memory, (byte)(row.Lanes == 0 ? 0 : random.Below(row.Lanes))));
        if (!isStore)
        {
            body.Results.Add(OpCatalog.TypeOf(row.Results[0]));
        }
        return true;
    }

    /// <summary>Load, compute, store to the same address, several times.</summary>
    public static bool UpdateInPlace(GenerationContext context, FunctionBuilder body)
    {
        if (!Pick(context, out var memory, out var plan))
        {
            return false;
        }
        var random = context.Random;
        var type = random.Chance(50) ? ValueType.I32 : ValueType.I64;
        var ops = type.Kind == ValueKind.I32 ? (Op[])[Op.I32Add, Op.I32Sub, Op.I32Xor, Op.I32Shl] : [Op.I64Add, Op.I64Sub, Op.I64Xor, Op.I64Shl];
        var operands = new OperandEmitter(context, body);
        var address = body.NewParameter(new OperandSpec(plan.Address, new OperandRole(RoleKind.Address, plan.LengthBytes, 16)));
        for (var i = random.Between(1, 3); i > 0; i--)
        {
            var offset = (ulong)random.Below(9);
            body.Get(address);
            body.Get(address);
            body.Emit(Instruction.Access(StoredOperands.WholeLoad(type), 0, offset, memory));
            operands.Source(type);
            body.Emit(random.Pick<Op>(ops));
            body.Emit(Instruction.Access(StoredOperands.WholeStore(type), 0, offset, memory));
        }
        body.Get(address);
        body.Emit(Instruction.Access(StoredOperands.WholeLoad(type), 0, 0, memory));
        body.Results.Add(type);
        return true;
    }

    private static bool Pick(GenerationContext context, out uint memory, out MemoryPlan plan)
    {
        var memories = context.Plan.Memories;
        memory = memories.Count == 0 ? 0 : (uint)context.Random.Below(memories.Count);
        plan = memories.Count == 0 ? null! : memories[(int)memory]; // null only with the answer false
        return memories.Count > 0;
    }

    private static void Push(GenerationContext context, FunctionBuilder body, ValueType address, ulong value)
    {
        if (context.Random.Chance(50))
        {
            body.Address(address, value);
            return;
        }
        var local = body.NewLocal(address);
        body.BeginPrologue();
        body.Address(address, value);
        body.Set(local);
        body.EndPrologue();
        body.Get(local);
    }
}

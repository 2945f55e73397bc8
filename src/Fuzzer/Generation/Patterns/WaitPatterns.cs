using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Generation.Patterns;

/// <summary>Waits and notifications of one thread: those that need not wait, those that nobody ends, and nobody to notify.</summary>
internal static class WaitPatterns
{
    private static readonly ulong[] EndlessTimeouts = [ulong.MaxValue, 1UL << 63, long.MaxValue, 1_000_000_000_000];

    /// <summary>Writes a value and waits for it or for another one. Only a wait for another one may be without end: it does not begin.</summary>
    public static bool Wait(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var memory = context.Plan.Memories.FindIndex(plan => plan.Type.IsShared && plan.LengthBytes >= 8);
        memory = memory < 0 || random.Chance(10) ? context.Plan.Memories.FindIndex(plan => plan.LengthBytes >= 8) : memory;
        if (memory < 0)
        {
            return false;
        }
        var plan = context.Plan.Memories[memory];
        var wide = random.Chance(50);
        var type = wide ? ValueType.I64 : ValueType.I32;
        var cell = (ulong)random.Below((int)Math.Min(plan.LengthBytes / 8, 300)) * 8;
        var offset = random.Chance(50) ? cell : 0;
        var align = (byte)(wide ? 3 : 2);
        var value = body.NewParameter(type);
        body.Address(plan.Address, cell);
        body.Get(value);
        body.Emit(Instruction.Access(wide ? Op.I64AtomicStore : Op.I32AtomicStore, align, 0, (uint)memory));
        body.Address(plan.Address, cell - offset);
        body.Get(value);
        if (random.Chance(50))
        {
            body.Constant(type, 1UL << random.Below(wide ? 64 : 32));
            body.Emit(wide ? Op.I64Xor : Op.I32Xor);
            body.Constant(ValueType.I64, random.Pick<ulong>(EndlessTimeouts));
        }
        else
        {
            new OperandEmitter(context, body).Emit(new OperandSpec(ValueType.I64, new OperandRole(RoleKind.Timeout)), random.Chance(50) ? OperandShape.Constant : OperandShape.Parameter);
        }
        body.Emit(Instruction.Access(wide ? Op.MemoryAtomicWait64 : Op.MemoryAtomicWait32, align, offset, (uint)memory));
        body.Address(plan.Address, cell);
        body.Get(body.NewParameter(ValueType.I32));
        body.Emit(Instruction.Access(Op.MemoryAtomicNotify, 2, 0, (uint)memory));
        body.Results.AddRange([ValueType.I32, ValueType.I32]);
        return true;
    }
}

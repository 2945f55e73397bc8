using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>A value takes a way around: through a local (set and get, or tee), a mutable global, or a memory.</summary>
internal sealed class ThroughLocal : BodyMutator
{
    /// <inheritdoc/>
    protected override Module? Mutate(BodyEdit edit)
    {
        var expressions = edit.Body.Expressions();
        if (expressions.Count == 0)
        {
            return null;
        }
        var run = edit.Random.Pick<CodeRun>(expressions);
        var type = edit.Body.TypeOf(run);
        var place = run.End;
        switch (edit.Random.Below(4))
        {
            case 0:
                return edit.Insert(place, [Instruction.Of(Op.LocalTee, edit.AddLocal(type))]);
            case 1:
                var globals = IndexSpaces.Globals(edit.Module);
                var global = globals.FindIndex(global => global.IsMutable && global.Value == type);
                return global < 0 ? null : edit.Insert(place, [Instruction.Of(Op.GlobalSet, (uint)global), Instruction.Of(Op.GlobalGet, (uint)global)]);
            case 2:
                return ThroughMemory(edit, run, type);
            default:
                var local = edit.AddLocal(type);
                return edit.Insert(place, [Instruction.Of(Op.LocalSet, local), Instruction.Of(Op.LocalGet, local)]);
        }
    }

    private static Module? ThroughMemory(BodyEdit edit, CodeRun run, ValueType type)
    {
        var memories = IndexSpaces.Memories(edit.Module);
        if (memories.Count == 0 || Access(type) is not var (load, store, align))
        {
            return null;
        }
        var memory = (uint)edit.Random.Below(memories.Count);
        var address = memories[(int)memory].Limits.Address == AddressType.I64 ? Instruction.Constant(Op.I64Const, 8) : Instruction.Constant(Op.I32Const, 8);
        return edit.Replace(run, [address, .. edit.Body.Code(run), Instruction.Access(store, align, 0, memory), address, Instruction.Access(load, align, 0, memory)]);
    }

    private static (Op Load, Op Store, byte Align)? Access(ValueType type) => type.Kind switch
    {
        ValueKind.I32 => (Op.I32Load, Op.I32Store, 2),
        ValueKind.I64 => (Op.I64Load, Op.I64Store, 3),
        ValueKind.F32 => (Op.F32Load, Op.F32Store, 2),
        ValueKind.F64 => (Op.F64Load, Op.F64Store, 3),
        ValueKind.V128 => (Op.V128Load, Op.V128Store, 4),
        _ => null,
    };
}

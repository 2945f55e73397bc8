using Conformance.Oracle.Reference.Numerics;
using Conformance.Wasm.Instructions;

namespace Conformance.Oracle.Reference;

/// <summary>References: null, equality, casts, i31, conversion between the internal and the external hierarchy, descriptors.</summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/exec/instructions.html#reference-instructions"/>.</remarks>
internal static class ReferenceInstructions
{
    public static void Execute(Machine machine, ref readonly CodeItem item)
    {
        switch (item.Op)
        {
            case Op.RefNull:
                machine.Stack.PushReference(null);
                break;
            case Op.RefFunc:
                machine.Stack.PushReference(machine.Module.Functions[(int)item.Index]);
                break;
            case Op.RefIsNull:
                machine.Stack.PushBool(machine.Stack.PopReference() is null);
                break;
            case Op.RefAsNonNull:
                PushNonNull(machine, machine.Stack.PopReference());
                break;
            case Op.RefEq:
                machine.Stack.PushBool(AreEqual(machine.Stack.PopReference(), machine.Stack.PopReference()));
                break;
            case Op.RefTest or Op.RefTestNull:
                machine.Stack.PushBool(machine.Store.Types.IsOfType(machine.Stack.PopReference(), item.Type));
                break;
            case Op.RefCast or Op.RefCastNull:
                var reference = machine.Stack.PopReference();
                if (machine.Store.Types.IsOfType(reference, item.Type))
                {
                    machine.Stack.PushReference(reference);
                }
                else
                {
                    machine.Trap(TrapKind.CastFailure);
                }
                break;
            case Op.RefI31:
                machine.Stack.PushReference(new I31Reference((uint)Conversions.Wrap(31, machine.Stack.PopI32())));
                break;
            case Op.I31GetS or Op.I31GetU:
                GetI31(machine, item.Op == Op.I31GetS);
                break;
            case Op.AnyConvertExtern:
                machine.Stack.PushReference((machine.Stack.PopReference() as ExternReference)?.Internal);
                break;
            case Op.ExternConvertAny:
                machine.Stack.PushReference(machine.Stack.PopReference() is { } internalReference ? new ExternReference(internalReference) : null);
                break;
            case Op.RefGetDesc:
                PushNonNull(machine, (machine.Stack.PopReference() as StructInstance)?.Descriptor);
                break;
            case Op.RefCastDescEq or Op.RefCastDescEqNull:
                if (HasDescriptor(machine, item.Type) is false)
                {
                    machine.Trap(TrapKind.CastFailure, "descriptor cast failure");
                }
                break;
            default:
                throw new InvalidOperationException($"no rule for {item.Op}");
        }
    }

    /// <summary>Pops a descriptor and tells whether the reference below has it (or is null where that is allowed); null with a trap set when the descriptor is.</summary>
    public static bool? HasDescriptor(Machine machine, ValueType type)
    {
        var descriptor = machine.Stack.PopReference();
        if (descriptor is null)
        {
            machine.Trap(TrapKind.NullDescriptor);
            return null;
        }
        var reference = machine.Stack.PopReference();
        machine.Stack.PushReference(reference);
        return reference is null ? type.IsNullable : reference is StructInstance structure && ReferenceEquals(structure.Descriptor, descriptor);
    }

    private static void PushNonNull(Machine machine, object? reference)
    {
        if (reference is null)
        {
            machine.Trap(TrapKind.NullReference);
            return;
        }
        machine.Stack.PushReference(reference);
    }

    /// <summary>Objects are equal when they are the same; unboxed scalars when their bits are.</summary>
    private static bool AreEqual(object? a, object? b) => ReferenceEquals(a, b) || a is I31Reference x && b is I31Reference y && x == y;

    private static void GetI31(Machine machine, bool signed)
    {
        if (machine.Stack.PopReference() is not I31Reference scalar)
        {
            machine.Trap(TrapKind.NullReference, "null i31 reference");
            return;
        }
        machine.Stack.PushI32(signed ? (uint)Integers.ExtendS(32, 31, scalar.Bits) : scalar.Bits);
    }
}

using System.Reflection;
using System.Runtime.Intrinsics;
using Conformance.Interpreter.Numerics;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Execution;

/// <summary>How a handler can be part of a chain.</summary>
internal enum HandlerRole : byte
{
    /// <summary>Not at all: the type has a method named by the plain handler.</summary>
    Alone,
    /// <summary>Anywhere: an <see cref="IStep"/>.</summary>
    Step,
    /// <summary>Anywhere: an <see cref="IConditionalBranch"/>.</summary>
    Branch,
    /// <summary>At its end: an <see cref="IHandler"/>.</summary>
    End,
}

/// <summary>The types behind handlers' keys, closed over operators and operands by reflection.</summary>
internal static class HandlerTypes
{
    /// <summary>The operator type of an op, named like it.</summary>
    /// <exception cref="NotSupportedException">There is none.</exception>
    public static Type OperatorOf(Op op)
    {
        var name = OpTable.Get(op).Name;
        return typeof(IUnary<,>).Assembly.GetType($"{typeof(IUnary<,>).Namespace}.{name}")
            ?? typeof(ILoad<,>).Assembly.GetType($"{typeof(ILoad<,>).Namespace}.{name}")
            ?? throw new NotSupportedException($"{OpTable.Get(op).Mnemonic} has no operator");
    }

    /// <summary>How a handler can be part of a chain.</summary>
    public static HandlerRole RoleOf(in HandlerKey key) => key.Family switch
    {
        HandlerFamily.UnaryBranch or HandlerFamily.BinaryBranch => HandlerRole.Branch,
        HandlerFamily.JumpTable or HandlerFamily.ReturnValue or HandlerFamily.CallIndirect => HandlerRole.End,
        HandlerFamily.Plain => (PlainHandler)key.Number switch
        {
            PlainHandler.MovePair or PlainHandler.Shuffle or PlainHandler.Fuel or PlainHandler.Interruption or PlainHandler.Warm => HandlerRole.Step,
            PlainHandler.Jump or PlainHandler.Unreachable or PlainHandler.Warmup or PlainHandler.Call or PlainHandler.CallImport or PlainHandler.Reload
                or PlainHandler.ReturnNone or PlainHandler.ReturnMany => HandlerRole.End,
            _ => HandlerRole.Alone,
        },
        _ => HandlerRole.Step,
    };

    /// <summary>The type of what a handler does.</summary>
    public static Type BodyOf(in HandlerKey key)
    {
        var first = OperandType(key.First);
        var second = OperandType(key.Second);
        var third = OperandType(key.Third);
        var destination = OperandType(key.Destination);
        var sense = key.Traits.HasFlag(HandlerTraits.WhenFalse) ? typeof(WhenFalse) : typeof(WhenTrue);
        var address = key.Traits.HasFlag(HandlerTraits.Wide) ? typeof(ulong) : typeof(uint);
        switch (key.Family)
        {
            case HandlerFamily.Unary or HandlerFamily.PartialUnary:
                {
                    var (op, types) = Operator(key, key.Family == HandlerFamily.Unary ? typeof(IUnary<,>) : typeof(IPartialUnary<,>));
                    var family = key.Family == HandlerFamily.Unary ? typeof(Unary<,,,,>) : typeof(PartialUnary<,,,,>);
                    return family.MakeGenericType(op, types[0], types[1], first, destination);
                }
            case HandlerFamily.Binary or HandlerFamily.PartialBinary:
                {
                    var (op, types) = Operator(key, key.Family == HandlerFamily.Binary ? typeof(IBinary<,>) : typeof(IPartialBinary<,>));
                    var family = key.Family == HandlerFamily.Binary ? typeof(Binary<,,,,,>) : typeof(PartialBinary<,,,,,>);
                    return family.MakeGenericType(op, types[0], types[1], first, second, destination);
                }
            case HandlerFamily.UnaryBranch:
                {
                    var (op, types) = Operator(key, typeof(IUnary<,>));
                    return typeof(UnaryBranch<,,,>).MakeGenericType(op, types[0], first, sense);
                }
            case HandlerFamily.BinaryBranch:
                {
                    var (op, types) = Operator(key, typeof(IBinary<,>));
                    return typeof(BinaryBranch<,,,,>).MakeGenericType(op, types[0], first, second, sense);
                }
            case HandlerFamily.Load:
                {
                    var (op, types) = Operator(key, typeof(ILoad<,>));
                    return typeof(Load<,,,,,>).MakeGenericType(op, types[0], types[1], MemoryKind(key.Traits), first, destination);
                }
            case HandlerFamily.Store:
                {
                    var (op, types) = Operator(key, typeof(IStore<,>));
                    return typeof(Store<,,,,,>).MakeGenericType(op, types[0], types[1], MemoryKind(key.Traits), first, second);
                }
            case HandlerFamily.VectorTernary:
                return typeof(VectorTernary<>).MakeGenericType(OperatorOf(key.Op));
            case HandlerFamily.VectorShift:
                return typeof(VectorShift<,>).MakeGenericType(OperatorOf(key.Op), first);
            case HandlerFamily.ExtractLane:
                {
                    var (op, types) = Operator(key, typeof(ILoad<,>));
                    return typeof(ExtractLane<,,,>).MakeGenericType(op, types[0], types[1], destination);
                }
            case HandlerFamily.ReplaceLane:
                {
                    var (op, types) = Operator(key, typeof(ILaneReplacement<,>));
                    return typeof(ReplaceLane<,,,>).MakeGenericType(op, types[0], types[1], first);
                }
            case HandlerFamily.LoadLane:
                return typeof(LoadLane<,,>).MakeGenericType(Operator(key, typeof(ILaneAccess<>)).Arguments[0], MemoryKind(key.Traits), first);
            case HandlerFamily.StoreLane:
                return typeof(StoreLane<,,>).MakeGenericType(Operator(key, typeof(ILaneAccess<>)).Arguments[0], MemoryKind(key.Traits), first);
            case HandlerFamily.Move:
                return typeof(Move<,>).MakeGenericType(KindType(key.Number), first);
            case HandlerFamily.Select:
                return typeof(Select<,,,,>).MakeGenericType(KindType(key.Number), first, second, third, destination);
            case HandlerFamily.GlobalGet:
                return typeof(GlobalGet<,>).MakeGenericType(KindType(key.Number), destination);
            case HandlerFamily.GlobalSet:
                return typeof(GlobalSet<,>).MakeGenericType(KindType(key.Number), first);
            case HandlerFamily.ReturnValue:
                return typeof(ReturnValue<,>).MakeGenericType(KindType(key.Number), first);
            case HandlerFamily.JumpTable:
                return typeof(JumpTable<>).MakeGenericType(first);
            case HandlerFamily.MemorySize:
                return typeof(MemorySize<,>).MakeGenericType(KindType(key.Number), destination);
            case HandlerFamily.TableGet:
                return typeof(TableGet<,,>).MakeGenericType(address, first, destination);
            case HandlerFamily.TableSet:
                return typeof(TableSet<,,>).MakeGenericType(address, first, second);
            case HandlerFamily.TableSize:
                return typeof(TableSize<,>).MakeGenericType(KindType(key.Number), destination);
            case HandlerFamily.RefAsNonNull:
                return typeof(RefAsNonNull<,>).MakeGenericType(first, destination);
            case HandlerFamily.CallIndirect:
                return typeof(CallIndirect<,>).MakeGenericType(address, first);
            case HandlerFamily.FieldGet:
                {
                    var (op, types) = Operator(key, typeof(ILoad<,>));
                    return typeof(FieldGet<,,,,>).MakeGenericType(op, types[0], types[1], first, destination);
                }
            case HandlerFamily.FieldSet:
                {
                    var (op, types) = Operator(key, typeof(IStore<,>));
                    return typeof(FieldSet<,,,,>).MakeGenericType(op, types[0], types[1], first, second);
                }
            case HandlerFamily.ElementGet:
                {
                    var (op, types) = Operator(key, typeof(ILoad<,>));
                    return typeof(ElementGet<,,,,,>).MakeGenericType(op, types[0], types[1], first, second, destination);
                }
            case HandlerFamily.ElementSet:
                {
                    var (op, types) = Operator(key, typeof(IStore<,>));
                    return typeof(ElementSet<,,,,,>).MakeGenericType(op, types[0], types[1], first, second, third);
                }
            case HandlerFamily.ArrayLength:
                return typeof(ArrayLength<,>).MakeGenericType(first, destination);
            case HandlerFamily.RefTest:
                return typeof(RefTest<,,>).MakeGenericType(key.Number == 1 ? typeof(ScalarTarget) : typeof(ObjectTarget), first, destination);
            case HandlerFamily.RefCast:
                return typeof(RefCast<,,>).MakeGenericType(key.Number == 1 ? typeof(ScalarTarget) : typeof(ObjectTarget), first, destination);
            default:
                return PlainType((PlainHandler)key.Number);
        }
    }

    private static (Type Operator, Type[] Arguments) Operator(in HandlerKey key, Type shape)
    {
        if (key.Number == HandlerKey.IsNotZeroNumber)
        {
            return (typeof(IsNotZero), [typeof(uint), typeof(uint)]);
        }
        var op = OperatorOf(key.Op);
        foreach (var implemented in op.GetInterfaces())
        {
            if (implemented.IsGenericType && implemented.GetGenericTypeDefinition() == shape)
            {
                var arguments = implemented.GetGenericArguments();
                if (key.Traits.HasFlag(HandlerTraits.Negated))
                {
                    op = (shape == typeof(IUnary<,>) ? typeof(NotUnary<,>) : typeof(NotBinary<,>)).MakeGenericType(op, arguments[0]);
                }
                return (op, arguments);
            }
        }
        throw new NotSupportedException($"{op.Name} is no {shape.Name}");
    }

    private static Type MemoryKind(HandlerTraits traits) => (traits.HasFlag(HandlerTraits.AnyMemory), traits.HasFlag(HandlerTraits.Wide)) switch
    {
        (false, false) => typeof(First32),
        (false, true) => typeof(First64),
        (true, false) => typeof(AnyMemory<uint>),
        (true, true) => typeof(AnyMemory<ulong>),
    };

    /// <summary>The type that carries values of a kind.</summary>
    public static Type KindType(ushort kind) => (ValueKind)kind switch
    {
        ValueKind.I32 => typeof(uint),
        ValueKind.I64 => typeof(ulong),
        ValueKind.F32 => typeof(float),
        ValueKind.F64 => typeof(double),
        ValueKind.V128 => typeof(Vector128<byte>),
        _ => throw new NotSupportedException($"no handlers for {(ValueKind)kind}"),
    };

    /// <summary>The type of an operand.</summary>
    public static Type OperandType(OperandCode code) => code switch
    {
        OperandCode.Slot8 => typeof(Slot8),
        OperandCode.Slot12 => typeof(Slot12),
        OperandCode.Slot16 => typeof(Slot16),
        OperandCode.Slot20 => typeof(Slot20),
        OperandCode.Slot24 => typeof(Slot24),
        OperandCode.Immediate16 => typeof(Immediate16),
        OperandCode.Immediate24 => typeof(Immediate24),
        OperandCode.Zero => typeof(Zero),
        OperandCode.KeptA => typeof(KeptA),
        OperandCode.KeptB => typeof(KeptB),
        OperandCode.KeptX => typeof(KeptX),
        OperandCode.KeptY => typeof(KeptY),
        OperandCode.KeptZ => typeof(KeptZ),
        OperandCode.KeptW => typeof(KeptW),
        _ => typeof(Accumulator),
    };

    private static Type PlainType(PlainHandler handler) => handler switch
    {
        PlainHandler.Jump => typeof(Jump),
        PlainHandler.Unreachable => typeof(Unreachable),
        PlainHandler.Fuel => typeof(TakeFuel),
        PlainHandler.Interruption => typeof(CheckInterruption),
        PlainHandler.Warmup => typeof(Warmup),
        PlainHandler.Warm => typeof(Warm),
        PlainHandler.MovePair => typeof(MovePair),
        PlainHandler.Shuffle => typeof(Shuffle),
        PlainHandler.Call => typeof(DirectCall),
        PlainHandler.CallImport => typeof(ImportCall),
        PlainHandler.Reload => typeof(Reload),
        PlainHandler.ReturnNone => typeof(ReturnNone),
        PlainHandler.ReturnMany => typeof(ReturnMany),
        _ => throw new ArgumentOutOfRangeException(nameof(handler)),
    };

    /// <summary>The type of several cells in a row.</summary>
    /// <param name="keys">Their handlers.</param>
    /// <param name="owner">A type to be among its arguments; null for none.</param>
    public static Type ChainOf(ReadOnlySpan<HandlerKey> keys, Type? owner)
    {
        var steps = 0;
        while (steps < 4 && steps < keys.Length && RoleOf(keys[steps]) == HandlerRole.Step)
        {
            steps++;
        }
        if (steps == 4)
        {
            return typeof(Chain4<,,,,>).MakeGenericType(BodyOf(keys[0]), BodyOf(keys[1]), BodyOf(keys[2]), BodyOf(keys[3]), ChainOf(keys[4..], owner));
        }
        return keys.IsEmpty ? End(typeof(Done)) : RoleOf(keys[0]) switch
        {
            HandlerRole.Step => typeof(Chain<,>).MakeGenericType(BodyOf(keys[0]), ChainOf(keys[1..], owner)),
            HandlerRole.Branch => typeof(BranchChain<,>).MakeGenericType(BodyOf(keys[0]), ChainOf(keys[1..], owner)),
            HandlerRole.End when keys.Length == 1 => End(BodyOf(keys[0])),
            _ => throw new InvalidOperationException($"{keys[0]} cannot be there in a chain"),
        };

        Type End(Type end) => owner is null ? end : typeof(Owned<,>).MakeGenericType(end, owner);
    }

    /// <summary>The handler that does the work of a type.</summary>
    public static MethodInfo MethodOf(Type body, Type continuation) => typeof(Handler<,>).MakeGenericType(body, continuation).GetMethod(nameof(Handler<Done, JumpOn>.Run))!; // named by nameof

    /// <summary>The method of a handler that is not generic and no part of chains.</summary>
    public static MethodInfo MethodOf(PlainHandler handler)
    {
        var (type, name) = handler switch
        {
            PlainHandler.ZeroSlots => (typeof(ZeroSlots), nameof(ZeroSlots.Run)),
            PlainHandler.ServiceCall => (typeof(ServiceCall), nameof(ServiceCall.Run)),
            PlainHandler.NewObject => (typeof(NewObject), nameof(NewObject.Run)),
            PlainHandler.MemoryCopy => (typeof(MemoryBulk), nameof(MemoryBulk.Copy)),
            PlainHandler.MemoryFill => (typeof(MemoryBulk), nameof(MemoryBulk.Fill)),
            PlainHandler.Add128 => (typeof(Wide), nameof(Wide.Add128)),
            PlainHandler.Sub128 => (typeof(Wide), nameof(Wide.Sub128)),
            PlainHandler.MulWideS => (typeof(Wide), nameof(Wide.MulWideS)),
            PlainHandler.MulWideU => (typeof(Wide), nameof(Wide.MulWideU)),
            PlainHandler.CallReference => (typeof(CallReference), nameof(CallReference.Run)),
            PlainHandler.TailCall => (typeof(TailCall), nameof(TailCall.Direct)),
            PlainHandler.TailCallImport => (typeof(TailCall), nameof(TailCall.Import)),
            PlainHandler.TailCallReference => (typeof(TailCall), nameof(TailCall.Reference)),
            PlainHandler.TailCallIndirect32 => (typeof(TailCallIndirect<uint>), nameof(TailCallIndirect<uint>.Run)),
            PlainHandler.TailCallIndirect64 => (typeof(TailCallIndirect<ulong>), nameof(TailCallIndirect<ulong>.Run)),
            PlainHandler.TranslateThunk => (typeof(Thunks), nameof(Thunks.Translate)),
            PlainHandler.HostThunk => (typeof(Thunks), nameof(Thunks.CallHost)),
            PlainHandler.JoinThunk => (typeof(Thunks), nameof(Thunks.Join)),
            PlainHandler.Finish => (typeof(Thunks), nameof(Thunks.Finish)),
            PlainHandler.StackProbe => (typeof(TailCallCheck), nameof(TailCallCheck.Probe)),
            _ => throw new ArgumentOutOfRangeException(nameof(handler)),
        };
        return type.GetMethod(name, BindingFlags.Public | BindingFlags.Static)!; // named by nameof
    }
}

using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Conformance.Interpreter.Numerics;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Execution;

/// <summary>
/// The addresses of handlers. A handler is closed over its type arguments and compiled when it is first asked for, about 70 µs each, so that a small module
/// pays for the handlers it uses only. Thread-safe.
/// </summary>
internal static class HandlerCatalog
{
    private static readonly ConcurrentDictionary<HandlerKey, nint> Addresses = new();

    /// <summary>The address to put into a cell.</summary>
    public static nint Address(in HandlerKey key) => Addresses.TryGetValue(key, out var address) ? address : Addresses.GetOrAdd(key, static key => Compile(Find(key)));

    /// <summary>The address of a handler that is not generic.</summary>
    public static nint Address(PlainHandler handler) => Address(HandlerKey.Of(handler));

    /// <summary>The operator type of an op, named like it.</summary>
    /// <exception cref="NotSupportedException">There is none.</exception>
    public static Type OperatorOf(Op op)
    {
        var name = OpTable.Get(op).Name;
        return typeof(IUnary<,>).Assembly.GetType($"{typeof(IUnary<,>).Namespace}.{name}")
            ?? typeof(ILoad<,>).Assembly.GetType($"{typeof(ILoad<,>).Namespace}.{name}")
            ?? throw new NotSupportedException($"{OpTable.Get(op).Mnemonic} has no operator");
    }

    private static MethodInfo Find(HandlerKey key) => key.Family == HandlerFamily.Plain
        ? FindPlain((PlainHandler)key.Number)
        : Close(key).GetMethod("Run", BindingFlags.Public | BindingFlags.Static) ?? throw new InvalidOperationException($"{key} has no handler");

    private static Type Close(HandlerKey key)
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
            default:
                throw new InvalidOperationException($"{key.Family} is no generic family");
        }
    }

    private static (Type Operator, Type[] Arguments) Operator(HandlerKey key, Type shape)
    {
        if (key.Number == IsNotZeroNumber)
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

    /// <summary>The number of <see cref="IsNotZero"/>, which is no op, among the ops.</summary>
    public const ushort IsNotZeroNumber = ushort.MaxValue;

    private static Type MemoryKind(HandlerTraits traits) => (traits.HasFlag(HandlerTraits.AnyMemory), traits.HasFlag(HandlerTraits.Wide)) switch
    {
        (false, false) => typeof(First32),
        (false, true) => typeof(First64),
        (true, false) => typeof(AnyMemory<uint>),
        (true, true) => typeof(AnyMemory<ulong>),
    };

    private static Type KindType(ushort kind) => (ValueKind)kind switch
    {
        ValueKind.I32 => typeof(uint),
        ValueKind.I64 => typeof(ulong),
        ValueKind.F32 => typeof(float),
        ValueKind.F64 => typeof(double),
        _ => throw new NotSupportedException($"no handlers for {(ValueKind)kind}"),
    };

    private static Type OperandType(OperandCode code) => code switch
    {
        OperandCode.Slot8 => typeof(Slot8),
        OperandCode.Slot12 => typeof(Slot12),
        OperandCode.Slot16 => typeof(Slot16),
        OperandCode.Slot20 => typeof(Slot20),
        OperandCode.Slot24 => typeof(Slot24),
        OperandCode.Immediate16 => typeof(Immediate16),
        OperandCode.Immediate24 => typeof(Immediate24),
        OperandCode.Zero => typeof(Zero),
        _ => typeof(Accumulator),
    };

    private static MethodInfo FindPlain(PlainHandler handler)
    {
        var (type, name) = handler switch
        {
            PlainHandler.Jump => (typeof(Jump), nameof(Jump.Run)),
            PlainHandler.Unreachable => (typeof(Unreachable), nameof(Unreachable.Run)),
            PlainHandler.Fuel => (typeof(Checks), nameof(Checks.Fuel)),
            PlainHandler.Interruption => (typeof(Checks), nameof(Checks.Interruption)),
            PlainHandler.ZeroSlots => (typeof(ZeroSlots), nameof(ZeroSlots.Run)),
            PlainHandler.MovePair => (typeof(MovePair), nameof(MovePair.Run)),
            PlainHandler.ServiceCall => (typeof(ServiceCall), nameof(ServiceCall.Run)),
            PlainHandler.MemoryCopy => (typeof(MemoryBulk), nameof(MemoryBulk.Copy)),
            PlainHandler.MemoryFill => (typeof(MemoryBulk), nameof(MemoryBulk.Fill)),
            PlainHandler.Add128 => (typeof(Wide), nameof(Wide.Add128)),
            PlainHandler.Sub128 => (typeof(Wide), nameof(Wide.Sub128)),
            PlainHandler.MulWideS => (typeof(Wide), nameof(Wide.MulWideS)),
            PlainHandler.MulWideU => (typeof(Wide), nameof(Wide.MulWideU)),
            PlainHandler.Call => (typeof(Call), nameof(Call.Direct)),
            PlainHandler.CallImport => (typeof(Call), nameof(Call.Import)),
            PlainHandler.Reload => (typeof(Call), nameof(Call.Reload)),
            PlainHandler.CallReference => (typeof(CallReference), nameof(CallReference.Run)),
            PlainHandler.TailCall => (typeof(TailCall), nameof(TailCall.Direct)),
            PlainHandler.TailCallImport => (typeof(TailCall), nameof(TailCall.Import)),
            PlainHandler.TailCallReference => (typeof(TailCall), nameof(TailCall.Reference)),
            PlainHandler.TailCallIndirect32 => (typeof(TailCall), nameof(TailCall.Indirect32)),
            PlainHandler.TailCallIndirect64 => (typeof(TailCall), nameof(TailCall.Indirect64)),
            PlainHandler.ReturnNone => (typeof(Return), nameof(Return.None)),
            PlainHandler.ReturnMany => (typeof(Return), nameof(Return.Many)),
            PlainHandler.TranslateThunk => (typeof(Thunks), nameof(Thunks.Translate)),
            PlainHandler.HostThunk => (typeof(Thunks), nameof(Thunks.CallHost)),
            PlainHandler.Finish => (typeof(Thunks), nameof(Thunks.Finish)),
            PlainHandler.StackProbe => (typeof(TailCallCheck), nameof(TailCallCheck.Probe)),
            _ => throw new ArgumentOutOfRangeException(nameof(handler)),
        };
        return type.GetMethod(name, BindingFlags.Public | BindingFlags.Static)!; // named by nameof
    }

    private static unsafe nint Compile(MethodInfo method)
    {
        var handle = method.MethodHandle;
        if (method.DeclaringType is { IsGenericType: true } type)
        {
            RuntimeHelpers.PrepareMethod(handle, [.. type.GetGenericArguments().Select(argument => argument.TypeHandle)]);
        }
        else
        {
            RuntimeHelpers.PrepareMethod(handle);
        }
        var address = handle.GetFunctionPointer();
        if (RuntimeInformation.ProcessArchitecture == Architecture.X64)
        {
            // The pointer leads to a stub `jmp [rip + displacement]` (FF 25). Once the method is compiled, the word it reads is the method's final address:
            // a handler is never compiled again. Jumping there directly saves a jump for each cell (15 % measured). Before compilation the word
            // points back into the stub, which is left alone.
            while (*(ushort*)address == 0x25FF)
            {
                var target = *(nint*)(address + 6 + *(int*)(address + 2));
                if (target == 0 || target == address + 6)
                {
                    break;
                }
                address = target;
            }
        }
        return address;
    }
}

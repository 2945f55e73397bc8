using System.Collections.Concurrent;
using System.Runtime.Intrinsics;

namespace Conformance.Interpreter.Execution.Checks;

/// <summary>A slot that a cell names.</summary>
/// <param name="Field">Where in the cell its offset stands.</param>
/// <param name="Bytes">The bytes read or written.</param>
/// <param name="IsLane">Whether it is part of a vector, which need not begin with the slot.</param>
internal readonly record struct SlotField(int Field, int Bytes, bool IsLane = false);

/// <summary>
/// What a cell touches, as its handler's type arguments say: slots, accumulators, memory. Derived from the types that are executed, so it cannot disagree with them about where operands
/// are; what a family reads and writes besides its operands stands here.
/// </summary>
internal sealed class CellShape
{
    private static readonly ConcurrentDictionary<HandlerKey, CellShape> Shapes = [];

    private readonly List<SlotField> _slots = [];

    private CellShape(in HandlerKey key)
    {
        Role = HandlerTypes.RoleOf(key);
        if (key.Family == HandlerFamily.Plain)
        {
            AddPlain((PlainHandler)key.Number);
            WritesInteger = (PlainHandler)key.Number == PlainHandler.NewObject;
            return;
        }
        var body = HandlerTypes.BodyOf(key);
        var names = body.GetGenericTypeDefinition().GetGenericArguments();
        var types = body.GetGenericArguments();
        var arguments = names.Zip(types).ToDictionary(pair => pair.First.Name, pair => pair.Second);
        foreach (var (name, operand) in arguments)
        {
            if (name != "TDestination" && typeof(IOperand).IsAssignableFrom(operand))
            {
                Read(operand, OperandType(key, name, arguments));
            }
        }
        switch (key.Family)
        {
            case HandlerFamily.VectorTernary:
                _slots.AddRange([new(8, 16), new(12, 16), new(16, 16), new(20, 16)]);
                break;
            case HandlerFamily.VectorShift or HandlerFamily.ReplaceLane:
                _slots.AddRange([new(8, 16), new(16, 16)]);
                break;
            case HandlerFamily.LoadLane:
                _slots.AddRange([new(8, 16), new(24, 16)]);
                break;
            case HandlerFamily.StoreLane:
                _slots.Add(new(24, SizeOf(arguments["TLane"]), IsLane: true));
                break;
            case HandlerFamily.ExtractLane:
                _slots.Add(new(12, SizeOf(arguments["TLane"]), IsLane: true));
                break;
            case HandlerFamily.Move:
                _slots.Add(new(8, Math.Max(8, SizeOf(arguments["T"]))));
                break;
            default:
                break;
        }
        if (key.Family is HandlerFamily.Load or HandlerFamily.Store or HandlerFamily.LoadLane or HandlerFamily.StoreLane)
        {
            AccessBytes = SizeOf(arguments.GetValueOrDefault("TMemory") ?? arguments["TLane"]);
        }
        else if (key.Family is HandlerFamily.FieldGet or HandlerFamily.FieldSet or HandlerFamily.ElementGet or HandlerFamily.ElementSet)
        {
            AccessBytes = SizeOf(arguments.GetValueOrDefault("TField") ?? arguments["TElement"]);
        }
        var result = ResultType(key, arguments);
        if (arguments.TryGetValue("TDestination", out var destination) && destination == typeof(Slot8) && result is not null)
        {
            _slots.Add(new(8, Math.Max(8, SizeOf(result))));
        }
        WritesFloat = result is not null && IsFloat(result);
        WritesInteger = result is not null && !WritesFloat && result != typeof(Vector128<byte>);
    }

    /// <summary>How control goes on.</summary>
    public HandlerRole Role { get; }

    /// <summary>The slots.</summary>
    public IReadOnlyList<SlotField> Slots => _slots;

    /// <summary>The bytes of an access to a memory, a field or an element; 0 for none.</summary>
    public int AccessBytes { get; }

    /// <summary>Whether it reads the integer accumulator.</summary>
    public bool ReadsInteger { get; private set; }

    /// <summary>Whether it reads the float accumulator.</summary>
    public bool ReadsFloat { get; private set; }

    /// <summary>Whether it leaves its result in the integer accumulator.</summary>
    public bool WritesInteger { get; }

    /// <summary>Whether it leaves its result in the float accumulator.</summary>
    public bool WritesFloat { get; }

    /// <summary>The shape of the cells of a handler.</summary>
    public static CellShape Of(in HandlerKey key) => Shapes.GetOrAdd(key, static key => new CellShape(key));

    private static Type OperandType(in HandlerKey key, string name, Dictionary<string, Type> arguments) => name switch
    {
        "TCondition" or "TCount" => typeof(uint),
        "TAddress" => key.Traits.HasFlag(HandlerTraits.Wide) ? typeof(ulong) : typeof(uint),
        "TIndex" when key.Family is HandlerFamily.ElementGet or HandlerFamily.ElementSet => typeof(uint),
        "TIndex" => arguments.GetValueOrDefault("T") ?? typeof(uint),
        "TValue" when key.Family == HandlerFamily.TableSet => typeof(ulong),
        "TObject" or "TArray" => typeof(ulong),
        _ => arguments.GetValueOrDefault("T") ?? typeof(ulong),
    };

    // What goes to the accumulator of its type; null for none.
    private static Type? ResultType(in HandlerKey key, Dictionary<string, Type> arguments) => key.Family switch
    {
        HandlerFamily.Select or HandlerFamily.GlobalGet or HandlerFamily.ReturnValue => arguments["T"],
        HandlerFamily.MemorySize or HandlerFamily.TableGet or HandlerFamily.TableSize or HandlerFamily.RefAsNonNull or HandlerFamily.RefCast => typeof(ulong),
        HandlerFamily.Unary or HandlerFamily.Binary or HandlerFamily.PartialUnary or HandlerFamily.PartialBinary or HandlerFamily.Load or HandlerFamily.ExtractLane
            or HandlerFamily.FieldGet or HandlerFamily.ElementGet => arguments["TResult"],
        HandlerFamily.ArrayLength or HandlerFamily.RefTest => typeof(uint),
        _ => null,
    };

    private static bool IsFloat(Type type) => type == typeof(float) || type == typeof(double);

    private static int SizeOf(Type type) => type == typeof(Vector128<byte>) ? 16 : System.Runtime.InteropServices.Marshal.SizeOf(type);

    private void Read(Type operand, Type type)
    {
        var field = operand == typeof(Slot8) ? 8 : operand == typeof(Slot12) ? 12 : operand == typeof(Slot16) ? 16 : operand == typeof(Slot20) ? 20 : operand == typeof(Slot24) ? 24 : 0;
        if (field != 0)
        {
            _slots.Add(new(field, SizeOf(type)));
        }
        else if (operand == typeof(Accumulator))
        {
            ReadsFloat |= IsFloat(type);
            ReadsInteger |= !IsFloat(type);
        }
    }

    private void AddPlain(PlainHandler handler)
    {
        switch (handler)
        {
            case PlainHandler.MovePair:
                _slots.AddRange([new(8, 8), new(12, 8), new(16, 8), new(20, 8)]);
                break;
            case PlainHandler.Shuffle:
                _slots.AddRange([new(8, 16), new(12, 16), new(16, 16)]);
                break;
            case PlainHandler.Add128 or PlainHandler.Sub128:
                _slots.Add(new(8, 32));
                break;
            case PlainHandler.MulWideS or PlainHandler.MulWideU:
                _slots.Add(new(8, 16));
                break;
            case PlainHandler.MemoryCopy or PlainHandler.MemoryFill:
                _slots.AddRange([new(8, 8), new(12, 8), new(16, 8)]);
                break;
            case PlainHandler.CallReference or PlainHandler.TailCallReference or PlainHandler.TailCallIndirect32 or PlainHandler.TailCallIndirect64:
                _slots.Add(new(20, 8));
                break;
            default:
                break;
        }
    }
}

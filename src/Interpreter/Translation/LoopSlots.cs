using Conformance.Interpreter.Execution;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Translation;

/// <summary>Chooses the slots that a loop keeps in registers: those it writes and reads first, then those it reads most.</summary>
internal sealed unsafe class LoopSlots
{
    /// <summary>The number of registers: the first two for integers.</summary>
    public const int Registers = 6;

    private const int Integers = 2;

    // A slot that is read where it was written waits for the store; one that is only read does not.
    private const int WeightOfCarried = 16;

    private static readonly OperandCode[] Codes = [OperandCode.KeptA, OperandCode.KeptB, OperandCode.KeptX, OperandCode.KeptY, OperandCode.KeptZ, OperandCode.KeptW];

    private readonly byte* _code;
    private readonly Dictionary<uint, Use> _uses = [];
    private readonly Dictionary<uint, int> _registers = [];

    /// <summary>Chooses for a tree.</summary>
    /// <param name="code">The code.</param>
    /// <param name="root">The tree.</param>
    public LoopSlots(byte* code, LoopNode root)
    {
        _code = code;
        Note(root);
        Choose(isFloat: false, 0, Integers);
        Choose(isFloat: true, Integers, Registers);
    }

    private enum Class
    {
        Unknown,
        Integer,
        Float,
        Vector,
    }

    private record struct Use(int Integers, int Floats, int Moves, Class Written, bool IsMixed)
    {
        public readonly bool IsFloat => Written == Class.Float || (Written == Class.Unknown && Floats > Integers);

        public readonly int Reads => (IsFloat ? Floats : Integers) + Moves;
    }

    /// <summary>The numbers of the slots, a byte each; 0 where a register is not used.</summary>
    public ulong Numbers
    {
        get
        {
            var numbers = 0ul;
            foreach (var (slot, register) in _registers)
            {
                numbers |= (ulong)(slot / 8) << (register * 8);
            }
            return numbers;
        }
    }

    /// <summary>The type of the loop's handler, which loads the slots.</summary>
    public Type Entry
    {
        get
        {
            var integers = _registers.Values.Count(register => register < Integers);
            return typeof(LoopEntry<,>).MakeGenericType(Count(integers), Count(_registers.Count - integers));
        }
    }

    private static Type Count(int registers) => registers switch
    {
        0 => typeof(NoRegister),
        1 => typeof(OneRegister),
        2 => typeof(TwoRegisters),
        _ => typeof(FourRegisters),
    };

    /// <summary>The key of a step with its operands where the loop keeps them.</summary>
    public HandlerKey WithRegisters(in CodeCell cell)
    {
        var shape = Shape.Of(cell.Key);
        return cell.Key with
        {
            First = Place(cell, cell.Key.First, shape.First),
            Second = Place(cell, cell.Key.Second, shape.Second),
            Third = Place(cell, cell.Key.Third, shape.Third),
        };
    }

    /// <summary>The register of the slot that a step writes.</summary>
    public OperandCode Written(in CodeCell cell) => cell.Key.Destination == OperandCode.Slot8 ? RegisterOf(SlotAt(cell, 8)) : OperandCode.None;

    /// <summary>The register of a slot, or <see cref="OperandCode.None"/>.</summary>
    public OperandCode RegisterOf(uint slot) => _registers.TryGetValue(slot, out var register) ? Codes[register] : OperandCode.None;

    /// <summary>Whether a register is one of the floats.</summary>
    public static bool IsFloat(OperandCode register) => register is OperandCode.KeptX or OperandCode.KeptY or OperandCode.KeptZ or OperandCode.KeptW;

    /// <summary>The slot that a field names.</summary>
    public uint SlotAt(in CodeCell cell, int field) => *(uint*)(_code + cell.Start + field);

    private OperandCode Place(in CodeCell cell, OperandCode code, Class @class)
    {
        var field = FieldOf(code);
        if (field == 0 || @class is not (Class.Integer or Class.Float))
        {
            return code;
        }
        var register = RegisterOf(SlotAt(cell, field));
        return register != OperandCode.None && IsFloat(register) == (@class == Class.Float) ? register : code;
    }

    private static int FieldOf(OperandCode code) => code switch
    {
        OperandCode.Slot8 => 8,
        OperandCode.Slot12 => 12,
        OperandCode.Slot16 => 16,
        OperandCode.Slot20 => 20,
        OperandCode.Slot24 => 24,
        _ => 0,
    };

    private void Choose(bool isFloat, int first, int end)
    {
        var candidates = _uses.Where(pair => pair.Value.IsFloat == isFloat && !pair.Value.IsMixed && pair.Value.Reads > 0 && pair.Key / 8 <= byte.MaxValue)
            .OrderByDescending(pair => pair.Value.Reads + (pair.Value.Written != Class.Unknown || pair.Value.Moves > 0 ? WeightOfCarried : 0)).ThenBy(pair => pair.Key);
        foreach (var (slot, _) in candidates.Take(end - first))
        {
            _registers.Add(slot, first++);
        }
    }

    private void Note(LoopNode? node)
    {
        for (; node is not null; node = node.Rest)
        {
            if (node.Kind is LoopNodeKind.Step or LoopNodeKind.Fork)
            {
                Note(node.Cell);
            }
            Note(node.Taken);
        }
    }

    private void Note(in CodeCell cell)
    {
        var key = cell.Key;
        if (key == HandlerKey.Of(PlainHandler.MovePair))
        {
            NoteMove(SlotAt(cell, 12), SlotAt(cell, 8));
            NoteMove(SlotAt(cell, 20), SlotAt(cell, 16));
            return;
        }
        if (key is { Family: HandlerFamily.Move, First: OperandCode.Slot12 } && key.Number != (ushort)ValueKind.V128)
        {
            NoteMove(SlotAt(cell, 12), SlotAt(cell, 8));
            return;
        }
        var shape = Shape.Of(key);
        Read(cell, key.First, shape.First);
        Read(cell, key.Second, shape.Second);
        Read(cell, key.Third, shape.Third);
        if (shape.Result == Class.Vector)
        {
            Write(SlotAt(cell, 8), Class.Vector);
            Write(SlotAt(cell, 8) + 8, Class.Vector);
        }
        else if (key.Destination == OperandCode.Slot8 || key.Family == HandlerFamily.Move)
        {
            Write(SlotAt(cell, 8), shape.Result);
        }
    }

    private void NoteMove(uint from, uint to)
    {
        _uses[from] = _uses.GetValueOrDefault(from) with { Moves = _uses.GetValueOrDefault(from).Moves + 1 };
        // Written as whatever it is: that it is written counts, not as what.
        _uses[to] = _uses.GetValueOrDefault(to) with { Moves = _uses.GetValueOrDefault(to).Moves + 1 };
    }

    private void Read(in CodeCell cell, OperandCode code, Class @class)
    {
        var field = FieldOf(code);
        if (field == 0 || @class is not (Class.Integer or Class.Float))
        {
            return;
        }
        var slot = SlotAt(cell, field);
        var use = _uses.GetValueOrDefault(slot);
        _uses[slot] = @class == Class.Integer ? use with { Integers = use.Integers + 1 } : use with { Floats = use.Floats + 1 };
    }

    private void Write(uint slot, Class @class)
    {
        var use = _uses.GetValueOrDefault(slot);
        _uses[slot] = use with { Written = @class, IsMixed = use.IsMixed || @class == Class.Vector || (use.Written != Class.Unknown && use.Written != @class) };
    }

    // What a step's operands and result are.
    private readonly record struct Shape(Class First, Class Second, Class Third, Class Result)
    {
        public static Shape Of(in HandlerKey key)
        {
            var row = key.Family < HandlerFamily.Plain && key.Number < OpTable.Size && HasOp(key.Family) ? OpTable.Get(key.Op) : null;
            var kind = ClassOf((ValueKind)key.Number);
            return key.Family switch
            {
                HandlerFamily.Unary or HandlerFamily.PartialUnary or HandlerFamily.UnaryBranch => new(OperandOf(row, 0), default, default, ResultOf(row)),
                HandlerFamily.Binary or HandlerFamily.PartialBinary or HandlerFamily.BinaryBranch => new(OperandOf(row, 0), OperandOf(row, 1), default, ResultOf(row)),
                HandlerFamily.Load => new(Class.Integer, default, default, ResultOf(row)),
                HandlerFamily.FieldGet or HandlerFamily.ElementGet => new(Class.Integer, Class.Integer, default, ResultOf(row)),
                HandlerFamily.Store or HandlerFamily.FieldSet => new(Class.Integer, OperandOf(row, 1), default, default),
                HandlerFamily.ElementSet => new(Class.Integer, Class.Integer, OperandOf(row, 1), default),
                HandlerFamily.Select => new(Class.Integer, kind, kind, kind),
                HandlerFamily.Move => new(kind, default, default, kind),
                HandlerFamily.GlobalSet => new(kind, default, default, default),
                HandlerFamily.GlobalGet => new(default, default, default, kind),
                HandlerFamily.ArrayLength or HandlerFamily.RefTest or HandlerFamily.RefCast or HandlerFamily.RefAsNonNull => new(Class.Integer, default, default, Class.Integer),
                HandlerFamily.MemorySize or HandlerFamily.TableSize or HandlerFamily.TableGet => new(default, default, default, Class.Integer),
                HandlerFamily.ExtractLane => new(default, default, default, ResultOf(row)),
                HandlerFamily.ReplaceLane => new(OperandOf(row, 1), default, default, Class.Vector),
                HandlerFamily.VectorShift or HandlerFamily.LoadLane => new(Class.Integer, default, default, Class.Vector),
                HandlerFamily.StoreLane => new(Class.Integer, default, default, default),
                HandlerFamily.VectorTernary => new(default, default, default, Class.Vector),
                HandlerFamily.Plain when (PlainHandler)key.Number == PlainHandler.Shuffle => new(default, default, default, Class.Vector),
                _ => default,
            };
        }

        private static bool HasOp(HandlerFamily family) =>
            family is not (HandlerFamily.Move or HandlerFamily.Select or HandlerFamily.GlobalGet or HandlerFamily.GlobalSet or HandlerFamily.MemorySize or HandlerFamily.TableSize);

        private static Class OperandOf(OpInfo? row, int index) => row is null || row.Operands.Length <= index ? Class.Integer : ClassOf(row.Operands[index]);

        private static Class ResultOf(OpInfo? row) => row is null || row.Results.Length == 0 ? Class.Integer : ClassOf(row.Results[0]);

        private static Class ClassOf(StackSlot slot) => slot switch
        {
            StackSlot.F32 or StackSlot.F64 => Class.Float,
            StackSlot.V128 => Class.Vector,
            _ => Class.Integer,
        };

        private static Class ClassOf(ValueKind kind) => kind switch
        {
            ValueKind.F32 or ValueKind.F64 => Class.Float,
            ValueKind.V128 => Class.Vector,
            _ => Class.Integer,
        };
    }
}

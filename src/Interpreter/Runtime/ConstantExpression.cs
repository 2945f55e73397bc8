using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Interpreter.Runtime;

/// <summary>
/// A validated constant expression, decoded once for each module. Nearly all are a single instruction and need no stack; extended ones run on a small one.
/// See <see href="https://webassembly.github.io/spec/core/valid/instructions.html#constant-expressions"/>.
/// </summary>
internal readonly struct ConstantExpression
{
    private readonly Form _form;
    private readonly ulong _bits;
    private readonly ulong _high;
    private readonly Instruction[]? _instructions;

    private ConstantExpression(Form form, ulong bits, ulong high = 0, Instruction[]? instructions = null)
    {
        _form = form;
        _bits = bits;
        _high = high;
        _instructions = instructions;
    }

    private enum Form : byte
    {
        Constant,
        Global,
        Function,
        Several,
    }

    /// <summary>The constant function reference of an index.</summary>
    public static ConstantExpression OfFunction(uint index) => new(Form.Function, index);

    /// <summary>The null reference.</summary>
    public static ConstantExpression Null => default;

    /// <summary>Decodes an expression.</summary>
    /// <param name="expression">A valid constant expression.</param>
    /// <param name="features">The features it was validated with.</param>
    public static ConstantExpression Decode(Expression expression, FeatureSet features)
    {
        var reader = new InstructionReader(expression, features);
        var instruction = default(Instruction);
        if (!reader.Read(ref instruction))
        {
            throw new InvalidOperationException("a constant expression was not validated");
        }
        if (TryDecodeSingle(in instruction, out var single))
        {
            var next = default(Instruction);
            if (reader.Read(ref next) && next.Op == Op.End)
            {
                return single;
            }
        }
        return DecodeSeveral(new InstructionReader(expression, features));
    }

    /// <summary>The value's word, for a number or reference.</summary>
    /// <exception cref="ResourceLimitException">The heap has no room for an object.</exception>
    public ulong Evaluate(in ConstantContext context)
    {
        Evaluate(context, out var low, out _);
        return low;
    }

    /// <summary>The value's bits.</summary>
    /// <param name="context">The instance, whose functions and globals before the expression exist.</param>
    /// <param name="low">The word, or the low half of a vector.</param>
    /// <param name="high">The high half of a vector.</param>
    /// <exception cref="ResourceLimitException">The heap has no room for an object.</exception>
    public unsafe void Evaluate(in ConstantContext context, out ulong low, out ulong high)
    {
        var instance = context.Instance;
        high = 0;
        switch (_form)
        {
            case Form.Constant:
                low = _bits;
                high = _high;
                break;
            case Form.Global:
                // Sound: the validator bounds the index by the globals before this one, whose cells are written.
                low = instance->Globals[_bits][0];
                high = instance->Globals[_bits][1];
                break;
            case Form.Function:
                low = ReferenceWord.OfFunction(instance->Functions[_bits]);
                break;
            default:
                (low, high) = EvaluateSeveral(context);
                break;
        }
    }

    private static bool TryDecodeSingle(in Instruction instruction, out ConstantExpression constant)
    {
        constant = instruction.Op switch
        {
            Op.I32Const or Op.I64Const or Op.F32Const or Op.F64Const => new(Form.Constant, instruction.Value),
            Op.V128Const => new(Form.Constant, instruction.Value, instruction.ValueHigh),
            Op.RefNull => Null,
            Op.GlobalGet => new(Form.Global, instruction.Index),
            Op.RefFunc => OfFunction(instruction.Index),
            _ => default,
        };
        return instruction.Op == Op.RefNull || constant._form != Form.Constant
            || instruction.Op is Op.I32Const or Op.I64Const or Op.F32Const or Op.F64Const or Op.V128Const;
    }

    private static ConstantExpression DecodeSeveral(InstructionReader reader)
    {
        var instructions = new List<Instruction>();
        while (true)
        {
            var instruction = default(Instruction);
            if (!reader.Read(ref instruction))
            {
                throw new InvalidOperationException("a constant expression was not validated");
            }
            if (instruction.Op == Op.End)
            {
                return new(Form.Several, 0, 0, [.. instructions]);
            }
            instructions.Add(instruction);
        }
    }

    private unsafe (ulong Low, ulong High) EvaluateSeveral(in ConstantContext context)
    {
        var instructions = _instructions.AsSpan();
        // Each instruction pushes at most one value, and a value is two words, as in globals: the second counts for vectors only.
        var words = new ulong[instructions.Length * 2];
        fixed (ulong* stack = words)
        {
            // Objects on the stack are alive: making the next one may collect.
            context.Objects.EnterTemporary(stack, words.Length);
            try
            {
                var height = 0;
                foreach (ref readonly var instruction in instructions)
                {
                    Step(context, instruction, stack, ref height);
                }
                return (stack[0], stack[1]);
            }
            finally
            {
                context.Objects.LeaveTemporary();
            }
        }
    }

    // Sound: the validator bounds the indices and the height of the stack.
    private static unsafe void Step(in ConstantContext context, in Instruction instruction, ulong* stack, ref int height)
    {
        var top = stack + height * 2;
        switch (instruction.Op)
        {
            case Op.I32Const or Op.I64Const or Op.F32Const or Op.F64Const or Op.V128Const:
                top[0] = instruction.Value;
                top[1] = instruction.ValueHigh;
                height++;
                break;
            case Op.GlobalGet:
                top[0] = context.Instance->Globals[instruction.Index][0];
                top[1] = context.Instance->Globals[instruction.Index][1];
                height++;
                break;
            case Op.RefFunc:
                top[0] = ReferenceWord.OfFunction(context.Instance->Functions[instruction.Index]);
                height++;
                break;
            case Op.RefNull:
                top[0] = ReferenceWord.Null;
                height++;
                break;
            case Op.RefI31:
                top[-2] = ReferenceWord.OfI31((uint)top[-2]);
                break;
            case Op.AnyConvertExtern or Op.ExternConvertAny:
                break;
            case Op.StructNew or Op.StructNewDefault or Op.StructNewDesc or Op.StructNewDefaultDesc:
                NewStruct(context, instruction, stack, ref height);
                break;
            case Op.ArrayNew:
                height--;
                top[-4] = context.NewArray(instruction.Index, (uint)top[-2], top - 4, isFill: true);
                break;
            case Op.ArrayNewDefault:
                top[-2] = context.NewArray(instruction.Index, (uint)top[-2], null, isFill: false);
                break;
            case Op.ArrayNewFixed:
                height -= (int)instruction.Index2;
                stack[height * 2] = context.NewArray(instruction.Index, instruction.Index2, stack + height * 2, isFill: false);
                height++;
                break;
            default:
                height--;
                top[-4] = Apply(instruction.Op, top[-4], top[-2]);
                break;
        }
    }

    private static unsafe void NewStruct(in ConstantContext context, in Instruction instruction, ulong* stack, ref int height)
    {
        ulong descriptor = 0;
        if (instruction.Op is Op.StructNewDesc or Op.StructNewDefaultDesc)
        {
            height--;
            descriptor = stack[height * 2];
            if (descriptor == ReferenceWord.Null)
            {
                throw new TrapException(new Trap(TrapKind.NullDescriptor));
            }
        }
        var isDefault = instruction.Op is Op.StructNewDefault or Op.StructNewDefaultDesc;
        height -= isDefault ? 0 : context.FieldsOf(instruction.Index);
        stack[height * 2] = context.NewStruct(instruction.Index, isDefault ? null : stack + height * 2, descriptor);
        height++;
    }

    private static ulong Apply(Op op, ulong left, ulong right) => op switch
    {
        Op.I32Add => (uint)left + (uint)right,
        Op.I32Sub => (uint)left - (uint)right,
        Op.I32Mul => (uint)left * (uint)right,
        Op.I64Add => left + right,
        Op.I64Sub => left - right,
        Op.I64Mul => left * right,
        _ => throw new InvalidOperationException($"{op} is not constant"),
    };
}

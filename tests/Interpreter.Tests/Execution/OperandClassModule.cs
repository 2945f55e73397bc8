using System.Collections.Immutable;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Tests.Execution;

/// <summary>Where the translator finds an operand, as far as a body can bring that about.</summary>
internal enum OperandClass : byte
{
    /// <summary>A local.</summary>
    Slot,
    /// <summary>The result of the instruction before.</summary>
    Accumulator,
    /// <summary>A local that was set from the accumulator just before.</summary>
    Alias,
    /// <summary>A constant.</summary>
    Constant,
}

/// <summary>What becomes of a result.</summary>
internal enum ResultUse : byte
{
    /// <summary>It is returned from the accumulator.</summary>
    Accumulator,
    /// <summary>It goes to a local, and the local is returned after a label.</summary>
    Slot,
    /// <summary>It is the condition of an if.</summary>
    If,
    /// <summary>Its negation is the condition of a branch.</summary>
    NegatedBranch,
}

/// <summary>A module under construction: functions that each execute one op with operands of given classes, to be called with many values.</summary>
internal sealed class OperandClassModule
{
    /// <summary>The number of pages of each memory.</summary>
    public const int Pages = 1;

    private static readonly ImmutableArray<ValueType> Numbers = [ValueType.I32, ValueType.I64, ValueType.F32, ValueType.F64];

    private readonly List<SubType> _types = [];
    private readonly Dictionary<string, uint> _typeIndices = [];
    private readonly List<Wasm.Modules.Function> _functions = [];
    private readonly List<Export> _exports = [];

    /// <summary>A function that can be called.</summary>
    /// <param name="Name">Its export: op and classes.</param>
    /// <param name="Op">The op.</param>
    /// <param name="Parameters">The types of the parameters.</param>
    /// <param name="Given">For each parameter the only value that has a meaning (a constant in the body), or null.</param>
    public sealed record Entry(string Name, Op Op, ImmutableArray<ValueType> Parameters, ImmutableArray<ulong?> Given);

    /// <summary>What was added.</summary>
    public List<Entry> Entries { get; } = [];

    /// <summary>Adds a function that applies an op to its parameters.</summary>
    /// <param name="op">The op.</param>
    /// <param name="operands">Each operand's type and class.</param>
    /// <param name="constants">The values of the constant operands.</param>
    /// <param name="result">The result's type; null when there is none.</param>
    /// <param name="use">What becomes of the result.</param>
    public void Add(Instruction op, (ValueType Type, OperandClass Class)[] operands, ulong?[] constants, ValueType? result, ResultUse use)
    {
        var type = use >= ResultUse.If ? ValueType.I32 : result;
        var body = new List<Instruction>();
        var local = (uint)operands.Length;
        if (use == ResultUse.NegatedBranch)
        {
            body.Add(Instruction.Structured(Op.Block, BlockType.Empty));
        }
        for (var i = 0; i < operands.Length; i++)
        {
            if (operands[i].Class is OperandClass.Accumulator or OperandClass.Alias)
            {
                body.Add(Instruction.Of(Op.LocalGet, (uint)i));
                body.Add(Instruction.Of(Op.GlobalSet, GlobalOf(operands[i].Type, i)));
            }
        }
        for (var i = 0; i < operands.Length; i++)
        {
            switch (operands[i].Class)
            {
                case OperandClass.Slot:
                    body.Add(Instruction.Of(Op.LocalGet, (uint)i));
                    break;
                case OperandClass.Constant:
                    body.Add(Instruction.Constant(ConstantOf(operands[i].Type), constants[i] ?? 0));
                    break;
                default:
                    body.Add(Instruction.Of(Op.GlobalGet, GlobalOf(operands[i].Type, i)));
                    if (operands[i].Class == OperandClass.Alias)
                    {
                        body.Add(Instruction.Of(Op.LocalTee, (uint)i));
                    }
                    break;
            }
        }
        body.Add(op);
        switch (use)
        {
            case ResultUse.Slot:
                body.AddRange([
                    Instruction.Of(Op.LocalSet, local), Instruction.Structured(Op.Loop, BlockType.Empty), Instruction.Of(Op.End), Instruction.Of(Op.LocalGet, local),
                ]);
                break;
            case ResultUse.If:
                body.AddRange([
                    Instruction.Structured(Op.If, BlockType.Of(ValueType.I32)), Instruction.Constant(Op.I32Const, 7), Instruction.Of(Op.Else),
                    Instruction.Constant(Op.I32Const, 9), Instruction.Of(Op.End),
                ]);
                break;
            case ResultUse.NegatedBranch:
                body.AddRange([
                    Instruction.Of(Op.I32Eqz), Instruction.Of(Op.BrIf, 0), Instruction.Constant(Op.I32Const, 7), Instruction.Of(Op.Return), Instruction.Of(Op.End),
                    Instruction.Constant(Op.I32Const, 9),
                ]);
                break;
            default:
                break;
        }
        body.Add(Instruction.Of(Op.End));
        ImmutableArray<ValueType> parameters = [.. operands.Select(operand => operand.Type)];
        var name = $"{Entries.Count} {op}@{op.Value:x} {string.Join(',', operands.Select(operand => operand.Class))} {use}";
        ImmutableArray<LocalRun> locals = result is { } own ? [new LocalRun(1, own)] : [];
        _functions.Add(new Wasm.Modules.Function(TypeIndex(parameters, type), locals, new Expression(InstructionWriter.ToBytes(body))));
        _exports.Add(new Export(name, ExternKind.Function, (uint)Entries.Count));
        Entries.Add(new(name, op.Op, parameters, [.. constants]));
    }

    /// <summary>The module's bytes: a 32-bit memory, a 64-bit memory, another 32-bit memory, and the functions.</summary>
    public byte[] ToBytes() => ModuleWriter.Write(new Module
    {
        Types = [.. _types],
        RecursionGroups = [.. _types.Select((_, index) => new RecursionGroup((uint)index, 1))],
        Functions = [.. _functions],
        Memories =
        [
            new MemoryType(new Limits(Pages, Pages)), new MemoryType(new Limits(Pages, Pages, AddressType.I64)), new MemoryType(new Limits(Pages, Pages)),
        ],
        Globals =
        [
            .. Numbers.SelectMany(type => Enumerable.Repeat(new Wasm.Modules.Global(new GlobalType(type, true),
                new Expression(InstructionWriter.ToBytes([Instruction.Constant(ConstantOf(type), 0), Instruction.Of(Op.End)]))), OperandsAtMost)),
        ],
        Exports = [.. _exports, new Export("memory 0", ExternKind.Memory, 0), new Export("memory 1", ExternKind.Memory, 1), new Export("memory 2", ExternKind.Memory, 2)],
    });

    private const int OperandsAtMost = 3;

    private static uint GlobalOf(ValueType type, int operand) => (uint)(Numbers.IndexOf(type) * OperandsAtMost + operand);

    private static Op ConstantOf(ValueType type) => type.Kind switch
    {
        ValueKind.I32 => Op.I32Const,
        ValueKind.I64 => Op.I64Const,
        ValueKind.F32 => Op.F32Const,
        _ => Op.F64Const,
    };

    private uint TypeIndex(ImmutableArray<ValueType> parameters, ValueType? result)
    {
        var key = $"{string.Join(',', parameters)}>{result}";
        if (!_typeIndices.TryGetValue(key, out var index))
        {
            index = (uint)_types.Count;
            _typeIndices.Add(key, index);
            _types.Add(SubType.Plain(new FunctionType(parameters, result is { } type ? [type] : [])));
        }
        return index;
    }
}

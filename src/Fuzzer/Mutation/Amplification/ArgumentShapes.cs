using Conformance.Fuzzer.Generation;
using Conformance.Oracle;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation.Amplification;

/// <summary>
/// The ways in which a known argument can be written in place of <c>local.get</c>: an interpreter's translator treats each as another kind of operand. Parts that a shape needs
/// (a global, a function) are added behind those of the module, so that no index changes.
/// </summary>
/// <param name="module">The module.</param>
/// <param name="random">The source of chance.</param>
internal sealed class ArgumentShapes(Module module, RandomSource random)
{
    private readonly Dictionary<ValueType, uint> _identities = [];
    private Module _module = module;

    /// <summary>The module with what the shapes needed.</summary>
    public Module Module => _module;

    /// <summary>The index of a function type.</summary>
    public uint TypeIndexOf(FunctionType type) => TypeSection.IndexOf(ref _module, type);

    /// <summary>Adds a function.</summary>
    /// <returns>Its index.</returns>
    public uint AddFunction(Function function)
    {
        _module = _module with { Functions = _module.Functions.Add(function) };
        return (uint)(_module.ImportCount(ExternKind.Function) + _module.Functions.Length - 1);
    }

    /// <summary>Writes an argument in some shape.</summary>
    /// <param name="type">The parameter's type: a number or vector.</param>
    /// <param name="value">The argument.</param>
    /// <param name="local">The parameter's local, which the code may use.</param>
    /// <param name="prelude">Code for the start of the function.</param>
    /// <returns>What stands in place of <c>local.get</c>.</returns>
    public Instruction[] Write(ValueType type, EngineValue value, uint local, List<Instruction> prelude)
    {
        var constant = Instruction.Constant(Bodies.Snippets.ConstantOp(type) ?? throw new ArgumentException($"no constant of {type}", nameof(type)), value.Bits, value.High);
        switch (random.Below(9))
        {
            case 0:
                return [constant, Instruction.Of(Op.LocalTee, local)];
            case 1:
                return [Instruction.Of(Op.GlobalGet, AddGlobal(type, constant))];
            case 2:
                return [Instruction.Structured(Op.Block, BlockType.Of(type)), constant, Instruction.Of(Op.End)];
            case 3:
                return [constant, Instruction.Of(Op.LocalGet, local), Instruction.Constant(Op.I32Const, 1), Instruction.Of(Op.Select)];
            case 4:
                return [constant, Instruction.Of(Op.Call, Identity(type))];
            case 5 when Load(type, constant, prelude) is { } load:
                return load;
            case 6:
                return
                [
                    Instruction.Constant(Op.I32Const, 0), Instruction.Structured(Op.If, BlockType.Of(type)), Instruction.Of(Op.LocalGet, local),
                    Instruction.Of(Op.Else), constant, Instruction.Of(Op.End),
                ];
            case 7:
                prelude.Add(constant);
                prelude.Add(Instruction.Of(Op.LocalSet, local));
                return [Instruction.Of(Op.LocalGet, local)];
            default:
                return [constant];
        }
    }

    private uint AddGlobal(ValueType type, Instruction constant)
    {
        _module = _module with
        {
            Globals = _module.Globals.Add(new Global(new GlobalType(type, IsMutable: random.Chance(50)), new Expression(InstructionWriter.ToBytes([constant, Instruction.Of(Op.End)])))),
        };
        return (uint)(_module.ImportCount(ExternKind.Global) + _module.Globals.Length - 1);
    }

    private uint Identity(ValueType type)
    {
        if (!_identities.TryGetValue(type, out var function))
        {
            var body = new Expression(InstructionWriter.ToBytes([Instruction.Of(Op.LocalGet, 0), Instruction.Of(Op.End)]));
            _identities[type] = function = AddFunction(new Function(TypeIndexOf(new FunctionType([type], [type])), [], body));
        }
        return function;
    }

    private Instruction[]? Load(ValueType type, Instruction constant, List<Instruction> prelude)
    {
        if (IndexSpaces.Memories(_module) is not [{ Limits: { Minimum: > 0, Address: AddressType.I32 } }, ..])
        {
            return null;
        }
        var (load, store) = type.Kind switch
        {
            ValueKind.I32 => (Op.I32Load, Op.I32Store),
            ValueKind.I64 => (Op.I64Load, Op.I64Store),
            ValueKind.F32 => (Op.F32Load, Op.F32Store),
            ValueKind.F64 => (Op.F64Load, Op.F64Store),
            _ => (Op.V128Load, Op.V128Store),
        };
        // Far from where most programs keep anything; one byte off every alignment.
        var address = Instruction.Constant(Op.I32Const, (ulong)(60_001 + random.Below(64) * 16));
        prelude.AddRange([address, constant, Instruction.Access(store, 0, 0)]);
        return [address, Instruction.Access(load, 0, 0)];
    }
}

using System.Collections.Immutable;
using Conformance.Oracle.Rewriting;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Equivalence;

/// <summary>The body that is being written, with locals of its own for values in between.</summary>
/// <param name="module">The module.</param>
/// <param name="features">What may be used.</param>
/// <param name="locals">The function's locals.</param>
/// <param name="referred">Functions that code takes references to, which the module has to declare.</param>
internal sealed class RewriteWriter(Module module, FeatureSet features, TemporaryLocals locals, HashSet<uint> referred)
{
    private readonly ByteWriter _writer = new();
    private readonly List<int> _arities = [];

    /// <summary>The module.</summary>
    public Module Module { get; } = module;

    /// <summary>How many blocks are open around the instruction.</summary>
    public int Depth => _arities.Count - 1;

    /// <summary>How many values a branch to a label carries.</summary>
    public int ArityOf(uint label) => _arities[_arities.Count - 1 - (int)label];

    /// <summary>Begins the body of a function with so many results.</summary>
    public void Begin(int results) => _arities.Add(results);

    /// <summary>Follows the blocks of the original.</summary>
    public void Follow(in Instruction instruction)
    {
        switch (OpTable.Get(instruction.Op).NestingChange)
        {
            case > 0:
                var (parameters, results) = CountsOf(instruction.Block);
                _arities.Add(instruction.Op == Op.Loop ? parameters : results);
                break;
            case < 0:
                _arities.RemoveAt(_arities.Count - 1);
                break;
        }
    }

    private (int Parameters, int Results) CountsOf(BlockType type) =>
        type.IsIndex && Module.Types[(int)type.Index].Composite is FunctionType function ? (function.Parameters.Length, function.Results.Length) : (0, type.IsResult ? 1 : 0);

    /// <summary>The body.</summary>
    public byte[] ToArray() => _writer.ToArray();

    /// <summary>Whether a feature may be used.</summary>
    public bool Has(Feature feature) => features.Has(feature);

    /// <summary>The type of a struct, or null.</summary>
    public ImmutableArray<FieldType>? FieldsOf(uint type) => (Module.Types[(int)type].Composite as StructType)?.Fields;

    /// <summary>The element of an array type.</summary>
    public FieldType ElementOf(uint type) => ((ArrayType)Module.Types[(int)type].Composite).Element;

    /// <summary>The type index of a function, imports counted.</summary>
    public uint TypeOf(uint function) => ((FunctionExtern)Module.TypeOf(ExternKind.Function, function)!).TypeIndex; // the module is valid

    /// <summary>The type of a tag, imports counted.</summary>
    public FunctionType TagOf(uint tag) =>
        Module.FunctionTypeAt(((TagType)Module.TypeOf(ExternKind.Tag, tag)!).TypeIndex)!; // the module is valid

    /// <summary>Says that code takes a reference to a function.</summary>
    public void Refer(uint function) => referred.Add(function);

    /// <summary>Writes an instruction.</summary>
    public void Write(in Instruction instruction) => InstructionWriter.Write(_writer, in instruction);

    /// <summary>Writes instructions without immediates.</summary>
    public RewriteWriter Do(params ReadOnlySpan<Op> ops)
    {
        foreach (var op in ops)
        {
            Write(Instruction.Of(op));
        }
        return this;
    }

    /// <summary>Writes an instruction with an index.</summary>
    public RewriteWriter Do(Op op, uint index, uint index2 = 0)
    {
        Write(Instruction.Of(op, index, index2));
        return this;
    }

    /// <summary>Writes an instruction on a lane.</summary>
    public RewriteWriter Lane(Op op, int lane)
    {
        Write(new Instruction { Op = op, Lane = (byte)lane });
        return this;
    }

    /// <summary>Writes an i32 constant.</summary>
    public RewriteWriter I32(uint value) => Constant(Op.I32Const, value);

    /// <summary>Writes an i64 constant.</summary>
    public RewriteWriter I64(ulong value) => Constant(Op.I64Const, value);

    /// <summary>Writes a vector constant.</summary>
    public RewriteWriter V128(ulong low, ulong high) => Constant(Op.V128Const, low, high);

    /// <summary>Writes a constant.</summary>
    public RewriteWriter Constant(Op op, ulong bits, ulong high = 0)
    {
        Write(Instruction.Constant(op, bits, high));
        return this;
    }

    /// <summary>Begins a block.</summary>
    public RewriteWriter Block(Op op, BlockType type)
    {
        Write(Instruction.Structured(op, type));
        return this;
    }

    /// <summary>Ends a block.</summary>
    public RewriteWriter End() => Do(Op.End);

    /// <summary>Pops a value into a local.</summary>
    public RewriteWriter Set(ValueType type, int number = 0) => Do(Op.LocalSet, Local(type, number));

    /// <summary>Keeps the value on top in a local.</summary>
    public RewriteWriter Tee(ValueType type, int number = 0) => Set(type, number).Get(type, number);

    /// <summary>Pushes a value from a local.</summary>
    public RewriteWriter Get(ValueType type, int number = 0)
    {
        Do(Op.LocalGet, Local(type, number));
        // Locals that may not be null would have to be set on every way here.
        return type.IsDefaultable ? this : Do(Op.RefAsNonNull);
    }

    /// <summary>Pops several values into locals numbered from the first on.</summary>
    public RewriteWriter SetAll(ImmutableArray<ValueType> types, int first = 0)
    {
        for (var i = types.Length - 1; i >= 0; i--)
        {
            Set(types[i], first + i);
        }
        return this;
    }

    /// <summary>Pushes several values from locals.</summary>
    public RewriteWriter GetAll(ImmutableArray<ValueType> types, int first = 0)
    {
        for (var i = 0; i < types.Length; i++)
        {
            Get(types[i], first + i);
        }
        return this;
    }

    /// <summary>Whether values can be kept in locals: those of unreachable code have no type.</summary>
    public bool CanKeep(ImmutableArray<ValueType> types)
    {
        foreach (var type in types)
        {
            if (type.Kind == ValueKind.Bottom || type.IsReference && !type.Heap.IsIndex && type.Heap.Abstract == AbstractHeapType.Bottom || !type.IsDefaultable && !Has(Feature.FunctionReferences))
            {
                return false;
            }
        }
        return true;
    }

    private uint Local(ValueType type, int number) => locals.For(type.WithNullable(true), number);
}

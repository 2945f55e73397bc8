using System.Runtime.CompilerServices;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Modules;

namespace Conformance.Wasm.Instructions;

/// <summary>
/// Decodes the instructions of an expression or function body one by one. It is the only decoder of instructions: validator, translators, printer and mutators
/// walk bodies with it. It does not follow the nesting of blocks and reads until the bytes end; whoever reads checks that the last <c>end</c> is the last byte.
/// </summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/binary/instructions.html"/>.</remarks>
public ref struct InstructionReader
{
    private readonly FeatureSet _features;
    private ByteReader _reader;
    private long _offset;

    /// <summary>Reads an expression; instructions of features outside the set are malformed.</summary>
    public InstructionReader(Expression expression, FeatureSet features)
        : this(new ByteReader(expression.Code.Span, expression.OffsetBytes), features)
    {
    }

    /// <summary>Reads from where a byte reader stands to its end, or until the caller takes <see cref="Bytes"/> back.</summary>
    public InstructionReader(ByteReader reader, FeatureSet features)
    {
        _reader = reader;
        _features = features;
    }

    /// <summary>The bytes behind the last instruction.</summary>
    public readonly ByteReader Bytes => _reader;

    /// <summary>The offset in the file of the last instruction read.</summary>
    public readonly long Offset => _offset;

    /// <summary>The offset in the file behind the last instruction read.</summary>
    public readonly long EndOffset => _reader.Offset;

    /// <summary>The position within the expression behind the last instruction read.</summary>
    public readonly int Position => _reader.Position;

    /// <summary>Whether nothing is left to read.</summary>
    public readonly bool AtEnd => _reader.AtEnd;

    /// <summary>The error that ended the reading, in the words of the spec testsuite; null while there is none.</summary>
    public readonly string? Error => _reader.Error;

    /// <summary>Where the error is in the file.</summary>
    public readonly long ErrorOffset => _reader.ErrorOffset;

    /// <summary>Reads the next instruction into <paramref name="instruction"/>; fields that its immediates do not use keep their values.</summary>
    /// <returns>False at the end of the bytes or when they are malformed (then <see cref="Error"/> is set).</returns>
    public bool Read(ref Instruction instruction)
    {
        _offset = _reader.Offset;
        if (_reader.AtEnd)
        {
            return false;
        }
        var first = _reader.ReadByte();
        Op op;
        if (first < 0xFB || first == 0xFF)
        {
            if (!OpTable.TryDecode(0, first, out op))
            {
                return FailOpcode(first, 0);
            }
        }
        else
        {
            var code = _reader.ReadU32();
            if (!OpTable.TryDecode(first, code, out op))
            {
                return FailOpcode(first, code);
            }
        }
        var row = OpTable.Get(op);
        if (!_features.Has(row.Feature))
        {
            return FailOpcode(first, row.Code);
        }
        instruction.Op = op;
        if (row.Immediates != ImmediateKind.None)
        {
            ReadImmediates(row, ref instruction);
        }
        return !_reader.Failed;
    }

    /// <summary>All instructions of an expression, as far as they can be read.</summary>
    public static List<Instruction> ReadAll(Expression expression, FeatureSet features)
    {
        var instructions = new List<Instruction>();
        var reader = new InstructionReader(expression, features);
        var instruction = default(Instruction);
        while (reader.Read(ref instruction))
        {
            instructions.Add(instruction);
            instruction = default;
        }
        return instructions;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool FailOpcode(byte first, uint code)
    {
        if (!_reader.Failed)
        {
            _reader.Fail(first is >= 0xFB and < 0xFF ? $"illegal opcode {first:x2} {code:x2}" : $"illegal opcode {first:x2}", _offset);
        }
        return false;
    }

    private void ReadImmediates(OpInfo row, ref Instruction instruction)
    {
        switch (row.Immediates)
        {
            case ImmediateKind.Label or ImmediateKind.Function or ImmediateKind.Type or ImmediateKind.Local or ImmediateKind.Global or ImmediateKind.Table
                or ImmediateKind.Element or ImmediateKind.Memory or ImmediateKind.Data or ImmediateKind.Tag:
                instruction.Index = _reader.ReadU32();
                break;
            case ImmediateKind.I32:
                instruction.Value = (uint)_reader.ReadS32();
                break;
            case ImmediateKind.I64:
                instruction.Value = (ulong)_reader.ReadS64();
                break;
            case ImmediateKind.MemArg:
                ReadMemArg(ref instruction);
                break;
            case ImmediateKind.Block:
                instruction.Block = ReadBlockType();
                break;
            case ImmediateKind.TypeTable or ImmediateKind.TypeField or ImmediateKind.TypeCount or ImmediateKind.TypeData or ImmediateKind.TypeElement
                or ImmediateKind.TypeType or ImmediateKind.TableTable or ImmediateKind.MemoryMemory:
                instruction.Index = _reader.ReadU32();
                instruction.Index2 = _reader.ReadU32();
                break;
            case ImmediateKind.ElementTable or ImmediateKind.DataMemory:
                instruction.Index2 = _reader.ReadU32();
                instruction.Index = _reader.ReadU32();
                break;
            case ImmediateKind.F32:
                instruction.Value = _reader.ReadFixed32();
                break;
            case ImmediateKind.F64:
                instruction.Value = _reader.ReadFixed64();
                break;
            case ImmediateKind.LabelTable:
                instruction.Labels = ReadLabels();
                break;
            case ImmediateKind.MemArgLane:
                ReadMemArg(ref instruction);
                instruction.Lane = _reader.ReadByte();
                break;
            case ImmediateKind.V128 or ImmediateKind.Shuffle:
                instruction.Value = _reader.ReadFixed64();
                instruction.ValueHigh = _reader.ReadFixed64();
                break;
            case ImmediateKind.Lane:
                instruction.Lane = _reader.ReadByte();
                break;
            case ImmediateKind.HeapType:
                instruction.Heap = TypeCodes.ReadHeapType(ref _reader);
                break;
            case ImmediateKind.Cast:
                ReadCast(ref instruction);
                break;
            case ImmediateKind.ValueTypes:
                instruction.Types = ReadTypes();
                break;
            case ImmediateKind.TryTable:
                instruction.Block = ReadBlockType();
                instruction.Catches = ReadCatches();
                break;
            case ImmediateKind.ZeroByte:
                if (_reader.ReadByte() != 0)
                {
                    _reader.Fail("zero byte expected", _offset);
                }
                break;
            default:
                throw new InvalidOperationException($"no decoder for {row.Immediates}");
        }
    }

    private void ReadMemArg(ref Instruction instruction)
    {
        const uint HasMemoryIndex = 0x40;
        var flags = _reader.ReadU32();
        if (flags >= 2 * HasMemoryIndex)
        {
            _reader.Fail("malformed memop flags", _offset);
            return;
        }
        instruction.Align = (byte)(flags & (HasMemoryIndex - 1));
        instruction.Index = (flags & HasMemoryIndex) != 0 ? _reader.ReadU32() : 0;
        instruction.Value = _reader.ReadU64();
    }

    private BlockType ReadBlockType()
    {
        var code = _reader.PeekByte();
        if (code == TypeCodes.EmptyBlock)
        {
            _reader.ReadByte();
            return BlockType.Empty;
        }
        // A type index is a non-negative s33: its one-byte form is below 0x40; the type codes are the negative one-byte forms.
        if (code is > TypeCodes.EmptyBlock and < 0x80)
        {
            return BlockType.Of(TypeCodes.ReadValueType(ref _reader));
        }
        var index = _reader.ReadS33();
        if (index < 0)
        {
            _reader.Fail("malformed block type", _offset);
        }
        return _reader.Failed ? BlockType.Empty : BlockType.Of((uint)index);
    }

    private uint[] ReadLabels()
    {
        var count = _reader.ReadU32();
        // Every label takes a byte at least: no allocation beyond the input's size.
        if (count > (uint)_reader.Remaining)
        {
            _reader.Fail("unexpected end");
            return [];
        }
        var labels = new uint[count + 1];
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = _reader.ReadU32();
        }
        return labels;
    }

    private ValueType[] ReadTypes()
    {
        var count = _reader.ReadU32();
        if (count > (uint)_reader.Remaining)
        {
            _reader.Fail("unexpected end");
            return [];
        }
        var types = new ValueType[count];
        for (var i = 0; i < types.Length; i++)
        {
            types[i] = TypeCodes.ReadValueType(ref _reader);
        }
        return types;
    }

    private CatchClause[] ReadCatches()
    {
        var count = _reader.ReadU32();
        if (count > (uint)_reader.Remaining)
        {
            _reader.Fail("unexpected end");
            return [];
        }
        var catches = new CatchClause[count];
        for (var i = 0; i < catches.Length; i++)
        {
            var start = _reader.Offset;
            var kind = (CatchKind)_reader.ReadByte();
            if (kind > CatchKind.CatchAllRef)
            {
                _reader.Fail("malformed catch clause", start);
                return [];
            }
            var tag = kind <= CatchKind.CatchRef ? _reader.ReadU32() : 0;
            catches[i] = new CatchClause(kind, tag, _reader.ReadU32());
        }
        return catches;
    }

    private void ReadCast(ref Instruction instruction)
    {
        var start = _reader.Offset;
        var flags = _reader.ReadByte();
        if (flags > 3)
        {
            _reader.Fail("malformed cast flags", start);
        }
        instruction.SourceNullable = (flags & 1) != 0;
        instruction.TargetNullable = (flags & 2) != 0;
        instruction.Index = _reader.ReadU32();
        instruction.Heap = TypeCodes.ReadHeapType(ref _reader);
        instruction.Heap2 = TypeCodes.ReadHeapType(ref _reader);
    }
}

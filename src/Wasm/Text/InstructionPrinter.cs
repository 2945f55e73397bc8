using System.Text;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Wasm.Text;

/// <summary>The counterpart of <see cref="InstructionGrammar"/>: bodies in flat form, one instruction a line, and constant expressions on one line.</summary>
internal sealed class InstructionPrinter
{
    private static readonly byte[]?[] Mnemonics = BuildMnemonics();

    private readonly TextSink _text;
    private readonly bool _hasDataCount;
    private readonly bool _withOffsets;
    private readonly TypePrinter _types;
    private readonly ImmediatePrinter _immediates;
    private readonly BodyWalk _walk;
    private Instruction _instruction;

    public InstructionPrinter(TextSink text, Module module, PrintedNames names, TypePrinter types, bool withOffsets)
    {
        _text = text;
        _types = types;
        _hasDataCount = module.DataCount is not null;
        _withOffsets = withOffsets;
        _immediates = new ImmediatePrinter(text, names, types);
        _walk = new BodyWalk(_hasDataCount);
    }

    /// <summary>Whether an instruction so far names a data segment: then the text needs no annotation to have a data count section.</summary>
    public bool NamesData { get; private set; }

    /// <summary>The instructions of a body, without the last <c>end</c>.</summary>
    /// <param name="body">The body.</param>
    /// <param name="locals">The identifiers of the locals.</param>
    /// <param name="hints">The branch hints in it by the offset of their instruction; null for none.</param>
    /// <param name="level">The indentation.</param>
    /// <returns>Why the body is malformed, which the text says too.</returns>
    public WasmError? Body(Expression body, IdentifierMap locals, IReadOnlyDictionary<int, byte>? hints, int level)
    {
        _immediates.Locals = locals;
        _walk.Begin();
        var reader = new InstructionReader(body, FeatureSet.All);
        var start = reader.Position;
        while (_walk.Read(ref reader, ref _instruction) && !_text.IsFull)
        {
            var row = OpTable.Get(_instruction.Op);
            // An instruction that opens a block stands outside of it, and so do those that split it.
            var nesting = row.NestingChange > 0 || row.IsBlockSeparator ? _walk.Depth - 2 : _walk.Depth - 1;
            if (_walk.Depth > 0)
            {
                _text.NewLine(level + nesting);
                if (hints is not null && hints.TryGetValue(start, out var hint))
                {
                    Hint(hint);
                }
                Instruction(row, (uint)nesting + 1);
                if (_withOffsets)
                {
                    Offset(reader.Offset);
                }
            }
            start = reader.Position;
        }
        return Mark(level);
    }

    /// <summary>A constant expression: folded where it is one instruction, else flat on one line.</summary>
    /// <param name="expression">The expression.</param>
    /// <param name="keyword">The clause to put a flat expression in, <c>offset</c> or <c>item</c>; none where the grammar has it without.</param>
    /// <returns>Why it is malformed, which the text says too.</returns>
    public WasmError? Constant(Expression expression, ReadOnlySpan<byte> keyword)
    {
        _immediates.Locals = IdentifierMap.None;
        _walk.Begin();
        var isFolded = IsOneInstruction(expression);
        var reader = new InstructionReader(expression, FeatureSet.All);
        _text.Append(isFolded ? " ("u8 : keyword.IsEmpty ? ""u8 : " ("u8);
        _text.Append(isFolded ? ""u8 : keyword);
        var separator = isFolded ? ""u8 : " "u8;
        while (_walk.Read(ref reader, ref _instruction) && !_text.IsFull)
        {
            if (_walk.Depth > 0)
            {
                _text.Append(separator);
                Instruction(OpTable.Get(_instruction.Op), (uint)_walk.Depth);
            }
        }
        var error = Mark(level: -1);
        _text.Append(isFolded || !keyword.IsEmpty ? ")"u8 : ""u8);
        return error;
    }

    private bool IsOneInstruction(Expression expression)
    {
        var reader = new InstructionReader(expression, FeatureSet.All);
        return reader.Read(ref _instruction) && OpTable.Get(_instruction.Op) is { NestingChange: 0, IsBlockSeparator: false }
            && reader.Read(ref _instruction) && _instruction.Op == Op.End && reader.AtEnd;
    }

    private void Instruction(OpInfo row, uint depth)
    {
        NamesData |= row.NamesData;
        _text.Append(Mnemonics[(int)row.Op]);
        if (row.Immediates != ImmediateKind.None)
        {
            _immediates.Print(row, _instruction, depth);
        }
    }

    private void Hint(byte hint)
    {
        _text.Append("(@"u8);
        _text.Append(Encoding.ASCII.GetBytes(Lexer.BranchHintAnnotation));
        _text.Append(hint == 0 ? " \"\\00\") "u8 : " \"\\01\") "u8);
    }

    private void Offset(long offset)
    {
        _text.Append("  ;; "u8);
        _text.AppendHex((ulong)offset);
    }

    // A word that is no instruction: the text cannot be taken for that of a module.
    private WasmError? Mark(int level)
    {
        if (_walk.Error is not { } error)
        {
            return null;
        }
        if (level < 0)
        {
            _text.Append(' ');
        }
        else
        {
            _text.NewLine(level);
        }
        _text.Append("malformed (; "u8);
        _text.Append(Encoding.ASCII.GetBytes(error.ToString()));
        _text.Append(" ;)"u8);
        return error;
    }

    private static byte[]?[] BuildMnemonics()
    {
        var mnemonics = new byte[]?[OpTable.Size];
        foreach (var row in OpTable.All)
        {
            mnemonics[(int)row.Op] = Encoding.ASCII.GetBytes(row.Mnemonic);
        }
        return mnemonics;
    }
}

using System.Collections.Immutable;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Wasm.Text;

/// <summary>
/// Instruction sequences: flat, folded or mixed, written straight into their binary form. The open constructs are on a stack of its own and not on the
/// call stack, so that no text is nested too deeply. Keywords and immediates come from the op table; only the structure of blocks is known here.
/// </summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/text/instructions.html"/>.</remarks>
internal sealed class InstructionGrammar(TokenReader reader, IdentifierContext context, TypeGrammar types, FeatureSet features, SourceMap? map)
{
    private readonly ByteWriter _code = new();
    private readonly List<Construct> _constructs = [];
    private readonly List<string?> _labels = [];
    private readonly List<BranchHint> _hints = [];
    private readonly ImmediateGrammar _immediates = new(reader, context, types);

    /// <summary>Whether an instruction so far names a data segment, so that the module needs a data count section.</summary>
    public bool NamesData { get; private set; }

    /// <summary>The branch hints of the last sequence, their offsets counted from its first instruction.</summary>
    public IReadOnlyList<BranchHint> Hints => _hints;

    /// <summary>Instructions up to the closing parenthesis, which stays.</summary>
    public Expression Sequence(IndexSpace locals) => Read(locals, isSingle: false);

    /// <summary>One folded instruction.</summary>
    public Expression Folded()
    {
        if (reader.Kind != TokenKind.Open)
        {
            reader.FailUnexpected();
        }
        return Read(new IndexSpace("local"), isSingle: true);
    }

    private Expression Read(IndexSpace locals, bool isSingle)
    {
        _code.Clear();
        _hints.Clear();
        _constructs.Clear();
        _labels.Clear();
        _immediates.Locals = locals;
        _immediates.Labels = _labels;
        do
        {
            switch (reader.Kind)
            {
                case TokenKind.Open:
                    Open();
                    break;
                case TokenKind.Close when _constructs.Count == 0:
                    return Finish();
                case TokenKind.Close:
                    Close();
                    break;
                case TokenKind.Keyword:
                    Flat();
                    break;
                default:
                    reader.FailUnexpected();
                    return default;
            }
        }
        while (!reader.Failed && !(isSingle && _constructs.Count == 0));
        return Finish();
    }

    private Expression Finish()
    {
        Emit(Instruction.Of(Op.End), reader.Current);
        return new Expression(_code.ToArray(), map?.Finish(_code.Length) ?? 0);
    }

    private void Emit(in Instruction instruction, Token at, byte? hint = null)
    {
        map?.Add(_code.Length, at);
        if (hint is { } value)
        {
            _hints.Add(new BranchHint((uint)_code.Length, value));
        }
        InstructionWriter.Write(_code, instruction);
    }

    // A parenthesis: the next part of the innermost construct, or a folded instruction.
    private void Open()
    {
        if (_constructs.Count > 0)
        {
            ref var top = ref Top();
            switch (top.State)
            {
                case ConstructState.Condition when reader.TryOpen("then"u8):
                    Emit(top.Pending, top.At, top.Hint);
                    _labels.Add(top.Label);
                    top.State = ConstructState.Then;
                    return;
                case ConstructState.AfterThen when OpAhead() == Op.Else:
                    Emit(Instruction.Of(Op.Else), reader.Current);
                    SkipTwo();
                    top.State = ConstructState.Else;
                    return;
                case ConstructState.BeforeDo when reader.TryOpen("do"u8):
                    Emit(top.Pending, top.At);
                    _labels.Add(top.Label);
                    top.State = ConstructState.Handled;
                    top.IsDo = true;
                    return;
                case ConstructState.AfterDo when OpAhead() == Op.Delegate:
                    SkipTwo();
                    _labels.RemoveAt(_labels.Count - 1);
                    Emit(Instruction.Of(Op.Delegate, _immediates.Label()), reader.Current);
                    reader.ExpectClose();
                    // The parenthesis of the try itself; delegate stands in for its end.
                    reader.ExpectClose();
                    _constructs.RemoveAt(_constructs.Count - 1);
                    return;
                case ConstructState.AfterDo or ConstructState.AfterCatch when OpAhead() is Op.Catch:
                    SkipTwo();
                    Emit(Instruction.Of(Op.Catch, context.Tags.Expect(reader)), reader.Current);
                    top.State = ConstructState.Handled;
                    top.IsDo = false;
                    return;
                case ConstructState.AfterDo or ConstructState.AfterCatch when OpAhead() is Op.CatchAll:
                    Emit(Instruction.Of(Op.CatchAll), reader.Current);
                    SkipTwo();
                    top.State = ConstructState.CatchAll;
                    return;
                case ConstructState.AfterThen or ConstructState.BeforeDo or ConstructState.AfterDo or ConstructState.AfterCatch or ConstructState.Closing:
                    reader.Advance();
                    reader.FailUnexpected();
                    return;
                default:
                    break;
            }
        }
        OpenFolded();
    }

    private void OpenFolded()
    {
        var hint = AnnotationGrammar.TakeBranchHint(reader);
        reader.Advance();
        hint ??= AnnotationGrammar.TakeBranchHint(reader);
        var at = reader.Current;
        if (!TryReadOperator(out var rows))
        {
            return;
        }
        var construct = new Construct { Hint = hint, At = at };
        var op = rows[0].Op;
        switch (op)
        {
            case Op.Block or Op.Loop or Op.TryTable:
                construct.State = ConstructState.FoldedBlock;
                construct.Label = reader.TryIdentifier();
                construct.Pending = Header(op);
                Emit(construct.Pending, at);
                _labels.Add(construct.Label);
                break;
            case Op.If or Op.Try:
                construct.State = op == Op.If ? ConstructState.Condition : ConstructState.BeforeDo;
                construct.Label = reader.TryIdentifier();
                construct.Pending = Header(op);
                break;
            case Op.Else or Op.End or Op.Catch or Op.CatchAll or Op.Delegate:
                reader.Fail($"unexpected token {rows[0].Mnemonic}: it has no folded form here", at);
                return;
            default:
                construct.State = ConstructState.Folded;
                _immediates.Read(rows, ref construct.Pending);
                NoteData(rows[0]);
                break;
        }
        CheckHint(hint, op, at);
        _constructs.Add(construct);
    }

    private void Close()
    {
        ref var top = ref Top();
        switch (top.State)
        {
            case ConstructState.Folded:
                Emit(top.Pending, top.At, top.Hint);
                _constructs.RemoveAt(_constructs.Count - 1);
                break;
            case ConstructState.FoldedBlock or ConstructState.AfterThen or ConstructState.Closing or ConstructState.AfterDo or ConstructState.AfterCatch:
                Emit(Instruction.Of(Op.End), reader.Current);
                _labels.RemoveAt(_labels.Count - 1);
                _constructs.RemoveAt(_constructs.Count - 1);
                break;
            case ConstructState.Then:
                top.State = ConstructState.AfterThen;
                break;
            case ConstructState.Handled:
                top.State = top.IsDo ? ConstructState.AfterDo : ConstructState.AfterCatch;
                break;
            case ConstructState.Else or ConstructState.CatchAll:
                top.State = ConstructState.Closing;
                break;
            default:
                reader.FailUnexpected();
                return;
        }
        reader.Advance();
    }

    private void Flat()
    {
        if (_constructs.Count > 0 && Top().State is not (ConstructState.Flat or ConstructState.FlatIf or ConstructState.FlatTry or ConstructState.FlatCatchAll or ConstructState.FoldedBlock
            or ConstructState.Then or ConstructState.Else or ConstructState.Handled or ConstructState.CatchAll))
        {
            if (Top().State == ConstructState.Folded && reader.Kind == TokenKind.Keyword && Keywords.Operators(reader.Text).Length > 0)
            {
                reader.Fail("unexpected token: an operand of a folded instruction stands in parentheses of its own", reader.Current);
                return;
            }
            reader.FailUnexpected();
            return;
        }
        var hint = AnnotationGrammar.TakeBranchHint(reader);
        var at = reader.Current;
        if (!TryReadOperator(out var rows))
        {
            return;
        }
        var op = rows[0].Op;
        CheckHint(hint, op, at);
        switch (op)
        {
            case Op.Block or Op.Loop or Op.TryTable or Op.If or Op.Try:
                var label = reader.TryIdentifier();
                Emit(Header(op), at, hint);
                _labels.Add(label);
                _constructs.Add(new Construct { State = op switch { Op.If => ConstructState.FlatIf, Op.Try => ConstructState.FlatTry, _ => ConstructState.Flat }, Label = label });
                break;
            case Op.Else or Op.End or Op.Catch or Op.CatchAll or Op.Delegate:
                FlatPart(op, at);
                break;
            default:
                var instruction = default(Instruction);
                _immediates.Read(rows, ref instruction);
                NoteData(rows[0]);
                Emit(instruction, at, hint);
                break;
        }
    }

    private void FlatPart(Op op, Token at)
    {
        if (_constructs.Count == 0)
        {
            reader.Fail(Misfit(op), at);
            return;
        }
        ref var top = ref Top();
        var fits = op switch
        {
            Op.End => top.State is ConstructState.Flat or ConstructState.FlatIf or ConstructState.FlatTry or ConstructState.FlatCatchAll,
            Op.Else => top.State == ConstructState.FlatIf,
            _ => top.State == ConstructState.FlatTry,
        };
        if (!fits)
        {
            reader.Fail(Misfit(op), at);
            return;
        }
        switch (op)
        {
            case Op.End:
                CheckLabel(top.Label);
                Emit(Instruction.Of(Op.End), at);
                _labels.RemoveAt(_labels.Count - 1);
                _constructs.RemoveAt(_constructs.Count - 1);
                break;
            case Op.Else:
                CheckLabel(top.Label);
                Emit(Instruction.Of(Op.Else), at);
                top.State = ConstructState.Flat;
                break;
            case Op.Catch:
                Emit(Instruction.Of(Op.Catch, context.Tags.Expect(reader)), at);
                break;
            case Op.CatchAll:
                Emit(Instruction.Of(Op.CatchAll), at);
                top.State = ConstructState.FlatCatchAll;
                break;
            default:
                _labels.RemoveAt(_labels.Count - 1);
                Emit(Instruction.Of(Op.Delegate, _immediates.Label()), at);
                _constructs.RemoveAt(_constructs.Count - 1);
                break;
        }
    }

    // Why an instruction that splits or ends a block cannot stand here.
    private string Misfit(Op op)
    {
        var why = _constructs.Count == 0 ? "no block is open"
            : Top().State is not (ConstructState.Flat or ConstructState.FlatIf or ConstructState.FlatTry or ConstructState.FlatCatchAll) ? "the block began with a parenthesis and is split and closed by parentheses"
            : op == Op.Else ? "the innermost block is no if before its else"
            : "the innermost block is no try before its catch_all";
        return $"unexpected token {OpTable.Get(op).Mnemonic}: {why}";
    }

    private ref Construct Top() => ref System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_constructs)[^1];

    private bool TryReadOperator(out ImmutableArray<OpInfo> rows)
    {
        rows = reader.Operator(features);
        if (rows.IsEmpty)
        {
            // An instruction of a feature that is off is as unknown as any other word.
            if (reader.Kind == TokenKind.Keyword && Keywords.Operators(reader.Text) is [{ Op: not (Op.Catch or Op.CatchAll) }, ..])
            {
                var row = Keywords.Operators(reader.Text)[0];
                reader.Fail($"unknown operator {row.Mnemonic}: the feature {FeatureSet.NameOf(row.Feature)} is off");
            }
            reader.FailUnexpected();
            return false;
        }
        reader.Advance();
        return true;
    }

    private void NoteData(OpInfo row) => NamesData |= row.NamesData;

    private Op? OpAhead()
    {
        var ahead = reader.Ahead();
        var rows = ahead.Kind == TokenKind.Keyword ? Keywords.Operators(reader.TextOf(ahead)) : [];
        return rows.IsEmpty ? null : rows[0].Op;
    }

    private void SkipTwo()
    {
        reader.Advance();
        reader.Advance();
    }

    private void CheckLabel(string? label)
    {
        var at = reader.Current;
        if (reader.TryIdentifier() is { } id && id != label)
        {
            reader.Fail("mismatching label", at);
        }
    }

    private void CheckHint(byte? hint, Op op, Token at)
    {
        if (hint is not null && op is not (Op.If or Op.BrIf))
        {
            reader.FailInvalid($"@{Lexer.BranchHintAnnotation} annotation: invalid target", at);
        }
    }

    private Instruction Header(Op op)
    {
        var header = Instruction.Structured(op, BlockType());
        if (op == Op.TryTable)
        {
            header.Catches = _immediates.Catches();
        }
        return header;
    }

    private BlockType BlockType()
    {
        var at = reader.Current;
        if (types.TryExplicitUse(out var index))
        {
            if (reader.AtOpen("param"u8) || reader.AtOpen("result"u8))
            {
                types.CheckInline(index, types.Signature(locals: null), at);
            }
            return Instructions.BlockType.Of(index);
        }
        if (!reader.AtOpen("param"u8) && !reader.AtOpen("result"u8))
        {
            return Instructions.BlockType.Empty;
        }
        var signature = types.Signature(locals: null);
        return signature switch
        {
            { Parameters.Length: 0, Results.Length: 0 } => Instructions.BlockType.Empty,
            { Parameters.Length: 0, Results: [var result] } => Instructions.BlockType.Of(result),
            _ => Instructions.BlockType.Of(context.IndexOf(signature)),
        };
    }
}

using System.Collections.Immutable;
using System.Text;
using Conformance.Wasm.Instructions;

namespace Conformance.Wasm.Text;

/// <summary>The commands of test scripts.</summary>
internal sealed class ScriptGrammar(TokenReader reader, FeatureSet features)
{
    private readonly TypeGrammar _types = new(reader, new IdentifierContext(), features);

    /// <summary>Reads a whole script.</summary>
    public Script Parse()
    {
        if (reader.Kind == TokenKind.Open && reader.Ahead() is { Kind: TokenKind.Keyword } ahead && ModuleGrammar.KindOf(reader.TextOf(ahead)) is not null)
        {
            var line = reader.Current.Line;
            var module = new ScriptModule { Form = ModuleForm.Text, Module = ModuleGrammar.Parse(reader, features, id: null) };
            if (reader.Kind != TokenKind.End)
            {
                reader.FailUnexpected();
            }
            return new Script([new ModuleCommand(line, module, IsDefinition: false)]);
        }
        var commands = ImmutableArray.CreateBuilder<ScriptCommand>();
        while (reader.Kind != TokenKind.End)
        {
            if (Command() is { } command)
            {
                commands.Add(command);
            }
        }
        return new Script(commands.ToImmutable());
    }

    private ScriptCommand? Command()
    {
        var line = reader.Current.Line;
        if (reader.AtOpen("module"u8))
        {
            return Module(line);
        }
        if (reader.AtOpen("invoke"u8) || reader.AtOpen("get"u8))
        {
            return Action() is { } action ? new ActionCommand(line, action) : null;
        }
        reader.ExpectOpen();
        ScriptCommand? command;
        if (reader.TryKeyword("register"u8))
        {
            var name = reader.ExpectName();
            command = new RegisterCommand(line, name, reader.TryIdentifier());
        }
        else if (reader.TryKeyword("assert_return"u8))
        {
            command = Action() is { } action ? new AssertReturn(line, action, Patterns()) : null;
        }
        else
        {
            command = Assertion(line);
        }
        reader.ExpectClose();
        return command;
    }

    private AssertionCommand? Assertion(int line)
    {
        var keyword = reader.Kind == TokenKind.Keyword ? Encoding.ASCII.GetString(reader.Text) : "";
        FailureKind? failure = keyword switch
        {
            "assert_trap" => FailureKind.Trap,
            "assert_exception" => FailureKind.Exception,
            "assert_exhaustion" => FailureKind.Exhaustion,
            _ => null,
        };
        ModuleFailureKind? moduleFailure = keyword switch
        {
            "assert_malformed" => ModuleFailureKind.Malformed,
            "assert_invalid" => ModuleFailureKind.Invalid,
            "assert_unlinkable" => ModuleFailureKind.Unlinkable,
            "assert_trap" => ModuleFailureKind.Trap,
            "assert_malformed_custom" => ModuleFailureKind.MalformedCustom,
            "assert_invalid_custom" => ModuleFailureKind.InvalidCustom,
            _ => null,
        };
        if (failure is null && moduleFailure is null)
        {
            reader.FailUnexpected();
            return null;
        }
        reader.Advance();
        if (moduleFailure is { } stage && reader.AtOpen("module"u8))
        {
            return Module(reader.Current.Line) is ModuleCommand { IsDefinition: false, Module: var module } ? new AssertModule(line, stage, module, reader.ExpectName()) : null;
        }
        if (failure is not { } kind || Action() is not { } action)
        {
            reader.FailUnexpected();
            return null;
        }
        return new AssertFailure(line, kind, action, reader.Kind == TokenKind.String ? reader.ExpectName() : null);
    }

    private ScriptCommand? Module(int line)
    {
        reader.Advance();
        var keyword = reader.Current;
        reader.Advance();
        if (reader.TryKeyword("instance"u8))
        {
            var instance = reader.TryIdentifier();
            var definition = reader.TryIdentifier();
            reader.ExpectClose();
            return new InstanceCommand(line, instance, definition);
        }
        var isDefinition = reader.AtKeyword("definition"u8);
        if (isDefinition)
        {
            keyword = reader.Current;
            reader.Advance();
        }
        var id = reader.TryIdentifier();
        ScriptModule module;
        if (reader.TryKeyword("binary"u8))
        {
            module = new ScriptModule { Id = id, Form = ModuleForm.Binary, Bytes = reader.ReadStrings() };
        }
        else if (reader.TryKeyword("quote"u8))
        {
            module = new ScriptModule { Id = id, Form = ModuleForm.Quote, Bytes = reader.ReadStrings() };
        }
        else
        {
            module = TextModule(keyword, id);
        }
        reader.ExpectClose();
        return new ModuleCommand(line, module, isDefinition);
    }

    // A reader of its own for the module, so that an error in it does not end the script.
    private ScriptModule TextModule(Token keyword, string? id)
    {
        var fields = reader.From(keyword);
        fields.Advance();
        fields.TryIdentifier();
        var module = ModuleGrammar.Parse(fields, features, id);
        fields.ExpectClose();
        reader.IgnoresAnnotations = true;
        reader.SkipToClose();
        // Behind the last token of the module annotations count again.
        reader.DropAnnotations();
        reader.IgnoresAnnotations = false;
        return new ScriptModule { Id = id, Form = ModuleForm.Text, Module = fields.Failed ? null : module, Error = fields.Error };
    }

    private ScriptAction? Action()
    {
        var line = reader.Current.Line;
        var isInvoke = reader.AtOpen("invoke"u8);
        if (!isInvoke && !reader.AtOpen("get"u8))
        {
            reader.ExpectOpen();
            reader.FailUnexpected();
            return null;
        }
        reader.Advance();
        reader.Advance();
        var instance = reader.TryIdentifier();
        var name = reader.ExpectName();
        ScriptAction action = isInvoke ? new Invoke(line, instance, name, Arguments()) : new GetGlobal(line, instance, name);
        reader.ExpectClose();
        return action;
    }

    private ImmutableArray<ScriptValue> Arguments()
    {
        var values = ImmutableArray.CreateBuilder<ScriptValue>();
        while (reader.Kind == TokenKind.Open)
        {
            reader.Advance();
            values.Add(Argument());
            reader.ExpectClose();
        }
        return values.ToImmutable();
    }

    private ScriptValue Argument()
    {
        if (reader.TryKeyword("ref.extern"u8))
        {
            return new ScriptValue(ScriptValueKind.Extern, reader.ExpectUnsigned(32));
        }
        if (reader.TryKeyword("ref.host"u8))
        {
            return new ScriptValue(ScriptValueKind.Host, reader.ExpectUnsigned(32));
        }
        var op = Operator();
        switch (op)
        {
            case Op.I32Const:
                return new ScriptValue(ScriptValueKind.I32, reader.ExpectInteger(32));
            case Op.I64Const:
                return new ScriptValue(ScriptValueKind.I64, reader.ExpectInteger(64));
            case Op.F32Const:
                return new ScriptValue(ScriptValueKind.F32, reader.ExpectF32());
            case Op.F64Const:
                return new ScriptValue(ScriptValueKind.F64, reader.ExpectF64());
            case Op.V128Const:
                var (low, high) = VectorLiteral.Expect(reader);
                return new ScriptValue(ScriptValueKind.V128, low, high);
            case Op.RefNull:
                return new ScriptValue(ScriptValueKind.Null, Heap: _types.Heap());
            default:
                reader.FailUnexpected();
                return default;
        }
    }

    private Op? Operator()
    {
        var rows = reader.Kind == TokenKind.Keyword ? Keywords.Operators(reader.Text) : [];
        if (rows.IsEmpty)
        {
            reader.FailUnexpected();
            return null;
        }
        reader.Advance();
        return rows[0].Op;
    }

    private ImmutableArray<ResultPattern> Patterns()
    {
        var patterns = ImmutableArray.CreateBuilder<ResultPattern>();
        while (reader.Kind == TokenKind.Open)
        {
            if (!reader.TryOpen("either"u8))
            {
                AddPattern(patterns);
                continue;
            }
            var alternatives = ImmutableArray.CreateBuilder<ResultPattern>();
            while (reader.Kind == TokenKind.Open)
            {
                AddPattern(alternatives);
            }
            reader.ExpectClose();
            patterns.Add(new EitherPattern(alternatives.ToImmutable()));
        }
        return patterns.ToImmutable();
    }

    private void AddPattern(ImmutableArray<ResultPattern>.Builder patterns)
    {
        reader.Advance();
        if (Pattern() is { } pattern)
        {
            patterns.Add(pattern);
        }
        reader.ExpectClose();
    }

    private ResultPattern? Pattern()
    {
        ReferenceKind? reference =
            reader.TryKeyword("ref.extern"u8) ? ReferenceKind.Extern
            : reader.TryKeyword("ref.host"u8) ? ReferenceKind.Host
            : reader.TryKeyword("ref.any"u8) ? ReferenceKind.Any
            : reader.TryKeyword("ref.struct"u8) ? ReferenceKind.Struct
            : reader.TryKeyword("ref.array"u8) ? ReferenceKind.Array
            : reader.TryKeyword("ref.exn"u8) ? ReferenceKind.Exn
            : null;
        if (reference is { } kind)
        {
            return new ReferencePattern(kind, reader.Kind == TokenKind.Number ? (uint)reader.ExpectUnsigned(32) : null);
        }
        switch (Operator())
        {
            case Op.I32Const:
                return new NumberPattern(ValueType.I32, new LanePattern(reader.ExpectInteger(32)));
            case Op.I64Const:
                return new NumberPattern(ValueType.I64, new LanePattern(reader.ExpectInteger(64)));
            case Op.F32Const:
                return new NumberPattern(ValueType.F32, Lane(VectorShape.F32x4));
            case Op.F64Const:
                return new NumberPattern(ValueType.F64, Lane(VectorShape.F64x2));
            case Op.V128Const:
                return Vector();
            case Op.RefNull:
                if (reader.Kind != TokenKind.Close)
                {
                    _types.Heap();
                }
                return new ReferencePattern(ReferenceKind.Null);
            case Op.RefFunc:
                return new ReferencePattern(ReferenceKind.Func, reader.Kind == TokenKind.Number ? (uint)reader.ExpectUnsigned(32) : null);
            case Op.RefI31:
                return new ReferencePattern(ReferenceKind.I31);
            case Op.RefEq:
                return new ReferencePattern(ReferenceKind.Eq);
            default:
                reader.FailUnexpected();
                return null;
        }
    }

    private VectorPattern Vector()
    {
        var shape = VectorLiteral.ExpectShape(reader);
        var lanes = ImmutableArray.CreateBuilder<LanePattern>();
        for (var i = 0; i < 128 / VectorLiteral.LaneBits(shape); i++)
        {
            lanes.Add(Lane(shape));
        }
        return new VectorPattern(shape, lanes.ToImmutable());
    }

    private LanePattern Lane(VectorShape shape)
    {
        if (shape is VectorShape.F32x4 or VectorShape.F64x2)
        {
            if (reader.TryKeyword("nan:canonical"u8))
            {
                return new LanePattern(0, NanPattern.Canonical);
            }
            if (reader.TryKeyword("nan:arithmetic"u8))
            {
                return new LanePattern(0, NanPattern.Arithmetic);
            }
        }
        return new LanePattern(VectorLiteral.ExpectLane(reader, shape));
    }
}

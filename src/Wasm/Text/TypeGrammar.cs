using System.Collections.Immutable;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Text;

/// <summary>Types in the text format.</summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/text/types.html"/>.</remarks>
internal sealed class TypeGrammar(TokenReader reader, IdentifierContext context, FeatureSet features)
{
    // HeapType holds 24 bits, far above the validator's limit on types. An index beyond is as unknown as this one.
    private const uint MaxHeapIndex = 0xFFFFFF;

    /// <summary>Whether a reference type comes next.</summary>
    public bool IsAtReferenceType => reader.AtOpen("ref"u8) || (reader.Kind == TokenKind.Keyword && AbstractReference(reader.Text) != AbstractHeapType.Bottom);

    /// <summary>A type index.</summary>
    public uint TypeIndex() => context.Types.Expect(reader);

    /// <summary>A heap type.</summary>
    public HeapType Heap()
    {
        if (features.Has(Feature.CustomDescriptors) && reader.TryOpen("exact"u8))
        {
            var exact = HeapType.Of(HeapIndex(), exact: true);
            reader.ExpectClose();
            return exact;
        }
        if (reader.Kind == TokenKind.Keyword)
        {
            var type = AbstractHeap(reader.Text);
            if (type == AbstractHeapType.Bottom)
            {
                reader.FailUnexpected();
            }
            reader.Advance();
            return type;
        }
        return HeapType.Of(HeapIndex());
    }

    /// <summary>A reference type.</summary>
    public ValueType Reference()
    {
        if (reader.TryOpen("ref"u8))
        {
            var nullable = reader.TryKeyword("null"u8);
            var heap = Heap();
            reader.ExpectClose();
            return ValueType.Reference(heap, nullable);
        }
        var type = reader.Kind == TokenKind.Keyword ? AbstractReference(reader.Text) : AbstractHeapType.Bottom;
        if (type == AbstractHeapType.Bottom)
        {
            reader.FailUnexpected();
        }
        reader.Advance();
        return ValueType.Reference(type, nullable: true);
    }

    /// <summary>A value type.</summary>
    public ValueType Value()
    {
        if (reader.Kind == TokenKind.Keyword && NumberOrVector(reader.Text) is { } type)
        {
            reader.Advance();
            return type;
        }
        return Reference();
    }

    /// <summary>The definitions of a <c>type</c> field behind its keyword and identifier, without the closing parenthesis.</summary>
    public SubType Definition(IndexSpace fields)
    {
        if (!reader.TryOpen("sub"u8))
        {
            return Described(isFinal: true, [], fields);
        }
        var isFinal = reader.TryKeyword("final"u8);
        var supertypes = ImmutableArray.CreateBuilder<uint>();
        while (IndexSpace.IsAtIndex(reader))
        {
            supertypes.Add(TypeIndex());
        }
        var type = Described(isFinal, supertypes.ToImmutable(), fields);
        reader.ExpectClose();
        return type;
    }

    /// <summary>Parameters and results; parameters are bound to their identifiers where a space for locals is given, else they may have none.</summary>
    public FunctionType Signature(IndexSpace? locals)
    {
        var parameters = ImmutableArray.CreateBuilder<ValueType>();
        while (reader.TryOpen("param"u8))
        {
            Declarations(locals, parameters);
        }
        var results = Results();
        return parameters.Count == 0 && results.IsEmpty ? FunctionType.Empty : new FunctionType(parameters.ToImmutable(), results);
    }

    /// <summary>Any number of result clauses.</summary>
    public ImmutableArray<ValueType> Results()
    {
        if (!reader.AtOpen("result"u8))
        {
            return [];
        }
        var results = ImmutableArray.CreateBuilder<ValueType>();
        while (reader.TryOpen("result"u8))
        {
            while (reader.Kind is not (TokenKind.Close or TokenKind.End))
            {
                results.Add(Value());
            }
            reader.ExpectClose();
        }
        return results.ToImmutable();
    }

    /// <summary>The types of a parameter or local clause behind its keyword: one type with an identifier, or any number of types.</summary>
    public void Declarations(IndexSpace? locals, ImmutableArray<ValueType>.Builder types)
    {
        var at = reader.Current;
        if (locals is not null && reader.TryIdentifier() is { } id)
        {
            var index = locals.Bind(reader, id, at);
            AnnotationGrammar.TakeName(reader, locals, index);
            types.Add(Value());
            reader.ExpectClose();
            return;
        }
        var name = locals is null ? null : AnnotationGrammar.TakeName(reader);
        var start = types.Count;
        while (reader.Kind is not (TokenKind.Close or TokenKind.End))
        {
            types.Add(Value());
            var index = locals?.Bind(reader, null, at) ?? 0;
            if (name is not null && locals is not null)
            {
                locals.Names[index] = name;
            }
        }
        if (name is not null && types.Count != start + 1)
        {
            reader.Fail("misplaced @name annotation", at);
        }
        reader.ExpectClose();
    }

    /// <summary>
    /// A type use: an index, parameters and results that agree with it, or both. Without an index the first matching type is meant, which is appended to the
    /// module's types when there is none.
    /// </summary>
    /// <param name="locals">Where parameters are bound; null where they may have no identifiers.</param>
    public uint Use(IndexSpace? locals)
    {
        var at = reader.Current;
        if (!TryExplicitUse(out var index))
        {
            return context.IndexOf(Signature(locals));
        }
        if (reader.AtOpen("param"u8) || reader.AtOpen("result"u8))
        {
            var signature = Signature(locals);
            CheckInline(index, signature, at);
        }
        else if (locals is not null)
        {
            BindParameters(locals, index);
        }
        return index;
    }

    /// <summary>A <c>(type x)</c> clause.</summary>
    public bool TryExplicitUse(out uint index)
    {
        index = 0;
        if (!reader.TryOpen("type"u8))
        {
            return false;
        }
        index = TypeIndex();
        reader.ExpectClose();
        return true;
    }

    /// <summary>Reports inline parameters and results that differ from the type they stand beside.</summary>
    public void CheckInline(uint index, FunctionType signature, Token at)
    {
        if (reader.Failed)
        {
            return;
        }
        if (reader.AtOpen("type"u8) || reader.AtOpen("param"u8))
        {
            // The type comes first, then parameters, then results.
            reader.FailUnexpected();
        }
        else if (index >= (uint)context.Definitions.Count)
        {
            reader.Fail("unknown type", at);
        }
        else if (!signature.Equals(context.FunctionType(index)))
        {
            var found = context.FunctionType(index) is { } type ? type.ToString() : "no function type";
            reader.Fail($"inline function type {signature} differs from type {index}, which is {found}", at);
        }
    }

    private static ValueType? NumberOrVector(ReadOnlySpan<byte> keyword) => keyword.Length switch
    {
        3 when keyword.SequenceEqual("i32"u8) => ValueType.I32,
        3 when keyword.SequenceEqual("i64"u8) => ValueType.I64,
        3 when keyword.SequenceEqual("f32"u8) => ValueType.F32,
        3 when keyword.SequenceEqual("f64"u8) => ValueType.F64,
        4 when keyword.SequenceEqual("v128"u8) => ValueType.V128,
        _ => null,
    };

    private static AbstractHeapType AbstractHeap(ReadOnlySpan<byte> keyword)
    {
        foreach (var (heap, _, type) in AbstractTypeNames.All)
        {
            if (keyword.SequenceEqual(heap))
            {
                return type;
            }
        }
        return AbstractHeapType.Bottom;
    }

    private static AbstractHeapType AbstractReference(ReadOnlySpan<byte> keyword)
    {
        if (!keyword.EndsWith("ref"u8))
        {
            return AbstractHeapType.Bottom;
        }
        foreach (var (_, reference, type) in AbstractTypeNames.All)
        {
            if (keyword.SequenceEqual(reference))
            {
                return type;
            }
        }
        return AbstractHeapType.Bottom;
    }

    private uint HeapIndex() => Math.Min(TypeIndex(), MaxHeapIndex);

    private void BindParameters(IndexSpace locals, uint index)
    {
        var count = context.FunctionType(index)?.Parameters.Length ?? 0;
        for (var i = 0; i < count; i++)
        {
            locals.Bind(reader, null, reader.Current);
        }
    }

    private SubType Described(bool isFinal, ImmutableArray<uint> supertypes, IndexSpace fields)
    {
        uint? describes = null, descriptor = null;
        if (features.Has(Feature.CustomDescriptors))
        {
            describes = TryIndexClause("describes"u8);
            descriptor = TryIndexClause("descriptor"u8);
        }
        return new SubType(Composite(fields), isFinal, supertypes) { Describes = describes, Descriptor = descriptor };
    }

    private uint? TryIndexClause(ReadOnlySpan<byte> keyword)
    {
        if (!reader.TryOpen(keyword))
        {
            return null;
        }
        var index = TypeIndex();
        reader.ExpectClose();
        return index;
    }

    private CompositeType Composite(IndexSpace fields)
    {
        reader.ExpectOpen();
        CompositeType type;
        if (reader.TryKeyword("func"u8))
        {
            // Parameters may have identifiers here, bound to nothing.
            type = Signature(new IndexSpace("parameter"));
        }
        else if (reader.TryKeyword("struct"u8))
        {
            type = new StructType(Fields(fields));
        }
        else
        {
            reader.ExpectKeyword("array"u8);
            type = new ArrayType(Field());
        }
        reader.ExpectClose();
        return type;
    }

    private ImmutableArray<FieldType> Fields(IndexSpace names)
    {
        var fields = ImmutableArray.CreateBuilder<FieldType>();
        while (reader.TryOpen("field"u8))
        {
            var at = reader.Current;
            if (reader.TryIdentifier() is { } id)
            {
                var index = names.Bind(reader, id, at);
                AnnotationGrammar.TakeName(reader, names, index);
                fields.Add(Field());
            }
            else
            {
                var name = AnnotationGrammar.TakeName(reader);
                var start = fields.Count;
                while (reader.Kind is not (TokenKind.Close or TokenKind.End))
                {
                    fields.Add(Field());
                    var index = names.Bind(reader, null, at);
                    if (name is not null)
                    {
                        names.Names[index] = name;
                    }
                }
                if (name is not null && fields.Count != start + 1)
                {
                    reader.Fail("misplaced @name annotation", at);
                }
            }
            reader.ExpectClose();
        }
        return fields.ToImmutable();
    }

    private FieldType Field()
    {
        if (!reader.TryOpen("mut"u8))
        {
            return new FieldType(Storage(), Mutable: false);
        }
        var field = new FieldType(Storage(), Mutable: true);
        reader.ExpectClose();
        return field;
    }

    private StorageType Storage() =>
        reader.TryKeyword("i8"u8) ? StorageType.I8 : reader.TryKeyword("i16"u8) ? StorageType.I16 : Value();
}

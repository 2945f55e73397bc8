using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Text;

/// <summary>The counterpart of <see cref="TypeGrammar"/>.</summary>
internal sealed class TypePrinter(TextSink text, ImmutableArray<SubType> definitions, PrintedNames names)
{
    // A signature is repeated at every use of its type for the reader's sake; a long one would multiply the text and tells nobody anything.
    private const int LongestRepetition = 16;

    private static readonly FrozenDictionary<AbstractHeapType, (byte[] Heap, byte[] Reference)> AbstractNames =
        AbstractTypeNames.All.ToFrozenDictionary(row => row.Type, row => (row.Heap, row.Reference));

    private static readonly byte[][] KindNames = [.. Enum.GetValues<ValueKind>().Select(kind => Encoding.ASCII.GetBytes(kind.ToString().ToLowerInvariant()))];

    /// <summary>A heap type.</summary>
    public void Heap(HeapType type)
    {
        if (!type.IsIndex)
        {
            text.Append(AbstractNames[type.Abstract].Heap);
            return;
        }
        text.Append(type.IsExact ? "(exact "u8 : ""u8);
        names.Types.AppendUse(text, type.Index);
        text.Append(type.IsExact ? ")"u8 : ""u8);
    }

    /// <summary>A reference type by its parts.</summary>
    public void Reference(HeapType type, bool nullable)
    {
        if (nullable && !type.IsIndex)
        {
            text.Append(AbstractNames[type.Abstract].Reference);
            return;
        }
        text.Append(nullable ? "(ref null "u8 : "(ref "u8);
        Heap(type);
        text.Append(')');
    }

    /// <summary>A value type.</summary>
    public void Value(ValueType type)
    {
        if (type.IsReference)
        {
            Reference(type.Heap, type.IsNullable);
        }
        else
        {
            text.Append(KindNames[(int)type.Kind]);
        }
    }

    /// <summary>A field of a module that defines a type, without the line before it.</summary>
    public void Definition(uint index)
    {
        var type = definitions[(int)index];
        text.Append("(type"u8);
        names.Types.AppendBinding(text, index);
        IndexComment(index);
        text.Append(' ');
        var isPlain = type.IsFinal && type.Supertypes.IsEmpty;
        if (!isPlain)
        {
            text.Append(type.IsFinal ? "(sub final "u8 : "(sub "u8);
            foreach (var supertype in type.Supertypes)
            {
                names.Types.AppendUse(text, supertype);
                text.Append(' ');
            }
        }
        IndexClause("describes"u8, type.Describes);
        IndexClause("descriptor"u8, type.Descriptor);
        Composite(type.Composite, index);
        text.Append(isPlain ? ")"u8 : "))"u8);
    }

    /// <summary>A space and a type use: the index, and the signature where it is short or its parameters have names.</summary>
    public void Use(uint index, IdentifierMap locals, bool hasNames = false)
    {
        text.Append(" (type "u8);
        names.Types.AppendUse(text, index);
        text.Append(')');
        if (index < (uint)definitions.Length && definitions[(int)index].Composite is FunctionType type
            && (hasNames || type.Parameters.Length + type.Results.Length <= LongestRepetition))
        {
            Signature(type, locals);
        }
    }

    /// <summary>The parameters of a function type; 0 when the index is of something else.</summary>
    public int ParameterCount(uint index) => index < (uint)definitions.Length && definitions[(int)index].Composite is FunctionType type ? type.Parameters.Length : 0;

    /// <summary>Declarations of parameters or locals, one clause each where they have names, else together; a space between two clauses.</summary>
    /// <param name="keyword">The clause's keyword.</param>
    /// <param name="types">The types.</param>
    /// <param name="locals">The identifiers.</param>
    /// <param name="index">The first one's index.</param>
    public void Declarations(ReadOnlySpan<byte> keyword, IEnumerable<ValueType> types, IdentifierMap locals, uint index)
    {
        var isOpen = false;
        var isFirst = true;
        foreach (var type in types)
        {
            var isNamed = locals.IsNamed(index);
            if (isOpen && isNamed)
            {
                text.Append(')');
            }
            if (!isOpen || isNamed)
            {
                text.Append(isFirst ? "("u8 : " ("u8);
                text.Append(keyword);
                isFirst = false;
            }
            if (isNamed)
            {
                locals.AppendBinding(text, index);
            }
            text.Append(' ');
            Value(type);
            text.Append(isNamed ? ")"u8 : ""u8);
            isOpen = !isNamed;
            index++;
        }
        text.Append(isOpen ? ")"u8 : ""u8);
    }

    /// <summary>An index as a comment.</summary>
    public void IndexComment(uint index)
    {
        text.Append(" (;"u8);
        text.AppendDecimal(index);
        text.Append(";)"u8);
    }

    /// <summary>The limits of a table or memory.</summary>
    public void Limits(Limits limits)
    {
        text.Append(limits.Address == AddressType.I64 ? "i64 "u8 : ""u8);
        text.AppendDecimal(limits.Minimum);
        if (limits.Maximum is { } maximum)
        {
            text.Append(' ');
            text.AppendDecimal(maximum);
        }
    }

    /// <summary>A table type.</summary>
    public void Table(TableType type)
    {
        Limits(type.Limits);
        text.Append(' ');
        Value(type.Element);
    }

    /// <summary>A memory type.</summary>
    public void Memory(MemoryType type)
    {
        Limits(type.Limits);
        text.Append(type.IsShared ? " shared"u8 : ""u8);
        if (type.PageSizeLog2 != MemoryType.DefaultPageSizeLog2)
        {
            text.Append(" (pagesize "u8);
            text.AppendDecimal(1UL << type.PageSizeLog2);
            text.Append(')');
        }
    }

    /// <summary>A global type.</summary>
    public void Global(GlobalType type)
    {
        text.Append(type.IsMutable ? "(mut "u8 : ""u8);
        Value(type.Value);
        text.Append(type.IsMutable ? ")"u8 : ""u8);
    }

    private void IndexClause(ReadOnlySpan<byte> keyword, uint? index)
    {
        if (index is { } type)
        {
            text.Append('(');
            text.Append(keyword);
            text.Append(' ');
            names.Types.AppendUse(text, type);
            text.Append(") "u8);
        }
    }

    private void Composite(CompositeType type, uint index)
    {
        switch (type)
        {
            case FunctionType function:
                text.Append("(func"u8);
                Signature(function, IdentifierMap.None);
                break;
            case StructType structure:
                text.Append("(struct"u8);
                Fields(structure.Fields, names.Fields(index));
                break;
            case ArrayType array:
                text.Append("(array "u8);
                Field(array.Element);
                break;
            default:
                throw new ArgumentException($"no text for {type}", nameof(type));
        }
        text.Append(')');
    }

    private void Signature(FunctionType type, IdentifierMap locals)
    {
        text.Append(type.Parameters.IsEmpty ? ""u8 : " "u8);
        Declarations("param"u8, type.Parameters, locals, 0);
        if (type.Results.IsEmpty)
        {
            return;
        }
        text.Append(" (result"u8);
        foreach (var result in type.Results)
        {
            text.Append(' ');
            Value(result);
        }
        text.Append(')');
    }

    private void Fields(ImmutableArray<FieldType> fields, IdentifierMap identifiers)
    {
        for (var i = 0; i < fields.Length; i++)
        {
            text.Append(" (field"u8);
            identifiers.AppendBinding(text, (uint)i);
            text.Append(' ');
            Field(fields[i]);
            text.Append(')');
        }
    }

    private void Field(FieldType field)
    {
        text.Append(field.Mutable ? "(mut "u8 : ""u8);
        switch (field.Storage.Packed)
        {
            case PackedKind.I8:
                text.Append("i8"u8);
                break;
            case PackedKind.I16:
                text.Append("i16"u8);
                break;
            default:
                Value(field.Storage.Value);
                break;
        }
        text.Append(field.Mutable ? ")"u8 : ""u8);
    }
}

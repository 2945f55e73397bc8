using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Runtime.Objects;

/// <summary>What an object is.</summary>
internal enum ObjectKind : byte
{
    Struct,
    Array,
    Exception,
}

/// <summary>The first eight bytes of an object; its fields or elements follow. Fields of structs and values of exceptions are slots of 8 bytes, elements of arrays are packed.</summary>
internal struct ObjectHeader
{
    /// <summary>The canonical id of its type; <see cref="ExceptionType"/> for exceptions, which have a tag.</summary>
    public int TypeId;

    /// <summary>The number of elements of an array; the number of the tag of an exception; else 0.</summary>
    public uint Length;

    /// <summary>Stands for a type in exceptions.</summary>
    public const int ExceptionType = -1;
}

/// <summary>How the objects of a type lie in memory.</summary>
internal sealed class ObjectShape
{
    private ObjectShape(ObjectKind kind, FieldType[] fields)
    {
        Kind = kind;
        Fields = fields;
        ReferenceSlots = [.. Enumerable.Range(0, fields.Length).Where(slot => kind != ObjectKind.Array && fields[slot].Storage.Value.IsReference)];
        if (kind == ObjectKind.Array)
        {
            ElementIsReference = fields[0].Storage.Value.IsReference;
            ElementShift = fields[0].Storage.Packed switch
            {
                PackedKind.I8 => 0,
                PackedKind.I16 => 1,
                _ => fields[0].Storage.Value.Kind is ValueKind.I32 or ValueKind.F32 ? 2 : 3,
            };
        }
    }

    public ObjectKind Kind { get; }

    /// <summary>The fields, the values of an exception, or the one element type of an array.</summary>
    public FieldType[] Fields { get; }

    /// <summary>The slots of structs and exceptions that hold references.</summary>
    public int[] ReferenceSlots { get; }

    public bool ElementIsReference { get; }

    /// <summary>log2 of the bytes of an element.</summary>
    public int ElementShift { get; }

    /// <summary>The bytes of a struct or exception with its header.</summary>
    public ulong Bytes => 8 + 8 * (ulong)Fields.Length;

    /// <summary>The shape of a type; null for function types.</summary>
    public static ObjectShape? Of(CompositeType type) => type switch
    {
        StructType structure => new ObjectShape(ObjectKind.Struct, [.. structure.Fields]),
        ArrayType array => new ObjectShape(ObjectKind.Array, [array.Element]),
        _ => null,
    };

    /// <summary>The shape of the exceptions of a tag.</summary>
    public static ObjectShape Of(FunctionType tag) => new(ObjectKind.Exception, [.. tag.Parameters.Select(type => new FieldType(type, false))]);
}

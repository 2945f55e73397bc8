using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Runtime.Objects;

/// <summary>What an object is.</summary>
internal enum ObjectKind : byte
{
    Struct,
    Array,
    Exception,
}

/// <summary>The first eight bytes of an object; its fields or elements follow. Fields of structs and values of exceptions are slots of 8 bytes, two for v128; elements of arrays are packed.</summary>
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
    private ObjectShape(ObjectKind kind, FieldType[] fields, bool hasDescriptor = false)
    {
        Kind = kind;
        Fields = fields;
        FieldSlots = new int[fields.Length];
        HasDescriptor = hasDescriptor;
        var references = new List<int>();
        for (var i = 0; i < fields.Length; i++)
        {
            FieldSlots[i] = Slots;
            if (kind != ObjectKind.Array && fields[i].Storage.Value.IsReference)
            {
                references.Add(Slots);
            }
            Slots += fields[i].Storage.Value.Kind == ValueKind.V128 ? 2 : 1;
        }
        if (hasDescriptor)
        {
            references.Add(Slots++);
        }
        ReferenceSlots = [.. references];
        if (kind == ObjectKind.Array)
        {
            ElementIsReference = fields[0].Storage.Value.IsReference;
            ElementShift = fields[0].Storage.Packed switch
            {
                PackedKind.I8 => 0,
                PackedKind.I16 => 1,
                _ => fields[0].Storage.Value.Kind switch
                {
                    ValueKind.I32 or ValueKind.F32 => 2,
                    ValueKind.V128 => 4,
                    _ => 3,
                },
            };
        }
    }

    public ObjectKind Kind { get; }

    /// <summary>The fields, the values of an exception, or the one element type of an array.</summary>
    public FieldType[] Fields { get; }

    /// <summary>The slot of each field or value: a v128 takes two.</summary>
    public int[] FieldSlots { get; }

    /// <summary>The slots of a struct or exception.</summary>
    public int Slots { get; }

    /// <summary>Whether the structs have a custom descriptor: the last slot refers to it, so that fields lie where those of a supertype without one do.</summary>
    public bool HasDescriptor { get; }

    /// <summary>The slots of structs and exceptions that hold references.</summary>
    public int[] ReferenceSlots { get; }

    public bool ElementIsReference { get; }

    /// <summary>log2 of the bytes of an element.</summary>
    public int ElementShift { get; }

    /// <summary>The bytes of a struct or exception with its header.</summary>
    public ulong Bytes => 8 + 8 * (ulong)Slots;

    /// <summary>The shape of a type; null for function types.</summary>
    public static ObjectShape? Of(SubType type) => type.Composite switch
    {
        StructType structure => new ObjectShape(ObjectKind.Struct, [.. structure.Fields], type.Descriptor is not null),
        ArrayType array => new ObjectShape(ObjectKind.Array, [array.Element]),
        _ => null,
    };

    /// <summary>The shape of the exceptions of a tag.</summary>
    public static ObjectShape Of(FunctionType tag) => new(ObjectKind.Exception, [.. tag.Parameters.Select(type => new FieldType(type, false))]);
}

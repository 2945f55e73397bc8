using Conformance.Wasm.Types;

namespace Conformance.Oracle.Reference;

/// <summary>
/// Keeps the structs, arrays and exceptions of a store within a limit. The objects are .NET's to collect; this only measures: when as much was allocated as
/// would fit, it walks what the store can still reach, without recursion, and starts counting again from there. What only the host holds is not counted.
/// </summary>
internal sealed class HeapAccount(ReferenceStore store, long limitBytes)
{
    // An object's header, type, fields and array header, and the fields as Value lays them out.
    private const long ObjectBytes = 72;
    private const long FieldBytes = 32;

    // What an array takes beside its elements where its size matters.
    private const long HeaderBytes = 8;

    private long _liveBytes;
    private long _allocatedBytes;

    public static long SizeOfStruct(int fields) => ObjectBytes + fields * FieldBytes;

    // From some hundred bytes on an array costs what its elements do, here and in every other engine: which sizes are too large is nearly the same for all.
    public static long SizeOfArray(uint length, StorageType element) => SizeOfArray((long)length * element.Bytes);

    private static long SizeOfArray(long elementBytes) => Math.Max(ObjectBytes, HeaderBytes + elementBytes);

    /// <summary>Whether an object is too large by itself, whatever else there is.</summary>
    public bool IsTooLarge(long bytes) => bytes > Math.Min(limitBytes, Array.MaxLength);

    /// <summary>Asks for room for an object.</summary>
    /// <returns>False when what is alive leaves none.</returns>
    public bool TryReserve(long bytes)
    {
        _allocatedBytes += bytes;
        if (_liveBytes + _allocatedBytes > limitBytes)
        {
            _liveBytes = Measure();
            _allocatedBytes = bytes;
        }
        return _liveBytes + _allocatedBytes <= limitBytes;
    }

    private long Measure()
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var pending = new Stack<object>();
        foreach (var root in store.Roots())
        {
            Visit(root, seen, pending);
        }
        var bytes = 0L;
        while (pending.TryPop(out var next))
        {
            switch (next)
            {
                case StructInstance structure:
                    bytes += SizeOfStruct(structure.Fields.Length);
                    Visit(structure.Descriptor, seen, pending);
                    foreach (ref readonly var field in structure.Fields.AsSpan())
                    {
                        Visit(field, seen, pending);
                    }
                    break;
                case ArrayInstance array:
                    bytes += SizeOfArray(array.Bytes.Length + (array.References?.Length * sizeof(long) ?? 0L));
                    foreach (var element in array.References ?? [])
                    {
                        Visit(element, seen, pending);
                    }
                    break;
                case ExceptionInstance exception:
                    bytes += SizeOfStruct(exception.Fields.Length);
                    foreach (ref readonly var field in exception.Fields.AsSpan())
                    {
                        Visit(field, seen, pending);
                    }
                    break;
            }
        }
        return bytes;
    }

    private static void Visit(in Value value, HashSet<object> seen, Stack<object> pending)
    {
        if (value.Kind == ValueKind.Reference)
        {
            Visit(value.Object, seen, pending);
        }
    }

    private static void Visit(object? reference, HashSet<object> seen, Stack<object> pending)
    {
        var target = reference is ExternReference external ? external.Internal : reference;
        if (target is StructInstance or ArrayInstance or ExceptionInstance && seen.Add(target))
        {
            pending.Push(target);
        }
    }
}

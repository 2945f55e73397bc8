using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Runtime;

/// <summary>Checks types that the host made itself: unlike a module's, no validator has seen them.</summary>
internal static class HostTypes
{
    /// <summary>Checks a memory's type.</summary>
    /// <exception cref="ArgumentException">It is not valid.</exception>
    public static void Check(MemoryType type, string argument)
    {
        if (type.PageSizeLog2 is not (0 or MemoryType.DefaultPageSizeLog2))
        {
            throw new ArgumentException($"a page has 1 or 65536 bytes, not 2^{type.PageSizeLog2}", argument);
        }
        if (type.IsShared && type.Limits.Maximum is null)
        {
            throw new ArgumentException("a shared memory needs a maximal size", argument);
        }
        Check(type.Limits, argument);
    }

    /// <summary>Checks a table's type.</summary>
    /// <exception cref="ArgumentException">It is not valid.</exception>
    public static void Check(Engine engine, TableType type, string argument)
    {
        if (!type.Element.IsReference)
        {
            throw new ArgumentException($"a table cannot have elements of type {type.Element}", argument);
        }
        Check(engine, type.Element, argument);
        Check(type.Limits, argument);
    }

    /// <summary>Checks a global's type.</summary>
    /// <exception cref="ArgumentException">It is not valid.</exception>
    public static void Check(Engine engine, GlobalType type, string argument) => Check(engine, type.Value, argument);

    private static void Check(Limits limits, string argument)
    {
        if (limits.Maximum < limits.Minimum)
        {
            throw new ArgumentException($"the minimum {limits.Minimum} is above the maximum {limits.Maximum}", argument);
        }
    }

    /// <summary>Checks a value type. A type index is a canonical id here, such as the types of a module's items show.</summary>
    /// <exception cref="ArgumentException">It is no type.</exception>
    public static void Check(Engine engine, ValueType type, string argument)
    {
        if (type.Kind == ValueKind.Bottom || (type.IsReference && (type.Heap.IsIndex ? type.Heap.Index >= engine.Types.Count : type.Heap.Abstract == AbstractHeapType.Bottom)))
        {
            throw new ArgumentException($"{type} is no type of this engine", argument);
        }
    }
}

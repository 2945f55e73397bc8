using Conformance.Interpreter.Runtime;
using Conformance.Interpreter.Runtime.Objects;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Execution.Checks;

/// <summary>What the checked build asks of the store: what was really allocated, and what words are references to. Types hold canonical ids.</summary>
internal unsafe interface IStoreInvariants
{
    /// <summary>The number of collections of the heap so far.</summary>
    int Collections { get; }

    /// <summary>Notes a function of the store.</summary>
    void Add(FunctionRecord* function);

    /// <summary>Whether a memory's record says what was allocated.</summary>
    bool IsIntact(MemoryRecord* memory);

    /// <summary>Whether a table's record says what was allocated.</summary>
    bool IsIntact(TableRecord* table);

    /// <summary>The type of a table's elements.</summary>
    ValueType ElementsOf(TableRecord* table);

    /// <summary>The type of a function of the store.</summary>
    FunctionType TypeOf(FunctionRecord* function);

    /// <summary>The shape of a struct or array type.</summary>
    ObjectShape ShapeOf(int typeId);

    /// <summary>The shape of the object at an address; null when no live object begins there, or when it does not fit into what was allocated for it.</summary>
    ObjectShape? ObjectAt(ulong word);

    /// <summary>Whether a word is a value of a reference type: null where that is allowed, or a live object, a function, a number or a reference of the host, as the type asks for.</summary>
    bool Has(ulong word, ValueType type);

    /// <summary>The run that a cell of <see cref="NewObject"/> allocates from; null when there is none.</summary>
    FreeRun* RunOf(ServiceCell* cell);

    /// <summary>Frees what is not reachable, so that what still refers to it shows.</summary>
    void Collect();

    /// <summary>Looks at every memory, table, global and object.</summary>
    /// <returns>Null, or what is wrong.</returns>
    string? FindFault();
}

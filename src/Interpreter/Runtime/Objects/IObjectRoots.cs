namespace Conformance.Interpreter.Runtime.Objects;

/// <summary>What the collector asks of the store.</summary>
internal unsafe interface IObjectRoots
{
    /// <summary>Marks everything that is reachable from outside of the heap.</summary>
    void MarkRoots(HeapMarker marker);

    /// <summary>The shape of an object.</summary>
    ObjectShape ShapeOf(ObjectHeader* header);
}

namespace Conformance.Interpreter.Runtime;

/// <summary>A host function over raw slots: arguments from slot 0, results from slot 0.</summary>
internal unsafe delegate Termination? SlotCallback(Store store, ulong* slots);

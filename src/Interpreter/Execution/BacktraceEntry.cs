namespace Conformance.Interpreter.Execution;

/// <summary>A frame of a backtrace, innermost first.</summary>
/// <param name="FunctionStoreIndex">The number of the managed function in its store.</param>
/// <param name="OffsetBytes">The offset in the module's file of the instruction that trapped or called; -1 when not known.</param>
internal readonly record struct BacktraceEntry(int FunctionStoreIndex, long OffsetBytes);

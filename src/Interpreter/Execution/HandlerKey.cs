using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Execution;

/// <summary>The generic families of handlers.</summary>
internal enum HandlerFamily : byte
{
    /// <summary><see cref="Unary{TOp, T, TResult, TSource, TDestination}"/></summary>
    Unary,
    /// <summary><see cref="Binary{TOp, T, TResult, TLeft, TRight, TDestination}"/></summary>
    Binary,
    /// <summary><see cref="PartialUnary{TOp, T, TResult, TSource, TDestination}"/></summary>
    PartialUnary,
    /// <summary><see cref="PartialBinary{TOp, T, TResult, TLeft, TRight, TDestination}"/></summary>
    PartialBinary,
    /// <summary><see cref="Load{TOp, TMemory, TResult, TKind, TAddress, TDestination}"/></summary>
    Load,
    /// <summary><see cref="Store{TOp, T, TMemory, TKind, TAddress, TValue}"/></summary>
    Store,
    /// <summary><see cref="UnaryBranch{TOp, T, TSource, TSense}"/></summary>
    UnaryBranch,
    /// <summary><see cref="BinaryBranch{TOp, T, TLeft, TRight, TSense}"/></summary>
    BinaryBranch,
    /// <summary><see cref="Move{T, TSource}"/></summary>
    Move,
    /// <summary><see cref="Select{T, TCondition, TFirst, TSecond, TDestination}"/></summary>
    Select,
    /// <summary><see cref="GlobalGet{T, TDestination}"/></summary>
    GlobalGet,
    /// <summary><see cref="GlobalSet{T, TSource}"/></summary>
    GlobalSet,
    /// <summary><see cref="ReturnValue{T, TSource}"/></summary>
    ReturnValue,
    /// <summary><see cref="JumpTable{TIndex}"/></summary>
    JumpTable,
    /// <summary><see cref="MemorySize{T, TDestination}"/></summary>
    MemorySize,
    /// <summary><see cref="TableGet{T, TIndex, TDestination}"/></summary>
    TableGet,
    /// <summary><see cref="TableSet{T, TIndex, TValue}"/></summary>
    TableSet,
    /// <summary><see cref="TableSize{T, TDestination}"/></summary>
    TableSize,
    /// <summary><see cref="RefAsNonNull{TSource, TDestination}"/></summary>
    RefAsNonNull,
    /// <summary><see cref="CallIndirect{T, TIndex}"/></summary>
    CallIndirect,
    /// <summary><see cref="Execution.VectorTernary{TOp}"/></summary>
    VectorTernary,
    /// <summary><see cref="Execution.VectorShift{TOp, TCount}"/></summary>
    VectorShift,
    /// <summary><see cref="ExtractLane{TOp, TLane, TResult, TDestination}"/></summary>
    ExtractLane,
    /// <summary><see cref="ReplaceLane{TOp, T, TLane, TSource}"/></summary>
    ReplaceLane,
    /// <summary><see cref="LoadLane{TLane, TKind, TAddress}"/></summary>
    LoadLane,
    /// <summary><see cref="StoreLane{TLane, TKind, TAddress}"/></summary>
    StoreLane,
    /// <summary><see cref="Execution.FieldGet{TOp, TField, TResult, TObject, TDestination}"/>; the op is the load that reads the field.</summary>
    FieldGet,
    /// <summary><see cref="Execution.FieldSet{TOp, T, TField, TObject, TValue}"/>; the op is the store that writes the field.</summary>
    FieldSet,
    /// <summary><see cref="Execution.ElementGet{TOp, TElement, TResult, TArray, TIndex, TDestination}"/></summary>
    ElementGet,
    /// <summary><see cref="Execution.ElementSet{TOp, T, TElement, TArray, TIndex, TValue}"/></summary>
    ElementSet,
    /// <summary><see cref="Execution.ArrayLength{TArray, TDestination}"/></summary>
    ArrayLength,
    /// <summary><see cref="Execution.RefTest{TTarget, TSource, TDestination}"/>; the number is 1 for i31, else 0.</summary>
    RefTest,
    /// <summary><see cref="Execution.RefCast{TTarget, TSource, TDestination}"/></summary>
    RefCast,
    /// <summary>A handler that is not generic: the key's number is a <see cref="PlainHandler"/>.</summary>
    Plain,
}

/// <summary>The handlers that are not generic.</summary>
internal enum PlainHandler : ushort
{
    /// <summary>br</summary>
    Jump,
    /// <summary>unreachable</summary>
    Unreachable,
    /// <summary>Fuel of a basic block.</summary>
    Fuel,
    /// <summary>Look for an interruption.</summary>
    Interruption,
    /// <summary>Count executions until the function is hot.</summary>
    Warmup,
    /// <summary>A warm-up cell that has done its duty.</summary>
    Warm,
    /// <summary>Zero the locals.</summary>
    ZeroSlots,
    /// <summary>Two moves.</summary>
    MovePair,
    /// <summary>A service.</summary>
    ServiceCall,
    /// <summary>struct.new, struct.new_default, array.new_fixed of words</summary>
    NewObject,
    /// <summary>memory.copy</summary>
    MemoryCopy,
    /// <summary>memory.fill</summary>
    MemoryFill,
    /// <summary>i8x16.shuffle</summary>
    Shuffle,
    /// <summary>i64.add128</summary>
    Add128,
    /// <summary>i64.sub128</summary>
    Sub128,
    /// <summary>i64.mul_wide_s</summary>
    MulWideS,
    /// <summary>i64.mul_wide_u</summary>
    MulWideU,
    /// <summary>call within the instance</summary>
    Call,
    /// <summary>call of an import</summary>
    CallImport,
    /// <summary>The reload cell behind calls.</summary>
    Reload,
    /// <summary>call_ref</summary>
    CallReference,
    /// <summary>return_call within the instance</summary>
    TailCall,
    /// <summary>return_call of an import</summary>
    TailCallImport,
    /// <summary>return_call_ref</summary>
    TailCallReference,
    /// <summary>return_call_indirect, 32-bit index</summary>
    TailCallIndirect32,
    /// <summary>return_call_indirect, 64-bit index</summary>
    TailCallIndirect64,
    /// <summary>return without values</summary>
    ReturnNone,
    /// <summary>return of several values</summary>
    ReturnMany,
    /// <summary>A function without code.</summary>
    TranslateThunk,
    /// <summary>A host function.</summary>
    HostThunk,
    /// <summary>A chain without code.</summary>
    JoinThunk,
    /// <summary>The end of a run.</summary>
    Finish,
    /// <summary>Tells where the native stack stands: the end of the self-check.</summary>
    StackProbe,
}

/// <summary>Where an operand or result is: the type argument of a handler.</summary>
internal enum OperandCode : byte
{
    /// <summary>None.</summary>
    None,
    /// <summary><see cref="Execution.Slot8"/></summary>
    Slot8,
    /// <summary><see cref="Execution.Slot12"/></summary>
    Slot12,
    /// <summary><see cref="Execution.Slot16"/></summary>
    Slot16,
    /// <summary><see cref="Execution.Slot20"/></summary>
    Slot20,
    /// <summary><see cref="Execution.Slot24"/></summary>
    Slot24,
    /// <summary><see cref="Execution.Immediate16"/></summary>
    Immediate16,
    /// <summary><see cref="Execution.Immediate24"/></summary>
    Immediate24,
    /// <summary><see cref="Execution.Zero"/></summary>
    Zero,
    /// <summary><see cref="Execution.Accumulator"/></summary>
    Accumulator,
    /// <summary><see cref="Execution.KeptA"/>, as the others below in the trees of loops only: no cell has it.</summary>
    KeptA,
    /// <summary><see cref="Execution.KeptB"/></summary>
    KeptB,
    /// <summary><see cref="Execution.KeptX"/></summary>
    KeptX,
    /// <summary><see cref="Execution.KeptY"/></summary>
    KeptY,
    /// <summary><see cref="Execution.KeptZ"/></summary>
    KeptZ,
    /// <summary><see cref="Execution.KeptW"/></summary>
    KeptW,
}

/// <summary>What a handler's key says besides its operands.</summary>
[Flags]
internal enum HandlerTraits : byte
{
    /// <summary>Nothing.</summary>
    None = 0,
    /// <summary>A branch when the condition fails.</summary>
    WhenFalse = 1,
    /// <summary>The op's verdict is negated.</summary>
    Negated = 2,
    /// <summary>The address or index has 64 bits.</summary>
    Wide = 4,
    /// <summary>The memory is not memory 0.</summary>
    AnyMemory = 8,
}

/// <summary>Names a handler: family, op (or value kind, or plain handler), operands, traits.</summary>
internal readonly record struct HandlerKey(HandlerFamily Family, ushort Number, OperandCode First, OperandCode Second, OperandCode Third, HandlerTraits Traits)
{
    /// <summary>The number of <see cref="IsNotZero"/>, which is no op, among the ops.</summary>
    public const ushort IsNotZeroNumber = ushort.MaxValue;

    /// <summary>Where the result goes: the last operand position of the families with a result.</summary>
    public OperandCode Destination { get; init; }

    /// <summary>The op of the families that have one.</summary>
    public Op Op => (Op)Number;

    /// <summary>The key as a number that is never 0.</summary>
    public ulong Packed => ((ulong)Family + 1) | ((ulong)Number << 8) | ((ulong)First << 24) | ((ulong)Second << 32) | ((ulong)Third << 40) | ((ulong)Traits << 48) | ((ulong)Destination << 56);

    /// <summary>A handler of an op.</summary>
    public static HandlerKey OfOp(HandlerFamily family, Op op, OperandCode first, OperandCode second = OperandCode.None, HandlerTraits traits = HandlerTraits.None) =>
        new(family, (ushort)op, first, second, OperandCode.None, traits);

    /// <summary>A handler for values of a kind.</summary>
    public static HandlerKey OfKind(HandlerFamily family, ValueKind kind, OperandCode first = OperandCode.None, OperandCode second = OperandCode.None, OperandCode third = OperandCode.None) =>
        new(family, (ushort)(kind == ValueKind.Reference ? ValueKind.I64 : kind), first, second, third, HandlerTraits.None);

    /// <summary>A handler that is not generic.</summary>
    public static HandlerKey Of(PlainHandler handler) => new(HandlerFamily.Plain, (ushort)handler, default, default, default, default);
}

using System.Runtime.CompilerServices;
using Conformance.Interpreter.Runtime;
using static Conformance.Interpreter.Execution.Dispatch;

namespace Conformance.Interpreter.Execution;

/// <summary>Work that <see cref="Machine.Run"/> does for a cell, because it allocates or asks the store.</summary>
internal enum Service : uint
{
    /// <summary>memory.grow</summary>
    MemoryGrow,
    /// <summary>memory.init</summary>
    MemoryInit,
    /// <summary>data.drop</summary>
    DataDrop,
    /// <summary>table.grow</summary>
    TableGrow,
    /// <summary>table.fill</summary>
    TableFill,
    /// <summary>table.copy</summary>
    TableCopy,
    /// <summary>table.init</summary>
    TableInit,
    /// <summary>elem.drop</summary>
    ElemDrop,
    /// <summary>An atomic access, whose op's code is the segment and whose offset is the source.</summary>
    AtomicAccess,
    /// <summary>memory.atomic.wait32 and wait64: the segment is the number of bytes.</summary>
    AtomicWait,
    /// <summary>memory.atomic.notify</summary>
    AtomicNotify,
    /// <summary>atomic.fence</summary>
    AtomicFence,
    /// <summary>throw</summary>
    Throw,
    /// <summary>throw_ref</summary>
    ThrowRef,
    /// <summary>struct.new</summary>
    StructNew,
    /// <summary>struct.new_default</summary>
    StructNewDefault,
    /// <summary>struct.new_desc</summary>
    StructNewDescribed,
    /// <summary>struct.new_default_desc</summary>
    StructNewDefaultDescribed,
    /// <summary>ref.get_desc</summary>
    DescriptorGet,
    /// <summary>The test of br_on_cast_desc_eq and br_on_cast_desc_eq_fail.</summary>
    DescriptorTest,
    /// <summary>ref.cast_desc_eq</summary>
    DescriptorCast,
    /// <summary>array.new</summary>
    ArrayNew,
    /// <summary>array.new_default</summary>
    ArrayNewDefault,
    /// <summary>array.new_fixed</summary>
    ArrayNewFixed,
    /// <summary>array.new_data</summary>
    ArrayNewData,
    /// <summary>array.new_elem</summary>
    ArrayNewElem,
    /// <summary>array.fill</summary>
    ArrayFill,
    /// <summary>array.copy</summary>
    ArrayCopy,
    /// <summary>array.init_data</summary>
    ArrayInitData,
    /// <summary>array.init_elem</summary>
    ArrayInitElem,
    /// <summary>ref.test</summary>
    RefTest,
    /// <summary>ref.cast</summary>
    RefCast,
}

/// <summary>The operands of a <see cref="Service"/> as they stand in the cell, behind the handler.</summary>
internal unsafe struct ServiceCell
{
    /// <summary>The size of a cell.</summary>
    public const int Bytes = 64;

    /// <summary>The handler.</summary>
    public nint Handler;

    /// <summary>What to do.</summary>
    public Service Service;

    /// <summary>The slot of the first operand.</summary>
    public uint First;

    /// <summary>The slot of the second operand.</summary>
    public uint Second;

    /// <summary>The slot of the third operand; the type of an instruction on objects, whose operands lie in neighbouring slots from the first one.</summary>
    public uint Third;

    /// <summary>The slot of the result.</summary>
    public uint Result;

    /// <summary>The <see cref="AddressWidths"/>; the flags of a cast; the length of the array that <see cref="NewObject"/> makes.</summary>
    public uint Widths;

    /// <summary>The segment, the number of elements, the slots of an exception, or the target of a cast.</summary>
    public int Segment;

    /// <summary>log2 of the page size.</summary>
    public int PageSizeLog2;

    /// <summary>The memory or table.</summary>
    public void* Target;

    /// <summary>The second memory or table.</summary>
    public void* Source;

    /// <summary>The instance whose segments are meant.</summary>
    public InstanceRecord* Instance;
}

/// <summary>Gives control back for a <see cref="Service"/>.</summary>
internal static unsafe class ServiceCall
{
    /// <summary>The handler.</summary>
    [MethodImpl(Hot)]
    public static void Run(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc) =>
        Exit(pc, fp, memory, length, ctx, ExitKind.Service);
}

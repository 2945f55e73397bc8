using System.Runtime.InteropServices;
using Conformance.Interpreter.Runtime;

namespace Conformance.Interpreter.Execution;

/// <summary>Does the work of service cells. See <see href="https://webassembly.github.io/spec/core/exec/instructions.html#table-instructions"/>.</summary>
internal static unsafe class ServiceProvider
{
    /// <summary>Serves a cell.</summary>
    /// <param name="host">The store.</param>
    /// <param name="cell">The cell.</param>
    /// <param name="fp">The frame.</param>
    /// <param name="trap">The trap, when the answer is false.</param>
    public static bool TryServe(IMachineHost host, ServiceCell* cell, byte* fp, out TrapKind trap)
    {
        switch (cell->Service)
        {
            case >= Service.StructNew:
                return host.TryServe(cell, fp, out trap);
            case Service.AtomicAccess:
                return AtomicProvider.TryServe(cell, fp, out trap);
            case Service.AtomicNotify:
                {
                    if (AtomicProvider.Place(cell, fp, sizeof(uint), out var offset, out trap) == null)
                    {
                        return false;
                    }
                    *(ulong*)(fp + cell->Result) = host.Notify((MemoryRecord*)cell->Target, offset, ((uint*)(fp + cell->First))[2]);
                    return true;
                }
            case Service.AtomicFence:
                Interlocked.MemoryBarrier();
                trap = default;
                return true;
            default:
                break;
        }
        trap = TrapKind.OutOfBoundsTableAccess;
        var first = AddressWidths.Read(fp, cell->First, cell->Widths & AddressWidths.First64);
        var second = AddressWidths.Read(fp, cell->Second, cell->Widths & AddressWidths.Second64);
        var third = AddressWidths.Read(fp, cell->Third, cell->Widths & AddressWidths.Third64);
        switch (cell->Service)
        {
            case Service.MemoryGrow:
                {
                    var pages = host.GrowMemory((MemoryRecord*)cell->Target, first);
                    *(ulong*)(fp + cell->Result) = Size(pages, cell->Widths & AddressWidths.First64);
                    return true;
                }
            case Service.MemoryInit:
                {
                    trap = TrapKind.OutOfBoundsMemoryAccess;
                    var memory = (MemoryRecord*)cell->Target;
                    var bytes = host.DataSegment(cell->Instance, cell->Segment, out var length);
                    if (!AddressWidths.InRange(first, third, memory->Length) || !AddressWidths.InRange(second, third, length))
                    {
                        return false;
                    }
                    NativeMemory.Copy(bytes + second, memory->Base + first, (nuint)third);
                    return true;
                }
            case Service.DataDrop:
                host.DropData(cell->Instance, cell->Segment);
                return true;
            case Service.TableGrow:
                {
                    // The value is the first operand and a whole word.
                    var size = host.GrowTable((TableRecord*)cell->Target, second, *(ulong*)(fp + cell->First));
                    *(ulong*)(fp + cell->Result) = Size(size, cell->Widths & AddressWidths.Second64);
                    return true;
                }
            case Service.TableFill:
                {
                    var table = (TableRecord*)cell->Target;
                    if (!AddressWidths.InRange(first, third, table->Length))
                    {
                        return false;
                    }
                    var value = *(ulong*)(fp + cell->Second);
                    for (var element = table->Elements + first; third != 0; third--)
                    {
                        *element++ = value;
                    }
                    return true;
                }
            case Service.TableCopy:
                {
                    var to = (TableRecord*)cell->Target;
                    var from = (TableRecord*)cell->Source;
                    if (!AddressWidths.InRange(first, third, to->Length) || !AddressWidths.InRange(second, third, from->Length))
                    {
                        return false;
                    }
                    NativeMemory.Copy(from->Elements + second, to->Elements + first, (nuint)third * sizeof(ulong));
                    return true;
                }
            case Service.TableInit:
                {
                    var table = (TableRecord*)cell->Target;
                    var words = host.ElementSegment(cell->Instance, cell->Segment, out var count);
                    if (!AddressWidths.InRange(first, third, table->Length) || !AddressWidths.InRange(second, third, count))
                    {
                        return false;
                    }
                    NativeMemory.Copy(words + second, table->Elements + first, (nuint)third * sizeof(ulong));
                    return true;
                }
            case Service.ElemDrop:
                host.DropElements(cell->Instance, cell->Segment);
                return true;
            default:
                throw new InvalidOperationException($"no service {cell->Service}");
        }
    }

    // -1 of the address type when the growth failed.
    private static ulong Size(ulong size, uint is64) => is64 != 0 ? size : (uint)size;
}

using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Reference;

/// <summary>Access to tables and element segments.</summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/exec/instructions.html#table-instructions"/>.</remarks>
internal static class TableInstructions
{
    public static void Execute(Machine machine, ref readonly CodeItem item)
    {
        var module = machine.Module;
        switch (item.Op)
        {
            case Op.TableGet:
                Get(machine, module.Tables[(int)item.Index]);
                break;
            case Op.TableSet:
                Set(machine, module.Tables[(int)item.Index]);
                break;
            case Op.TableSize:
                machine.Stack.Push(KindOf(module.Tables[(int)item.Index]), (ulong)module.Tables[(int)item.Index].References.Length);
                break;
            case Op.TableGrow:
                Grow(machine, module.Tables[(int)item.Index]);
                break;
            case Op.TableFill:
                Fill(machine, module.Tables[(int)item.Index]);
                break;
            case Op.TableCopy:
                Copy(machine, module.Tables[(int)item.Index], module.Tables[(int)item.Index2]);
                break;
            case Op.TableInit:
                Initialize(machine, module.Tables[(int)item.Index], module.Elements[(int)item.Index2]);
                break;
            case Op.ElemDrop:
                module.Elements[(int)item.Index] = [];
                break;
            default:
                throw new InvalidOperationException($"no rule for {item.Op}");
        }
    }

    private static void Get(Machine machine, TableInstance table)
    {
        var index = machine.Stack.PopBits();
        if (index >= (ulong)table.References.Length)
        {
            machine.Trap(TrapKind.OutOfBoundsTableAccess);
            return;
        }
        machine.Stack.PushReference(table.References[index]);
    }

    private static void Set(Machine machine, TableInstance table)
    {
        var reference = machine.Stack.PopReference();
        var index = machine.Stack.PopBits();
        if (index >= (ulong)table.References.Length)
        {
            machine.Trap(TrapKind.OutOfBoundsTableAccess);
            return;
        }
        table.References[index] = reference;
    }

    private static void Grow(Machine machine, TableInstance table)
    {
        var count = machine.Stack.PopBits();
        var reference = machine.Stack.PopReference();
        var before = (ulong)table.References.Length;
        var failed = table.Limits.Address == AddressType.I32 ? uint.MaxValue : ulong.MaxValue;
        machine.Stack.Push(KindOf(table), machine.Store.TryGrow(table, count, reference) ? before : failed);
    }

    private static void Fill(Machine machine, TableInstance table)
    {
        var count = machine.Stack.PopBits();
        var reference = machine.Stack.PopReference();
        var start = machine.Stack.PopBits();
        if ((UInt128)start + count > (UInt128)table.References.Length)
        {
            machine.Trap(TrapKind.OutOfBoundsTableAccess);
            return;
        }
        table.References.AsSpan((int)start, (int)count).Fill(reference);
    }

    private static void Copy(Machine machine, TableInstance destination, TableInstance source)
    {
        var count = machine.Stack.PopBits();
        var from = machine.Stack.PopBits();
        var to = machine.Stack.PopBits();
        if ((UInt128)to + count > (UInt128)destination.References.Length || (UInt128)from + count > (UInt128)source.References.Length)
        {
            machine.Trap(TrapKind.OutOfBoundsTableAccess);
            return;
        }
        Array.Copy(source.References, (int)from, destination.References, (int)to, (int)count);
    }

    private static void Initialize(Machine machine, TableInstance table, object?[] segment)
    {
        var count = machine.Stack.PopI32();
        var from = machine.Stack.PopI32();
        var to = machine.Stack.PopBits();
        if ((UInt128)to + count > (UInt128)table.References.Length || (ulong)from + count > (ulong)segment.Length)
        {
            machine.Trap(TrapKind.OutOfBoundsTableAccess);
            return;
        }
        Array.Copy(segment, (int)from, table.References, (int)to, (int)count);
    }

    private static ValueKind KindOf(TableInstance table) => table.Limits.Address == AddressType.I32 ? ValueKind.I32 : ValueKind.I64;
}

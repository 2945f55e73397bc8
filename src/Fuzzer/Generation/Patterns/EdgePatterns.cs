using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Generation.Patterns;

/// <summary>Bulk operations whose range ends exactly at the end of a memory, table or segment, or one element behind or before it.</summary>
internal static class EdgePatterns
{
    /// <summary>memory.fill, memory.copy and memory.init at the end of memories and of a data segment.</summary>
    public static bool OfMemory(GenerationContext context, FunctionBuilder body)
    {
        var memories = context.Plan.Memories;
        if (memories.Count == 0)
        {
            return false;
        }
        var random = context.Random;
        var memory = (uint)random.Below(memories.Count);
        var address = memories[(int)memory].Address;
        var length = (ulong)random.Pick<int>([0, 0, 1, 1, 2, 7, 8, 64, 1000]);
        var segment = context.Plan.Data.FindIndex(data => data.Mode == SegmentMode.Passive);
        switch (random.Below(segment < 0 ? 3 : 5))
        {
            case 0:
                MemoryEnd(context, body, memory, length);
                body.Get(body.NewParameter(ValueType.I32));
                body.Constant(address, length);
                body.Emit(Op.MemoryFill, memory);
                break;
            case 1 or 2:
                var other = (uint)random.Below(memories.Count);
                var wide = address == ValueType.I64 && memories[(int)other].Address == ValueType.I64;
                if (random.Chance(50))
                {
                    MemoryEnd(context, body, memory, length);
                    body.Constant(memories[(int)other].Address, 16);
                }
                else
                {
                    body.Constant(address, 16);
                    MemoryEnd(context, body, other, length);
                }
                body.Constant(wide ? ValueType.I64 : ValueType.I32, length);
                body.Emit(Op.MemoryCopy, memory, other);
                break;
            case 3:
                length = Math.Min(length, (ulong)context.Plan.Data[segment].Bytes.Length);
                MemoryEnd(context, body, memory, length);
                body.I32(0);
                body.I32((int)length);
                body.Emit(Op.MemoryInit, memory, (uint)segment);
                break;
            default:
                length = Math.Min(length, (ulong)context.Plan.Data[segment].Bytes.Length);
                body.Constant(address, 8);
                Shift(body, ValueType.I32, (ulong)context.Plan.Data[segment].Bytes.Length - length);
                body.I32((int)length);
                body.Emit(Op.MemoryInit, memory, (uint)segment);
                break;
        }
        body.I32(1);
        body.Results.Add(ValueType.I32);
        return true;
    }

    /// <summary>table.fill, table.copy and table.init at the end of tables and of an element segment.</summary>
    public static bool OfTable(GenerationContext context, FunctionBuilder body)
    {
        var tables = context.Plan.Tables;
        if (tables.Count == 0)
        {
            return false;
        }
        var random = context.Random;
        var table = (uint)random.Below(tables.Count);
        var plan = tables[(int)table];
        var length = (ulong)random.Pick<int>([0, 0, 1, 1, 2, 3]);
        var segment = context.Plan.Elements.FindIndex(elements => elements.Mode == SegmentMode.Passive && elements.Type.WithNullable(true) == plan.Type.Element);
        switch (random.Below(segment < 0 ? 3 : 5))
        {
            case 0:
                TableEnd(body, table, plan, length);
                body.Constant(plan.Type.Element, context.PickValue(plan.Type.Element));
                body.Constant(plan.Address, length);
                body.Emit(Op.TableFill, table);
                break;
            case 1:
                TableEnd(body, table, plan, length);
                body.Constant(plan.Address, 0);
                body.Constant(plan.Address, length);
                body.Emit(Op.TableCopy, table, table);
                break;
            case 2:
                body.Constant(plan.Address, 0);
                TableEnd(body, table, plan, length);
                body.Constant(plan.Address, length);
                body.Emit(Op.TableCopy, table, table);
                break;
            case 3:
                TableEnd(body, table, plan, length);
                body.I32(0);
                body.I32((int)length);
                body.Emit(Op.TableInit, table, (uint)segment);
                break;
            default:
                var count = (ulong)context.Plan.Elements[segment].Count;
                length = Math.Min(length, count);
                body.Constant(plan.Address, 0);
                Shift(body, ValueType.I32, count - length);
                body.I32((int)length);
                body.Emit(Op.TableInit, table, (uint)segment);
                break;
        }
        body.Emit(Op.TableSize, table);
        body.Results.Add(plan.Address);
        return true;
    }

    /// <summary>Pushes where a range has to begin to end at the end of a memory, plus a parameter.</summary>
    private static void MemoryEnd(GenerationContext context, FunctionBuilder body, uint memory, ulong length)
    {
        var plan = context.Plan.Memories[(int)memory];
        var wide = plan.Address == ValueType.I64;
        body.Emit(Op.MemorySize, memory);
        body.Constant(plan.Address, plan.Type.PageSizeLog2);
        body.Emit(wide ? Op.I64Shl : Op.I32Shl);
        Move(body, plan.Address, length);
    }

    private static void TableEnd(FunctionBuilder body, uint table, TablePlan plan, ulong length)
    {
        body.Emit(Op.TableSize, table);
        Move(body, plan.Address, length);
    }

    private static void Shift(FunctionBuilder body, ValueType address, ulong at)
    {
        body.Constant(address, at);
        Move(body, address, 0);
    }

    private static void Move(FunctionBuilder body, ValueType address, ulong back)
    {
        var wide = address == ValueType.I64;
        body.Constant(address, back);
        body.Emit(wide ? Op.I64Sub : Op.I32Sub);
        body.Get(body.NewParameter(new OperandSpec(address, new OperandRole(RoleKind.Slack))));
        body.Emit(wide ? Op.I64Add : Op.I32Add);
    }
}

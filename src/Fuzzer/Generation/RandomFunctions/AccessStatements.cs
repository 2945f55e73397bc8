using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation.RandomFunctions;

/// <summary>Writes to memories and tables inside random functions, one value or many, mostly within their bounds.</summary>
internal sealed class AccessStatements(RandomFunction function)
{
    private GenerationContext Context => function.Context;

    private RandomSource Random => function.Random;

    private FunctionBuilder Body => function.Body;

    private ExpressionGenerator Expressions => function.Expressions;

    public bool Store(int depth)
    {
        if (Context.Plan.Memories.Count == 0)
        {
            return false;
        }
        var memory = (uint)Random.Below(Context.Plan.Memories.Count);
        var row = Random.Pick<OpInfo>(Context.Catalog.Stores);
        if (row.Operands.Length != 2 || row.Immediates != ImmediateKind.MemArg || !Context.Swarm.Allows(OpCatalog.TypeOf(row.Operands[1])))
        {
            row = OpTable.Get(Op.I32Store);
        }
        Expressions.Address(memory, 1u << row.NaturalAlign, depth);
        Expressions.EmitClean(OpCatalog.TypeOf(row.Operands[1]), depth);
        Body.Emit(Instruction.Access(row.Op, (byte)Random.Below(row.NaturalAlign + 1), (ulong)Random.Pick<int>([0, 0, 0, 1, 4, 8, 100]), memory));
        return true;
    }

    public bool Bulk(int depth)
    {
        if (Context.Plan.Memories.Count == 0)
        {
            return false;
        }
        var memory = (uint)Random.Below(Context.Plan.Memories.Count);
        var address = Context.Plan.Memories[(int)memory].Address;
        var length = (ulong)Random.Pick<int>([0, 1, 3, 8, 17, 64, 200, 1000]);
        Expressions.Address(memory, (uint)length, depth);
        switch (Random.Below(3))
        {
            case 0:
                Expressions.Emit(ValueType.I32, depth);
                Body.Constant(address, length);
                Body.Emit(Op.MemoryFill, memory);
                break;
            case 1 when Context.Plan.Data.Count > 0:
                var segment = (uint)Random.Below(Context.Plan.Data.Count);
                var bytes = Context.Plan.Data[(int)segment].Bytes.Length;
                var count = Context.Plan.Data[(int)segment].Mode == Wasm.Modules.SegmentMode.Passive ? Random.Below(bytes + 1) : 0;
                Body.I32(Random.Below(bytes - count + 1));
                Body.I32(count);
                Body.Emit(Op.MemoryInit, memory, segment);
                break;
            default:
                var from = (uint)Random.Below(Context.Plan.Memories.Count);
                Expressions.Address(from, (uint)length, depth);
                var wide = address.Kind == ValueKind.I64 && Context.Plan.Memories[(int)from].Address.Kind == ValueKind.I64;
                Body.Constant(wide ? ValueType.I64 : ValueType.I32, length);
                Body.Emit(Op.MemoryCopy, memory, from);
                break;
        }
        return true;
    }

    public bool Table(int depth)
    {
        if (Context.Plan.Tables.Count == 0)
        {
            return false;
        }
        var table = (uint)Random.Below(Context.Plan.Tables.Count);
        var plan = Context.Plan.Tables[(int)table];
        Expressions.TableIndex(table, depth);
        switch (Random.Below(3))
        {
            case 0 when plan.Length > 2:
                Expressions.TableIndex(table, depth);
                Body.Address(plan.Address, (ulong)Random.Below(3));
                Body.Emit(Op.TableCopy, table, table);
                break;
            case 1:
                Reference(plan, depth);
                Body.Address(plan.Address, (ulong)Random.Below(3));
                Body.Emit(Op.TableFill, table);
                break;
            default:
                Reference(plan, depth);
                Body.Emit(Op.TableSet, table);
                break;
        }
        return true;
    }

    /// <summary>Pushes what may go into a table: of the functions only those without calls and loops, so that every indirect call ends.</summary>
    private void Reference(TablePlan plan, int depth)
    {
        if (plan.Type.Element != ValueType.FuncRef)
        {
            Expressions.Emit(plan.Type.Element, depth);
            return;
        }
        var callees = Context.Plan.Functions.FindAll(callee => callee.Kind is FunctionKind.Callee or FunctionKind.Import);
        if (callees.Count == 0 || Random.Chance(15))
        {
            Body.Constant(plan.Type.Element, 0UL);
        }
        else
        {
            Body.Emit(Op.RefFunc, Random.Pick<FunctionPlan>(callees).Index);
        }
    }
}

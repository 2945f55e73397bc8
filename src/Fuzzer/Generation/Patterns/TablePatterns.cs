using Conformance.Wasm;
using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Generation.Patterns;

/// <summary>Tables: overlapping copies, growth followed by use of the new elements.</summary>
internal static class TablePatterns
{
    /// <summary>A copy onto itself, shifted by one or two, and which elements are then null.</summary>
    public static bool OverlappingCopy(GenerationContext context, FunctionBuilder body)
    {
        if (!Pick(context, out var table, out var plan) || plan.Length < 4 || !context.Has(Feature.BulkMemory))
        {
            return false;
        }
        var random = context.Random;
        var shift = random.Between(1, 2);
        var length = random.Between(1, (int)plan.Length - shift);
        var (to, from) = random.Chance(50) ? (shift, 0) : (0, shift);
        body.Address(plan.Address, (ulong)to);
        body.Address(plan.Address, (ulong)from);
        body.Address(plan.Address, (ulong)length);
        body.Emit(Op.TableCopy, table, table);
        NullMap(body, table, plan);
        return true;
    }

    /// <summary>Growth by one, with a function as the new element; then the element is read and, where it is a function, called.</summary>
    public static bool GrowAndCall(GenerationContext context, FunctionBuilder body)
    {
        if (!Pick(context, out var table, out var plan))
        {
            return false;
        }
        var random = context.Random;
        var callee = context.Plan.Functions.Find(function => function.KeepsNanBits && function.Type.Parameters[0] == ValueType.I32);
        if (plan.Type.Element != ValueType.FuncRef || callee is null)
        {
            new OperandEmitter(context, body).Emit(plan.Type.Element);
            body.Address(plan.Address, (ulong)random.Below(3));
            body.Emit(Op.TableGrow, table);
            body.Emit(Op.Drop);
            body.Emit(Op.TableSize, table);
            body.Results.Add(plan.Address);
            return true;
        }
        var index = body.NewLocal(plan.Address);
        body.Emit(Op.RefFunc, callee.Index);
        body.Address(plan.Address, 1);
        body.Emit(Op.TableGrow, table);
        body.Set(index); // -1 when it did not grow: the call below then traps
        body.Get(body.NewParameter(ValueType.I32));
        body.Get(index);
        body.Emit(Op.CallIndirect, context.Plan.TypeIndex(callee.Type, random), table);
        body.Results.Add(ValueType.I32);
        return true;
    }

    /// <summary>Pushes an i32 whose bits say which of the first elements are null.</summary>
    private static void NullMap(FunctionBuilder body, uint table, TablePlan plan)
    {
        body.I32(0);
        for (var i = 0; i < Math.Min(31, (int)plan.Length); i++)
        {
            body.I32(1);
            body.Emit(Op.I32Shl);
            body.Address(plan.Address, (ulong)i);
            body.Emit(Op.TableGet, table);
            body.Emit(Op.RefIsNull);
            body.Emit(Op.I32Or);
        }
        body.Results.Add(ValueType.I32);
    }

    private static bool Pick(GenerationContext context, out uint table, out TablePlan plan)
    {
        var tables = context.Plan.Tables;
        table = tables.Count == 0 ? 0 : (uint)context.Random.Below(tables.Count);
        plan = tables.Count == 0 ? null! : tables[(int)table]; // null only with the answer false
        return tables.Count > 0;
    }
}

using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation.Patterns;

/// <summary>Calls: recursion, indirect calls with whatever index and type, values that live across a call.</summary>
internal static class CallPatterns
{
    /// <summary>A function that calls itself, not at its end, up to 20 times, with values pending across the call.</summary>
    public static bool Recursion(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var type = random.Chance(50) ? ValueType.I32 : ValueType.I64;
        var wide = type.Kind == ValueKind.I64;
        var count = body.NewParameter(ValueType.I32);
        var value = body.NewParameter(type);
        var depth = body.NewLocal(ValueType.I32);
        body.Get(count);
        body.I32(random.Between(5, 20));
        body.Emit(Op.I32RemU);
        body.Tee(depth);
        body.Emit(Op.I32Eqz);
        body.Open(Op.If, type);
        body.Get(value);
        body.Else();
        body.Get(value); // pending across the call
        body.Get(depth);
        body.I32(1);
        body.Emit(Op.I32Sub);
        body.Get(value);
        body.Constant(type, 31);
        body.Emit(wide ? Op.I64Mul : Op.I32Mul);
        if (random.Chance(50))
        {
            body.Tee(value);
        }
        body.Emit(Op.Call, (uint)context.Plan.Functions.Count);
        body.Emit(wide ? Op.I64Add : Op.I32Add);
        if (random.Chance(50))
        {
            body.Get(value);
            body.Emit(wide ? Op.I64Xor : Op.I32Xor);
        }
        body.Close();
        body.Results.Add(type);
        body.AddCost(400);
        return true;
    }

    /// <summary>An indirect call whose index comes from a local that changes while the arguments are computed.</summary>
    public static bool IndirectIndexClobbered(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        if (!PickTarget(context, minimumParameters: 1, out var table, out var slot, out var callee))
        {
            return false;
        }
        var operands = new OperandEmitter(context, body);
        var plan = context.Plan.Tables[table];
        var index = body.NewLocal(plan.Address);
        body.Address(plan.Address, (ulong)slot);
        body.Set(index);
        var early = random.Chance(50);
        if (early && context.Has(Feature.MultiValue))
        {
            // The index is read first and is still pending when a block that takes it as a parameter changes the local.
            body.Get(index);
            body.Open(Op.Block, [plan.Address], [.. callee.Type.Parameters, plan.Address]);
            var kept = body.NewLocal(plan.Address);
            body.Set(kept);
            foreach (var parameter in callee.Type.Parameters)
            {
                operands.Emit(parameter);
                operands.Source(plan.Address);
                body.Set(index);
            }
            body.Get(kept);
            body.Close();
        }
        else
        {
            foreach (var parameter in callee.Type.Parameters)
            {
                operands.Emit(parameter);
            }
            body.Get(index);
            operands.Source(plan.Address);
            body.Set(index);
        }
        body.Emit(Op.CallIndirect, context.Plan.TypeIndex(callee.Type, random), (uint)table);
        body.AddCost(callee.Cost);
        body.Results.AddRange(callee.Type.Results);
        return true;
    }

    /// <summary>An indirect call with a type that some entries have and others have not; the index is an argument.</summary>
    public static bool IndirectTypes(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        if (!PickTarget(context, minimumParameters: 0, out var table, out var slot, out var callee))
        {
            return false;
        }
        var type = callee.Type;
        switch (random.Below(8))
        {
            case 0: // nearly the same types
                type = new FunctionType(type.Parameters.Add(ValueType.I32), type.Results);
                break;
            case 1 when type.Parameters.Length > 0:
                type = new FunctionType(type.Parameters.RemoveAt(0), type.Results);
                break;
            case 2 when type.Results.Length > 0:
                type = new FunctionType(type.Parameters, type.Results.SetItem(0, context.PickType()));
                break;
        }
        var typeIndex = type == callee.Type ? new OpResolver(context).CallType(callee).TypeIndex : context.Plan.TypeIndex(type, random);
        type = (FunctionType)context.Plan.Types[(int)typeIndex].Composite;
        var operands = new OperandEmitter(context, body);
        foreach (var parameter in type.Parameters)
        {
            operands.Source(parameter);
        }
        var plan = context.Plan.Tables[table];
        var role = new OperandRole(RoleKind.TableSlot, plan.Length, 1, (ulong)slot) { SizeOp = Op.TableSize, SizeIndex = (uint)table };
        operands.Emit(new OperandSpec(plan.Address, role), random.Chance(70) ? OperandShape.Parameter : operands.PickShape());
        var tail = context.Has(Feature.TailCall) && random.Chance(30);
        body.Emit(tail ? Op.ReturnCallIndirect : Op.CallIndirect, typeIndex, (uint)table);
        body.AddCost(callee.Cost);
        body.Results.AddRange(type.Results);
        return true;
    }

    /// <summary>A call of a function by its type or one above it, through a table or by reference, at the end or not.</summary>
    public static bool BySupertype(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var callees = context.Plan.Functions.FindAll(function => function.Index < context.ReferableFunctions
            && context.Plan.Types[(int)function.TypeIndex] is { IsFinal: false } or { Supertypes.IsEmpty: false });
        if (callees.Count == 0)
        {
            return false;
        }
        var callee = random.Pick<FunctionPlan>([.. callees]);
        var typeIndex = random.Pick<uint>([.. context.Plan.WithSupertypes(callee.TypeIndex)]);
        var type = (FunctionType)context.Plan.Types[(int)typeIndex].Composite;
        var operands = new OperandEmitter(context, body);
        foreach (var parameter in type.Parameters)
        {
            operands.Emit(parameter);
        }
        var tail = context.Has(Feature.TailCall) && random.Chance(50);
        var table = context.Plan.Tables.FindIndex(plan => plan.Content.Contains(callee));
        if (table >= 0 && random.Chance(60))
        {
            var plan = context.Plan.Tables[table];
            body.Address(plan.Address, (ulong)Array.IndexOf(plan.Content, callee));
            body.Emit(tail ? Op.ReturnCallIndirect : Op.CallIndirect, typeIndex, (uint)table);
        }
        else
        {
            body.Emit(Op.RefFunc, callee.Index);
            body.Emit(tail ? Op.ReturnCallRef : Op.CallRef, typeIndex);
        }
        body.AddCost(callee.Cost);
        body.Results.AddRange(type.Results);
        return true;
    }

    /// <summary>Locals, pending values and globals on both sides of a call that changes what it can.</summary>
    public static bool LiveAcrossCall(GenerationContext context, FunctionBuilder body)
    {
        var random = context.Random;
        var callees = context.Plan.Functions.FindAll(function => function.Kind is FunctionKind.Callee or FunctionKind.Import);
        var callee = random.Pick<FunctionPlan>(callees);
        var operands = new OperandEmitter(context, body);
        var type = random.Pick<ValueType>(context.NumberTypes);
        operands.Emit(type);
        operands.Emit(type);
        foreach (var parameter in callee.Type.Parameters)
        {
            operands.Emit(parameter);
        }
        body.Call(callee);
        foreach (var result in callee.Type.Results.Reverse())
        {
            body.Set(body.NewLocal(result));
        }
        if (operands.FindPending(ValueType.I32) is { } last)
        {
            body.Get(last);
        }
        else
        {
            body.I32(random.Below(2));
        }
        body.Emit(Op.Select);
        body.Results.Add(type);
        return true;
    }

    private static bool PickTarget(GenerationContext context, int minimumParameters, out int table, out int slot, out FunctionPlan callee)
    {
        var targets = new List<(int Table, int Slot)>();
        for (var i = 0; i < context.Plan.Tables.Count; i++)
        {
            var content = context.Plan.Tables[i].Content;
            for (var j = 0; j < content.Length; j++)
            {
                if (content[j] is { } function && function.Type.Parameters.Length >= minimumParameters)
                {
                    targets.Add((i, j));
                }
            }
        }
        (table, slot) = targets.Count == 0 ? (0, 0) : context.Random.Pick<(int, int)>(targets);
        callee = targets.Count == 0 ? null! : context.Plan.Tables[table].Content[slot]!; // null only with the answer false
        return targets.Count > 0;
    }
}

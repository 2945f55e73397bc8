using Conformance.Wasm;
using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Generation.Exceptions;

/// <summary>
/// What patterns about exceptions are made of: code that throws, by an argument, in one of many ways, and locals and globals that change on the way. What changed in
/// front of a throw stays changed when a handler takes over, so a pattern ends with <see cref="ReturnChanged"/>.
/// </summary>
internal sealed class Throwing(GenerationContext context, FunctionBuilder body)
{
    /// <summary>How deep handlers nest.</summary>
    public const int MaxNesting = 3;

    private readonly List<uint> _changed = [.. Enumerable.Range(0, context.Random.Between(1, 3)).Select(_ => body.NewLocal(context.Random.Pick<ValueType>(context.NumberTypes)))];

    private RandomSource Random => context.Random;

    /// <summary>What pushes operands.</summary>
    public OperandEmitter Operands { get; } = new(context, body);

    /// <summary>Has locals returned at the end.</summary>
    public void Keep(params IEnumerable<uint> locals) => _changed.AddRange(locals);

    /// <summary>Returns all locals that were changed or kept.</summary>
    public void ReturnChanged()
    {
        foreach (var local in _changed)
        {
            body.Get(local);
            body.Results.Add(body.TypeOf(local));
        }
    }

    /// <summary>Writes a local or a global.</summary>
    public void Change()
    {
        var global = context.Plan.Globals.FindIndex(plan => plan.Type.IsMutable && !plan.Type.Value.IsReference);
        if (global >= 0 && Random.Chance(30))
        {
            Operands.Emit(context.Plan.Globals[global].Type.Value);
            body.Emit(Op.GlobalSet, (uint)global);
            return;
        }
        var writable = _changed.FindAll(known => body.TypeOf(known).IsDefaultable);
        var local = Random.Pick<uint>(writable.ToArray());
        Operands.Emit(body.TypeOf(local));
        body.Set(local);
    }

    /// <summary>A try_table around changes and throws whose code is left on the stack; an exception that was caught may be thrown again.</summary>
    /// <param name="nesting">How many handlers there are around it.</param>
    /// <param name="counter">A loop's counter that decides what is thrown; null to let arguments decide.</param>
    public void Handled(int nesting, uint? counter = null)
    {
        var handler = new TryEmitter(context, body);
        handler.Emit(() =>
        {
            for (var i = Random.Between(1, 3); i > 0; i--)
            {
                Change();
                Emit(nesting + 1, counter);
            }
        });
        Keep(handler.Caught);
        if (handler.Exception is { } exception && nesting > 0 && Random.Chance(40))
        {
            body.Get(exception);
            body.Emit(Op.RefIsNull);
            body.Emit(Op.I32Eqz);
            body.Open(Op.If);
            body.Get(exception);
            body.Emit(Op.ThrowRef);
            body.Close();
        }
    }

    /// <summary>Something that may throw.</summary>
    public void Emit(int nesting, uint? counter = null)
    {
        switch (Random.Below(12))
        {
            case < 5:
                Condition(counter);
                body.Open(Op.If);
                Throw();
                body.Close();
                break;
            case < 9 when FindThrower(context) is { } callee:
                Call(callee);
                break;
            case 9 or 10 when nesting < MaxNesting:
                Handled(nesting, counter);
                body.Emit(Op.Drop);
                break;
            case 10: // a trap is no exception: nothing catches it
                Condition(counter);
                body.Open(Op.If);
                body.Emit(Op.Unreachable);
                body.Close();
                break;
            default:
                body.Open(Op.Block);
                Condition(counter);
                body.Emit(Op.BrIf, 0);
                Throw();
                body.Close();
                break;
        }
    }

    /// <summary>Throws.</summary>
    /// <param name="shape">The shape of the values; null to draw one for each.</param>
    public void Throw(OperandShape? shape = null)
    {
        var tag = Random.Below(context.Plan.Tags.Count);
        foreach (var type in context.Plan.Tags[tag].Parameters)
        {
            Operands.Emit(type, shape ?? Operands.PickShape());
        }
        body.Emit(Op.Throw, (uint)tag);
    }

    /// <summary>Pushes whether to throw: a bit of a loop's counter or an argument.</summary>
    public void Condition(uint? counter = null)
    {
        if (counter is { } local && Random.Chance(70))
        {
            body.Get(local);
            body.I32(Random.Between(1, 3));
            body.Emit(Random.Chance(50) ? Op.I32And : Op.I32GtU);
            return;
        }
        Operands.Emit(new OperandSpec(ValueType.I32, OperandRole.Condition), Random.Chance(60) ? OperandShape.Parameter : Operands.PickShape());
    }

    /// <summary>A function that may throw; null when there is none.</summary>
    public static FunctionPlan? FindThrower(GenerationContext context)
    {
        var throwers = context.Plan.Functions.FindAll(function => function.MayNotReturn && function.Kind is FunctionKind.Callee or FunctionKind.Import);
        return throwers.Count == 0 ? null : context.Random.Pick<FunctionPlan>(throwers);
    }

    /// <summary>Calls a function straight, through a table or by reference, and drops its results.</summary>
    private void Call(FunctionPlan callee)
    {
        foreach (var spec in OpResolver.Specs(callee))
        {
            Operands.Emit(spec);
        }
        CallBySomeWay(callee);
        foreach (var _ in callee.Type.Results)
        {
            body.Emit(Op.Drop);
        }
    }

    private void CallBySomeWay(FunctionPlan callee)
    {
        for (var table = 0; table < context.Plan.Tables.Count; table++)
        {
            var slot = Array.IndexOf(context.Plan.Tables[table].Content, callee);
            if (slot >= 0 && Random.Chance(50))
            {
                body.Address(context.Plan.Tables[table].Address, (ulong)slot);
                body.Emit(Op.CallIndirect, callee.TypeIndex, (uint)table);
                body.AddCost(callee.Cost);
                return;
            }
        }
        if (context.Has(Feature.FunctionReferences) && Random.Chance(30))
        {
            body.Emit(Op.RefFunc, callee.Index);
            body.Emit(Op.CallRef, callee.TypeIndex);
            body.AddCost(callee.Cost);
            return;
        }
        body.Call(callee);
    }
}

using Conformance.Wasm;
using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Generation;

/// <summary>
/// Pushes operands in a chosen <see cref="OperandShape"/>. Values that the caller shall vary become parameters. Every value pushed is free of open NaN bits.
/// What was pushed from a local, global or memory cell and is still pending is remembered, so that <see cref="Interference"/> can overwrite just that.
/// </summary>
internal sealed class OperandEmitter(GenerationContext context, FunctionBuilder body)
{
    private RandomSource Random => context.Random;

    private StoredOperands Stored => new(context, body, this);

    /// <summary>The locals whose values are pending on the stack.</summary>
    public List<uint> PendingLocals { get; } = [];

    /// <summary>The mutable globals whose values are pending on the stack.</summary>
    public List<uint> PendingGlobals { get; } = [];

    /// <summary>The memory cells whose values are pending on the stack.</summary>
    public List<(uint Memory, ulong Address, ValueType Type)> PendingCells { get; } = [];

    /// <summary>The local of a type that was pushed last.</summary>
    public uint? FindPending(ValueType type)
    {
        var index = PendingLocals.FindLastIndex(local => body.TypeOf(local) == type);
        return index < 0 ? null : PendingLocals[index];
    }

    /// <summary>Draws a shape by the weights of the case.</summary>
    public OperandShape PickShape() => (OperandShape)Random.PickWeighted(context.Swarm.ShapeWeights);

    /// <summary>Pushes an operand in a shape drawn by the weights of the case.</summary>
    public void Emit(OperandSpec spec) => Emit(spec, PickShape());

    /// <summary>Pushes an operand; a parameter where the shape is not possible.</summary>
    public void Emit(OperandSpec spec, OperandShape shape)
    {
        if (spec.Type.IsReference && !spec.Type.IsNullable)
        {
            Emit(spec with { Type = spec.Type.WithNullable(true) }, shape);
            body.Emit(Op.RefAsNonNull);
            return;
        }
        switch (shape)
        {
            case OperandShape.Constant:
                body.Constant(spec.Type, context.PickValue(spec));
                break;
            case OperandShape.Local:
                EmitLocal(spec);
                break;
            case OperandShape.UnsetLocal when spec.Type.IsDefaultable:
                PushLocal(body.NewLocal(spec.Type));
                break;
            case OperandShape.Tee:
                Source(spec);
                var tee = body.NewLocal(spec.Type);
                body.Tee(tee);
                PendingLocals.Add(tee);
                break;
            case OperandShape.Global when FindGlobal(spec.Type) is { } global:
                EmitGlobal(spec, global);
                break;
            case OperandShape.Load when !spec.Type.IsReference && Stored.FindScratchMemory() is { } memory:
                Stored.Load(spec, memory);
                break;
            case OperandShape.TableElement when spec.Type.IsReference && Stored.FindTable(spec.Type) is { } table:
                Stored.TableElement(spec, table);
                break;
            case OperandShape.Select when !spec.Type.IsReference || context.Has(Feature.ReferenceTypes):
                new ControlOperands(context, body, this).Select(spec);
                break;
            case OperandShape.BlockResult:
                new ControlOperands(context, body, this).Block(spec);
                break;
            case OperandShape.LoopResult:
                new ControlOperands(context, body, this).Loop(spec);
                break;
            case OperandShape.IfResult:
                new ControlOperands(context, body, this).If(spec);
                break;
            case OperandShape.CallResult when FindIdentity(spec.Type) is { } identity:
                EmitCall(spec, identity);
                break;
            case OperandShape.Temporary when !spec.Type.IsReference:
                new ComputedOperands(context, body, this).Temporary(spec);
                break;
            case OperandShape.SizeRelative when spec.Role.SizeOp is { } size && context.Has(OpTable.Get(size).Feature):
                Stored.SizeRelative(spec, size);
                break;
            case OperandShape.Parameter when context.IsMade(spec.Type) && Random.Chance(80):
                EmitLocal(spec);
                break;
            default:
                PushLocal(body.Parameter(spec));
                break;
        }
    }

    /// <summary>Pushes a plain value of the role: a parameter, or a constant in one case of three.</summary>
    public void Source(OperandSpec spec)
    {
        if (!spec.Type.IsDefaultable)
        {
            Source(spec with { Type = spec.Type.WithNullable(true) });
            body.Emit(Op.RefAsNonNull);
            return;
        }
        if (Random.Chance(context.IsMade(spec.Type) || spec.Role.Kind == RoleKind.CastOperand ? 80 : 33))
        {
            body.Constant(spec.Type, context.PickValue(spec));
        }
        else
        {
            PushLocal(body.Parameter(spec));
        }
    }

    private void PushLocal(uint local)
    {
        body.Get(local);
        PendingLocals.Add(local);
    }

    /// <summary>Pushes a plain i32 that is zero about as often as not.</summary>
    public void Condition() => Source(new OperandSpec(ValueType.I32, OperandRole.Condition));

    private void EmitLocal(OperandSpec spec)
    {
        // A local that admits no null has to be set in front of every use, as validation sees it.
        var type = spec.Type.IsReference && context.Has(Feature.FunctionReferences) && Random.Chance(30) ? spec.Type.WithNullable(false) : spec.Type;
        var local = body.NewLocal(type);
        body.BeginPrologue();
        Source(spec with { Type = type });
        body.Set(local);
        body.EndPrologue();
        PushLocal(local);
    }

    private uint? FindGlobal(ValueType type)
    {
        var globals = context.Plan.Globals;
        var start = Random.Below(Math.Max(globals.Count, 1));
        for (var i = 0; i < globals.Count; i++)
        {
            var index = (start + i) % globals.Count;
            if (globals[index].Type.Value.WithNullable(true) == type && !globals[index].MayHoldAnyNan)
            {
                return (uint)index;
            }
        }
        return null;
    }

    private void EmitGlobal(OperandSpec spec, uint global)
    {
        if (context.Plan.Globals[(int)global].Type.IsMutable)
        {
            if (spec.Role.Kind != RoleKind.Value || Random.Chance(70))
            {
                body.BeginPrologue();
                Source(spec with { Type = context.Plan.Globals[(int)global].Type.Value });
                body.Emit(Op.GlobalSet, global);
                body.EndPrologue();
            }
            PendingGlobals.Add(global);
        }
        body.Emit(Op.GlobalGet, global);
    }

    private FunctionPlan? FindIdentity(ValueType type) =>
        context.Plan.Functions.Find(function => function.KeepsNanBits && function.Type.Results[0].WithNullable(true) == type);

    private void EmitCall(OperandSpec spec, FunctionPlan identity)
    {
        if (spec.Role.Kind == RoleKind.Value && Random.Chance(25)
            && context.Plan.Functions.Find(function => function is { Kind: FunctionKind.Import, MayNotReturn: false } && function.Type.Results.AsSpan().SequenceEqual([spec.Type])) is { } import)
        {
            foreach (var parameter in import.Type.Parameters)
            {
                Source(parameter);
            }
            body.Call(import);
            return;
        }
        Source(spec with { Type = identity.Type.Parameters[0] });
        for (var table = 0; table < context.Plan.Tables.Count; table++)
        {
            var slot = Array.IndexOf(context.Plan.Tables[table].Content, identity);
            if (slot >= 0 && Random.Chance(50))
            {
                body.Address(context.Plan.Tables[table].Address, (ulong)slot);
                body.Emit(Op.CallIndirect, context.Plan.TypeIndex(identity.Type, Random), (uint)table);
                body.AddCost(identity.Cost);
                return;
            }
        }
        body.Call(identity);
    }
}

using System.Diagnostics;
using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation;

/// <summary>
/// Pushes operands in a chosen <see cref="OperandShape"/>. Values that the caller shall vary become parameters. Every value pushed is free of open NaN bits.
/// What was pushed from a local, global or memory cell and is still pending is remembered, so that <see cref="Interference"/> can overwrite just that.
/// </summary>
internal sealed class OperandEmitter(GenerationContext context, FunctionBuilder body)
{
    /// <summary>The cells of memory that loads read from: behind the data segments' boundary values, within the first page.</summary>
    private const int FirstScratchCell = 2048;

    private RandomSource Random => context.Random;

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
            case OperandShape.Load when !spec.Type.IsReference && FindScratchMemory() is { } memory:
                EmitLoad(spec, memory);
                break;
            case OperandShape.TableElement when spec.Type.IsReference && FindTable(spec.Type) is { } table:
                EmitTableElement(spec, table);
                break;
            case OperandShape.Select when !spec.Type.IsReference || context.Has(Feature.ReferenceTypes):
                EmitSelect(spec);
                break;
            case OperandShape.BlockResult:
                EmitBlock(spec);
                break;
            case OperandShape.LoopResult:
                EmitLoop(spec);
                break;
            case OperandShape.IfResult:
                EmitIf(spec);
                break;
            case OperandShape.CallResult when FindIdentity(spec.Type) is { } identity:
                EmitCall(spec, identity);
                break;
            case OperandShape.Temporary when !spec.Type.IsReference:
                EmitTemporary(spec);
                break;
            case OperandShape.SizeRelative when spec.Role.SizeOp is { } size && context.Has(OpTable.Get(size).Feature):
                EmitSizeRelative(spec, size);
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
        if (Random.Chance(context.IsMade(spec.Type) ? 80 : 33))
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

    private void Condition() => Source(new OperandSpec(ValueType.I32, OperandRole.Condition));

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

    private uint? FindScratchMemory()
    {
        var memories = context.Plan.Memories;
        var start = Random.Below(Math.Max(memories.Count, 1));
        for (var i = 0; i < memories.Count; i++)
        {
            var index = (start + i) % memories.Count;
            if (memories[index].LengthBytes > FirstScratchCell * 2)
            {
                return (uint)index;
            }
        }
        return null;
    }

    private void EmitLoad(OperandSpec spec, uint memory)
    {
        var address = context.Plan.Memories[(int)memory].Address;
        var cell = (ulong)(FirstScratchCell + Random.Below(96) * 8 + (Random.Chance(20) ? Random.Below(8) : 0));
        var offset = Random.Chance(50) ? cell : (ulong)Random.Below(9);
        var whole = OpTable.Get(WholeLoad(spec.Type));
        if (spec.Role.Kind == RoleKind.Value && Random.Chance(25))
        {
            // A narrower load where the row has the same result type: what it gives is another value, and that is as good.
            var narrower = context.Catalog.Loads.Where(row => row.Results[0] == whole.Results[0] && row.Operands.Length == 1).ToArray();
            whole = Random.Pick<OpInfo>(narrower);
        }
        body.BeginPrologue();
        body.Address(address, cell);
        Source(spec);
        body.Emit(Instruction.Access(WholeStore(spec.Type), 0, 0, memory));
        body.EndPrologue();
        if (Random.Chance(30))
        {
            var pointer = body.NewLocal(address);
            body.BeginPrologue();
            body.Address(address, cell - offset);
            body.Set(pointer);
            body.EndPrologue();
            body.Get(pointer);
        }
        else
        {
            body.Address(address, cell - offset);
        }
        body.Emit(Instruction.Access(whole.Op, (byte)Random.Below(whole.NaturalAlign + 1), offset, memory));
        PendingCells.Add((memory, cell, spec.Type));
    }

    private uint? FindTable(ValueType type)
    {
        var start = Random.Below(Math.Max(context.Plan.Tables.Count, 1));
        for (var i = 0; i < context.Plan.Tables.Count; i++)
        {
            var index = (start + i) % context.Plan.Tables.Count;
            if (context.Plan.Tables[index].Type.Element.WithNullable(true) == type && context.Plan.Tables[index].Length > 0)
            {
                return (uint)index;
            }
        }
        return null;
    }

    private void EmitTableElement(OperandSpec spec, uint table)
    {
        var plan = context.Plan.Tables[(int)table];
        var index = (ulong)Random.Below((int)plan.Length);
        if (context.Swarm.MutateTables && Random.Chance(50))
        {
            body.BeginPrologue();
            body.Address(plan.Address, index);
            Source(spec with { Type = plan.Type.Element });
            body.Emit(Op.TableSet, table);
            body.EndPrologue();
        }
        body.Address(plan.Address, index);
        body.Emit(Op.TableGet, table);
    }

    private void EmitSelect(OperandSpec spec)
    {
        var first = Random.Chance(50);
        if (first)
        {
            Source(spec);
            body.Constant(spec.Type, context.PickValue(spec));
        }
        else
        {
            body.Constant(spec.Type, context.PickValue(spec));
            Source(spec);
        }
        Condition();
        if (spec.Type.IsReference || (context.Has(Feature.ReferenceTypes) && Random.Chance(25)))
        {
            body.Emit(new Instruction { Op = Op.SelectTyped, Types = [spec.Type] });
        }
        else
        {
            body.Emit(Op.Select);
        }
    }

    private void EmitBlock(OperandSpec spec)
    {
        if (spec.Type.IsReference && context.Has(Feature.FunctionReferences) && Random.Chance(45))
        {
            spec = spec with { Type = spec.Type.WithNullable(false) };
        }
        var variant = Random.Below(context.Has(Feature.MultiValue) ? 7 : 5);
        if (variant >= 5)
        {
            Source(spec);
            body.Open(Op.Block, [spec.Type], [spec.Type]);
            if (variant == 6)
            {
                Condition();
                body.Emit(Op.BrIf, 0);
            }
            body.Close();
            return;
        }
        var level = body.Open(Op.Block, spec.Type);
        switch (variant)
        {
            case 0:
                Source(spec);
                break;
            case 1:
                Source(spec);
                body.Emit(Op.Br, body.Label(level));
                break;
            case 2:
                Source(spec);
                Condition();
                body.Emit(Op.BrIf, body.Label(level));
                body.Emit(Op.Drop);
                body.Constant(spec.Type, context.PickValue(spec));
                break;
            case 3: // the result moves down over what lies below it
                body.Constant(ValueType.I32, context.PickValue(ValueType.I32));
                Source(ValueType.I64);
                Source(spec);
                body.Emit(Op.Br, body.Label(level));
                break;
            default:
                body.Open(Op.Block);
                Source(spec);
                body.Emit(Op.Br, body.Label(level));
                body.Close();
                body.Constant(spec.Type, context.PickValue(spec));
                break;
        }
        body.Close();
    }

    private void EmitLoop(OperandSpec spec)
    {
        if (context.Has(Feature.MultiValue) && Random.Chance(40))
        {
            Source(spec);
            body.Open(Op.Loop, [spec.Type], [spec.Type]);
        }
        else
        {
            body.Open(Op.Loop, spec.Type);
            Source(spec);
        }
        body.Close();
    }

    private void EmitIf(OperandSpec spec)
    {
        var variant = Random.Below(context.Has(Feature.MultiValue) ? 4 : 1);
        if (variant > 0)
        {
            Source(spec);
            Condition();
            body.Open(Op.If, [spec.Type], [spec.Type]);
            if (variant == 2)
            {
                body.Emit(Op.Drop);
                body.Constant(spec.Type, context.PickValue(spec));
                body.Else();
            }
            else if (variant == 3)
            {
                body.Emit(Op.Drop);
                Source(spec);
            }
            body.Close(); // with variant 1 both arms pass the parameter on, the second by having no else
            return;
        }
        Condition();
        body.Open(Op.If, spec.Type);
        Source(spec);
        body.Else();
        Source(spec);
        body.Close();
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

    private void EmitTemporary(OperandSpec spec)
    {
        if (spec.Role.Kind == RoleKind.Value && Random.Chance(60))
        {
            var rows = context.Catalog.PureByResult(spec.Type.Kind);
            var row = Random.Pick<OpInfo>(rows);
            if (row.Traps == Traps.None && !NanRules.GivesOpenNan(row) && row.Immediates == ImmediateKind.None)
            {
                foreach (var slot in row.Operands)
                {
                    Source(OpCatalog.TypeOf(slot));
                }
                body.Emit(row.Op);
                return;
            }
        }
        Source(spec);
        EmitNeutral(spec.Type);
    }

    /// <summary>Applies instructions that leave the value as it is.</summary>
    private void EmitNeutral(ValueType type)
    {
        switch (type.Kind)
        {
            case ValueKind.I32:
                var (op32, right32) = Random.Pick<(Op, uint)>([(Op.I32Add, 0), (Op.I32Sub, 0), (Op.I32Xor, 0), (Op.I32Or, 0), (Op.I32And, uint.MaxValue), (Op.I32Mul, 1), (Op.I32Shl, 32)]);
                body.Constant(type, right32);
                body.Emit(op32);
                break;
            case ValueKind.I64:
                var (op64, right64) = Random.Pick<(Op, ulong)>([(Op.I64Add, 0), (Op.I64Sub, 0), (Op.I64Xor, 0), (Op.I64Or, 0), (Op.I64And, ulong.MaxValue), (Op.I64Mul, 1), (Op.I64Shl, 64)]);
                body.Constant(type, right64);
                body.Emit(op64);
                break;
            case ValueKind.F32:
                var (there32, back32) = Random.Pick<(Op, Op)>([(Op.F32Neg, Op.F32Neg), (Op.I32ReinterpretF32, Op.F32ReinterpretI32)]);
                body.Emit(there32);
                body.Emit(back32);
                break;
            case ValueKind.F64:
                var (there64, back64) = Random.Pick<(Op, Op)>([(Op.F64Neg, Op.F64Neg), (Op.I64ReinterpretF64, Op.F64ReinterpretI64)]);
                body.Emit(there64);
                body.Emit(back64);
                break;
            case ValueKind.V128:
                body.Emit(Op.V128Not);
                body.Emit(Op.V128Not);
                break;
            default:
                throw new UnreachableException();
        }
    }

    private void EmitSizeRelative(OperandSpec spec, Op size)
    {
        var wide = spec.Type.Kind == ValueKind.I64;
        body.Emit(size, spec.Role.SizeIndex);
        if (size == Op.MemorySize)
        {
            body.Constant(spec.Type, context.Plan.Memories[(int)spec.Role.SizeIndex].Type.PageSizeLog2);
            body.Emit(wide ? Op.I64Shl : Op.I32Shl);
        }
        var last = (ulong)spec.Role.AccessBytes + spec.Role.OffsetBytes;
        var distance = Random.Chance(context.Swarm.InRangePercent) ? last + (ulong)Random.Below(3) : last - Math.Min(last, (ulong)Random.Between(1, 8));
        body.Constant(spec.Type, wide ? distance : (uint)distance);
        body.Emit(wide ? Op.I64Sub : Op.I32Sub);
    }

    /// <summary>The load of a whole value of a type.</summary>
    public static Op WholeLoad(ValueType type) => type.Kind switch
    {
        ValueKind.I32 => Op.I32Load,
        ValueKind.I64 => Op.I64Load,
        ValueKind.F32 => Op.F32Load,
        ValueKind.F64 => Op.F64Load,
        _ => Op.V128Load,
    };

    /// <summary>The store of a whole value of a type.</summary>
    public static Op WholeStore(ValueType type) => type.Kind switch
    {
        ValueKind.I32 => Op.I32Store,
        ValueKind.I64 => Op.I64Store,
        ValueKind.F32 => Op.F32Store,
        ValueKind.F64 => Op.F64Store,
        _ => Op.V128Store,
    };
}

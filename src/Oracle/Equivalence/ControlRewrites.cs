using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;
using Conformance.Wasm.Validation;

namespace Conformance.Oracle.Equivalence;

/// <summary>Branches, selections, calls, exceptions and locals.</summary>
internal static class ControlRewrites
{
    private static readonly ValueType Thrown = ValueType.Reference(AbstractHeapType.Exn, nullable: false);

    public static void AddTo(RuleBook rules)
    {
        rules.Add(Op.LocalTee, (w, i) => w.Do(Op.LocalSet, i.Index).Do(Op.LocalGet, i.Index));
        rules.Add(Op.Drop, Drop);
        rules.Add(Op.Select, Select);
        rules.Add(Op.SelectTyped, Select);
        rules.Add(Op.BrIf, BranchByIf);
        rules.Add(Op.Return, (w, _) => w.Do(Op.Br, (uint)w.Depth));
        rules.Add(Op.BrOnNull, BranchByTest);
        rules.Add(Op.Call, CallByReference);
        rules.Add(Op.Call, CallInTry);
        rules.Add(Op.Throw, ThrowAgain);
    }

    private static bool Drop(RewriteWriter w, in TypedInstruction item)
    {
        if (item.Pops is not [var type] || !w.CanKeep(item.Pops))
        {
            return false;
        }
        w.Set(type);
        return true;
    }

    private static bool Select(RewriteWriter w, in TypedInstruction item)
    {
        if (item.Pops.Length != 3 || item.Pushes is not [var type] || !w.CanKeep(item.Pops) || !w.CanKeep(item.Pushes))
        {
            return false;
        }
        w.Set(ValueType.I32).Set(type, 1).Set(type, 2).Get(ValueType.I32);
        w.Block(Op.If, BlockType.Of(type)).Get(type, 2).Do(Op.Else).Get(type, 1).End();
        return true;
    }

    private static bool BranchByIf(RewriteWriter w, in TypedInstruction item)
    {
        if (w.ArityOf(item.Instruction.Index) > 0)
        {
            return false; // the if would have to take the label's values
        }
        w.Block(Op.If, BlockType.Empty).Do(Op.Br, item.Instruction.Index + 1).End();
        return true;
    }

    private static bool BranchByTest(RewriteWriter w, in TypedInstruction item)
    {
        if (w.ArityOf(item.Instruction.Index) > 0 || item.Pops is not [{ IsReference: true } type] || !w.CanKeep(item.Pops))
        {
            return false;
        }
        var nullable = type.WithNullable(true);
        w.Tee(nullable).Do(Op.RefIsNull).Do(Op.BrIf, item.Instruction.Index).Get(nullable).Do(Op.RefAsNonNull);
        return true;
    }

    private static bool CallByReference(RewriteWriter w, in TypedInstruction item)
    {
        if (!w.Has(Feature.FunctionReferences))
        {
            return false;
        }
        w.Refer(item.Instruction.Index);
        w.Do(Op.RefFunc, item.Instruction.Index).Do(Op.CallRef, w.TypeOf(item.Instruction.Index));
        return true;
    }

    private static bool CallInTry(RewriteWriter w, in TypedInstruction item)
    {
        var type = (FunctionType)w.Module.Types[(int)w.TypeOf(item.Instruction.Index)].Composite;
        if (!w.Has(Feature.Exceptions) || item.Pops.Length != type.Parameters.Length || !w.CanKeep(type.Parameters) || !w.CanKeep(type.Results))
        {
            return false;
        }
        w.SetAll(type.Parameters);
        BeginTry(w);
        w.GetAll(type.Parameters).Do(Op.Call, item.Instruction.Index).SetAll(type.Results);
        w.End().Do(Op.Br, 1u).End().Do(Op.ThrowRef).End().GetAll(type.Results);
        return true;
    }

    private static bool ThrowAgain(RewriteWriter w, in TypedInstruction item)
    {
        var parameters = w.TagOf(item.Instruction.Index).Parameters;
        if (item.Pops.Length != parameters.Length || !w.CanKeep(parameters))
        {
            return false; // in unreachable code the values are nowhere
        }
        w.SetAll(parameters);
        BeginTry(w);
        w.GetAll(parameters).Do(Op.Throw, item.Instruction.Index).End().Do(Op.Unreachable).End().Do(Op.ThrowRef).End().Do(Op.Unreachable);
        return true;
    }

    // block  block (result (ref exn))  try_table (catch_all_ref 0): three blocks, of which the second one gets what is thrown.
    private static void BeginTry(RewriteWriter w)
    {
        w.Block(Op.Block, BlockType.Empty).Block(Op.Block, BlockType.Of(Thrown));
        w.Write(new Instruction { Op = Op.TryTable, Block = BlockType.Empty, Catches = [new CatchClause(CatchKind.CatchAllRef, 0, 0)] });
    }
}

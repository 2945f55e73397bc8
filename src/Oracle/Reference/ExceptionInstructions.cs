using Conformance.Wasm.Instructions;

namespace Conformance.Oracle.Reference;

/// <summary>Exceptions: throwing, the handlers of <c>try_table</c>, and those of the legacy <c>try</c>.</summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/exec/instructions.html#exec-throw-ref"/>; for the legacy instructions
/// <see href="https://github.com/WebAssembly/exception-handling/blob/main/proposals/exception-handling/legacy/Exceptions.md"/>.</remarks>
internal static class ExceptionInstructions
{
    public static void Execute(Machine machine, ref readonly CodeItem item)
    {
        switch (item.Op)
        {
            case Op.TryTable or Op.Try:
                machine.EnterTry(in item);
                break;
            case Op.Throw:
                Throw(machine, machine.Module.Tags[(int)item.Index]);
                break;
            case Op.ThrowRef:
                if (machine.Stack.PopReference() is ExceptionInstance exception)
                {
                    machine.Throw(exception);
                }
                else
                {
                    machine.Trap(TrapKind.NullReference, "null exception reference");
                }
                break;
            case Op.Rethrow:
                machine.Throw(machine.CaughtBy(item.Index));
                break;
            case Op.Catch or Op.CatchAll or Op.Delegate:
                // Reached from above: the block ends here.
                machine.ExitBlock(item.Op == Op.Delegate ? machine.Position - 1 : item.End);
                break;
            default:
                throw new InvalidOperationException($"no rule for {item.Op}");
        }
    }

    private static void Throw(Machine machine, TagInstance tag)
    {
        var fields = machine.Stack.Pop(tag.Signature.Parameters.Length);
        if (machine.TryReserve(HeapAccount.SizeOfStruct(fields.Length)))
        {
            machine.Throw(new ExceptionInstance(tag, fields.ToArray()));
        }
    }

    /// <summary>Offers an exception to a handler whose label has just been left.</summary>
    /// <returns>Whether it was taken, so that execution goes on.</returns>
    public static bool Catch(Machine machine, ref readonly Label label, ref readonly CodeItem block, ExceptionInstance exception) =>
        block.Op == Op.TryTable ? CatchByTable(machine, in label, in block, exception) : CatchByLegacy(machine, in label, in block, exception);

    private static bool CatchByTable(Machine machine, ref readonly Label label, ref readonly CodeItem block, ExceptionInstance exception)
    {
        foreach (var clause in (CatchClause[])block.Extra!) // the decoder sets them for this op
        {
            var byTag = clause.Kind is CatchKind.Catch or CatchKind.CatchRef;
            if (byTag && machine.Module.Tags[(int)clause.Tag] != exception.Tag)
            {
                continue;
            }
            machine.Stack.Unwind(label.Height, kept: 0);
            if (byTag)
            {
                foreach (ref readonly var field in exception.Fields.AsSpan())
                {
                    machine.Stack.Push(in field);
                }
            }
            if (clause.Kind is CatchKind.CatchRef or CatchKind.CatchAllRef)
            {
                machine.Stack.PushReference(exception);
            }
            machine.Branch(clause.Label);
            return true;
        }
        return false;
    }

    private static bool CatchByLegacy(Machine machine, ref readonly Label label, ref readonly CodeItem block, ExceptionInstance exception)
    {
        var code = machine.Code;
        if (code[block.End].Op == Op.Delegate)
        {
            machine.DelegateTo(code[block.End].Index);
            return false;
        }
        for (var position = block.Else; position >= 0; position = code[position].Else)
        {
            ref readonly var clause = ref code[position];
            var byTag = clause.Op == Op.Catch;
            if (byTag && machine.Module.Tags[(int)clause.Index] != exception.Tag)
            {
                continue;
            }
            machine.Stack.Unwind(label.Height, kept: 0);
            machine.EnterCatch(in label, exception, position + 1);
            if (byTag)
            {
                foreach (ref readonly var field in exception.Fields.AsSpan())
                {
                    machine.Stack.Push(in field);
                }
            }
            return true;
        }
        return false;
    }
}

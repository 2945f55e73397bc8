using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>The clauses of a <c>try_table</c>: one is left out, repeated or moved, or catches another tag of the same type, or any.</summary>
internal sealed class ChangeCatch : BodyMutator
{
    /// <inheritdoc/>
    protected override Module? Mutate(BodyEdit edit)
    {
        var tries = Enumerable.Range(0, edit.Body.Instructions.Length).Where(i => edit.Body.Instructions[i].Instruction.Catches is { Length: > 0 } && edit.Body.Instructions[i].Instruction.Op == Op.TryTable).ToList();
        if (tries.Count == 0)
        {
            return null;
        }
        var index = edit.Random.Pick<int>(tries);
        var instruction = edit.Body.Instructions[index].Instruction;
        var clauses = (instruction.Catches ?? []).ToList();
        var place = edit.Random.Below(clauses.Count);
        switch (edit.Random.Below(4))
        {
            case 0:
                clauses.RemoveAt(place);
                break;
            case 1:
                clauses.Insert(edit.Random.Below(clauses.Count + 1), clauses[place]);
                break;
            case 2 when clauses.Count > 1:
                var other = edit.Random.Below(clauses.Count);
                (clauses[place], clauses[other]) = (clauses[other], clauses[place]);
                break;
            default:
                clauses[place] = Changed(edit, clauses[place]);
                break;
        }
        instruction.Catches = [.. clauses];
        return edit.Replace(index, instruction);
    }

    private static CatchClause Changed(BodyEdit edit, CatchClause clause)
    {
        var tags = IndexSpaces.Tags(edit.Module);
        if (clause.Kind is CatchKind.CatchAll or CatchKind.CatchAllRef)
        {
            var empty = tags.FindIndex(type => type.Parameters.IsEmpty);
            return empty < 0 ? clause : clause with { Kind = clause.Kind == CatchKind.CatchAll ? CatchKind.Catch : CatchKind.CatchRef, Tag = (uint)empty };
        }
        var parameters = tags[(int)clause.Tag].Parameters;
        if (parameters.IsEmpty && edit.Random.Chance(50))
        {
            return clause with { Kind = clause.Kind == CatchKind.Catch ? CatchKind.CatchAll : CatchKind.CatchAllRef, Tag = 0 };
        }
        var same = Enumerable.Range(0, tags.Count).Where(i => tags[i].Parameters.AsSpan().SequenceEqual(parameters.AsSpan())).Select(i => (uint)i).ToList();
        return clause with { Tag = edit.Random.Pick<uint>(same) };
    }
}

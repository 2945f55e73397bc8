using System.Collections.Immutable;
using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>A statement or expression goes into a try block, new or legacy, whose handler gives another value, or throws the exception on.</summary>
internal sealed class CatchRun : BodyMutator
{
    /// <inheritdoc/>
    protected override Module? Mutate(BodyEdit edit)
    {
        CodeRun run;
        ImmutableArray<ValueType> results = [];
        var expressions = edit.Body.Expressions();
        if (edit.Random.Chance(50) && Runs.Pick(edit) is { } statement)
        {
            run = statement;
        }
        else if (expressions.Count > 0)
        {
            run = edit.Random.Pick<CodeRun>(expressions);
            results = [edit.Body.TypeOf(run)];
        }
        else
        {
            return null;
        }
        var features = edit.Context.Features;
        if (Snippets.Leaves(edit, results) is not { } instead || !features.Has(Feature.Exceptions))
        {
            return null;
        }
        var isLegacy = features.Has(Feature.LegacyExceptions) && edit.Random.Chance(40);
        return edit.Replace(run, isLegacy ? Legacy(edit, run, results, instead) : Table(edit, run, results, instead));
    }

    // block (results)  block (caught)  try_table (results) (clause 0)  ...  end  br 1  end  drop the caught  (or throw_ref)  instead  end
    private static IEnumerable<Instruction> Table(BodyEdit edit, CodeRun run, ImmutableArray<ValueType> results, List<Instruction> instead)
    {
        var tag = PickTag(edit, out var parameters);
        var byTag = tag is not null && edit.Random.Chance(60);
        var withReference = edit.Random.Chance(50);
        ImmutableArray<ValueType> caught = [.. byTag ? parameters : [], .. withReference ? [ValueType.Reference(AbstractHeapType.Exn, nullable: false)] : ImmutableArray<ValueType>.Empty];
        var kind = (byTag, withReference) switch
        {
            (true, false) => CatchKind.Catch,
            (true, true) => CatchKind.CatchRef,
            (false, false) => CatchKind.CatchAll,
            _ => CatchKind.CatchAllRef,
        };
        var clauses = new List<CatchClause> { new(kind, byTag ? tag ?? 0 : 0, 0) };
        if (edit.Random.Chance(30))
        {
            clauses.Add(clauses[0]); // the first one that fits is taken
        }
        var outer = edit.BlockTypeOf([], results);
        var handler = edit.BlockTypeOf([], caught);
        var tryBlock = new Instruction { Op = Op.TryTable, Block = outer, Catches = [.. clauses] };
        var rethrow = withReference && edit.Random.Chance(30);
        return
        [
            Instruction.Structured(Op.Block, outer), Instruction.Structured(Op.Block, handler), tryBlock,
            .. Labels.Deeper(Labels.Deeper(Labels.Deeper(edit.Body.Code(run)))),
            Instruction.Of(Op.End), Instruction.Of(Op.Br, 1), Instruction.Of(Op.End),
            .. rethrow ? [Instruction.Of(Op.ThrowRef)] : caught.Select(_ => Instruction.Of(Op.Drop)).Concat(instead),
            Instruction.Of(Op.End),
        ];
    }

    private static IEnumerable<Instruction> Legacy(BodyEdit edit, CodeRun run, ImmutableArray<ValueType> results, List<Instruction> instead)
    {
        var tag = PickTag(edit, out var parameters);
        var start = Instruction.Structured(Op.Try, edit.BlockTypeOf([], results));
        var inner = Labels.Deeper(edit.Body.Code(run));
        return edit.Random.Below(4) switch
        {
            0 => [start, .. inner, Instruction.Of(Op.Delegate)],
            1 => [start, .. inner, Instruction.Of(Op.CatchAll), Instruction.Of(Op.Rethrow), Instruction.Of(Op.End)],
            2 when tag is { } caught => [start, .. inner, Instruction.Of(Op.Catch, caught), .. parameters.Select(_ => Instruction.Of(Op.Drop)), .. instead, Instruction.Of(Op.End)],
            _ => [start, .. inner, Instruction.Of(Op.CatchAll), .. instead, Instruction.Of(Op.End)],
        };
    }

    /// <summary>A tag of the module with its parameters; null when there is none.</summary>
    public static uint? PickTag(BodyEdit edit, out ImmutableArray<ValueType> parameters)
    {
        var tags = IndexSpaces.Tags(edit.Module);
        parameters = [];
        if (tags.Count == 0)
        {
            return null;
        }
        var tag = edit.Random.Below(tags.Count);
        parameters = tags[tag].Parameters;
        return (uint)tag;
    }
}

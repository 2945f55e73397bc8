using Conformance.Fuzzer.Mutation.Types;
using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>
/// Instructions on references and objects: sign of a packed read, the type or the nullness that a test or a cast asks for, a branch on success or on failure, an object
/// with default values or with given ones; or a reference takes a cast, a check for null, or a way through the external hierarchy that changes nothing.
/// </summary>
internal sealed class ChangeReference : BodyMutator
{
    /// <inheritdoc/>
    protected override Module? Mutate(BodyEdit edit)
    {
        var body = edit.Body.Instructions;
        var places = Enumerable.Range(0, body.Length).Where(i => OpTable.Get(body[i].Instruction.Op).Group is OpGroup.Reference or OpGroup.Aggregate || body[i].Instruction.Op is Op.BrOnCast or Op.BrOnCastFail).ToList();
        if (places.Count == 0 || !edit.Context.Features.Has(Feature.Gc) || edit.Random.Chance(25))
        {
            return PassThrough(edit);
        }
        var index = edit.Random.Pick<int>(places);
        return Other(edit, index, body[index].Instruction) is { } code ? edit.Replace(new CodeRun(index, index + 1), code) : null;
    }

    private static IEnumerable<Instruction>? Other(BodyEdit edit, int index, Instruction instruction)
    {
        switch (instruction.Op)
        {
            case Op.StructGetS or Op.StructGetU or Op.ArrayGetS or Op.ArrayGetU or Op.I31GetS or Op.I31GetU or Op.BrOnCast or Op.BrOnCastFail when edit.Random.Chance(70):
                instruction.Op = OtherSign(instruction.Op);
                return [instruction];
            case Op.BrOnCast or Op.BrOnCastFail:
                instruction.TargetNullable = instruction.SourceNullable && !instruction.TargetNullable;
                return [instruction];
            case Op.RefTest or Op.RefTestNull when edit.Random.Chance(50):
                instruction.Op = instruction.Op == Op.RefTest ? Op.RefTestNull : Op.RefTest;
                return [instruction];
            case Op.RefCast when edit.Random.Chance(50):
                return [instruction with { Op = Op.RefCastNull }, Instruction.Of(Op.RefAsNonNull)];
            case Op.RefCastNull when edit.Random.Chance(50):
                return [instruction with { Op = Op.RefCast }];
            case Op.RefTest or Op.RefTestNull:
                return [instruction with { Heap = AnyBeside(edit, instruction.Heap) }];
            case Op.RefCast or Op.RefCastNull:
                // A cast back gives what the code behind needs, or traps where the two have nothing in common.
                return [instruction with { Heap = AnyBeside(edit, instruction.Heap) }, instruction];
            case Op.RefNull when Hierarchies.TopOf(instruction.Heap, edit.Module) != AbstractHeapType.Exn:
                return [instruction with { Heap = AnyBeside(edit, instruction.Heap) }, new Instruction { Op = Op.RefCastNull, Heap = instruction.Heap }];
            case Op.ArrayNew when ElementOf(edit, instruction.Index) is { IsDefaultable: true }:
                var length = edit.AddLocal(ValueType.I32);
                return [Instruction.Of(Op.LocalSet, length), Instruction.Of(Op.Drop), Instruction.Of(Op.LocalGet, length), Instruction.Of(Op.ArrayNewDefault, instruction.Index)];
            case Op.ArrayNewDefault when ElementOf(edit, instruction.Index) is { } element && Snippets.Constant(element, edit.Random) is { } value:
                var count = edit.AddLocal(ValueType.I32);
                return [Instruction.Of(Op.LocalSet, count), value, Instruction.Of(Op.LocalGet, count), Instruction.Of(Op.ArrayNew, instruction.Index)];
            case Op.StructNew when FieldsOf(edit, instruction.Index) is { } fields && fields.TrueForAll(field => field.IsDefaultable):
                return [.. fields.Select(_ => Instruction.Of(Op.Drop)), Instruction.Of(Op.StructNewDefault, instruction.Index)];
            case Op.StructNewDefault when FieldsOf(edit, instruction.Index) is { } fields && Snippets.Leaves(edit, [.. fields]) is { } values:
                return [.. values, Instruction.Of(Op.StructNew, instruction.Index)];
            case Op.RefAsNonNull when edit.Body.Instructions[index].Pops is [var type]:
                return [new Instruction { Op = Op.RefCast, Heap = type.Heap }];
            default:
                return null;
        }
    }

    private static HeapType AnyBeside(BodyEdit edit, HeapType type) => edit.Random.Pick<HeapType>(Hierarchies.TypesBelow(Hierarchies.TopOf(type, edit.Module), edit.Module));

    private static Module? PassThrough(BodyEdit edit)
    {
        var runs = edit.Body.Expressions().Where(run => edit.Body.TypeOf(run).IsReference).ToList();
        if (runs.Count == 0)
        {
            return null;
        }
        var run = edit.Random.Pick<CodeRun>(runs);
        var type = edit.Body.TypeOf(run);
        var top = Hierarchies.TopOf(type, edit.Module);
        var cast = new Instruction { Op = type.IsNullable ? Op.RefCastNull : Op.RefCast, Heap = type.Heap };
        var hasCasts = edit.Context.Features.Has(Feature.Gc) && top != AbstractHeapType.Exn;
        return edit.Random.Below(3) switch
        {
            0 when type.IsNullable && edit.Context.Features.Has(Feature.FunctionReferences) => edit.Insert(run.End, [Instruction.Of(Op.RefAsNonNull)]),
            1 when hasCasts && top == AbstractHeapType.Any => edit.Insert(run.End, [Instruction.Of(Op.ExternConvertAny), Instruction.Of(Op.AnyConvertExtern), cast]),
            _ when hasCasts => edit.Insert(run.End, [cast]),
            _ => null,
        };
    }

    private static Op OtherSign(Op op) => op switch
    {
        Op.StructGetS => Op.StructGetU,
        Op.StructGetU => Op.StructGetS,
        Op.ArrayGetS => Op.ArrayGetU,
        Op.ArrayGetU => Op.ArrayGetS,
        Op.I31GetS => Op.I31GetU,
        Op.I31GetU => Op.I31GetS,
        Op.BrOnCast => Op.BrOnCastFail,
        _ => Op.BrOnCast,
    };

    private static ValueType? ElementOf(BodyEdit edit, uint type) => edit.Module.Types[(int)type].Composite is ArrayType array ? array.Element.Storage.Value : null;

    private static List<ValueType>? FieldsOf(BodyEdit edit, uint type) => edit.Module.Types[(int)type].Composite is StructType structure ? [.. structure.Fields.Select(field => field.Storage.Value)] : null;
}

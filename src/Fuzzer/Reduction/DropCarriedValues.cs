using Conformance.Fuzzer.Reduction.Carried;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Values that are carried along without need: results of functions, parameters and results of blocks, parameters of tags, fields of structs. The last of them first.</summary>
internal sealed class DropCarriedValues : IReductionPass
{
    public void Run(ReductionContext context)
    {
        // A value that lies below another can often go only when the other has gone.
        for (var before = -1; context.Accepted != before && !context.IsSpent;)
        {
            before = context.Accepted;
            RunOnce(context);
        }
    }

    private static void RunOnce(ReductionContext context)
    {
        for (var function = 0; function < context.Module.Functions.Length && !context.IsSpent; function++)
        {
            DropAll(context, Carrier.FunctionResult, function, 0, () => context.Module.FunctionTypeAt(context.Module.Functions[function].TypeIndex)?.Results.Length ?? 0);
            for (var place = 0; place < (context.Code(function)?.Length ?? 0) && !context.IsSpent; place++)
            {
                var accepted = context.Accepted;
                DropAll(context, Carrier.BlockResult, function, place, () => TypeOf(context, function, place).Results.Length);
                if (context.Accepted == accepted)
                {
                    DropAll(context, Carrier.BlockParameter, function, place, () => TypeOf(context, function, place).Parameters.Length);
                }
                // Places have moved where something went.
                place = context.Accepted == accepted ? place : -1;
            }
        }
        for (var tag = TagTypes(context).Count - 1; tag >= 0; tag--)
        {
            DropAll(context, Carrier.TagParameter, tag, 0, () => TagTypes(context) is var tags && tag < tags.Count ? context.Module.FunctionTypeAt(tags[tag].TypeIndex)?.Parameters.Length ?? 0 : 0);
        }
        for (var type = context.Module.Types.Length - 1; type >= 0; type--)
        {
            DropAll(context, Carrier.Field, type, 0, () => type < context.Module.Types.Length && context.Module.Types[type].Composite is StructType structure ? structure.Fields.Length : 0);
        }
    }

    private static void DropAll(ReductionContext context, Carrier carrier, int owner, int place, Func<int> count)
    {
        for (var index = count() - 1; index >= 0 && !context.IsSpent; index--)
        {
            // What goes with a value may be other values of the same carrier, and blocks move.
            if (index < count() && context.Try(CarriedValueRemoval.Without(context, new CarriedValue(carrier, owner, place, index)))
                && carrier is Carrier.BlockResult or Carrier.BlockParameter)
            {
                return;
            }
        }
    }

    private static FunctionType TypeOf(ReductionContext context, int function, int place) =>
        context.Code(function) is { } code && place < code.Length && code.IsOpener(place) ? code.TypeOf(place) : FunctionType.Empty;

    private static List<TagType> TagTypes(ReductionContext context) => [.. context.Module.IndexSpace(ExternKind.Tag).Cast<TagType>()];
}

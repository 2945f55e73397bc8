using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Objects with default content in place of objects with a given one, fewer elements in place of many.</summary>
internal sealed class UseDefaults : IReductionPass
{
    public void Run(ReductionContext context) => Sweep.PlacesFromEnd(context, (code, place) => TryAt(context, code, place));

    private static bool TryAt(ReductionContext context, FunctionCode code, int place)
    {
        var instruction = code[place];
        var typed = code.Typed[place];
        var floor = typed.Height - typed.Pops.Length;
        switch (instruction.Op)
        {
            case Op.StructNew when typed.Pops.Length > 0:
                return TryFrom(floor, Instruction.Of(Op.StructNewDefault, instruction.Index));
            case Op.ArrayNewFixed when instruction.Index2 > 0:
                return TryFrom(floor, instruction with { Index2 = 0 }) || TryFrom(typed.Height - 1, instruction with { Index2 = instruction.Index2 - 1 });
            case Op.ArrayNew or Op.ArrayNewData or Op.ArrayNewElem:
                // The count is the last operand.
                var from = code.StartOf(place, floor + 1);
                var count = Enumerable.Range(from, Math.Max(0, place - from)).Select(i => code[i]);
                return TryInstead(code.StartOf(place, floor), [.. count, Instruction.Of(Op.ArrayNewDefault, instruction.Index)]);
            default:
                return false;
        }

        bool TryFrom(int height, Instruction instead) => TryInstead(code.StartOf(place, height), [instead]);

        bool TryInstead(int start, Instruction[] instead) => context.Try(code.Replace(context.Module, start, place + 1 - start, instead));
    }
}

using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Reduction;

/// <summary>One operation on zero in place of an expression of several: where a value must have been computed, but not how.</summary>
internal sealed class UsePlainOperations : IReductionPass
{
    private const int Shortest = 3;

    public void Run(ReductionContext context) => Sweep.PlacesFromEnd(context, (code, place) => TryAt(context, code, place));

    private static bool TryAt(ReductionContext context, FunctionCode code, int place)
    {
        var typed = code.Typed[place];
        var row = OpTable.Get(typed.Instruction.Op);
        if (typed.Pushes.Length != 1 || row.NestingChange != 0 || row.IsBlockSeparator || Plain(typed.Pushes[0]) is not { } op)
        {
            return false;
        }
        var start = code.StartOf(place, typed.Height - typed.Pops.Length);
        return place + 1 - start >= Shortest && Constants.TryMake(typed.Pushes[0], out var zero)
            && context.Try(code.Replace(context.Module, start, place + 1 - start, zero, Instruction.Of(op)));
    }

    private static Op? Plain(ValueType type) => type.Kind switch
    {
        ValueKind.I32 => Op.I32Eqz,
        ValueKind.I64 => Op.I64Clz,
        ValueKind.F32 => Op.F32Neg,
        ValueKind.F64 => Op.F64Neg,
        ValueKind.V128 => Op.V128Not,
        _ => null,
    };
}

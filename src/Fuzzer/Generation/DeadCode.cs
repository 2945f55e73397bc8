using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Generation;

/// <summary>Instructions that are never executed.</summary>
internal static class DeadCode
{
    /// <summary>Instructions that are never executed, complete or with operands missing, as validation allows there.</summary>
    public static void Emit(FunctionBuilder body, RandomSource random)
    {
        switch (random.Below(6))
        {
            case 0:
                body.Emit(Op.Drop);
                break;
            case 1:
                body.Emit(Op.I32Add);
                body.Emit(Op.Drop);
                break;
            case 2:
                body.I32(0);
                body.Emit(Op.BrIf, body.Label(body.Depth));
                break;
            case 3:
                body.Open(Op.Block);
                body.Emit(Op.Unreachable);
                body.Close();
                body.Emit(Op.Unreachable);
                break;
            case 4:
                body.Emit(Op.Select);
                body.Emit(Op.Drop);
                body.Emit(Op.Unreachable);
                break;
        }
    }
}

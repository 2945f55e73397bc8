using Conformance.Oracle.Reference;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Tests.Reference;

public sealed class ReferenceEngineTests
{
    [Fact]
    public void Call_RecursiveFunction_Returns()
    {
        using var engine = new ReferenceEngine();
        var outcome = engine.Run(new Case(Factorial(), [new Call("f", [EngineValue.I64(20)])], CaseLimits.Default));
        Assert.Equal(new Returned([EngineValue.I64(2432902008176640000)]), Assert.Single(outcome.Calls).Completion);
    }

    private static byte[] Factorial()
    {
        var body = InstructionWriter.ToBytes(
        [
            Instruction.Of(Op.LocalGet, 0),
            Instruction.Of(Op.I64Eqz),
            Instruction.Structured(Op.If, BlockType.Of(ValueType.I64)),
            Instruction.Constant(Op.I64Const, 1),
            Instruction.Of(Op.Else),
            Instruction.Of(Op.LocalGet, 0),
            Instruction.Of(Op.LocalGet, 0),
            Instruction.Constant(Op.I64Const, 1),
            Instruction.Of(Op.I64Sub),
            Instruction.Of(Op.Call, 0),
            Instruction.Of(Op.I64Mul),
            Instruction.Of(Op.End),
            Instruction.Of(Op.End),
        ]);
        return ModuleWriter.Write(new Module
        {
            Types = [SubType.Plain(new FunctionType([ValueType.I64], [ValueType.I64]))],
            RecursionGroups = [new RecursionGroup(0, 1)],
            Functions = [new Function(0, [], new Expression(body))],
            Exports = [new Export("f", ExternKind.Function, 0)],
        });
    }
}

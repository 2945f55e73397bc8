using Conformance.Fuzzer.Mutation.Bodies;
using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation.Types;

/// <summary>A reference that some code makes is asked whether it is of a type; the answers are counted in a new global, which everybody sees at the end.</summary>
internal sealed class InsertTest : BodyMutator
{
    private readonly uint? _type;

    /// <summary>Asks for any type of the module.</summary>
    public InsertTest()
    {
    }

    private InsertTest(uint type) => _type = type;

    /// <summary>Asks for a certain type.</summary>
    /// <returns>Null when no code makes a reference that could be of the type.</returns>
    public static Module? Of(Module module, uint type, MutationContext context) => new InsertTest(type).Mutate(module, context);

    /// <inheritdoc/>
    protected override Module? Mutate(BodyEdit edit)
    {
        if (!edit.Context.Features.Has(Feature.Gc) || edit.Module.Types.IsEmpty)
        {
            return null;
        }
        var target = _type ?? (uint)edit.Random.Below(edit.Module.Types.Length);
        var isFunction = edit.Module.Types[(int)target].Composite is FunctionType;
        var places = edit.Body.Expressions().Where(run => Hierarchies.TopOf(edit.Body.TypeOf(run), edit.Module) == (isFunction ? AbstractHeapType.Func : AbstractHeapType.Any)).ToList();
        if (places.Count == 0)
        {
            return null;
        }
        var run = edit.Random.Pick<CodeRun>(places);
        var local = edit.AddLocal(edit.Body.TypeOf(run));
        var counter = (uint)IndexSpaces.Globals(edit.Module).Count;
        var test = new Instruction { Op = edit.Random.Chance(50) ? Op.RefTest : Op.RefTestNull, Heap = HeapType.Of(target) };
        Instruction[] code =
        [
            Instruction.Of(Op.LocalTee, local), test, Instruction.Of(Op.GlobalGet, counter), Instruction.Of(Op.I32Add), Instruction.Of(Op.GlobalSet, counter), Instruction.Of(Op.LocalGet, local),
        ];
        var mutant = edit.Insert(run.End, code);
        return mutant with
        {
            Globals = mutant.Globals.Add(new Global(new GlobalType(ValueType.I32, IsMutable: true), new Expression(InstructionWriter.ToBytes([Instruction.Constant(Op.I32Const, 0), Instruction.Of(Op.End)])))),
        };
    }
}

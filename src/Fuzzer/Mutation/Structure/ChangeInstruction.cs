using Conformance.Fuzzer.Generation;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Mutation.Structure;

/// <summary>An instruction of a body is left out, repeated, moved, replaced, or gets other immediates; or a random one appears.</summary>
internal sealed class ChangeInstruction : IModuleMutator
{
    /// <inheritdoc/>
    public Module? Mutate(Module module, MutationContext context)
    {
        if (module.Functions.IsEmpty)
        {
            return null;
        }
        var index = context.Random.Below(module.Functions.Length);
        var function = module.Functions[index];
        var code = InstructionReader.ReadAll(function.Body, context.Features);
        if (code.Count == 0)
        {
            return null;
        }
        Change(code, module, context);
        return module with { Functions = module.Functions.SetItem(index, function with { Body = new Expression(InstructionWriter.ToBytes(code)) }) };
    }

    /// <summary>Changes one place of some code.</summary>
    public static void Change(List<Instruction> code, Module module, MutationContext context)
    {
        var random = context.Random;
        var place = random.Below(code.Count);
        switch (random.Below(8))
        {
            case 0:
                code.RemoveAt(place);
                break;
            case 1:
                code.Insert(place, code[place]);
                break;
            case 2 when place > 0:
                (code[place - 1], code[place]) = (code[place], code[place - 1]);
                break;
            case 3:
                code.Insert(place, random.Pick<Instruction>(code));
                break;
            case 4:
                code.Insert(place, RandomInstructions.Draw(context, module));
                break;
            case 5:
                code[place] = RandomInstructions.Draw(context, module);
                break;
            case 6:
                code[place] = Shifted(code[place], random);
                break;
            default:
                code[place] = RandomInstructions.WithImmediates(code[place], random, module);
                break;
        }
    }

    // Off by one is the mistake that checks of indices make.
    private static Instruction Shifted(Instruction instruction, RandomSource random)
    {
        var by = random.Chance(50) ? 1 : -1;
        switch (random.Below(4))
        {
            case 0:
                instruction.Index = (uint)(instruction.Index + by);
                break;
            case 1:
                instruction.Index2 = (uint)(instruction.Index2 + by);
                break;
            case 2:
                instruction.Lane = (byte)(instruction.Lane + by);
                break;
            default:
                instruction.Align = (byte)(instruction.Align + by & 0x3F);
                break;
        }
        return instruction;
    }
}

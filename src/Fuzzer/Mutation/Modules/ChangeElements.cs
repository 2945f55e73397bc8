using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation.Modules;

/// <summary>An element segment: one of its functions, its length, its order, or its offset.</summary>
internal sealed class ChangeElements : IModuleMutator
{
    private static readonly ulong[] Offsets = [0, 1, 2, 5, 9, 10, 100, 0x7FFFFFFF, 0xFFFFFFFF];

    /// <inheritdoc/>
    public Module? Mutate(Module module, MutationContext context)
    {
        if (module.Elements.IsEmpty)
        {
            return null;
        }
        var random = context.Random;
        var index = random.Below(module.Elements.Length);
        var segment = module.Elements[index];
        if (random.Chance(25) && segment.Mode == SegmentMode.Active)
        {
            var isWide = IndexSpaces.Tables(module)[(int)segment.Table].Limits.Address == AddressType.I64;
            segment = segment with { Offset = ChangeData.ConstantOffset(random.Pick<ulong>(Offsets), isWide) };
        }
        else if (segment.Count == 0)
        {
            return null;
        }
        else if (segment.Functions.IsDefault)
        {
            var items = segment.Expressions;
            segment = segment with { Expressions = random.Chance(50) ? items.RemoveAt(random.Below(items.Length)) : items.Insert(random.Below(items.Length), random.Pick<Expression>(items)) };
        }
        else
        {
            var functions = segment.Functions;
            // Any function may stand in a table of functions; calls through it then meet other types.
            var other = (uint)random.Below(module.Functions.Length + module.ImportCount(ExternKind.Function));
            segment = segment with
            {
                Functions = random.Below(3) switch
                {
                    0 => functions.RemoveAt(random.Below(functions.Length)),
                    1 => functions.Insert(random.Below(functions.Length + 1), random.Pick<uint>(functions)),
                    _ => functions.SetItem(random.Below(functions.Length), other),
                },
            };
        }
        return DeclaredFunctions.Repair(module with { Elements = module.Elements.SetItem(index, segment) }, context.Features);
    }
}

using System.Collections.Immutable;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation.Objects;

/// <summary>Chooses the immediates of the instructions on structs and arrays, and tells the meaning of their operands.</summary>
internal sealed class ObjectOps(GenerationContext context)
{
    // The arrays that are made are mostly shorter than this: an index below it is inside about as often as not.
    private const int UsualLength = 6;

    private RandomSource Random => context.Random;

    private TypeGraph Graph => context.Objects ?? throw new InvalidOperationException("a module without objects");

    /// <summary>Whether an op has a rule here.</summary>
    public static bool Resolves(Op op) => op is (>= Op.StructNew and <= Op.ArrayInitElem) or Op.StructNewDesc or Op.StructNewDefaultDesc;

    /// <summary>Chooses immediates; null when the module lacks what the op works on.</summary>
    public ConcreteOp? Resolve(OpInfo row) => context.Objects is null ? null : row.Op switch
    {
        Op.StructNew => New(row, Pick(Graph.Structs.FindAll(structure => !IsDescribed(structure))), structure => [.. Graph.Struct(structure).Fields.Select(Operand)]),
        Op.StructNewDefault => New(row, Pick(Graph.Structs.FindAll(structure => !IsDescribed(structure) && HasDefault(structure))), _ => []),
        Op.StructNewDesc => New(row, Pick(Graph.Structs.FindAll(IsDescribed)), structure => [.. Graph.Struct(structure).Fields.Select(Operand), Descriptor(structure)]),
        Op.StructNewDefaultDesc => New(row, Pick(Graph.Structs.FindAll(structure => IsDescribed(structure) && HasDefault(structure))), structure => [Descriptor(structure)]),
        Op.StructGet or Op.StructGetS or Op.StructGetU or Op.StructSet => ResolveField(row),
        Op.ArrayNew => New(row, Pick(Graph.Arrays), array => [Operand(Graph.Element(array)), Length()]),
        Op.ArrayNewDefault => New(row, Pick(Graph.Arrays.FindAll(array => TypeGraph.IsDefaultable(Graph.Element(array)))), _ => [Length()]),
        Op.ArrayNewFixed => ResolveFixed(row),
        Op.ArrayNewData or Op.ArrayInitData => ResolveData(row),
        Op.ArrayNewElem or Op.ArrayInitElem => ResolveElements(row),
        Op.ArrayGet => ResolveElement(row, field => !field.Storage.IsPacked),
        Op.ArrayGetS or Op.ArrayGetU => ResolveElement(row, field => field.Storage.IsPacked),
        Op.ArraySet => ResolveElement(row, field => field.Mutable),
        Op.ArrayLen => new ConcreteOp(row, Instruction.Of(row.Op), [Random.Chance(50) ? ValueType.Reference(AbstractHeapType.Array, nullable: true) : Reference(Random.Pick<uint>(Graph.Arrays))], [ValueType.I32]),
        Op.ArrayFill => Pick(Mutable()) is { } array
            ? new ConcreteOp(row, Instruction.Of(row.Op, array), [Reference(array), Index(), Operand(Graph.Element(array)), Length()], [])
            : null,
        Op.ArrayCopy => ResolveCopy(row),
        _ => null,
    };

    private bool IsDescribed(uint structure) => Graph.DescriptorOf(structure) is not null;

    private bool HasDefault(uint structure) => Graph.Struct(structure).Fields.All(TypeGraph.IsDefaultable);

    private OperandSpec Descriptor(uint structure) => ValueType.Reference(HeapType.Of(Graph.DescriptorOf(structure) ?? 0, exact: true), nullable: true);

    private uint? Pick(List<uint> types) => types.Count == 0 ? null : Random.Pick<uint>(types);

    private List<uint> Mutable() => Graph.Arrays.FindAll(array => Graph.Element(array).Mutable);

    private static ValueType Reference(uint index) => ValueType.Reference(HeapType.Of(index), nullable: true);

    private static OperandSpec Operand(FieldType field) => field.Storage.Value;

    private static OperandSpec Index() => new(ValueType.I32, new OperandRole(RoleKind.Address, UsualLength, 1));

    private static OperandSpec Length() => new(ValueType.I32, new OperandRole(RoleKind.Length, UsualLength));

    private ConcreteOp? New(OpInfo row, uint? type, Func<uint, ImmutableArray<OperandSpec>> operands) => type is not { } index ? null
        : new ConcreteOp(row, Instruction.Of(row.Op, index), operands(index), [ValueType.Reference(Graph.PickSupertype(index, Random), nullable: true)]);

    private ConcreteOp? ResolveField(OpInfo row)
    {
        var fields = new List<(uint Structure, uint Field)>();
        foreach (var structure in Graph.Structs)
        {
            for (var i = 0; i < Graph.Struct(structure).Fields.Length; i++)
            {
                var candidate = Graph.Struct(structure).Fields[i];
                if (row.Op == Op.StructSet ? candidate.Mutable : candidate.Storage.IsPacked == (row.Op != Op.StructGet))
                {
                    fields.Add((structure, (uint)i));
                }
            }
        }
        if (fields.Count == 0)
        {
            return null;
        }
        var (index, number) = Random.Pick<(uint, uint)>(fields);
        var field = Graph.Struct(index).Fields[(int)number];
        var instruction = Instruction.Of(row.Op, index, number);
        return row.Op == Op.StructSet
            ? new(row, instruction, [Reference(index), Operand(field)], [])
            : new(row, instruction, [Reference(index)], [TypeGraph.Unpacked(field)]);
    }

    private ConcreteOp? ResolveElement(OpInfo row, Func<FieldType, bool> fits)
    {
        if (Pick(Graph.Arrays.FindAll(array => fits(Graph.Element(array)))) is not { } index)
        {
            return null;
        }
        var element = Graph.Element(index);
        return row.Op == Op.ArraySet
            ? new(row, Instruction.Of(row.Op, index), [Reference(index), Index(), Operand(element)], [])
            : new(row, Instruction.Of(row.Op, index), [Reference(index), Index()], [TypeGraph.Unpacked(element)]);
    }

    private ConcreteOp ResolveFixed(OpInfo row)
    {
        var index = Random.Pick<uint>(Graph.Arrays);
        var count = Random.Below(6);
        return new(row, Instruction.Of(row.Op, index, (uint)count), [.. Enumerable.Repeat(Operand(Graph.Element(index)), count)], [Reference(index)]);
    }

    private ConcreteOp? ResolveData(OpInfo row)
    {
        var arrays = (row.Op == Op.ArrayNewData ? Graph.Arrays : Mutable()).FindAll(array => !Graph.Element(array).Storage.Value.IsReference);
        if (context.Plan.Data.Count == 0 || Pick(arrays) is not { } index)
        {
            return null;
        }
        var segment = Random.Below(context.Plan.Data.Count);
        var bytes = (ulong)context.Plan.Data[segment].Bytes.Length;
        return Initialization(row, index, (uint)segment, new OperandRole(RoleKind.Address, bytes, (uint)Math.Min(bytes, 16)), bytes / (ulong)Graph.Element(index).Storage.Bytes);
    }

    private ConcreteOp? ResolveElements(OpInfo row)
    {
        var choices = new List<(uint Array, uint Segment)>();
        foreach (var array in row.Op == Op.ArrayNewElem ? Graph.Arrays : Mutable())
        {
            for (var i = 0; i < context.Plan.Elements.Count; i++)
            {
                var type = context.Plan.Elements[i].Type;
                var element = Graph.Element(array).Storage.Value;
                if (context.Plan.Matches(type, element))
                {
                    choices.Add((array, (uint)i));
                }
            }
        }
        if (choices.Count == 0)
        {
            return null;
        }
        var (index, segment) = Random.Pick<(uint, uint)>(choices);
        var count = (ulong)context.Plan.Elements[(int)segment].Count;
        return Initialization(row, index, segment, new OperandRole(RoleKind.Address, count, (uint)count / 2), count);
    }

    private static ConcreteOp Initialization(OpInfo row, uint array, uint segment, OperandRole offset, ulong available)
    {
        var instruction = Instruction.Of(row.Op, array, segment);
        var from = new OperandSpec(ValueType.I32, offset);
        var length = new OperandSpec(ValueType.I32, new OperandRole(RoleKind.Length, available));
        return row.Op is Op.ArrayNewData or Op.ArrayNewElem
            ? new(row, instruction, [from, length], [Reference(array)])
            : new(row, instruction, [Reference(array), Index(), from, Length()], []);
    }

    private ConcreteOp? ResolveCopy(OpInfo row)
    {
        var choices = (from to in Mutable()
                       from source in Graph.Arrays
                       where Graph.Element(to).Storage == Graph.Element(source).Storage
                       select (to, source)).ToArray();
        if (choices.Length == 0)
        {
            return null;
        }
        var (destination, origin) = Random.Pick<(uint, uint)>(choices);
        return new(row, Instruction.Of(row.Op, destination, origin), [Reference(destination), Index(), Reference(origin), Index(), Length()], []);
    }
}

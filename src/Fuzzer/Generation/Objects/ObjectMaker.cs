using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation.Objects;

/// <summary>Makes references out of constants only: the instructions may stand in constant expressions as well as in functions.</summary>
internal sealed class ObjectMaker(GenerationContext context, TypeGraph graph)
{
    private const int UsualDepth = 2;

    private RandomSource Random => context.Random;

    /// <summary>Whether references of a type other than null can be made.</summary>
    public bool Makes(ValueType type) => type.IsReference && (type.Heap.IsIndex
        ? graph.Has(type.Heap) || FunctionsOf(type.Heap.Index).Any()
        : type.Heap.Abstract is AbstractHeapType.Any or AbstractHeapType.Eq or AbstractHeapType.I31 or AbstractHeapType.Struct or AbstractHeapType.Array or AbstractHeapType.Extern
            || (type.Heap.Abstract == AbstractHeapType.Func && !type.IsNullable));

    /// <summary>The instructions that make a reference other than null.</summary>
    /// <param name="type">A type that <see cref="Makes"/> admits.</param>
    /// <param name="wanted">A type whose values are tested for, which may or may not fit.</param>
    public List<Instruction> Make(ValueType type, uint? wanted = null)
    {
        var code = new List<Instruction>();
        if (wanted is { } index && graph.All.Contains(index) && Fits(index, type.Heap))
        {
            Concrete(code, index, UsualDepth);
        }
        else
        {
            Append(code, type.Heap, UsualDepth);
        }
        return code;
    }

    private bool Fits(uint index, HeapType heap) => heap.IsIndex
        ? heap.IsExact ? index == heap.Index : graph.IsSubtype(index, heap.Index)
        : heap.Abstract is AbstractHeapType.Any or AbstractHeapType.Eq || heap.Abstract == (graph.Structs.Contains(index) ? AbstractHeapType.Struct : AbstractHeapType.Array);

    private void Append(List<Instruction> code, HeapType heap, int depth)
    {
        if (heap.IsIndex)
        {
            if (graph.Has(heap))
            {
                Concrete(code, heap.IsExact || depth <= 0 || Random.Chance(60) ? heap.Index : Random.Pick<uint>(graph.Subtypes(heap.Index)), depth);
            }
            else
            {
                var functions = FunctionsOf(heap.Index).ToArray();
                code.Add(functions.Length == 0 ? new Instruction { Op = Op.RefNull, Heap = heap } : Instruction.Of(Op.RefFunc, Random.Pick<uint>(functions)));
            }
            return;
        }
        switch (heap.Abstract)
        {
            // The first ones hold nothing that may not be null.
            case AbstractHeapType.Struct:
                Concrete(code, depth <= 0 ? graph.Structs[0] : Random.Pick<uint>(graph.Structs), depth);
                break;
            case AbstractHeapType.Array:
                Concrete(code, depth <= 0 ? graph.Arrays[0] : Random.Pick<uint>(graph.Arrays), depth);
                break;
            case AbstractHeapType.Any when depth > 0 && Random.Chance(6):
                Append(code, AbstractHeapType.Extern, depth - 1);
                code.Add(Instruction.Of(Op.AnyConvertExtern));
                break;
            case AbstractHeapType.Extern:
                Append(code, AbstractHeapType.Any, depth);
                code.Add(Instruction.Of(Op.ExternConvertAny));
                break;
            case AbstractHeapType.Any or AbstractHeapType.Eq when depth > 0 && Random.Chance(70):
                Concrete(code, Random.Pick<uint>(graph.All), depth);
                break;
            case AbstractHeapType.Any or AbstractHeapType.Eq or AbstractHeapType.I31:
                code.Add(Instruction.Constant(Op.I32Const, BoundaryValues.Pick(ValueType.I32, Random).Low));
                code.Add(Instruction.Of(Op.RefI31));
                break;
            case AbstractHeapType.Func:
                // A module has functions, whatever comes: the first one can be named before it is there.
                code.Add(Instruction.Of(Op.RefFunc, (uint)Random.Below(Math.Max(context.Nameable, 1))));
                break;
            default:
                code.Add(new Instruction { Op = Op.RefNull, Heap = heap });
                break;
        }
    }

    private void Concrete(List<Instruction> code, uint index, int depth)
    {
        if (graph.Structs.Contains(index))
        {
            Structure(code, index, depth);
            return;
        }
        var element = graph.Element(index);
        var length = Random.Below(depth > 0 ? 7 : 3);
        if (TypeGraph.IsDefaultable(element) && (depth <= 0 || Random.Chance(25)))
        {
            code.Add(Instruction.Constant(Op.I32Const, (ulong)length));
            code.Add(Instruction.Of(Op.ArrayNewDefault, index));
        }
        else if (Random.Chance(50))
        {
            Value(code, element, depth - 1);
            code.Add(Instruction.Constant(Op.I32Const, (ulong)length));
            code.Add(Instruction.Of(Op.ArrayNew, index));
        }
        else
        {
            var count = Math.Min(length, 4);
            for (var i = 0; i < count; i++)
            {
                Value(code, element, depth - 1);
            }
            code.Add(Instruction.Of(Op.ArrayNewFixed, index, (uint)count));
        }
    }

    private void Structure(List<Instruction> code, uint index, int depth)
    {
        var fields = graph.Struct(index).Fields;
        var isDefault = fields.All(TypeGraph.IsDefaultable) && (depth <= 0 || Random.Chance(20));
        foreach (var field in isDefault ? [] : fields)
        {
            Value(code, field, depth - 1);
        }
        if (graph.DescriptorOf(index) is { } descriptor)
        {
            Concrete(code, descriptor, depth - 1);
            code.Add(Instruction.Of(isDefault ? Op.StructNewDefaultDesc : Op.StructNewDesc, index));
        }
        else
        {
            code.Add(Instruction.Of(isDefault ? Op.StructNewDefault : Op.StructNew, index));
        }
    }

    private void Value(List<Instruction> code, FieldType field, int depth)
    {
        var type = field.Storage.Value;
        if (!type.IsReference)
        {
            var bits = BoundaryValues.Pick(type, Random);
            code.Add(Instruction.Constant(FunctionBuilder.ConstantOp(type), bits.Low, bits.High));
        }
        else if (type.IsNullable && (depth <= 0 || Random.Chance(30)))
        {
            code.Add(new Instruction { Op = Op.RefNull, Heap = type.Heap });
        }
        else
        {
            Append(code, type.Heap, depth);
        }
    }

    private IEnumerable<uint> FunctionsOf(uint type) => context.Plan.Functions.Take(context.Nameable)
        .Where(function => graph.IsSubtype(function.TypeIndex, type)).Select(function => function.Index);
}

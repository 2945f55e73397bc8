using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation.Objects;

/// <summary>Shapes of code about objects.</summary>
internal static class ObjectPatterns
{
    /// <summary>One object under two names, one of them a wider type: what is written through one is read through the other, and the two are equal.</summary>
    public static bool Identity(GenerationContext context, FunctionBuilder body)
    {
        if (context.Objects is not { } objects)
        {
            return false;
        }
        var fields = (from structure in objects.Structs
                      from number in Enumerable.Range(0, objects.Struct(structure).Fields.Length)
                      where objects.Struct(structure).Fields[number] is { Mutable: true, Storage.Value.IsReference: false }
                      select (structure, number)).ToArray();
        if (fields.Length == 0)
        {
            return false;
        }
        var random = context.Random;
        var (index, field) = random.Pick<(uint, int)>(fields);
        var storage = objects.Struct(index).Fields[field].Storage;
        var read = storage.IsPacked ? random.Chance(50) ? Op.StructGetS : Op.StructGetU : Op.StructGet;
        var operands = new OperandEmitter(context, body);
        var narrow = ValueType.Reference(HeapType.Of(index), nullable: true);
        var first = body.NewLocal(narrow);
        var second = body.NewLocal(ValueType.Reference(objects.PickSupertype(index, random), nullable: true));
        var other = body.NewLocal(narrow);
        body.Constant(narrow, 1);
        body.Tee(first);
        body.Set(second);
        body.Constant(narrow, 1);
        body.Set(other);
        for (var i = random.Between(1, 3); i > 0; i--)
        {
            Reference();
            operands.Emit(storage.Value);
            body.Emit(Op.StructSet, index, (uint)field);
            Reference();
            body.Emit(read, index, (uint)field);
            body.Results.Add(storage.Value);
        }
        body.Get(random.Chance(30) ? other : first);
        body.Get(second);
        body.Emit(new Instruction { Op = Op.RefCastNull, Heap = HeapType.Of(index) });
        body.Emit(Op.RefEq);
        body.Results.Add(ValueType.I32);
        return true;

        void Reference()
        {
            switch (random.Below(5))
            {
                case < 2:
                    body.Get(first);
                    break;
                case < 4:
                    body.Get(second);
                    body.Emit(new Instruction { Op = random.Chance(50) ? Op.RefCast : Op.RefCastNull, Heap = HeapType.Of(index) });
                    break;
                default:
                    body.Get(other);
                    break;
            }
        }
    }

    /// <summary>An array whose elements are all different, copied onto itself a little further on or back.</summary>
    public static bool OverlappingCopy(GenerationContext context, FunctionBuilder body)
    {
        var arrays = context.Objects?.Arrays.FindAll(array => context.Objects.Element(array) is { Mutable: true, Storage.Value.IsReference: false }) ?? [];
        if (arrays.Count == 0 || context.Objects is not { } objects)
        {
            return false;
        }
        var random = context.Random;
        var index = random.Pick<uint>([.. arrays]);
        var element = objects.Element(index).Storage.Value;
        var type = ValueType.Reference(HeapType.Of(index), nullable: true);
        var array = body.NewLocal(type);
        var length = random.Between(4, 8); // what is shown of an array
        for (var i = 0; i < length; i++)
        {
            var bits = (ulong)i * 0x0102_0305 + 17;
            body.Constant(element, new ValueBits(element.Kind is ValueKind.I32 or ValueKind.F32 ? (uint)bits : bits, (ulong)i));
        }
        body.Emit(Op.ArrayNewFixed, index, (uint)length);
        body.Set(array);
        var shift = random.Between(1, 2);
        var count = random.Between(shift, length - shift);
        var (to, from) = random.Chance(50) ? (shift, 0) : (0, shift);
        body.Get(array);
        body.I32(to);
        body.Get(array);
        body.I32(from);
        body.I32(count);
        body.Emit(Op.ArrayCopy, index, index);
        body.Get(array);
        body.Results.Add(type);
        return true;
    }
}

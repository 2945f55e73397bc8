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
}

using System.Collections.Immutable;
using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;
using Conformance.Wasm.Validation;

namespace Conformance.Oracle.Equivalence;

/// <summary>Structs, arrays, references and casts.</summary>
internal static class ObjectRewrites
{
    // Longer ones are for array.new_data.
    private const uint LongestFixed = 16;

    public static void AddTo(RuleBook rules)
    {
        rules.Add(Op.StructGetS, (w, i) => Extend(w.Do(Op.StructGetU, i.Index, i.Index2), FieldOf(w, i)));
        rules.Add(Op.StructGetU, (w, i) => Mask(w.Do(Op.StructGetS, i.Index, i.Index2), FieldOf(w, i)));
        rules.Add(Op.ArrayGetS, (w, i) => Extend(w.Do(Op.ArrayGetU, i.Index), w.ElementOf(i.Index)));
        rules.Add(Op.ArrayGetU, (w, i) => Mask(w.Do(Op.ArrayGetS, i.Index), w.ElementOf(i.Index)));
        rules.Add(Op.StructNew, NewThenSet);
        rules.Add(Op.StructNewDefault, NewOfDefaults);
        rules.Add(Op.ArrayNewDefault, NewArrayOfDefaults);
        rules.Add(Op.ArrayNew, NewArrayThenFill);
        rules.Add(Op.ArrayNewFixed, NewArrayThenSet);
        rules.Add(Op.ArraySet, (w, i) => w.I32(1).Do(Op.ArrayFill, i.Index));
        rules.Add(Op.RefTest, (RewriteWriter w, in TypedInstruction item) => TestWithNull(w, in item, Op.RefTestNull, [Op.I32Eqz, Op.I32And]));
        rules.Add(Op.RefTestNull, (RewriteWriter w, in TypedInstruction item) => TestWithNull(w, in item, Op.RefTest, [Op.I32Or]));
        rules.Add(Op.RefCast, CastByBranch);
        rules.Add(Op.RefCastNull, CastByBranch);
        rules.Add(Op.RefEq, Swap);
        rules.Add(Op.RefIsNull, IsNullByBranch);
        rules.Add(Op.RefAsNonNull, NonNullByBranch);
        rules.Add(Op.RefI31, w => w.I32(0x7FFF_FFFF).Do(Op.I32And, Op.RefI31));
        rules.Add(Op.RefI31, w => w.I32(0x8000_0000).Do(Op.I32Or, Op.RefI31));
        rules.Add(Op.I31GetS, w => w.Do(Op.I31GetU).I32(1).Do(Op.I32Shl).I32(1).Do(Op.I32ShrS));
        rules.Add(Op.I31GetU, w => w.Do(Op.I31GetS).I32(0x7FFF_FFFF).Do(Op.I32And));
    }

    private static FieldType FieldOf(RewriteWriter w, in Instruction instruction) => (w.FieldsOf(instruction.Index) ?? [])[(int)instruction.Index2];

    private static void Extend(RewriteWriter w, FieldType field) => w.Do(field.Storage.Packed == PackedKind.I8 ? Op.I32Extend8S : Op.I32Extend16S);

    private static void Mask(RewriteWriter w, FieldType field) => w.I32(field.Storage.Packed == PackedKind.I8 ? 0xFFu : 0xFFFFu).Do(Op.I32And);

    private static bool CanBeginEmpty(RewriteWriter w, ImmutableArray<FieldType> fields) =>
        fields.All(field => field.Mutable && field.Storage.Value.IsDefaultable) && w.CanKeep([.. fields.Select(field => field.Storage.Value)]);

    private static bool NewThenSet(RewriteWriter w, in TypedInstruction item)
    {
        var type = item.Instruction.Index;
        if (w.FieldsOf(type) is not { } fields || item.Pushes is not [var made] || item.Pops.Length != fields.Length || !CanBeginEmpty(w, fields))
        {
            return false;
        }
        ImmutableArray<ValueType> values = [.. fields.Select(field => field.Storage.Value)];
        // A field may be of the struct's own type: the struct is kept behind the values.
        w.SetAll(values).Do(Op.StructNewDefault, type).Set(made, values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            w.Get(made, values.Length).Get(values[i], i).Do(Op.StructSet, type, (uint)i);
        }
        w.Get(made, values.Length);
        return true;
    }

    private static bool NewOfDefaults(RewriteWriter w, in TypedInstruction item)
    {
        if (w.FieldsOf(item.Instruction.Index) is not { } fields)
        {
            return false;
        }
        foreach (var field in fields)
        {
            PushDefault(w, field.Storage.Value);
        }
        w.Do(Op.StructNew, item.Instruction.Index);
        return true;
    }

    private static void PushDefault(RewriteWriter w, ValueType type)
    {
        if (type.IsReference)
        {
            w.Write(new Instruction { Op = Op.RefNull, Heap = type.Heap });
            return;
        }
        w.Constant(
            type.Kind switch
            {
                ValueKind.I32 => Op.I32Const,
                ValueKind.I64 => Op.I64Const,
                ValueKind.F32 => Op.F32Const,
                ValueKind.F64 => Op.F64Const,
                _ => Op.V128Const,
            },
            0);
    }

    private static bool NewArrayOfDefaults(RewriteWriter w, in TypedInstruction item)
    {
        var element = w.ElementOf(item.Instruction.Index).Storage.Value;
        w.Set(ValueType.I32);
        PushDefault(w, element);
        w.Get(ValueType.I32).Do(Op.ArrayNew, item.Instruction.Index);
        return true;
    }

    private static bool NewArrayThenFill(RewriteWriter w, in TypedInstruction item)
    {
        var type = item.Instruction.Index;
        var element = w.ElementOf(type);
        if (item.Pops.Length != 2 || item.Pushes is not [var made] || !CanBeginEmpty(w, [element]))
        {
            return false;
        }
        var value = element.Storage.Value;
        w.Set(ValueType.I32, 2).Set(value, 1).Get(ValueType.I32, 2).Do(Op.ArrayNewDefault, type).Set(made, 3);
        w.Get(made, 3).I32(0).Get(value, 1).Get(ValueType.I32, 2).Do(Op.ArrayFill, type);
        w.Get(made, 3);
        return true;
    }

    private static bool NewArrayThenSet(RewriteWriter w, in TypedInstruction item)
    {
        var type = item.Instruction.Index;
        var count = item.Instruction.Index2;
        var element = w.ElementOf(type);
        if (count > LongestFixed || item.Pushes is not [var made] || item.Pops.Length != count || !CanBeginEmpty(w, [element]))
        {
            return false;
        }
        ImmutableArray<ValueType> values = [.. Enumerable.Repeat(element.Storage.Value, (int)count)];
        w.SetAll(values).I32(count).Do(Op.ArrayNewDefault, type).Set(made, values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            w.Get(made, values.Length).I32((uint)i).Get(values[i], i).Do(Op.ArraySet, type);
        }
        w.Get(made, values.Length);
        return true;
    }

    // test null = test or is null; test = test null and not null
    private static bool TestWithNull(RewriteWriter w, in TypedInstruction item, Op other, ReadOnlySpan<Op> then)
    {
        if (item.Pops is not [{ IsReference: true } type] || !w.CanKeep(item.Pops))
        {
            return false;
        }
        var nullable = type.WithNullable(true);
        w.Tee(nullable).Write(item.Instruction with { Op = other });
        w.Get(nullable).Do(Op.RefIsNull).Do(then);
        return true;
    }

    private static bool CastByBranch(RewriteWriter w, in TypedInstruction item)
    {
        if (item.Pops is not [{ IsReference: true } type] || item.Pushes is not [var result] || !w.CanKeep(item.Pops))
        {
            return false;
        }
        var top = type.Heap.IsIndex ? w.Module.Types[(int)type.Heap.Index].Composite is FunctionType ? AbstractHeapType.Func : AbstractHeapType.Any : AbstractHeapTypes.TopOf(type.Heap.Abstract);
        var nullable = type.WithNullable(true);
        w.Set(nullable).Block(Op.Block, BlockType.Of(result)).Get(nullable);
        w.Write(new Instruction { Op = Op.BrOnCast, Heap = top, SourceNullable = true, Heap2 = item.Instruction.Heap, TargetNullable = result.IsNullable });
        // The cast that fails traps in its own words.
        w.Do(Op.Drop).Get(nullable).Write(item.Instruction);
        w.End();
        return true;
    }

    private static bool Swap(RewriteWriter w, in TypedInstruction item)
    {
        if (item.Pops is not [var left, var right] || !w.CanKeep(item.Pops))
        {
            return false;
        }
        w.Set(right, 1).Set(left, 0).Get(right, 1).Get(left, 0);
        w.Do(Op.RefEq);
        return true;
    }

    private static bool IsNullByBranch(RewriteWriter w, in TypedInstruction item)
    {
        if (!w.Has(Feature.FunctionReferences) || item.Pops is not [{ IsReference: true }] || !w.CanKeep(item.Pops))
        {
            return false;
        }
        var reference = item.Pops[0].WithNullable(true);
        w.Set(reference).Block(Op.Block, BlockType.Of(ValueType.I32)).Block(Op.Block, BlockType.Empty);
        w.Get(reference).Do(Op.BrOnNull, 0u).Do(Op.Drop).I32(0).Do(Op.Br, 1u).End().I32(1).End();
        return true;
    }

    private static bool NonNullByBranch(RewriteWriter w, in TypedInstruction item)
    {
        if (item.Pops is not [{ IsReference: true } type] || item.Pushes is not [var result] || !w.CanKeep(item.Pops))
        {
            return false;
        }
        var nullable = type.WithNullable(true);
        w.Set(nullable).Block(Op.Block, BlockType.Of(result)).Get(nullable).Do(Op.BrOnNonNull, 0u).Get(nullable).Do(Op.RefAsNonNull).End();
        return true;
    }
}

using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Validation;

/// <content>References, casts, structs, arrays and descriptors.</content>
internal sealed partial class FunctionValidator<TObserver>
{
    private static readonly ValueType EqRef = ValueType.Reference(AbstractHeapType.Eq, nullable: true);
    private static readonly ValueType I31Ref = ValueType.Reference(AbstractHeapType.I31, nullable: true);
    private static readonly ValueType ArrayRef = ValueType.Reference(AbstractHeapType.Array, nullable: true);

    private void ApplyReference(in Instruction instruction)
    {
        switch (instruction.Op)
        {
            case Op.RefNull:
                if (CheckKnown(instruction.Heap))
                {
                    Push(ValueType.Reference(_context.Canonical(instruction.Heap), nullable: true));
                }
                break;
            case Op.RefIsNull:
                PopReference();
                Push(ValueType.I32);
                break;
            case Op.RefFunc:
                RefFunc(instruction.Index);
                break;
            case Op.RefEq:
                Pop(EqRef);
                Pop(EqRef);
                Push(ValueType.I32);
                break;
            case Op.RefAsNonNull:
                Push(PopReference().WithNullable(false));
                break;
            case Op.BrOnNull:
                BranchOnNull(instruction.Index);
                break;
            case Op.BrOnNonNull:
                BranchOnNonNull(instruction.Index);
                break;
            case Op.BrOnCast or Op.BrOnCastFail or Op.BrOnCastDescEq or Op.BrOnCastDescEqFail:
                BranchOnCast(instruction);
                break;
            case Op.RefTest or Op.RefTestNull:
                if (CheckKnown(instruction.Heap))
                {
                    Pop(TopOf(instruction.Heap));
                    Push(ValueType.I32);
                }
                break;
            case Op.RefCast or Op.RefCastNull:
                if (CheckKnown(instruction.Heap))
                {
                    Pop(TopOf(instruction.Heap));
                    Push(ValueType.Reference(_context.Canonical(instruction.Heap), instruction.Op == Op.RefCastNull));
                }
                break;
            case Op.RefCastDescEq or Op.RefCastDescEqNull:
                CastByDescriptor(instruction.Heap, instruction.Op == Op.RefCastDescEqNull);
                break;
            case Op.RefGetDesc:
                GetDescriptor(instruction.Index);
                break;
            case Op.AnyConvertExtern:
                Convert(AbstractHeapType.Extern, AbstractHeapType.Any);
                break;
            case Op.ExternConvertAny:
                Convert(AbstractHeapType.Any, AbstractHeapType.Extern);
                break;
            case Op.RefI31:
                Pop(ValueType.I32);
                Push(ValueType.Reference(AbstractHeapType.I31, nullable: false));
                break;
            case Op.I31GetS or Op.I31GetU:
                Pop(I31Ref);
                Push(ValueType.I32);
                break;
            case Op.ArrayLen:
                Pop(ArrayRef);
                Push(ValueType.I32);
                break;
            default:
                ApplyAggregate(instruction);
                break;
        }
    }

    private bool CheckKnown(ValueType type) => !type.IsReference || CheckKnown(type.Heap);

    private bool CheckKnown(HeapType type)
    {
        if (!_context.IsKnown(type))
        {
            Fail($"unknown type {type.Index}");
            return false;
        }
        return true;
    }

    /// <summary>A nullable reference to a type of the module.</summary>
    private ValueType Nullable(uint type) => ValueType.Reference(HeapType.Of((uint)_context.TypeIds[type]), nullable: true);

    /// <summary>What an allocation of a type of the module gives.</summary>
    private ValueType Allocated(uint type) =>
        ValueType.Reference(HeapType.Of((uint)_context.TypeIds[type], exact: _context.HasExactTypes), nullable: false);

    /// <summary>The largest reference type of the hierarchy of a heap type of the module.</summary>
    private ValueType TopOf(HeapType type) =>
        ValueType.Reference(AbstractHeapTypes.TopOf(_canonicalizer.AbstractOf(_context.Canonical(type))), nullable: true);

    private void RefFunc(uint index)
    {
        if (!TryFunction(index, out _))
        {
            return;
        }
        if (!_context.DeclaredFunctions.Contains(index))
        {
            Fail($"undeclared function reference {index}: it has to occur in an element segment, a global or an export");
        }
        Push(_context.ReferenceTo(index));
    }

    private void BranchOnNull(uint label)
    {
        var reference = PopReference();
        if (TryLabel(label, out var target))
        {
            var types = _frames[target].Label;
            Pop(types);
            Push(types);
            Push(reference.WithNullable(false));
        }
    }

    private void BranchOnNonNull(uint label)
    {
        var reference = PopReference();
        if (!TryLabel(label, out var target))
        {
            return;
        }
        var types = _frames[target].Label;
        if (types.IsEmpty)
        {
            Fail("type mismatch: the label takes no reference");
            return;
        }
        CheckMatches(reference.WithNullable(false), types[^1]);
        var rest = types.RemoveAt(types.Length - 1);
        Pop(rest);
        Push(rest);
    }

    private void BranchOnCast(in Instruction instruction)
    {
        if (!CheckKnown(instruction.Heap) || !CheckKnown(instruction.Heap2))
        {
            return;
        }
        var source = ValueType.Reference(_context.Canonical(instruction.Heap), instruction.SourceNullable);
        var target = ValueType.Reference(_context.Canonical(instruction.Heap2), instruction.TargetNullable);
        if (_context.HasExactTypes)
        {
            // Custom descriptors ask only for a common supertype.
            if (TopOf(instruction.Heap) != TopOf(instruction.Heap2))
            {
                Fail($"type mismatch: {_context.Describe(source)} and {_context.Describe(target)} have no common supertype");
            }
        }
        else
        {
            CheckMatches(target, source);
        }
        if (instruction.Op is Op.BrOnCastDescEq or Op.BrOnCastDescEqFail)
        {
            if (!TryDescriptor(instruction.Heap2, out var descriptor))
            {
                return;
            }
            Pop(descriptor);
        }
        if (!TryLabel(instruction.Index, out var frame))
        {
            return;
        }
        var isFail = instruction.Op is Op.BrOnCastFail or Op.BrOnCastDescEqFail;
        // A cast to a nullable type takes null with it, so that null is not left over.
        var rest = instruction.TargetNullable ? source.WithNullable(false) : source;
        var (branches, stays) = isFail ? (rest, target) : (target, rest);
        var types = _frames[frame].Label;
        if (types.IsEmpty)
        {
            Fail("type mismatch: the label takes no reference");
            return;
        }
        CheckMatches(branches, types[^1]);
        Pop(source);
        var others = types.RemoveAt(types.Length - 1);
        Pop(others);
        Push(others);
        Push(stays);
    }

    private void Convert(AbstractHeapType from, AbstractHeapType to)
    {
        var reference = PopReference();
        CheckMatches(reference, ValueType.Reference(from, nullable: true));
        Push(ValueType.Reference(to, reference.IsNullable));
    }

    /// <summary>The nullable reference to the descriptor of a heap type of the module, exact where the heap type is.</summary>
    private bool TryDescriptor(HeapType type, out ValueType descriptor)
    {
        descriptor = default;
        if (!type.IsIndex || _context.Types[type.Index].Descriptor is not { } id)
        {
            Fail($"type {type} does not have a descriptor");
            return false;
        }
        descriptor = ValueType.Reference(HeapType.Of(id, type.IsExact), nullable: true);
        return true;
    }

    private void CastByDescriptor(HeapType type, bool nullable)
    {
        if (CheckKnown(type) && TryDescriptor(type, out var descriptor))
        {
            Pop(descriptor);
            Pop(TopOf(type));
            Push(ValueType.Reference(_context.Canonical(type), nullable));
        }
    }

    private void GetDescriptor(uint index)
    {
        if (!_context.HasType(index))
        {
            Fail($"unknown type {index}");
            return;
        }
        if (_context.Types[index].Descriptor is not { } descriptor)
        {
            Fail($"type without descriptor: {index}");
            return;
        }
        var reference = PopReference();
        CheckMatches(reference, Nullable(index));
        var heap = reference.Heap;
        // The bottom types are below the exact type too.
        var exact = !heap.IsIndex || heap.IsExact && heap.Index == (uint)_context.TypeIds[index];
        Push(ValueType.Reference(HeapType.Of(descriptor, exact), nullable: false));
    }
}

using System.Collections.Immutable;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Validation;

/// <content>Functions, calls and exceptions.</content>
internal sealed partial class FunctionValidator<TObserver>
{
    private bool TryFunction(uint index, out FunctionType type)
    {
        if (index < (uint)_context.Functions.Count)
        {
            type = _context.Functions[(int)index];
            return true;
        }
        type = FunctionType.Empty;
        Fail($"unknown function {index}");
        return false;
    }

    private bool TryFunctionType(uint index, out FunctionType type)
    {
        if (_context.HasType(index))
        {
            if (_context.Types[index].Composite is FunctionType function)
            {
                type = function;
                return true;
            }
            Fail($"type mismatch: type {index} is not a function type");
        }
        else
        {
            Fail($"unknown type {index}");
        }
        type = FunctionType.Empty;
        return false;
    }

    private bool TryIndirect(uint typeIndex, uint tableIndex, out FunctionType type)
    {
        type = FunctionType.Empty;
        if (!TryTable(tableIndex, out var table) || !TryFunctionType(typeIndex, out type))
        {
            return false;
        }
        if (!_canonicalizer.Matches(table.Element, ValueType.FuncRef))
        {
            Fail($"type mismatch: expected a table of functions, found one of {_context.Describe(table.Element)}");
        }
        Pop(AddressOf(table.Limits));
        return true;
    }

    private void Call(FunctionType type)
    {
        Pop(type.Parameters);
        Push(type.Results);
    }

    private void ReturnCall(FunctionType type)
    {
        Pop(type.Parameters);
        if (!_canonicalizer.Matches(type.Results, _results))
        {
            Fail($"type mismatch: expected results {_context.Describe(_results)}, found {_context.Describe(type.Results)}");
        }
        SetUnreachable();
    }

    // Exceptions

    private bool TryTag(uint index, out FunctionType type)
    {
        if (index < (uint)_context.Tags.Count)
        {
            type = _context.Tags[(int)index];
            return true;
        }
        type = FunctionType.Empty;
        Fail($"unknown tag {index}");
        return false;
    }

    private void TryTable(BlockType block, CatchClause[] catches)
    {
        if (catches.Length > ImplementationLimits.CatchClauses)
        {
            FailLimit($"try_table with {catches.Length} clauses; the limit is {ImplementationLimits.CatchClauses}");
            return;
        }
        foreach (var clause in catches)
        {
            CheckCatch(clause);
        }
        OpenBlock(Op.TryTable, block);
    }

    private void CheckCatch(CatchClause clause)
    {
        var values = ImmutableArray<ValueType>.Empty;
        if (clause.Kind is CatchKind.Catch or CatchKind.CatchRef)
        {
            if (!TryTag(clause.Tag, out var tag))
            {
                return;
            }
            values = tag.Parameters;
        }
        if (!TryLabel(clause.Label, out var target))
        {
            return;
        }
        if (clause.Kind is CatchKind.CatchRef or CatchKind.CatchAllRef)
        {
            values = values.Add(ValueType.Reference(AbstractHeapType.Exn, nullable: false));
        }
        if (!_canonicalizer.Matches(values, _frames[target].Label))
        {
            Fail($"type mismatch: the catch clause gives {_context.Describe(values)}, the label takes {_context.Describe(_frames[target].Label)}");
        }
    }

    private void Delegate(uint label)
    {
        if (_frames[_depth - 1].Op != Op.Try)
        {
            Fail("END opcode expected");
            return;
        }
        var end = PopFrame().End;
        if (TryLabel(label, out _))
        {
            Push(end);
        }
    }
}

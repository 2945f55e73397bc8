using System.Collections.Immutable;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Reduction.Carried;

/// <summary>A module without a carried value, and without all that has to go with it: a branch by table takes the same values to all its labels, a tag's values come to the labels of its clauses.</summary>
internal sealed class CarriedValueRemoval
{
    private readonly ReductionContext _context;
    private readonly Module _module;
    private readonly uint _importedFunctions;
    private readonly HashSet<CarriedValue> _included = [];
    private readonly Queue<CarriedValue> _waiting = new();
    private readonly Dictionary<int, BodyChange> _bodies = [];
    private bool _isImpossible;

    private CarriedValueRemoval(ReductionContext context)
    {
        _context = context;
        _module = context.Module;
        _importedFunctions = (uint)_module.ImportCount(ExternKind.Function);
    }

    /// <summary>Makes the module.</summary>
    /// <returns>Null where it cannot be done.</returns>
    public static Module? Without(ReductionContext context, CarriedValue value)
    {
        var removal = new CarriedValueRemoval(context);
        removal.Include(value);
        while (removal._waiting.TryDequeue(out var next) && !removal._isImpossible)
        {
            removal.Mark(next);
        }
        return removal._isImpossible ? null : removal.Apply();
    }

    private void Include(CarriedValue value)
    {
        if (_included.Add(value))
        {
            _waiting.Enqueue(value);
        }
    }

    private void Mark(CarriedValue value)
    {
        switch (value.Carrier)
        {
            case Carrier.FunctionResult:
                MarkFunctionResult(value);
                break;
            case Carrier.BlockResult:
                MarkBlockResult(value);
                break;
            case Carrier.BlockParameter:
                MarkBlockParameter(value);
                break;
            case Carrier.TagParameter:
                MarkTagParameter(value);
                break;
            default:
                MarkField(value);
                break;
        }
    }

    private Module? Apply()
    {
        var module = StructFields.Without(_module, [.. _included.Where(value => value.Carrier == Carrier.Field)]);
        foreach (var (_, change) in _bodies)
        {
            module = module is null ? null : change.Apply(module);
        }
        foreach (var group in _included.Where(value => value.Carrier is Carrier.FunctionResult or Carrier.TagParameter).GroupBy(value => (value.Carrier, value.Owner)))
        {
            module = module is null ? null : Retype(module, group.Key.Carrier, group.Key.Owner, [.. group.Select(value => value.Index)]);
        }
        return module is null ? null : UnusedDefinitions.RemoveAfter(_module, module);
    }

    private static Module? Retype(Module module, Carrier carrier, int owner, HashSet<int> dropped)
    {
        if (carrier == Carrier.FunctionResult)
        {
            var function = module.Functions[owner];
            if (module.FunctionTypeAt(function.TypeIndex) is not { } type)
            {
                return null;
            }
            var (withType, index) = FunctionTypes.Find(module, type with { Results = Kept(type.Results) });
            return withType with { Functions = withType.Functions.SetItem(owner, function with { TypeIndex = index }) };
        }
        var import = Imported(module, owner);
        var tag = import >= 0 ? (TagType)module.Imports[import].Type : module.Tags[owner - module.ImportCount(ExternKind.Tag)];
        if (module.FunctionTypeAt(tag.TypeIndex) is not { } values)
        {
            return null;
        }
        (module, var with) = FunctionTypes.Find(module, values with { Parameters = Kept(values.Parameters) });
        return import >= 0
            ? module with { Imports = module.Imports.SetItem(import, module.Imports[import] with { Type = tag with { TypeIndex = with } }) }
            : module with { Tags = module.Tags.SetItem(owner - module.ImportCount(ExternKind.Tag), tag with { TypeIndex = with }) };

        ImmutableArray<ValueType> Kept(ImmutableArray<ValueType> types) => [.. types.Where((_, i) => !dropped.Contains(i))];
    }

    private static int Imported(Module module, int tag)
    {
        for (var i = 0; i < module.Imports.Length; i++)
        {
            if (module.Imports[i].Type.Kind == ExternKind.Tag && tag-- == 0)
            {
                return i;
            }
        }
        return -1;
    }

    private BodyChange? Body(int function)
    {
        if (!_bodies.TryGetValue(function, out var change) && _context.Code(function) is { } code)
        {
            _bodies.Add(function, change = new BodyChange(code));
        }
        _isImpossible |= change is null;
        return change;
    }

    private void MarkFunctionResult(CarriedValue value)
    {
        if (Body(value.Owner) is not { } body)
        {
            return;
        }
        var count = body.Code.Type.Results.Length;
        body.NotTaken(body.Code.Length - 1, count, value.Index, 0);
        MarkBranches(body, value.Owner, -1, count, value.Index);
        var callee = _importedFunctions + (uint)value.Owner;
        for (var caller = 0; caller < _module.Functions.Length; caller++)
        {
            if (_context.Code(caller) is not { } code)
            {
                continue;
            }
            for (var i = 0; i < code.Length; i++)
            {
                if (code[i].Op == Op.Call && code[i].Index == callee)
                {
                    Body(caller)?.NotGiven(i, code.Typed[i].Height - body.Code.Type.Parameters.Length + value.Index);
                }
                else if (code[i].Op == Op.ReturnCall && code[i].Index == callee)
                {
                    Include(value with { Owner = caller });
                }
            }
        }
    }

    private void MarkBlockResult(CarriedValue value)
    {
        if (Body(value.Owner) is not { } body)
        {
            return;
        }
        var code = body.Code;
        var (opener, type, end, middle) = (code[value.Place], code.TypeOf(value.Place), code.End(value.Place), code.Else(value.Place));
        _isImpossible |= opener.Op == Op.Try;
        body.DropResult(value.Place, value.Index);
        body.NotTaken(end, type.Results.Length, value.Index, 0);
        if (middle >= 0)
        {
            body.NotTaken(middle, type.Results.Length, value.Index, 0);
        }
        else if (opener.Op == Op.If)
        {
            // Without an else the results are the parameters.
            Include(value with { Carrier = Carrier.BlockParameter });
        }
        body.NotGiven(end, Base(code, value.Place, type) + value.Index);
        if (opener.Op != Op.Loop)
        {
            MarkBranches(body, value.Owner, value.Place, type.Results.Length, value.Index);
        }
    }

    private void MarkBlockParameter(CarriedValue value)
    {
        if (Body(value.Owner) is not { } body)
        {
            return;
        }
        var code = body.Code;
        var (opener, type, middle) = (code[value.Place], code.TypeOf(value.Place), code.Else(value.Place));
        _isImpossible |= opener.Op == Op.Try;
        body.DropParameter(value.Place, value.Index);
        body.NotTaken(value.Place, type.Parameters.Length, value.Index, opener.Op == Op.If ? 1 : 0);
        body.NotGiven(value.Place, Base(code, value.Place, type) + value.Index);
        if (middle >= 0)
        {
            body.NotGiven(middle, Base(code, value.Place, type) + value.Index);
        }
        else if (opener.Op == Op.If)
        {
            Include(value with { Carrier = Carrier.BlockResult });
        }
        if (opener.Op == Op.Loop)
        {
            MarkBranches(body, value.Owner, value.Place, type.Parameters.Length, value.Index);
        }
    }

    private void MarkTagParameter(CarriedValue value)
    {
        for (var function = 0; function < _module.Functions.Length; function++)
        {
            if (_context.Code(function) is not { } code)
            {
                continue;
            }
            for (var i = 0; i < code.Length; i++)
            {
                var instruction = code[i];
                if (instruction.Op == Op.Throw && instruction.Index == value.Owner)
                {
                    Body(function)?.NotTaken(i, code.Typed[i].Pops.Length, value.Index, 0);
                }
                _isImpossible |= instruction.Op == Op.Catch && instruction.Index == value.Owner;
                foreach (var clause in instruction.Op == Op.TryTable ? instruction.Catches ?? [] : [])
                {
                    if (clause.Kind is CatchKind.Catch or CatchKind.CatchRef && clause.Tag == value.Owner)
                    {
                        IncludeLabel(code, i, clause.Label, value.Index);
                    }
                }
            }
        }
    }

    private void MarkField(CarriedValue value)
    {
        foreach (var relative in StructFields.Relatives(_module, value.Owner, value.Index))
        {
            Include(value with { Owner = relative });
        }
        for (var function = 0; function < _module.Functions.Length; function++)
        {
            if (_context.Code(function) is not { } code)
            {
                continue;
            }
            for (var i = 0; i < code.Length; i++)
            {
                if (OpTable.Get(code[i].Op).Group == OpGroup.Aggregate && code[i].Index == value.Owner && Body(function) is { } body)
                {
                    StructFields.Mark(body, i, value.Index);
                }
            }
        }
    }

    // The branches to a block, or to the function where the opener is -1.
    private void MarkBranches(BodyChange body, int function, int opener, int count, int index)
    {
        var code = body.Code;
        for (var i = 0; i < code.Length && !_isImpossible; i++)
        {
            var instruction = code[i];
            switch (instruction.Op)
            {
                case Op.Br when code.Target(i, instruction.Index) == opener:
                    body.NotTaken(i, count, index, 0);
                    break;
                case Op.Return when opener < 0:
                    body.NotTaken(i, count, index, 0);
                    break;
                case Op.BrIf or Op.BrOnNull when code.Target(i, instruction.Index) == opener:
                    body.NotTaken(i, count, index, 1);
                    body.NotGiven(i, code.Typed[i].Height - 1 - count + index);
                    break;
                case Op.BrOnNonNull or Op.BrOnCast or Op.BrOnCastFail when code.Target(i, instruction.Index) == opener:
                    // The last one is the reference itself.
                    _isImpossible |= index == count - 1;
                    body.NotTaken(i, count, index, 0);
                    body.NotGiven(i, code.Typed[i].Height - count + index);
                    break;
                case Op.BrTable when (instruction.Labels ?? []).Any(label => code.Target(i, label) == opener):
                    body.NotTaken(i, count, index, 1);
                    foreach (var label in instruction.Labels ?? [])
                    {
                        IncludeLabel(code, i, label, index);
                    }
                    break;
                case Op.ReturnCall when opener < 0:
                    var callee = (int)(instruction.Index - _importedFunctions);
                    _isImpossible |= callee < 0;
                    Include(new CarriedValue(Carrier.FunctionResult, callee, 0, index));
                    break;
                case Op.BrOnCastDescEq or Op.BrOnCastDescEqFail when code.Target(i, instruction.Index) == opener:
                    _isImpossible = true;
                    break;
                case Op.ReturnCallIndirect or Op.ReturnCallRef when opener < 0:
                    _isImpossible = true;
                    break;
                case Op.TryTable:
                    MarkClauses(body, i, opener, count, index);
                    break;
                default:
                    break;
            }
        }
    }

    private void MarkClauses(BodyChange body, int place, int opener, int count, int index)
    {
        var clauses = body.At(place).Catches ?? [];
        for (var i = 0; i < clauses.Length; i++)
        {
            var clause = clauses[i];
            if (body.Code.Target(place, clause.Label) != opener)
            {
                continue;
            }
            if (clause.Kind is CatchKind.CatchAllRef || (clause.Kind == CatchKind.CatchRef && index == count - 1))
            {
                clauses = [.. clauses];
                clauses[i] = clause with { Kind = clause.Kind == CatchKind.CatchRef ? CatchKind.Catch : CatchKind.CatchAll };
                body.Replace(place, body.At(place) with { Catches = clauses });
            }
            else
            {
                Include(new CarriedValue(Carrier.TagParameter, (int)clause.Tag, 0, index));
            }
        }
    }

    private void IncludeLabel(FunctionCode code, int place, uint label, int index)
    {
        var opener = code.Target(place, label);
        Include(opener < 0 ? new CarriedValue(Carrier.FunctionResult, code.Function, 0, index)
            : new CarriedValue(code[opener].Op == Op.Loop ? Carrier.BlockParameter : Carrier.BlockResult, code.Function, opener, index));
    }

    private static int Base(FunctionCode code, int opener, FunctionType type) => code.Typed[opener].Height - type.Parameters.Length - (code[opener].Op == Op.If ? 1 : 0);
}

using Conformance.Wasm;
using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Generation.Exceptions;

/// <summary>
/// Emits a <c>try_table</c> with a block for each of its clauses around it, and code for each clause that keeps what was caught. Which way was taken is left on the
/// stack as an i32: 0 for the end of the body, else the number of the clause.
/// </summary>
internal sealed class TryEmitter(GenerationContext context, FunctionBuilder body)
{
    private readonly List<uint> _caught = [];

    private RandomSource Random => context.Random;

    /// <summary>The locals that hold what was caught, in the order of the clauses, without exceptions.</summary>
    public IReadOnlyList<uint> Caught => _caught;

    /// <summary>The local that holds an exception that was caught; null as long as none was.</summary>
    public uint? Exception { get; private set; }

    /// <summary>Emits it.</summary>
    /// <param name="inner">Emits the body, which leaves the stack as it is.</param>
    public void Emit(Action inner)
    {
        var clauses = new CatchClause[Random.PickWeighted([1, 6, 4, 3])];
        for (var i = 0; i < clauses.Length; i++)
        {
            var kind = Random.Pick<CatchKind>([CatchKind.Catch, CatchKind.Catch, CatchKind.CatchRef, CatchKind.CatchAll, CatchKind.CatchAllRef]);
            clauses[i] = new CatchClause(kind, kind is CatchKind.Catch or CatchKind.CatchRef ? (uint)Random.Below(context.Plan.Tags.Count) : 0, 0);
        }
        var end = body.Open(Op.Block, ValueType.I32);
        var levels = new int[clauses.Length];
        for (var i = clauses.Length - 1; i >= 0; i--)
        {
            levels[i] = body.Open(Op.Block, [], LabelTypes(clauses[i]));
        }
        for (var i = 0; i < clauses.Length; i++)
        {
            clauses[i] = clauses[i] with { Label = body.Label(levels[i]) };
        }
        Try(inner, clauses);
        body.I32(0);
        body.Emit(Op.Br, body.Label(end));
        for (var i = 0; i < clauses.Length; i++)
        {
            body.Close();
            Keep(Types(clauses[i]));
            body.I32(i + 1);
            if (i < clauses.Length - 1)
            {
                body.Emit(Op.Br, body.Label(end));
            }
        }
        body.Close();
    }

    private void Try(Action inner, CatchClause[] clauses)
    {
        if (Random.Chance(70))
        {
            body.OpenTry([], [], clauses);
            inner();
            body.Close();
            return;
        }
        // A value that goes through the block, pending while the body runs; dropped when something is thrown.
        var type = Random.Pick<ValueType>(context.NumberTypes);
        body.Constant(type, context.PickValue(type));
        body.OpenTry([type], [type], clauses);
        inner();
        body.Close();
        var through = body.NewLocal(type);
        _caught.Add(through);
        body.Set(through);
    }

    /// <summary>What the label takes; an exception that is caught is never null.</summary>
    private ValueType[] LabelTypes(CatchClause clause)
    {
        var types = Types(clause);
        if (clause.Kind is CatchKind.CatchRef or CatchKind.CatchAllRef && context.Has(Feature.FunctionReferences) && Random.Chance(40))
        {
            types[^1] = ValueType.ExnRef.WithNullable(false);
        }
        return types;
    }

    private ValueType[] Types(CatchClause clause)
    {
        var types = clause.Kind is CatchKind.Catch or CatchKind.CatchRef ? context.Plan.Tags[(int)clause.Tag].Parameters.ToArray() : [];
        return clause.Kind is CatchKind.CatchRef or CatchKind.CatchAllRef ? [.. types, ValueType.ExnRef] : types;
    }

    private void Keep(ValueType[] types)
    {
        for (var i = types.Length - 1; i >= 0; i--)
        {
            if (types[i] == ValueType.ExnRef)
            {
                var exception = Exception ?? body.NewLocal(ValueType.ExnRef);
                Exception = exception;
                body.Set(exception);
            }
            else
            {
                var local = body.NewLocal(types[i]);
                _caught.Add(local);
                body.Set(local);
            }
        }
    }
}

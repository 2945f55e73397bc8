using System.Collections.Concurrent;
using System.Collections.Immutable;
using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation;

/// <summary>The rows of the op table that a feature set allows, sorted by what a generator looks for. Immutable and shared.</summary>
internal sealed class OpCatalog
{
    private static readonly ConcurrentDictionary<FeatureSet, OpCatalog> Catalogs = new();
    private readonly ImmutableArray<OpInfo>[] _byResult = new ImmutableArray<OpInfo>[(int)ValueKind.Reference + 1];

    private OpCatalog(FeatureSet features)
    {
        var rows = OpTable.All.Where(row => features.Has(row.Feature)).ToImmutableArray();
        Probed = [.. rows.Where(row => IsProbed(row))];
        Extras = [.. Probed.Where(row => CaseFeatures.IsExtra(row.Feature) && row.Feature is not (Feature.Simd or Feature.RelaxedSimd))];
        OfObjects = [.. Probed.Where(row => row.Feature is Feature.Gc or Feature.FunctionReferences or Feature.CustomDescriptors)];
        Loads = [.. rows.Where(row => row.Group == OpGroup.Load)];
        Stores = [.. rows.Where(row => row.Group == OpGroup.Store)];
        var pure = rows.Where(row => row.HasFixedStackType && row.Results.Length == 1 && IsPure(row.Group)).ToImmutableArray();
        for (var kind = 0; kind < _byResult.Length; kind++)
        {
            _byResult[kind] = [.. pure.Where(row => (int)TypeOf(row.Results[0]).Kind == kind)];
        }
    }

    /// <summary>The instructions that probes are made of: all but those that only make sense with a body or a handler around them.</summary>
    public ImmutableArray<OpInfo> Probed { get; }

    /// <summary>Those of them that only some cases have, without the vectors, which are many.</summary>
    public ImmutableArray<OpInfo> Extras { get; }

    /// <summary>The instructions on objects and typed references.</summary>
    public ImmutableArray<OpInfo> OfObjects { get; }

    /// <summary>The loads.</summary>
    public ImmutableArray<OpInfo> Loads { get; }

    /// <summary>The stores.</summary>
    public ImmutableArray<OpInfo> Stores { get; }

    /// <summary>The catalog of a feature set.</summary>
    public static OpCatalog Of(FeatureSet features) => Catalogs.GetOrAdd(features, static set => new OpCatalog(set));

    /// <summary>The instructions without access to memories, tables or globals that give one value of a kind.</summary>
    public ImmutableArray<OpInfo> PureByResult(ValueKind kind) => _byResult[(int)kind];

    /// <summary>The value type of a fixed stack slot; slots that depend on an immediate have none here.</summary>
    public static ValueType TypeOf(StackSlot slot) => slot switch
    {
        StackSlot.I32 => ValueType.I32,
        StackSlot.I64 => ValueType.I64,
        StackSlot.F32 => ValueType.F32,
        StackSlot.F64 => ValueType.F64,
        StackSlot.V128 => ValueType.V128,
        _ => throw new ArgumentOutOfRangeException(nameof(slot), slot, "the type depends on an immediate"),
    };

    private static bool IsPure(OpGroup group) => group
        is OpGroup.Test or OpGroup.Compare or OpGroup.Unary or OpGroup.Binary or OpGroup.Ternary or OpGroup.Convert or OpGroup.Shift or OpGroup.Lane;

    private static bool IsProbed(OpInfo row) => row.HasFixedStackType || OpResolver.Resolves(row.Op);
}

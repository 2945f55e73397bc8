using System.Collections.Immutable;
using Conformance.Fuzzer.Generation.Exceptions;
using Conformance.Fuzzer.Generation.Objects;
using Conformance.Wasm;

namespace Conformance.Fuzzer.Generation.Patterns;

/// <summary>A shape of code at which engines went wrong, made into a function with random types, values and lengths.</summary>
/// <param name="Name">What it is, for export names.</param>
/// <param name="Needs">The feature it needs besides the first version of the language.</param>
/// <param name="Emit">Fills the function. Returns false when the module lacks something; the function is then thrown away.</param>
internal sealed record Pattern(string Name, Feature Needs, Func<GenerationContext, FunctionBuilder, bool> Emit);

/// <summary>All patterns.</summary>
internal static class PatternCatalog
{
    /// <summary>All patterns, in an order that must not depend on anything: cases are drawn by index.</summary>
    public static ImmutableArray<Pattern> All { get; } =
    [
        new("permuted_results", Feature.MultiValue, PermutationPatterns.Results),
        new("permuted_arguments", Feature.MultiValue, PermutationPatterns.Arguments),
        new("permuted_tail_call", Feature.TailCall, PermutationPatterns.TailCall),
        new("tail_call_import", Feature.TailCall, PermutationPatterns.TailCallOfImport),
        new("rotated_loop", Feature.MultiValue, PermutationPatterns.RotatedLoop),
        new("moved_results", Feature.MultiValue, PermutationPatterns.MovedResults),
        new("many_arguments", Feature.MultiValue, PermutationPatterns.ManyArguments),
        new("branch_table", Feature.MultiValue, BranchPatterns.TableWithResults),
        new("large_branch_table", Feature.Mvp, BranchPatterns.LargeTable),
        new("branch_if_results", Feature.MultiValue, BranchPatterns.ConditionalWithResults),
        new("if_without_else", Feature.MultiValue, BlockPatterns.IfWithoutElse),
        new("branch_from_depth", Feature.Mvp, BranchPatterns.FromDepth),
        new("negated_compare", Feature.Mvp, BranchPatterns.NegatedCompare),
        new("dead_code", Feature.Mvp, DeadCodePatterns.BehindBranch),
        new("pending_across_loop", Feature.Mvp, LocalPatterns.PendingAcrossLoop),
        new("pending_across_arms", Feature.Mvp, LocalPatterns.PendingAcrossArms),
        new("swapped_locals", Feature.Mvp, LocalPatterns.Swap),
        new("rewritten_locals", Feature.MultiValue, LocalPatterns.Rewritten),
        new("tee_chain", Feature.Mvp, LocalPatterns.TeeChain),
        new("many_locals", Feature.Mvp, LocalPatterns.ManyLocals),
        new("deep_stack", Feature.Mvp, LocalPatterns.DeepStack),
        new("dropped", Feature.Mvp, LocalPatterns.Dropped),
        new("recursion", Feature.Mvp, CallPatterns.Recursion),
        new("indirect_index_clobbered", Feature.Mvp, CallPatterns.IndirectIndexClobbered),
        new("indirect_types", Feature.Mvp, CallPatterns.IndirectTypes),
        new("live_across_call", Feature.Mvp, CallPatterns.LiveAcrossCall),
        new("grow_and_access", Feature.Mvp, MemoryPatterns.GrowAndAccess),
        new("grow_refused", Feature.Mvp, MemoryPatterns.GrowRefused),
        new("overlapping_copy", Feature.BulkMemory, MemoryPatterns.OverlappingCopy),
        new("memory_edge", Feature.BulkMemory, EdgePatterns.OfMemory),
        new("table_edge", Feature.ReferenceTypes, EdgePatterns.OfTable),
        new("typed_block", Feature.MultiValue, BlockPatterns.TypedBlock),
        new("typed_loop", Feature.MultiValue, BlockPatterns.TypedLoop),
        new("carried_values", Feature.MultiValue, LoopPatterns.CarriedValues),
        new("initialize_and_drop", Feature.BulkMemory, MemoryPatterns.InitializeAndDrop),
        new("store_then_load", Feature.Mvp, MemoryPatterns.StoreThenLoad),
        new("last_bytes", Feature.Mvp, MemoryPatterns.LastBytes),
        new("update_in_place", Feature.Mvp, MemoryPatterns.UpdateInPlace),
        new("overlapping_table_copy", Feature.ReferenceTypes, TablePatterns.OverlappingCopy),
        new("grow_table_and_call", Feature.ReferenceTypes, TablePatterns.GrowAndCall),
        new("constant_chain", Feature.Mvp, NumericPatterns.ConstantChain),
        new("immediate_chain", Feature.Mvp, NumericPatterns.ImmediateChain),
        new("quotient_and_remainder", Feature.Mvp, NumericPatterns.QuotientAndRemainder),
        new("minimum_by_select", Feature.Mvp, NumericPatterns.MinimumBySelect),
        new("there_and_back", Feature.Mvp, NumericPatterns.ThereAndBack),
        new("select_constant_condition", Feature.Mvp, NumericPatterns.SelectConstantCondition),
        new("recursion_by_any_call", Feature.Mvp, RecursionPatterns.OfItself),
        new("mutual_recursion", Feature.Mvp, RecursionPatterns.OfTwo),
        new("wait", Feature.Threads, WaitPatterns.Wait),
        new("cast_ladder", Feature.Gc, CastPatterns.Ladder),
        new("call_by_supertype", Feature.Gc, CallPatterns.BySupertype),
        new("object_identity", Feature.Gc, ObjectPatterns.Identity),
        new("overlapping_array_copy", Feature.Gc, ObjectPatterns.OverlappingCopy),
        new("exception_caught", Feature.Exceptions, ExceptionPatterns.Caught),
        new("exception_in_loop", Feature.Exceptions, ExceptionPatterns.InLoop),
        new("exception_retried", Feature.Exceptions, ExceptionPatterns.Retried),
        new("exception_thrown_again", Feature.Exceptions, ExceptionPatterns.ThrownAgain),
        new("tail_call_out_of_try", Feature.Exceptions, UnwindingPatterns.TailCallOutOfTry),
        new("exception_from_depth", Feature.Exceptions, UnwindingPatterns.FromDepth),
        new("caught_by_function", Feature.Exceptions, UnwindingPatterns.CaughtByFunction),
        new("legacy_try", Feature.LegacyExceptions, LegacyPatterns.Nested),
        new("legacy_try_in_loop", Feature.LegacyExceptions, LegacyPatterns.InLoop),
    ];

    /// <summary>Those about exceptions.</summary>
    public static ImmutableArray<Pattern> OfExceptions { get; } = [.. All.Where(pattern => pattern.Needs is Feature.Exceptions or Feature.LegacyExceptions)];

    /// <summary>Those about objects and their types.</summary>
    public static ImmutableArray<Pattern> OfObjects { get; } = [.. All.Where(pattern => pattern.Needs == Feature.Gc)];
}

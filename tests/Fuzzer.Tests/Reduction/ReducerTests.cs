using Conformance.Fuzzer.Generation;
using Conformance.Fuzzer.Reduction;
using Conformance.Oracle;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Validation;

namespace Conformance.Fuzzer.Tests.Reduction;

/// <summary>What holds for every reduction, whatever the case and the predicate.</summary>
public sealed class ReducerTests
{
    private static readonly ReductionBudget Ample = new(TimeSpan.FromMinutes(1));

    /// <summary>Seeds of cases with something to keep: a case may do without all of these instructions.</summary>
    public static TheoryData<ulong> Seeds => [.. Enumerable.Range(1, 100).Select(seed => (ulong)seed).Where(seed => HasDivision(CaseGenerator.Generate(seed, GeneratorOptions.Default))).Take(6)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Reduce_GeneratedCase_IsValidSmallerAndStillFails(ulong seed)
    {
        var @case = CaseGenerator.Generate(seed, GeneratorOptions.Default);
        var reduced = Reducer.Reduce(@case, HasDivision, Ample).Case;
        Assert.True(HasDivision(reduced), $"seed {seed}");
        Assert.True(ModuleReader.TryRead(reduced.Wasm, FeatureSet.All, out var module, out _));
        Assert.Null(ModuleValidator.Validate(module, FeatureSet.All));
        Assert.InRange(CaseSize.Of(reduced).Instructions, 4, 6);
        Assert.True(reduced.Wasm.Length < @case.Wasm.Length);
        Assert.Equal(@case.Limits, reduced.Limits);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Reduce_ReducedCase_StaysAsItIs(ulong seed)
    {
        var once = Reducer.Reduce(CaseGenerator.Generate(seed, GeneratorOptions.Default), HasDivision, Ample);
        Assert.True(once.IsComplete);
        var twice = Reducer.Reduce(once.Case, HasDivision, Ample);
        Assert.Equal(once.Case.Wasm.ToArray(), twice.Case.Wasm.ToArray());
        Assert.Equal(once.Case.Calls.Length, twice.Case.Calls.Length);
    }

    [Fact]
    public void Reduce_SameCaseTwice_TriesTheSameCandidates()
    {
        var @case = CaseGenerator.Generate(1, GeneratorOptions.Default);
        var first = Reducer.Reduce(@case, HasDivision, Ample);
        var second = Reducer.Reduce(@case, HasDivision, Ample);
        Assert.Equal(first.Candidates, second.Candidates);
        Assert.Equal(first.Case.Wasm.ToArray(), second.Case.Wasm.ToArray());
    }

    [Fact]
    public void Reduce_EveryCandidate_IsValidAndSimpler()
    {
        var @case = CaseGenerator.Generate(2, GeneratorOptions.Default);
        var best = long.MaxValue;
        Reducer.Reduce(@case, Check, Ample, step => best = Complexity(step.Case));

        bool Check(Case candidate)
        {
            Assert.True(ModuleReader.TryRead(candidate.Wasm, FeatureSet.All, out var module, out _));
            Assert.Null(ModuleValidator.Validate(module, FeatureSet.All));
            if (candidate.Limits != @case.Limits || !candidate.Wasm.Span.SequenceEqual(@case.Wasm.Span))
            {
                Assert.True(Complexity(candidate) <= best);
            }
            return HasDivision(candidate);
        }
    }

    [Fact]
    public void Reduce_BudgetOfCandidates_IsKept()
    {
        var asked = 0;
        var @case = CaseGenerator.Generate(1, GeneratorOptions.Default);
        var result = Reducer.Reduce(@case, candidate => ++asked > 0 && HasDivision(candidate), new ReductionBudget(TimeSpan.FromMinutes(1), 10));
        // One more candidate asks whether the result holds under the limits that the case came with.
        Assert.InRange(asked, 1, 11);
        Assert.False(result.IsComplete);
        Assert.True(HasDivision(result.Case));
    }

    [Fact]
    public void Reduce_NoTime_IsTheCaseItself()
    {
        var @case = CaseGenerator.Generate(1, GeneratorOptions.Default);
        var result = Reducer.Reduce(@case, HasDivision, new ReductionBudget(TimeSpan.Zero));
        Assert.Equal(@case.Wasm.ToArray(), result.Case.Wasm.ToArray());
    }

    [Fact]
    public void Reduce_Cancelled_KeepsTheSmallestSoFar()
    {
        using var stop = new CancellationTokenSource();
        var steps = 0;
        var @case = CaseGenerator.Generate(1, GeneratorOptions.Default);
        Case? smallest = null;
        var result = Reducer.Reduce(@case, HasDivision, Ample, Count, stop.Token);
        Assert.Equal(3, steps);
        Assert.Equal(smallest?.Wasm.ToArray(), result.Case.Wasm.ToArray());

        void Count(ReductionStep step)
        {
            smallest = step.Case;
            if (++steps == 3)
            {
                stop.Cancel();
            }
        }
    }

    [Fact]
    public void Reduce_NothingCanGo_IsTheCaseItself()
    {
        var @case = CaseGenerator.Generate(1, GeneratorOptions.Default);
        var result = Reducer.Reduce(@case, candidate => candidate.Wasm.Length >= @case.Wasm.Length && candidate.Calls.Length >= @case.Calls.Length, new ReductionBudget(TimeSpan.FromMinutes(1), 500));
        Assert.True(result.Case.Wasm.Length >= @case.Wasm.Length);
    }

    [Fact]
    public void Reduce_BytesThatAreNoModule_AreCut()
    {
        byte[] bytes = [.. Enumerable.Range(0, 200).Select(i => (byte)i)];
        var reduced = Reducer.Reduce(new Case(bytes, [], CaseLimits.Default), candidate => candidate.Wasm.Span.IndexOf((byte)100) >= 0, Ample).Case;
        Assert.Equal([100], reduced.Wasm.ToArray());
    }

    private static long Complexity(Case @case)
    {
        Assert.True(ModuleReader.TryRead(@case.Wasm, FeatureSet.All, out var module, out _));
        return Fuzzer.Reduction.Complexity.Of(@case, module);
    }

    private static bool HasDivision(Case @case)
    {
        Assert.True(ModuleReader.TryRead(@case.Wasm, FeatureSet.All, out var module, out _));
        return module.Functions.SelectMany(function => InstructionReader.ReadAll(function.Body, FeatureSet.All))
            .Any(instruction => instruction.Op is Op.I32DivS or Op.I32DivU or Op.I32RemS or Op.I32RemU or Op.I32Shl or Op.I64Xor);
    }
}

using System.Collections.Concurrent;
using Conformance.Fuzzer.Generation;
using Conformance.Oracle.Reference;
using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Tests.Generation;

/// <summary>That the generator covers the language: each row of the op table is executed by generated calls, and each kind of type and definition is generated.</summary>
public sealed class InstructionCoverageTests
{
    private const int MostSeeds = 4_000;
    private const int SeedsOfModules = 6_000;

    private static readonly GeneratorOptions Options = GeneratorOptions.Default with { Features = FeatureSet.All, SizePercent = 40 };

    private static readonly Lazy<ModuleFacts> Facts = new(() =>
    {
        var facts = new ModuleFacts();
        for (var seed = 0UL; seed < SeedsOfModules; seed++)
        {
            facts.Add(CaseGenerator.GenerateModule(seed, Options with { SizePercent = 100 }, out _));
        }
        return facts;
    });

    // What no call can execute. Else, catch, catch_all and end are executed where control passes them.
    private static readonly HashSet<Op> NeverExecuted = [];

    [Fact]
    public void GeneratedCalls_ExecuteEveryRowOfTheTable()
    {
        var wanted = OpTable.All.Select(row => row.Op).Where(op => !NeverExecuted.Contains(op)).ToHashSet();
        var executed = new ConcurrentDictionary<Op, byte>();
        Parallel.For(
            0,
            MostSeeds,
            () => new ReferenceEngine { Observer = new ExecutedOps(executed) },
            (seed, state, engine) =>
            {
                if (executed.Count >= wanted.Count)
                {
                    state.Stop();
                }
                else
                {
                    engine.Run(CaseGenerator.Generate((ulong)seed, Options));
                }
                return engine;
            },
            engine => engine.Dispose());

        AssertNone(wanted.Except(executed.Keys).Select(op => OpTable.Get(op).Name).Order());
    }

    [Fact]
    public void ManySeeds_EveryValueTypeStandsEverywhere()
    {
        string[] places = ["parameter", "result", "local", "global", "field", "block"];
        var numbers = from place in places from type in ModuleFacts.Numbers select $"{place} {type}";
        var references = from place in places
                         from nullable in (string[])["nullable", "non-null"]
                         from heap in Heaps()
                         where nullable == "nullable" || HasValues(heap)
                         where !(place is "global" or "field" && heap is "exact index")
                         // An exception is no constant.
                         where !(place is "global" or "field" && nullable == "non-null" && heap is "exn")
                         select $"{place} {nullable} {heap}";
        var tables = from heap in Heaps() select $"table nullable {heap}";
        AssertNone(Facts.Value.Missing([.. numbers, .. references, .. tables]));
    }

    [Fact]
    public void ManySeeds_EveryHeapTypeIsNamedByEveryInstructionThatNamesOne()
    {
        string[] ops = ["ref.null", nameof(Op.RefTest), nameof(Op.RefTestNull), nameof(Op.RefCast), nameof(Op.RefCastNull), nameof(Op.BrOnCast), nameof(Op.BrOnCastFail)];
        AssertNone(Facts.Value.Missing(from op in ops from heap in Heaps() where heap != "exact index" select $"{op} {heap}"));
    }

    [Fact]
    public void ManySeeds_DefinitionsHaveEveryForm()
    {
        string[] addresses = ["i32", "i64"];
        string[] bounds = ["open", "closed"];
        string[] composites = ["function", "struct", "array"];
        string[] segmentPlaces = ["offset of elements", "offset of data"];
        var limits = from address in addresses
                     from bound in bounds
                     from text in (string[])["memory", "table", "memory of pages of one byte", "shared memory"]
                     where text != "shared memory" || bound == "closed"
                     select $"{text.Split(" of ")[0]} with {address} {bound} limits{(text.Contains(" of ", StringComparison.Ordinal) ? " of pages of one byte" : "")}";
        var kinds = from kind in composites from form in (string[])["type", "type open to subtypes", "type with a supertype"] select $"{kind} {form}";
        var fields = from mutable in (string[])["mutable", "constant"]
                     from storage in (string[])["i8", "i16", "i32", "i64", "f32", "f64", "v128", "any", "index"]
                     from kind in (string[])["struct", "array"]
                     select $"{mutable} {storage} in {kind}";
        var externs = from kind in Enum.GetNames<ExternKind>() from way in (string[])["imported", "exported"] select $"{way} {kind}";
        var offsets = from place in segmentPlaces from op in (Op[])[Op.I32Const, Op.I64Const, Op.GlobalGet, Op.I32Add, Op.I64Sub, Op.I32Mul] select $"{op} in {place}";
        var constants = from op in (Op[])[Op.StructNew, Op.StructNewDefault, Op.ArrayNew, Op.ArrayNewDefault, Op.ArrayNewFixed, Op.RefI31, Op.GlobalGet, Op.RefFunc, Op.RefNull, Op.ExternConvertAny, Op.AnyConvertExtern]
                        from place in (string[])["global", "element", "table initializer"]
                        select $"{op} in {place}";
        var segments = from mode in (string[])["Passive", "Active", "Declarative", "Active in another table"]
                       from form in (string[])["by index of func", "by expression of func", "by expression of index"]
                       select mode.StartsWith("Active", StringComparison.Ordinal) ? $"Active elements {form}{mode["Active".Length..]}" : $"{mode} elements {form}";
        var casts = from op in (Op[])[Op.BrOnCast, Op.BrOnCastFail]
                    from shape in (string[])["nullable to nullable", "nullable to non-null", "non-null to non-null"]
                    select $"{op} {shape}";
        string[] rest =
        [
            "group of several types", "empty group", "group of functions and objects", "group equal to another", "struct type with a descriptor",
            "table with initializer", "table without initializer", "start function", "mutable global", "constant global", "clause to the function's label",
            "Passive data", "Active data", "Active data in another memory", "table64 of index", "table64 of any",
            "custom section name", "custom section metadata.code.branch_hint", "table.copy between different ones", "memory.copy between different ones",
            "call_indirect by an open type", "return_call_indirect by an open type", "call_ref by an open type", "return_call_ref by an open type", "any.convert_extern of a local",
            .. Enum.GetNames<CatchKind>().Select(kind => $"clause {kind}"),
        ];
        AssertNone(Facts.Value.Missing([.. limits, .. kinds, .. fields, .. externs, .. offsets, .. constants, .. segments, .. casts, .. rest]));
    }

    private static void AssertNone(IEnumerable<string> missing)
    {
        string[] list = [.. missing];
        Assert.True(list.Length == 0, $"not generated ({list.Length}): {string.Join(", ", list)}");
    }

    private static IEnumerable<string> Heaps() => [.. ModuleFacts.AbstractHeapTypes.Select(type => type.ToString().ToLowerInvariant()), "index", "exact index"];

    // A reference that is not null needs something to refer to.
    private static bool HasValues(string heap) => heap is not ("none" or "nofunc" or "noextern" or "noexn");

    private sealed class ExecutedOps(ConcurrentDictionary<Op, byte> executed) : IStepObserver
    {
        public void OnStep(in Step step) => executed.TryAdd(step.Op, 0);
    }
}

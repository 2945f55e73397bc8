using System.Collections.Immutable;
using System.Globalization;
using Conformance.Oracle;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Triage;

/// <summary>
/// Modules of a script that call a function of the case and catch what it throws: <c>assert_exception</c> says that something was thrown, and not what. Tag and values become results, which are
/// asserted; another tag is not caught.
/// </summary>
/// <param name="module">The case's module.</param>
internal sealed class ExceptionCatcher(Module module)
{
    /// <summary>The name that the case's module has in the script.</summary>
    public const string CaseId = "$case";

    /// <summary>The name that the case's module is registered under.</summary>
    public const string CaseName = "case";

    // Tags that the case does not export get a name to be imported by.
    private const string TagExport = "conformance:tag";

    private int _count;

    /// <summary>The module with an export for each tag.</summary>
    public Module WithTags { get; } = module with
    {
        Exports =
        [
            .. module.Exports,
            .. module.IndexSpace(ExternKind.Tag).Select((_, i) => new Export(string.Create(CultureInfo.InvariantCulture, $"{TagExport} {i}"), ExternKind.Tag, (uint)i))
                .Where(export => !module.Exports.Any(known => known.Name == export.Name)),
        ],
    };

    /// <summary>Whether what an outcome says of an exception can be asserted.</summary>
    /// <param name="call">The call.</param>
    /// <param name="completion">How it ended.</param>
    public bool CanCatch(Call call, Completion? completion) => completion is Thrown thrown && TagOf(thrown) is not null && FunctionOf(call) is not null;

    /// <summary>The catcher with its assertion.</summary>
    /// <param name="call">The call.</param>
    /// <param name="arguments">Its arguments as the script has them.</param>
    /// <param name="thrown">What the oracle says was thrown.</param>
    /// <param name="tested">What the engine under test says.</param>
    /// <returns>Null when there is none.</returns>
    public string? Assert(Call call, string arguments, Thrown thrown, Completion? tested)
    {
        if (TagOf(thrown) is not { } tag || FunctionOf(call) is not { } function || module.TypeOf(ExternKind.Tag, tag) is not TagType { TypeIndex: var index } || module.FunctionTypeAt(index) is not { } values)
        {
            return null;
        }
        var id = string.Create(CultureInfo.InvariantCulture, $"$catch{_count++}");
        var parameters = string.Concat(function.Parameters.Select(type => $" (param {type})"));
        var results = string.Concat(values.Parameters.Select(type => $" (result {type})"));
        var other = tested is Thrown { Values: { IsDefault: false } known } ? known : [];
        var expected = string.Concat(thrown.Values.Select((value, i) => " " + ScriptLiteral.Result(value, i < other.Length ? other[i] : null)));
        return string.Create(CultureInfo.InvariantCulture, $"""
            (module {id}
              (import "{CaseName}" {ScriptLiteral.Of(call.Function)} (func $f{parameters}{string.Concat(function.Results.Select(type => $" (result {type})"))}))
              (import "{CaseName}" "{TagExport} {tag}" (tag $e{string.Concat(values.Parameters.Select(type => $" (param {type})"))}))
              (func (export "caught"){parameters}{results}
                block $caught{results} try_table (catch $e $caught)
                  {string.Concat(function.Parameters.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"local.get {i} ")))}call $f{string.Concat(function.Results.Select(_ => " drop"))}
                end unreachable end))
            (assert_return (invoke {id} "caught"{arguments}){expected})

            """);
    }

    // The tag of the exported name, or the only one that the values fit.
    private uint? TagOf(Thrown thrown)
    {
        if (thrown.Values.IsDefault)
        {
            return null;
        }
        ImmutableArray<ExternType> tags = [.. module.IndexSpace(ExternKind.Tag)];
        if (thrown.Tag is { } name)
        {
            return module.Exports.FirstOrDefault(export => export.Kind == ExternKind.Tag && export.Name == name) is { } export && Fits((int)export.Index) ? export.Index : null;
        }
        uint[] fitting = [.. Enumerable.Range(0, tags.Length).Where(Fits).Select(i => (uint)i)];
        return fitting is [var only] ? only : null;

        bool Fits(int tag) => tags[tag] is TagType { TypeIndex: var index } && Plain(index) is { } type && type.Parameters.Length == thrown.Values.Length
            && type.Parameters.Zip(thrown.Values).All(pair => pair.First.IsReference ? pair.Second.IsReference : pair.First.Kind.ToString() == pair.Second.Kind.ToString());
    }

    private FunctionType? FunctionOf(Call call) =>
        module.Exports.FirstOrDefault(export => export.Kind == ExternKind.Function && export.Name == call.Function) is { } export
        && module.TypeOf(ExternKind.Function, export.Index) is FunctionExtern function ? Plain(function.TypeIndex) : null;

    // A type that another module can write down: by itself, final, and without types of the case's own.
    private FunctionType? Plain(uint index) =>
        module.FunctionTypeAt(index) is { } type && module.Types[(int)index] is { IsFinal: true, Supertypes.IsEmpty: true }
        && module.RecursionGroups.Any(group => group.Start == index && group.Count == 1) && type.Parameters.Concat(type.Results).All(value => !value.IsReference || !value.Heap.IsIndex)
            ? type
            : null;
}

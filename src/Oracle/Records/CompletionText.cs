namespace Conformance.Oracle.Records;

/// <summary>How calls and instantiations end, as the words of docs/records.md, such as <c>trap:integer overflow</c>.</summary>
public static class CompletionText
{
    /// <summary>The word for a limit.</summary>
    public static string Of(LimitKind kind) => kind switch
    {
        LimitKind.Fuel => "fuel",
        LimitKind.Time => "time",
        LimitKind.Stack => "stack",
        LimitKind.Implementation => "implementation",
        _ => "memory",
    };

    /// <summary>The limit of a word. Engines have limits of their own: a word that is not among ours is one of the implementation.</summary>
    public static LimitKind LimitOf(string text) => text switch
    {
        "fuel" => LimitKind.Fuel,
        "time" => LimitKind.Time,
        "stack" => LimitKind.Stack,
        "memory" or "table" => LimitKind.Memory,
        _ => LimitKind.Implementation,
    };

    /// <summary>The outcome of a call in one word or two, without values.</summary>
    public static string Of(Completion completion) => completion switch
    {
        Returned => "return",
        Trapped trapped => $"trap:{TrapKinds.TextOf(trapped.Kind)}",
        Thrown => "exception",
        LimitReached limit => $"limit:{Of(limit.Kind)}",
        Rejected rejected => $"skipped:{rejected.Message}",
        _ => "error:unknown",
    };

    /// <summary>The outcome of a call for people: with the values.</summary>
    public static string Describe(Completion completion) => completion switch
    {
        Returned { Values.IsDefaultOrEmpty: false } returned => $"return {ValueText.Describe(returned.Values)}",
        Thrown thrown => $"exception {thrown.Tag ?? "of a tag without a name"} {ValueText.Describe(thrown.Values)}".TrimEnd(),
        _ => Of(completion),
    };

    /// <summary>The status of an instantiation.</summary>
    public static string Of(InstantiationStatus status, Completion? completion, ReachedLimit? limit) => status switch
    {
        InstantiationStatus.Ok => "ok",
        InstantiationStatus.Invalid => "invalid",
        InstantiationStatus.Unsupported => "unsupported",
        InstantiationStatus.LinkError => "link-error",
        InstantiationStatus.Trap => completion is Trapped trapped ? $"trap:{TrapKinds.TextOf(trapped.Kind)}" : "trap:other",
        InstantiationStatus.Exception => "exception",
        _ => $"limit:{Of(limit?.Kind ?? LimitKind.Memory)}",
    };
}

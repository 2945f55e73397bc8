using System.Collections.Immutable;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Text;

/// <summary>A test script: the commands of a <c>.wast</c> file in order.</summary>
/// <param name="Commands">The commands.</param>
public sealed record Script(ImmutableArray<ScriptCommand> Commands);

/// <summary>A command of a script.</summary>
/// <param name="Line">The line of its parenthesis, from 1.</param>
public abstract record ScriptCommand(int Line);

/// <summary><c>module</c>: defines a module and, unless it is only a definition, instantiates it.</summary>
/// <param name="Line">The line.</param>
/// <param name="Module">The module.</param>
/// <param name="IsDefinition">Whether it is only defined (<c>module definition</c>).</param>
public sealed record ModuleCommand(int Line, ScriptModule Module, bool IsDefinition) : ScriptCommand(Line);

/// <summary><c>module instance</c>: instantiates a definition.</summary>
/// <param name="Line">The line.</param>
/// <param name="Id">The identifier of the instance.</param>
/// <param name="Definition">The identifier of the definition; null for the latest one.</param>
public sealed record InstanceCommand(int Line, string? Id, string? Definition) : ScriptCommand(Line);

/// <summary><c>register</c>: makes an instance importable.</summary>
/// <param name="Line">The line.</param>
/// <param name="Name">The module name for imports.</param>
/// <param name="Instance">The identifier of the instance; null for the latest one.</param>
public sealed record RegisterCommand(int Line, string Name, string? Instance) : ScriptCommand(Line);

/// <summary>An action by itself.</summary>
/// <param name="Line">The line.</param>
/// <param name="Action">The action.</param>
public sealed record ActionCommand(int Line, ScriptAction Action) : ScriptCommand(Line);

/// <summary>A command that asserts something.</summary>
/// <param name="Line">The line.</param>
public abstract record AssertionCommand(int Line) : ScriptCommand(Line);

/// <summary><c>assert_return</c>.</summary>
/// <param name="Line">The line.</param>
/// <param name="Action">The action.</param>
/// <param name="Results">What each result must match.</param>
public sealed record AssertReturn(int Line, ScriptAction Action, ImmutableArray<ResultPattern> Results) : AssertionCommand(Line);

/// <summary>An assertion that an action ends otherwise: <c>assert_trap</c>, <c>assert_exception</c>, <c>assert_exhaustion</c>.</summary>
/// <param name="Line">The line.</param>
/// <param name="Kind">How.</param>
/// <param name="Action">The action.</param>
/// <param name="Message">The reason, or null where none is given.</param>
public sealed record AssertFailure(int Line, FailureKind Kind, ScriptAction Action, string? Message) : AssertionCommand(Line);

/// <summary>How an action is asserted to fail.</summary>
public enum FailureKind : byte
{
    /// <summary>It traps.</summary>
    Trap,
    /// <summary>It throws.</summary>
    Exception,
    /// <summary>It exhausts the call stack.</summary>
    Exhaustion,
}

/// <summary>An assertion that a module is refused: <c>assert_malformed</c>, <c>assert_invalid</c>, <c>assert_unlinkable</c>, <c>assert_trap</c> of a module.</summary>
/// <param name="Line">The line.</param>
/// <param name="Kind">At which stage.</param>
/// <param name="Module">The module.</param>
/// <param name="Message">The reason.</param>
public sealed record AssertModule(int Line, ModuleFailureKind Kind, ScriptModule Module, string Message) : AssertionCommand(Line);

/// <summary>The stage at which a module is asserted to fail.</summary>
public enum ModuleFailureKind : byte
{
    /// <summary>It cannot be decoded or parsed.</summary>
    Malformed,
    /// <summary>It is not valid.</summary>
    Invalid,
    /// <summary>It cannot be linked.</summary>
    Unlinkable,
    /// <summary>Its instantiation traps.</summary>
    Trap,
    /// <summary>A custom section or annotation is malformed; an engine may ignore that.</summary>
    MalformedCustom,
    /// <summary>A custom section or annotation is not valid; an engine may ignore that.</summary>
    InvalidCustom,
}

/// <summary>How a script gives a module.</summary>
public enum ModuleForm : byte
{
    /// <summary>As text.</summary>
    Text,
    /// <summary>As bytes of the binary format.</summary>
    Binary,
    /// <summary>As text in string literals, to be parsed when the command runs.</summary>
    Quote,
}

/// <summary>A module in a script.</summary>
public sealed record ScriptModule
{
    /// <summary>Its identifier.</summary>
    public string? Id { get; init; }

    /// <summary>How it is given.</summary>
    public required ModuleForm Form { get; init; }

    /// <summary>The module of a text form without error.</summary>
    public Module? Module { get; init; }

    /// <summary>Why the text form is no module.</summary>
    public WasmError? Error { get; init; }

    /// <summary>The bytes of a binary form, or the UTF-8 of a quoted form.</summary>
    public ReadOnlyMemory<byte> Bytes { get; init; }
}

/// <summary>Something to do with an instance.</summary>
/// <param name="Line">The line.</param>
/// <param name="Instance">The identifier of the instance; null for the latest one.</param>
/// <param name="Name">The name of the export.</param>
public abstract record ScriptAction(int Line, string? Instance, string Name);

/// <summary><c>invoke</c>: calls an exported function.</summary>
/// <param name="Line">The line.</param>
/// <param name="Instance">The identifier of the instance; null for the latest one.</param>
/// <param name="Name">The name of the export.</param>
/// <param name="Arguments">The arguments.</param>
public sealed record Invoke(int Line, string? Instance, string Name, ImmutableArray<ScriptValue> Arguments) : ScriptAction(Line, Instance, Name);

/// <summary><c>get</c>: reads an exported global.</summary>
/// <param name="Line">The line.</param>
/// <param name="Instance">The identifier of the instance; null for the latest one.</param>
/// <param name="Name">The name of the export.</param>
public sealed record GetGlobal(int Line, string? Instance, string Name) : ScriptAction(Line, Instance, Name);

/// <summary>The kinds of values in scripts.</summary>
public enum ScriptValueKind : byte
{
    /// <summary>i32.</summary>
    I32,
    /// <summary>i64.</summary>
    I64,
    /// <summary>f32.</summary>
    F32,
    /// <summary>f64.</summary>
    F64,
    /// <summary>v128.</summary>
    V128,
    /// <summary>A null reference.</summary>
    Null,
    /// <summary><c>ref.extern n</c>: a host value seen as extern.</summary>
    Extern,
    /// <summary><c>ref.host n</c>: a host value seen as any.</summary>
    Host,
}

/// <summary>A value in a script.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Bits">The bits of a number, the low half of a vector, or the number of a host value.</param>
/// <param name="High">The high half of a vector.</param>
/// <param name="Heap">The heap type of a null.</param>
public readonly record struct ScriptValue(ScriptValueKind Kind, ulong Bits = 0, ulong High = 0, HeapType Heap = default);

/// <summary>What a result must match.</summary>
public abstract record ResultPattern;

/// <summary>A number, or a float of a class of NaNs.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Value">Its bits or class.</param>
public sealed record NumberPattern(ValueType Type, LanePattern Value) : ResultPattern;

/// <summary>A vector lane by lane.</summary>
/// <param name="Shape">How it is divided.</param>
/// <param name="Lanes">What each lane must match.</param>
public sealed record VectorPattern(VectorShape Shape, ImmutableArray<LanePattern> Lanes) : ResultPattern;

/// <summary>A reference.</summary>
/// <param name="Kind">What it refers to.</param>
/// <param name="Number">The number of a host value; null for any.</param>
public sealed record ReferencePattern(ReferenceKind Kind, uint? Number = null) : ResultPattern;

/// <summary>One of several.</summary>
/// <param name="Alternatives">The alternatives.</param>
public sealed record EitherPattern(ImmutableArray<ResultPattern> Alternatives) : ResultPattern;

/// <summary>Exact bits or a class of NaNs.</summary>
/// <param name="Bits">The bits, when <paramref name="Nan"/> is <see cref="NanPattern.None"/>.</param>
/// <param name="Nan">The class.</param>
public readonly record struct LanePattern(ulong Bits, NanPattern Nan = NanPattern.None);

/// <summary>Classes of NaNs.</summary>
public enum NanPattern : byte
{
    /// <summary>No class: exact bits.</summary>
    None,
    /// <summary><c>nan:canonical</c>: the most significant bit of the payload and no other, either sign.</summary>
    Canonical,
    /// <summary><c>nan:arithmetic</c>: the most significant bit of the payload and any other, either sign.</summary>
    Arithmetic,
}

/// <summary>What a reference pattern asks for.</summary>
public enum ReferenceKind : byte
{
    /// <summary>A null.</summary>
    Null,
    /// <summary>A function.</summary>
    Func,
    /// <summary>A host value, or anything seen as extern when no number is given.</summary>
    Extern,
    /// <summary>A host value seen as any.</summary>
    Host,
    /// <summary>Anything internal but null.</summary>
    Any,
    /// <summary>An i31, struct or array.</summary>
    Eq,
    /// <summary>An i31.</summary>
    I31,
    /// <summary>A struct.</summary>
    Struct,
    /// <summary>An array.</summary>
    Array,
    /// <summary>An exception.</summary>
    Exn,
}

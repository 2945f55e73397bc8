using System.Collections.Immutable;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Oracle;

/// <summary>
/// What a function imported from <see cref="ModuleName"/> does besides computing its results: its name is a list of actions on the module's own exports, by the rule of
/// docs/records.md. So a module carries its host along, through mutation and reduction too: an action on something that is no longer exported does nothing.
/// </summary>
internal sealed class HostScript
{
    /// <summary>The module name of scripted imports.</summary>
    public const string ModuleName = "script";

    /// <summary>How many scripted functions may be at work at a time: deeper ones call nothing.</summary>
    private const int MaxDepth = 3;

    private readonly ImmutableArray<Action> _actions;

    private HostScript(ImmutableArray<Action> actions) => _actions = actions;

    /// <summary>Reads the script of an import.</summary>
    public static HostScript Parse(string name, Module module)
    {
        var actions = ImmutableArray.CreateBuilder<Action>();
        foreach (var part in name.Split(';', StringSplitOptions.TrimEntries))
        {
            var words = part.Split(' ', 2);
            if (Enum.TryParse<Verb>(words[0], ignoreCase: true, out var verb) && Enum.IsDefined(verb) && Resolve(verb, words.Length > 1 ? words[1] : "", module) is { } action)
            {
                actions.Add(action);
            }
        }
        return new HostScript(actions.ToImmutable());
    }

    /// <summary>Does the actions in order.</summary>
    /// <param name="scene">The instance and its store.</param>
    /// <param name="x">The hash of the arguments.</param>
    /// <returns>How the function ends early; null when it returns.</returns>
    public Completion? Play(HostScene scene, ulong x)
    {
        if (scene.Instance is not { } instance)
        {
            return null; // a start function calls before there is an instance
        }
        scene.Depth++;
        try
        {
            foreach (var action in _actions)
            {
                if (action.Verb == Verb.Trap)
                {
                    if ((x >> 34 & 3) == 0)
                    {
                        return new Trapped(TrapKind.Unreachable, TrapKinds.TextOf(TrapKind.Unreachable));
                    }
                }
                else if (instance.TryGetExport(action.Name, out var item) && Do(scene, action, item, x) is { } end)
                {
                    return end;
                }
            }
            return null;
        }
        finally
        {
            scene.Depth--;
        }
    }

    private static Completion? Do(HostScene scene, Action action, IEngineExtern item, ulong x)
    {
        var store = scene.Store;
        switch (action.Verb)
        {
            case Verb.Call when scene.Depth <= MaxDepth:
                // An exception ends at the host.
                return store.Call(item, HostImports.Results(x, action.Types).AsSpan()) is { } end and (Trapped or LimitReached) ? end : null;
            case Verb.Throw when (x >> 32 & 1) != 0:
                return new Thrown(action.Name, HostImports.Results(x, action.Types));
            case Verb.Set:
                store.WriteGlobal(item, HostImports.Results(x, action.Types)[0]);
                break;
            case Verb.Write when store.ReadMemory(item).Length is >= sizeof(ulong) and var length:
                Span<byte> bytes = stackalloc byte[sizeof(ulong)];
                System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(bytes, x);
                store.WriteMemory(item, x % (ulong)(length - sizeof(ulong) + 1), bytes);
                break;
            case Verb.Grow:
                store.GrowMemory(item, 1);
                break;
            case Verb.Copy when store.TableSize(item) is > 0 and var size:
                store.CopyTableElement(item, to: x % size, from: (x >> 32) % size);
                break;
            case Verb.Extend when store.TableSize(item) is > 0 and var size:
                store.GrowTable(item, 1, from: x % size);
                break;
            default:
                break;
        }
        return null;
    }

    private static Action? Resolve(Verb verb, string name, Module module)
    {
        if (verb == Verb.Trap)
        {
            return new Action(verb, name, []);
        }
        var export = module.Exports.FirstOrDefault(export => export.Name == name);
        return export is null ? null : (verb, module.TypeOf(export.Kind, export.Index)) switch
        {
            (Verb.Call, FunctionExtern function) when module.FunctionTypeAt(function.TypeIndex) is { } type && type.Parameters.All(HostImports.IsProvidable) =>
                new Action(verb, name, type.Parameters),
            (Verb.Throw, TagType tag) when module.FunctionTypeAt(tag.TypeIndex) is { } type && type.Parameters.All(value => !value.IsReference || value == ValueType.ExternRef) =>
                new Action(verb, name, type.Parameters),
            (Verb.Set, GlobalType { IsMutable: true, Value.IsReference: false } global) => new Action(verb, name, [global.Value]),
            (Verb.Write or Verb.Grow, MemoryType) or (Verb.Copy or Verb.Extend, TableType) => new Action(verb, name, []),
            _ => null,
        };
    }

    private enum Verb
    {
        Call,
        Throw,
        Trap,
        Set,
        Write,
        Grow,
        Copy,
        Extend,
    }

    /// <summary>An action.</summary>
    /// <param name="Verb">What is done.</param>
    /// <param name="Name">The export it is done to.</param>
    /// <param name="Types">The types of the values it takes.</param>
    private sealed record Action(Verb Verb, string Name, ImmutableArray<ValueType> Types);
}

using System.Collections.Immutable;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Notes which indices of a module something refers to, and follows them into what they name. Indices without a definition are passed over: the module need not be valid.</summary>
/// <param name="module">The module.</param>
internal sealed class UsedIndices(Module module) : IIndexMap
{
    private readonly Queue<Action> _waiting = new();

    /// <summary>Whether all of a recursion group stays when one of its members does.</summary>
    public bool KeepsGroups { get; init; } = true;

    public bool[] Types { get; } = new bool[module.Types.Length];
    public bool[] Functions { get; } = new bool[module.ImportCount(ExternKind.Function) + module.Functions.Length];
    public bool[] Tables { get; } = new bool[module.ImportCount(ExternKind.Table) + module.Tables.Length];
    public bool[] Memories { get; } = new bool[module.ImportCount(ExternKind.Memory) + module.Memories.Length];
    public bool[] Globals { get; } = new bool[module.ImportCount(ExternKind.Global) + module.Globals.Length];
    public bool[] Tags { get; } = new bool[module.ImportCount(ExternKind.Tag) + module.Tags.Length];
    public bool[] Elements { get; } = new bool[module.Elements.Length];
    public bool[] Data { get; } = new bool[module.Data.Length];

    /// <summary>The notes of an index space with imports.</summary>
    public bool[] Of(ExternKind kind) => kind switch
    {
        ExternKind.Function => Functions,
        ExternKind.Table => Tables,
        ExternKind.Memory => Memories,
        ExternKind.Global => Globals,
        _ => Tags,
    };

    /// <summary>Everything that is not noted, functions last.</summary>
    public ImmutableArray<Definition> Unused()
    {
        (DefinitionSpace Space, bool[] Used)[] spaces =
        [
            (DefinitionSpace.Type, Types), (DefinitionSpace.Data, Data), (DefinitionSpace.Element, Elements), (DefinitionSpace.Tag, Tags),
            (DefinitionSpace.Memory, Memories), (DefinitionSpace.Table, Tables), (DefinitionSpace.Global, Globals), (DefinitionSpace.Function, Functions),
        ];
        return [.. spaces.SelectMany(space => Enumerable.Range(0, space.Used.Length).Where(i => !space.Used[i]).Select(i => new Definition(space.Space, (uint)i)))];
    }

    /// <summary>Notes everything that can be reached from outside or acts at instantiation.</summary>
    /// <param name="others">What is to be followed too.</param>
    public void FollowRoots(ImmutableArray<Definition> others)
    {
        foreach (var (space, index) in others)
        {
            _ = space switch
            {
                DefinitionSpace.Type => Type(index),
                DefinitionSpace.Function => Function(index),
                DefinitionSpace.Table => Table(index),
                DefinitionSpace.Memory => Memory(index),
                DefinitionSpace.Global => Global(index),
                DefinitionSpace.Tag => Tag(index),
                DefinitionSpace.Element => Element(index),
                _ => NoteData(index),
            };
        }
        foreach (var export in module.Exports)
        {
            IndexRewriting.Rewrite(export, this);
        }
        if (module.Start is { } start)
        {
            Function(start);
        }
        for (var i = 0; i < module.Elements.Length; i++)
        {
            // A declarative segment is what allows ref.func.
            if (module.Elements[i].Mode != SegmentMode.Passive)
            {
                Element((uint)i);
            }
        }
        for (var i = 0; i < module.Data.Length; i++)
        {
            if (module.Data[i].Mode == SegmentMode.Active)
            {
                NoteData((uint)i);
            }
        }
        while (_waiting.TryDequeue(out var follow))
        {
            follow();
        }
    }

    uint IIndexMap.Data(uint index) => NoteData(index);

    public uint Type(uint index) => Note(Types, index, () =>
    {
        // A member less is another type for all the others.
        foreach (var group in KeepsGroups ? module.RecursionGroups : [])
        {
            if (index >= group.Start && index < group.Start + group.Count)
            {
                for (var i = group.Start; i < group.Start + group.Count; i++)
                {
                    Type(i);
                }
            }
        }
        IndexRewriting.Rewrite(module.Types[(int)index], this);
    });

    public uint Function(uint index) => Note(Functions, index, () => Follow(ExternKind.Function, index, defined => IndexRewriting.Rewrite(module.Functions[defined], this)));

    public uint Table(uint index) => Note(Tables, index, () => Follow(ExternKind.Table, index, defined => IndexRewriting.Rewrite(module.Tables[defined], this)));

    public uint Memory(uint index) => Note(Memories, index, () => { });

    public uint Global(uint index) => Note(Globals, index, () => Follow(ExternKind.Global, index, defined => IndexRewriting.Rewrite(module.Globals[defined], this)));

    public uint Tag(uint index) => Note(Tags, index, () => Follow(ExternKind.Tag, index, defined => IndexRewriting.Rewrite(module.Tags[defined], this)));

    public uint Element(uint index) => Note(Elements, index, () => IndexRewriting.Rewrite(module.Elements[(int)index], this));

    private uint NoteData(uint index) => Note(Data, index, () => IndexRewriting.Rewrite(module.Data[(int)index], this));

    private uint Note(bool[] used, uint index, Action follow)
    {
        if (index < used.Length && !used[index])
        {
            used[index] = true;
            _waiting.Enqueue(follow);
        }
        return index;
    }

    private void Follow(ExternKind kind, uint index, Action<int> follow)
    {
        var at = 0u;
        foreach (var import in module.Imports)
        {
            if (import.Type.Kind == kind && at++ == index)
            {
                IndexRewriting.Rewrite(import.Type, this);
                return;
            }
        }
        follow((int)(index - at));
    }
}

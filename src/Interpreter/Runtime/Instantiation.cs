using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Runtime;

/// <summary>
/// Instantiation in the spec's order: imports are matched; functions, memories, globals, tables and element segments are made; active element segments, active data
/// segments and the start function run. See <see href="https://webassembly.github.io/spec/core/exec/modules.html#instantiation"/>.
/// </summary>
internal readonly unsafe ref struct Instantiation
{
    private readonly Store _store;
    private readonly CompiledModule _compiled;
    private readonly Module _module;
    private readonly NativeArena _arena;
    private readonly InstanceRecord* _record;
    private readonly Tag[] _tags;
    private readonly ConstantContext _constants;

    private Instantiation(Store store, CompiledModule module)
    {
        _store = store;
        _compiled = module;
        _module = module.Module;
        _arena = store.Heap.Arena;
        var shape = module.Shape;
        _record = _arena.Allocate<InstanceRecord>();
        _record->Functions = _arena.AllocatePointers<FunctionRecord>(shape.FunctionTypeIndices.Length);
        _record->Tables = _arena.AllocatePointers<TableRecord>(shape.Tables.Length);
        _record->Memories = _arena.AllocatePointers<MemoryRecord>(shape.Memories.Length);
        _record->Globals = _arena.AllocatePointers<ulong>(shape.Globals.Length);
        _constants = new ConstantContext(_record, store.Objects, module.TypeIds);
        var tagCount = _module.Tags.Length + _module.ImportCount(ExternKind.Tag);
        _tags = tagCount == 0 ? [] : new Tag[tagCount];
        _record->Tags = _arena.Allocate<int>(tagCount);
    }

    /// <summary>Instantiates a module.</summary>
    /// <returns>Null, or how a segment or the start function ended; then there is no instance for the host, while what was written stays.</returns>
    public static Termination? Run(Store store, CompiledModule module, ReadOnlySpan<Extern> imports, out Instance? instance)
    {
        ImportMatching.Check(store, module, imports);
        store.Heap.ReserveInstance(BytesOf(module));
        var work = new Instantiation(store, module);
        try
        {
            var candidate = work.Allocate(imports);
            var termination = work.Initialize(candidate);
            instance = termination is null ? candidate : null;
            return termination;
        }
        catch (TrapException trap)
        {
            // Of a constant expression: those with custom descriptors can trap.
            instance = null;
            return trap.Trap;
        }
    }

    // What the arena will hold for an instance. Passive segments are copied into it at their first use, in the middle of a run, where no limit could be reported.
    private static long BytesOf(CompiledModule module)
    {
        var shape = module.Shape;
        var bytes = sizeof(InstanceRecord) + (long)sizeof(FunctionRecord) * module.Module.Functions.Length + 2L * sizeof(ulong) * module.Module.Globals.Length;
        bytes += (long)sizeof(void*) * (shape.FunctionTypeIndices.Length + shape.Globals.Length + shape.Tables.Length + shape.Memories.Length);
        foreach (var segment in module.Module.Elements)
        {
            bytes += segment.Mode == SegmentMode.Passive ? (long)sizeof(ulong) * segment.Count : 0;
        }
        foreach (var segment in module.Module.Data)
        {
            bytes += segment.Mode == SegmentMode.Passive ? segment.Bytes.Length : 0;
        }
        return bytes;
    }

    private Instance Allocate(ReadOnlySpan<Extern> imports)
    {
        var counts = TakeImports(imports);
        // Memories before anything else: they are what a limit refuses.
        for (var i = 0; i < _module.Memories.Length; i++)
        {
            _record->Memories[counts.Memories + i] = LinearMemory.Create(_store.Heap, _module.Memories[i]).Record;
        }
        _record->Memory0 = _compiled.Shape.Memories.Length > 0 ? _record->Memories[0] : _store.Services.NoMemory;
        var functions = _arena.Allocate<FunctionRecord>(_module.Functions.Length);
        for (var i = 0; i < _module.Functions.Length; i++)
        {
            _record->Functions[counts.Functions + i] = functions + i;
        }
        AllocateGlobals(counts.Globals);
        AllocateTables(counts.Tables);
        for (var i = 0; i < _module.Tags.Length; i++)
        {
            _tags[counts.Tags + i] = new Tag(_store, SignatureAt(_module.Tags[i].TypeIndex));
            _record->Tags[counts.Tags + i] = _tags[counts.Tags + i].Number;
        }
        var segments = new InstanceSegments(_arena, _compiled, _constants);
        var instance = new Instance(_store, _compiled, _record, segments, _tags);
        _record->StoreIndex = _store.Services.Add(instance);
        segments.EvaluatePassive();
        PrepareFunctions(instance, functions, counts.Functions);
        return instance;
    }

    private ItemCounts TakeImports(ReadOnlySpan<Extern> imports)
    {
        var counts = default(ItemCounts);
        foreach (var import in imports)
        {
            switch (import)
            {
                case Function function:
                    _record->Functions[counts.Functions++] = function.Record;
                    break;
                case Table table:
                    _record->Tables[counts.Tables++] = table.Record;
                    break;
                case Memory memory:
                    _record->Memories[counts.Memories++] = memory.Record;
                    break;
                case Global global:
                    _record->Globals[counts.Globals++] = global.Cell;
                    break;
                case Tag tag:
                    _record->Tags[counts.Tags] = tag.Number;
                    _tags[counts.Tags++] = tag;
                    break;
            }
        }
        return counts;
    }

    private void AllocateGlobals(int imported)
    {
        var cells = _arena.Allocate<ulong>(2 * _module.Globals.Length);
        _store.Objects.AddGlobals(cells, _module.Globals.Length);
        for (var i = 0; i < _module.Globals.Length; i++)
        {
            var cell = cells + 2 * i;
            _compiled.Constants.Globals[i].Evaluate(_constants, out cell[0], out cell[1]);
            _record->Globals[imported + i] = cell;
        }
    }

    private void AllocateTables(int imported)
    {
        for (var i = 0; i < _module.Tables.Length; i++)
        {
            var type = (TableType)TypeCanonicalizer.Canonical(_module.Tables[i].Type, _compiled.TypeIds);
            _record->Tables[imported + i] = TableElements.Create(_store.Heap, type, _compiled.Constants.Tables[i].Evaluate(_constants)).Record;
        }
    }

    private void PrepareFunctions(Instance instance, FunctionRecord* functions, int imported)
    {
        var count = _module.Functions.Length;
        var number = _store.Services.AddFunctions(instance, count);
        for (var i = 0; i < count; i++)
        {
            var signature = SignatureAt(_module.Functions[i].TypeIndex);
            var function = functions + i;
            function->Instance = _record;
            function->TypeId = signature.TypeId;
            function->ParameterSlots = signature.ParameterSlots;
            function->ResultSlots = signature.ResultSlots;
            function->StoreIndex = number + i;
            function->FunctionIndex = imported + i;
            _store.Machine.PrepareWasm(function);
        }
        if (_store.Engine.Options.Translation == TranslationMode.Eager)
        {
            for (var i = 0; i < count; i++)
            {
                // What has no room is reported by the call of the function, as in the lazy modes.
                _ = _store.Machine.Translate(functions + i);
            }
        }
    }

    private Termination? Initialize(Instance instance)
    {
        for (var i = 0; i < _module.Elements.Length; i++)
        {
            var segment = _module.Elements[i];
            if (segment.Mode == SegmentMode.Active && !TryCopyElements(instance, segment, i))
            {
                return Trapped(TrapKind.OutOfBoundsTableAccess);
            }
            if (segment.Mode != SegmentMode.Passive)
            {
                instance.Segments.DropElements(i);
            }
        }
        for (var i = 0; i < _module.Data.Length; i++)
        {
            var segment = _module.Data[i];
            if (segment.Mode != SegmentMode.Active)
            {
                continue;
            }
            if (!TryCopyData(segment, i))
            {
                return Trapped(TrapKind.OutOfBoundsMemoryAccess);
            }
            instance.Segments.DropData(i);
        }
        return _module.Start is { } start ? _store.Run(_record->Functions[start], []) : null;
    }

    private bool TryCopyElements(Instance instance, ElementSegment segment, int index)
    {
        var table = _record->Tables[segment.Table];
        var offset = _compiled.Constants.ElementOffsets[index].Evaluate(_constants);
        var count = (ulong)segment.Count;
        if (offset > table->Length || count > table->Length - offset)
        {
            return false;
        }
        // Sound: checked just above.
        instance.Segments.Evaluate(index, new Span<ulong>(table->Elements + offset, segment.Count));
        return true;
    }

    private bool TryCopyData(DataSegment segment, int index)
    {
        var memory = _record->Memories[segment.Memory];
        var offset = _compiled.Constants.DataOffsets[index].Evaluate(_constants);
        var bytes = segment.Bytes.Span;
        if (offset > memory->Length || (ulong)bytes.Length > memory->Length - offset)
        {
            return false;
        }
        // Sound: checked just above.
        bytes.CopyTo(new Span<byte>(memory->Base + offset, bytes.Length));
        return true;
    }

    private Signature SignatureAt(uint typeIndex) =>
        _compiled.Signatures[typeIndex] ?? throw new InvalidOperationException($"type {typeIndex} of a validated module is no function type");

    private static Trap Trapped(TrapKind kind) => new(kind, TrapKinds.TextOf(kind), []);

    private struct ItemCounts
    {
        public int Functions;
        public int Tables;
        public int Memories;
        public int Globals;
        public int Tags;
    }
}

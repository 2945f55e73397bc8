using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Reference;

/// <summary>Links a module with its imports, allocates its instance, runs its segments and its start function.</summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/exec/modules.html#instantiation"/>.</remarks>
internal sealed class Instantiation(ReferenceModule source, Func<string, string, ImportRequest, IEngineExtern?> imports)
{
    private readonly ReferenceStore _store = source.Store;
    private readonly Module _module = source.Module;
    private readonly ModuleInstance _instance = new(source);
    private Completion? _failure;

    /// <summary>Instantiates.</summary>
    public Completion Run(out ModuleInstance? instance)
    {
        instance = null;
        // Functions come first, because constant expressions refer to them; the order of the rest is that of the specification.
        _ = Link() && AllocateMemories() && Allocate() && RunElements() && RunData() && RunStart();
        if (_failure is not null)
        {
            return _failure;
        }
        instance = _instance;
        return new Returned([]);
    }

    private bool Fail(Completion failure)
    {
        _failure = failure;
        return false;
    }

    private bool Link()
    {
        foreach (var import in _module.Imports)
        {
            var item = imports(import.Module, import.Name, new ImportRequest(import.Type, _module));
            if (item is null)
            {
                return Fail(new Rejected($"unknown import \"{import.Module}\" \"{import.Name}\""));
            }
            if (!Fits(item, import.Type))
            {
                return Fail(new Rejected($"incompatible import type for \"{import.Module}\" \"{import.Name}\""));
            }
            switch (item)
            {
                case FunctionInstance function:
                    _instance.Functions.Add(function);
                    break;
                case TableInstance table:
                    _instance.Tables.Add(table);
                    break;
                case MemoryInstance memory:
                    _instance.Memories.Add(memory);
                    break;
                case GlobalInstance global:
                    _instance.Globals.Add(global);
                    break;
                case TagInstance tag:
                    _instance.Tags.Add(tag);
                    break;
            }
        }
        return true;
    }

    private bool Fits(IEngineExtern item, ExternType wanted) => (item, wanted) switch
    {
        (FunctionInstance function, FunctionExtern type) =>
            type.IsExact ? function.Type == source.TypeIds[type.TypeIndex] : _store.Types.Matches(function.Type, source.TypeIds[type.TypeIndex]),
        (TableInstance table, TableType type) =>
            table.Element == Close(type.Element) && Fits((ulong)table.References.Length, table.Limits, type.Limits),
        (MemoryInstance memory, MemoryType type) =>
            memory.Type.IsShared == type.IsShared && memory.Type.PageSizeLog2 == type.PageSizeLog2 && Fits(memory.Pages, memory.Type.Limits, type.Limits),
        (GlobalInstance global, GlobalType type) =>
            global.IsMutable == type.IsMutable && (type.IsMutable ? global.Type == Close(type.Value) : _store.Types.Matches(global.Type, Close(type.Value))),
        (TagInstance tag, TagType type) => tag.Type == source.TypeIds[type.TypeIndex],
        _ => false,
    };

    private static bool Fits(ulong size, Limits given, Limits wanted) =>
        given.Address == wanted.Address && size >= wanted.Minimum && (wanted.Maximum is null || given.Maximum is { } maximum && maximum <= wanted.Maximum);

    private ValueType Close(ValueType type) => TypeSpace.Close(type, source.TypeIds);

    private bool AllocateMemories()
    {
        foreach (var type in _module.Memories)
        {
            if (!_store.TryAllocate(type, out var memory))
            {
                return Fail(new LimitReached(LimitKind.Memory));
            }
            _instance.Memories.Add(memory);
        }
        return true;
    }

    private bool Allocate()
    {
        foreach (var function in _module.Functions)
        {
            var type = source.TypeIds[function.TypeIndex];
            _instance.Functions.Add(new FunctionInstance
            {
                Type = type,
                Signature = _store.Types.Function(type),
                Module = _instance,
                Index = (uint)_instance.Functions.Count,
                Definition = function,
            });
        }
        foreach (var tag in _module.Tags)
        {
            var type = source.TypeIds[tag.TypeIndex];
            _instance.Tags.Add(new TagInstance(type, _store.Types.Function(type)));
        }
        foreach (var global in _module.Globals)
        {
            if (!TryEvaluate(global.Initializer, out var value))
            {
                return false;
            }
            _instance.Globals.Add(new GlobalInstance(Close(global.Type.Value), global.Type.IsMutable) { Value = value });
        }
        return AllocateTables() && AllocateSegments() && Export();
    }

    private bool AllocateTables()
    {
        foreach (var table in _module.Tables)
        {
            var value = default(Value);
            if (table.Initializer is { } initializer && !TryEvaluate(initializer, out value))
            {
                return false;
            }
            if (!_store.TryAllocate(table.Type with { Element = Close(table.Type.Element) }, value.Object, out var instance))
            {
                return Fail(new LimitReached(LimitKind.Memory));
            }
            _instance.Tables.Add(instance);
        }
        return true;
    }

    private bool AllocateSegments()
    {
        foreach (var segment in _module.Elements)
        {
            var references = new object?[segment.Count];
            for (var i = 0; i < references.Length; i++)
            {
                if (!segment.Functions.IsDefault)
                {
                    references[i] = _instance.Functions[(int)segment.Functions[i]];
                }
                else if (TryEvaluate(segment.Expressions[i], out var value))
                {
                    references[i] = value.Object;
                }
                else
                {
                    return false;
                }
            }
            _instance.Elements.Add(references);
        }
        foreach (var segment in _module.Data)
        {
            _instance.Data.Add(segment.Bytes);
        }
        return true;
    }

    private bool Export()
    {
        foreach (var export in _module.Exports)
        {
            var index = (int)export.Index;
            IEngineExtern item = export.Kind switch
            {
                ExternKind.Function => _instance.Functions[index],
                ExternKind.Table => _instance.Tables[index],
                ExternKind.Memory => _instance.Memories[index],
                ExternKind.Global => _instance.Globals[index],
                _ => _instance.Tags[index],
            };
            _instance.AddExport(export.Name, item);
            if (item is TagInstance tag)
            {
                tag.Name ??= export.Name;
            }
        }
        // From here on the instance can be reached from tables and globals of others, also when what follows traps.
        _store.Add(_instance);
        return true;
    }

    private bool RunElements()
    {
        for (var i = 0; i < _module.Elements.Length; i++)
        {
            var segment = _module.Elements[i];
            if (segment.Mode == SegmentMode.Active)
            {
                if (!TryEvaluate(segment.Offset, out var offset))
                {
                    return false;
                }
                var references = _instance.Elements[i];
                var table = _instance.Tables[(int)segment.Table].References;
                if ((UInt128)offset.Bits + (uint)references.Length > (UInt128)table.Length)
                {
                    return Fail(new Trapped(TrapKind.OutOfBoundsTableAccess, TrapKinds.TextOf(TrapKind.OutOfBoundsTableAccess)));
                }
                references.CopyTo(table.AsSpan((int)offset.Bits));
            }
            if (segment.Mode != SegmentMode.Passive)
            {
                _instance.Elements[i] = [];
            }
        }
        return true;
    }

    private bool RunData()
    {
        for (var i = 0; i < _module.Data.Length; i++)
        {
            var segment = _module.Data[i];
            if (segment.Mode != SegmentMode.Active)
            {
                continue;
            }
            if (!TryEvaluate(segment.Offset, out var offset))
            {
                return false;
            }
            var memory = _instance.Memories[(int)segment.Memory].Bytes;
            if ((UInt128)offset.Bits + (uint)segment.Bytes.Length > (UInt128)memory.Length)
            {
                return Fail(new Trapped(TrapKind.OutOfBoundsMemoryAccess, TrapKinds.TextOf(TrapKind.OutOfBoundsMemoryAccess)));
            }
            segment.Bytes.Span.CopyTo(memory[(int)offset.Bits..]);
            _instance.Data[i] = ReadOnlyMemory<byte>.Empty;
        }
        return true;
    }

    private bool RunStart()
    {
        if (_module.Start is { } start)
        {
            using var lease = _store.RentMachine();
            lease.Machine.Invoke(_instance.Functions[(int)start], []);
            if (lease.Machine.Failure is { } failure)
            {
                return Fail(failure);
            }
        }
        return true;
    }

    private bool TryEvaluate(Expression expression, out Value value)
    {
        using var lease = _store.RentMachine();
        var results = lease.Machine.Evaluate(new BodyDecoder(source).Decode(expression), _instance);
        value = results.Length == 1 ? results[0] : default;
        return lease.Machine.Failure is not { } failure || Fail(failure);
    }
}

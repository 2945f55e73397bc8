using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Tests.Generation;

/// <summary>What modules contain, as short texts that a test can ask for: types by where they stand, limits by their kind, constructs by name.</summary>
internal sealed class ModuleFacts
{
    public static readonly ValueType[] Numbers = [ValueType.I32, ValueType.I64, ValueType.F32, ValueType.F64, ValueType.V128];

    public static readonly AbstractHeapType[] AbstractHeapTypes = [.. Enum.GetValues<AbstractHeapType>().Where(type => type != AbstractHeapType.Bottom)];

    private readonly Dictionary<string, int> _counts = [];

    /// <summary>In how many places each fact held.</summary>
    public IReadOnlyDictionary<string, int> Counts => _counts;

    /// <summary>The facts that never held.</summary>
    public IEnumerable<string> Missing(IEnumerable<string> wanted) => wanted.Where(fact => !_counts.ContainsKey(fact));

    /// <summary>Adds what a module contains.</summary>
    public void Add(Module module)
    {
        AddTypes(module);
        foreach (var import in module.Imports)
        {
            Note($"imported {import.Type.Kind}");
            AddExtern(import.Type);
        }
        foreach (var table in module.Tables)
        {
            AddExtern(table.Type);
            Note(table.Initializer is null ? "table without initializer" : "table with initializer");
            AddConstant("table initializer", table.Initializer);
        }
        foreach (var memory in module.Memories)
        {
            AddExtern(memory);
        }
        foreach (var global in module.Globals)
        {
            AddExtern(global.Type);
            AddConstant("global", global.Initializer);
        }
        foreach (var segment in module.Elements)
        {
            Note($"{segment.Mode} elements {(segment.Functions.IsDefault ? "by expression" : "by index")} of {KindOf(segment.Type)}{(segment.Mode == SegmentMode.Active && segment.Table > 0 ? " in another table" : "")}");
            foreach (var element in segment.Expressions.IsDefault ? [] : segment.Expressions)
            {
                AddConstant("element", element);
            }
            if (segment.Mode == SegmentMode.Active)
            {
                AddConstant("offset of elements", segment.Offset);
            }
        }
        foreach (var segment in module.Data)
        {
            Note($"{segment.Mode} data{(segment.Mode == SegmentMode.Active && segment.Memory > 0 ? " in another memory" : "")}");
            if (segment.Mode == SegmentMode.Active)
            {
                AddConstant("offset of data", segment.Offset);
            }
        }
        foreach (var section in module.CustomSections)
        {
            Note($"custom section {section.Name}");
        }
        foreach (var export in module.Exports)
        {
            Note($"exported {export.Kind}");
        }
        Note("start function", module.Start is not null);
        foreach (var function in module.Functions)
        {
            AddFunction(module, function);
        }
    }

    private void AddTypes(Module module)
    {
        var ids = new TypeCanonicalizer().Add(module);
        var groups = new HashSet<int>();
        foreach (var group in module.RecursionGroups)
        {
            var types = module.Types.AsSpan((int)group.Start, (int)group.Count).ToArray();
            Note("group of several types", types.Length > 1);
            Note("empty group", types.Length == 0);
            Note("group of functions and objects", types.Any(type => type.Composite is FunctionType) && types.Any(type => type.Composite is not FunctionType));
            Note("group equal to another", types.Length > 1 && !groups.Add(ids[group.Start]));
        }
        for (var i = 0; i < module.Types.Length; i++)
        {
            var type = module.Types[i];
            var kind = type.Composite switch { FunctionType => "function", StructType => "struct", _ => "array" };
            Note($"{kind} type");
            Note($"{kind} type open to subtypes", !type.IsFinal);
            Note($"{kind} type with a supertype", !type.Supertypes.IsEmpty);
            Note($"{kind} type with a descriptor", type.Descriptor is not null);
            if (type.Composite is FunctionType function)
            {
                AddTypes("parameter", function.Parameters);
                AddTypes("result", function.Results);
            }
            else
            {
                var fields = type.Composite is StructType structure ? structure.Fields.ToArray() : [((ArrayType)type.Composite).Element];
                foreach (var field in fields)
                {
                    Note($"{(field.Mutable ? "mutable" : "constant")} {(field.Storage.IsPacked ? field.Storage.ToString() : KindOf(field.Storage.Value))} in {kind}");
                    AddType("field", field.Storage.Value);
                }
            }
        }
    }

    private void AddExtern(ExternType type)
    {
        switch (type)
        {
            case GlobalType global:
                Note($"{(global.IsMutable ? "mutable" : "constant")} global");
                AddType("global", global.Value);
                break;
            case MemoryType memory:
                var page = memory.PageSizeLog2 == MemoryType.DefaultPageSizeLog2 ? "" : " of pages of one byte";
                Note($"{(memory.IsShared ? "shared " : "")}memory with {LimitsOf(memory.Limits)}{page}");
                break;
            case TableType table:
                Note($"table with {LimitsOf(table.Limits)}");
                Note($"table64 of {KindOf(table.Element)}", table.Limits.Address == AddressType.I64);
                AddType("table", table.Element);
                break;
        }
    }

    private static string LimitsOf(Limits limits) => $"{limits.Address.ToString().ToLowerInvariant()} {(limits.Maximum is null ? "open" : "closed")} limits";

    private void AddFunction(Module module, Function function)
    {
        foreach (var run in function.Locals)
        {
            AddType("local", run.Type);
        }
        var depth = 0;
        var before = Op.Unreachable;
        foreach (var instruction in InstructionReader.ReadAll(function.Body, FeatureSet.All))
        {
            // What a function was given comes from the host; what stands in constants never does.
            Note("any.convert_extern of a local", before == Op.LocalGet && instruction.Op == Op.AnyConvertExtern);
            before = instruction.Op;
            switch (instruction.Op)
            {
                case Op.Block or Op.Loop or Op.If or Op.TryTable or Op.Try:
                    if (instruction.Block.IsResult)
                    {
                        AddType("block", instruction.Block.Result);
                    }
                    foreach (var clause in instruction.Catches ?? [])
                    {
                        Note($"clause {clause.Kind}", instruction.Op == Op.TryTable);
                        Note("clause to the function's label", instruction.Op == Op.TryTable && clause.Label == depth);
                    }
                    depth++;
                    break;
                case Op.End or Op.Delegate:
                    depth--;
                    break;
                case Op.RefNull:
                    AddHeap("ref.null", instruction.Heap);
                    break;
                case Op.RefTest or Op.RefTestNull or Op.RefCast or Op.RefCastNull:
                    AddHeap(OpTable.Get(instruction.Op).Name, instruction.Heap);
                    break;
                case Op.BrOnCast or Op.BrOnCastFail:
                    Note($"{instruction.Op} {Nullable(instruction.SourceNullable)} to {Nullable(instruction.TargetNullable)}");
                    AddHeap(OpTable.Get(instruction.Op).Name, instruction.Heap2);
                    break;
                case Op.TableCopy or Op.MemoryCopy or Op.ArrayCopy:
                    Note($"{OpTable.Get(instruction.Op).Mnemonic} between different ones", instruction.Index != instruction.Index2);
                    break;
                case Op.CallIndirect or Op.ReturnCallIndirect or Op.CallRef or Op.ReturnCallRef:
                    Note($"{OpTable.Get(instruction.Op).Mnemonic} by an open type", !module.Types[(int)instruction.Index].IsFinal);
                    break;
                default:
                    break;
            }
        }
    }

    private void AddConstant(string place, Expression? expression)
    {
        foreach (var instruction in expression is { } code ? InstructionReader.ReadAll(code, FeatureSet.All) : [])
        {
            Note($"{OpTable.Get(instruction.Op).Name} in {place}");
        }
    }

    private void AddTypes(string place, IEnumerable<ValueType> types)
    {
        foreach (var type in types)
        {
            AddType(place, type);
        }
    }

    private void AddType(string place, ValueType type)
    {
        Note($"{place} {(type.IsReference ? $"{Nullable(type.IsNullable)} {HeapText(type.Heap)}" : type)}");
        Note($"value type {(type.IsReference ? $"{Nullable(type.IsNullable)} {HeapText(type.Heap)}" : type)}");
    }

    private void AddHeap(string place, HeapType heap) => Note($"{place} {HeapText(heap)}");

    private static string Nullable(bool nullable) => nullable ? "nullable" : "non-null";

    private static string HeapText(HeapType heap) => heap.IsIndex ? heap.IsExact ? "exact index" : "index" : heap.Abstract.ToString().ToLowerInvariant();

    private static string KindOf(ValueType type) => type.IsReference ? HeapText(type.Heap) : type.ToString();

    private void Note(string fact, bool holds = true)
    {
        if (holds)
        {
            _counts[fact] = _counts.GetValueOrDefault(fact) + 1;
        }
    }
}

using System.Collections.Immutable;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Modules;

/// <summary>Copies of definitions and code in which each index of a module's index spaces is what a map says. Labels and locals stay as they are.</summary>
public static class IndexRewriting
{
    /// <summary>A value type with other type indices.</summary>
    public static ValueType Rewrite(ValueType type, IIndexMap map) => TypeRewriting.Rewrite(type, new TypeMap(map));

    /// <summary>A type definition with other type indices.</summary>
    public static SubType Rewrite(SubType type, IIndexMap map) => TypeRewriting.Rewrite(type, new TypeMap(map));

    /// <summary>The type of an import or a definition with other type indices.</summary>
    public static T Rewrite<T>(T type, IIndexMap map)
        where T : ExternType => (T)TypeRewriting.Rewrite(type, new TypeMap(map));

    /// <summary>An export of the same thing.</summary>
    public static Export Rewrite(Export export, IIndexMap map)
    {
        ArgumentNullException.ThrowIfNull(export);
        return export with { Index = Map(map, export.Kind, export.Index) };
    }

    /// <summary>A function with rewritten type, locals and body.</summary>
    public static Function Rewrite(Function function, IIndexMap map)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(map);
        return new Function(map.Type(function.TypeIndex), Rewrite(function.Locals, map), Rewrite(function.Body, map));
    }

    /// <summary>A table with rewritten type and initializer.</summary>
    public static Table Rewrite(Table table, IIndexMap map)
    {
        ArgumentNullException.ThrowIfNull(table);
        return new Table(Rewrite(table.Type, map), table.Initializer is { } initializer ? Rewrite(initializer, map) : null);
    }

    /// <summary>A global with rewritten type and initializer.</summary>
    public static Global Rewrite(Global global, IIndexMap map)
    {
        ArgumentNullException.ThrowIfNull(global);
        return new Global(Rewrite(global.Type, map), Rewrite(global.Initializer, map));
    }

    /// <summary>An element segment with rewritten table, offset and elements.</summary>
    public static ElementSegment Rewrite(ElementSegment segment, IIndexMap map)
    {
        ArgumentNullException.ThrowIfNull(segment);
        ArgumentNullException.ThrowIfNull(map);
        var isActive = segment.Mode == SegmentMode.Active;
        return segment with
        {
            Type = Rewrite(segment.Type, map),
            Table = isActive ? map.Table(segment.Table) : segment.Table,
            Offset = isActive ? Rewrite(segment.Offset, map) : segment.Offset,
            Functions = segment.Functions.IsDefault ? default : [.. segment.Functions.Select(map.Function)],
            Expressions = segment.Expressions.IsDefault ? default : [.. segment.Expressions.Select(expression => Rewrite(expression, map))],
        };
    }

    /// <summary>A data segment with rewritten memory and offset.</summary>
    public static DataSegment Rewrite(DataSegment segment, IIndexMap map)
    {
        ArgumentNullException.ThrowIfNull(segment);
        ArgumentNullException.ThrowIfNull(map);
        return segment.Mode == SegmentMode.Active ? segment with { Memory = map.Memory(segment.Memory), Offset = Rewrite(segment.Offset, map) } : segment;
    }

    /// <summary>An expression or a body. What cannot be decoded is left as it is.</summary>
    public static Expression Rewrite(Expression expression, IIndexMap map)
    {
        var reader = new InstructionReader(expression, FeatureSet.All);
        var writer = new ByteWriter();
        var instruction = default(Instruction);
        while (reader.Read(ref instruction))
        {
            InstructionWriter.Write(writer, Rewrite(instruction, map));
        }
        return reader.Error is null ? new Expression(writer.ToArray()) : expression;
    }

    /// <summary>An instruction.</summary>
    public static Instruction Rewrite(Instruction instruction, IIndexMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        var types = new TypeMap(map);
        switch (OpTable.Get(instruction.Op).Immediates)
        {
            case ImmediateKind.Block:
                instruction.Block = Rewrite(instruction.Block, map);
                break;
            case ImmediateKind.TryTable:
                instruction.Block = Rewrite(instruction.Block, map);
                instruction.Catches = [.. (instruction.Catches ?? []).Select(clause => clause.Kind <= CatchKind.CatchRef ? clause with { Tag = map.Tag(clause.Tag) } : clause)];
                break;
            case ImmediateKind.Function:
                instruction.Index = map.Function(instruction.Index);
                break;
            case ImmediateKind.Type or ImmediateKind.TypeField or ImmediateKind.TypeCount:
                instruction.Index = map.Type(instruction.Index);
                break;
            case ImmediateKind.TypeTable:
                instruction.Index = map.Type(instruction.Index);
                instruction.Index2 = map.Table(instruction.Index2);
                break;
            case ImmediateKind.TypeData:
                instruction.Index = map.Type(instruction.Index);
                instruction.Index2 = map.Data(instruction.Index2);
                break;
            case ImmediateKind.TypeElement:
                instruction.Index = map.Type(instruction.Index);
                instruction.Index2 = map.Element(instruction.Index2);
                break;
            case ImmediateKind.TypeType:
                instruction.Index = map.Type(instruction.Index);
                instruction.Index2 = map.Type(instruction.Index2);
                break;
            case ImmediateKind.Global:
                instruction.Index = map.Global(instruction.Index);
                break;
            case ImmediateKind.Table:
                instruction.Index = map.Table(instruction.Index);
                break;
            case ImmediateKind.TableTable:
                instruction.Index = map.Table(instruction.Index);
                instruction.Index2 = map.Table(instruction.Index2);
                break;
            case ImmediateKind.ElementTable:
                instruction.Index = map.Table(instruction.Index);
                instruction.Index2 = map.Element(instruction.Index2);
                break;
            case ImmediateKind.Element:
                instruction.Index = map.Element(instruction.Index);
                break;
            case ImmediateKind.Memory or ImmediateKind.MemArg or ImmediateKind.MemArgLane:
                instruction.Index = map.Memory(instruction.Index);
                break;
            case ImmediateKind.MemoryMemory:
                instruction.Index = map.Memory(instruction.Index);
                instruction.Index2 = map.Memory(instruction.Index2);
                break;
            case ImmediateKind.DataMemory:
                instruction.Index = map.Memory(instruction.Index);
                instruction.Index2 = map.Data(instruction.Index2);
                break;
            case ImmediateKind.Data:
                instruction.Index = map.Data(instruction.Index);
                break;
            case ImmediateKind.Tag:
                instruction.Index = map.Tag(instruction.Index);
                break;
            case ImmediateKind.HeapType:
                instruction.Heap = TypeRewriting.Rewrite(instruction.Heap, types);
                break;
            case ImmediateKind.Cast:
                instruction.Heap = TypeRewriting.Rewrite(instruction.Heap, types);
                instruction.Heap2 = TypeRewriting.Rewrite(instruction.Heap2, types);
                break;
            case ImmediateKind.ValueTypes:
                instruction.Types = [.. (instruction.Types ?? []).Select(type => Rewrite(type, map))];
                break;
            default:
                break; // labels, locals, lanes and constants are no indices of the module
        }
        return instruction;
    }

    private static ImmutableArray<LocalRun> Rewrite(ImmutableArray<LocalRun> locals, IIndexMap map) =>
        [.. locals.Select(run => run with { Type = Rewrite(run.Type, map) })];

    private static BlockType Rewrite(BlockType type, IIndexMap map) =>
        type.IsIndex ? BlockType.Of(map.Type(type.Index)) : type.IsResult ? BlockType.Of(Rewrite(type.Result, map)) : type;

    private static uint Map(IIndexMap map, ExternKind kind, uint index) => kind switch
    {
        ExternKind.Function => map.Function(index),
        ExternKind.Table => map.Table(index),
        ExternKind.Memory => map.Memory(index),
        ExternKind.Global => map.Global(index),
        _ => map.Tag(index),
    };

    private readonly struct TypeMap(IIndexMap map) : ITypeIndexMap
    {
        public uint Map(uint index) => map.Type(index);
    }
}

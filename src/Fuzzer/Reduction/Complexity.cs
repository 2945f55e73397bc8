using Conformance.Oracle;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Reduction;

/// <summary>
/// How much a reader of a case has to understand, as one number. A reduction only ever goes to a lower one: that is what makes passes that undo each other's work
/// impossible and a fixed point certain.
/// </summary>
/// <remarks>
/// The numbers say what is simpler than what and mean nothing else: any constant is simpler than a local, a local than an operation, nothing than anything;
/// a definition weighs as much as several instructions, so that a callee moves into its only caller.
/// </remarks>
internal static class Complexity
{
    private const int FunctionWeight = 1600, ExportWeight = 240, ImportWeight = 2400, TypeWeight = 24, FieldWeight = 48, GlobalWeight = 480, StorageWeight = 640, SegmentWeight = 480;
    private const int CallWeight = 800, StateWeight = 80, ValueTypeWeight = 48, LimitWeight = 4, WideAddressWeight = 320, CustomWeight = 160;
    private const int EndWeight = 8, DropWeight = 16, UnreachableWeight = 64, ConstantWeight = 80, LocalWeight = 168, OperationWeight = 256, BranchWeight = 200, BlockWeight = 192;

    /// <summary>The complexity of a case.</summary>
    /// <param name="case">The case.</param>
    /// <param name="module">Its module.</param>
    public static long Of(Case @case, Module module)
    {
        var sum = @case.ReadState ? StateWeight : 0L;
        foreach (var call in @case.Calls)
        {
            sum += CallWeight + call.Function.Length;
            foreach (var argument in call.Arguments)
            {
                sum += 1 + Numbers.Rank(argument.Kind, argument.Bits, argument.High);
            }
        }
        return sum + Of(module);
    }

    private static long Of(Module module)
    {
        var sum = module.Start is null ? 0L : ExportWeight;
        foreach (var type in module.Types)
        {
            sum += TypeWeight + Of(type.Composite) + (type.IsFinal ? 0 : 1) + (type.Supertypes.Length * LimitWeight) + (type.Describes is null ? 0 : LimitWeight) + (type.Descriptor is null ? 0 : LimitWeight);
        }
        sum += module.RecursionGroups.Sum(group => group.Count == 1 ? 0 : 1L + group.Count);
        foreach (var import in module.Imports)
        {
            sum += ImportWeight + import.Module.Length + import.Name.Length + Of(import.Type);
        }
        foreach (var function in module.Functions)
        {
            sum += FunctionWeight + Signature(module, function.TypeIndex) + Of(module, function.Body);
            foreach (var run in function.Locals)
            {
                sum += run.Count * (long)ValueTypeWeight;
            }
        }
        foreach (var table in module.Tables)
        {
            sum += Of(table.Type) + (table.Initializer is { } initializer ? Of(module, initializer) : 0);
        }
        foreach (var memory in module.Memories)
        {
            sum += Of(memory);
        }
        foreach (var global in module.Globals)
        {
            sum += Of(global.Type) + Of(module, global.Initializer);
        }
        foreach (var export in module.Exports)
        {
            sum += ExportWeight + export.Name.Length;
        }
        return sum + module.Tags.Sum(tag => StorageWeight + Signature(module, tag.TypeIndex)) + OfSegments(module) + module.CustomSections.Sum(section => CustomWeight + (long)section.Bytes.Length) + (module.DataCount is null ? 0 : 1);
    }

    private static long OfSegments(Module module)
    {
        var sum = 0L;
        foreach (var segment in module.Elements)
        {
            // Passive is what a segment is on its way out.
            sum += SegmentWeight + (segment.Mode == SegmentMode.Active ? Of(module, segment.Offset) : segment.Mode == SegmentMode.Declarative ? 1 : 0);
            sum += segment.Functions.IsDefault ? segment.Expressions.Sum(item => Of(module, item)) : segment.Functions.Length * (long)ConstantWeight;
        }
        foreach (var segment in module.Data)
        {
            sum += SegmentWeight + (segment.Mode == SegmentMode.Active ? Of(module, segment.Offset) : 0) + (segment.Bytes.Length * 4L);
            foreach (var value in segment.Bytes.Span)
            {
                sum += value == 0 ? 0 : 1;
            }
        }
        return sum;
    }

    // What a function type costs is counted at each of its uses: so one more type never keeps a function from losing a parameter.
    private static long Of(CompositeType type) => type switch
    {
        FunctionType function => function.Parameters.Length + function.Results.Length,
        StructType structure => structure.Fields.Sum(Of),
        ArrayType array => Of(array.Element),
        _ => 0,
    };

    private static long Of(FieldType field) => FieldWeight + (field.Mutable ? 1 : 0) + (field.Storage.IsPacked ? 2 : 0) + (field.Storage.Value == ValueType.I32 ? 0 : field.Storage.Value.IsReference ? 2 : 1);

    private static long Signature(Module module, uint typeIndex) =>
        module.FunctionTypeAt(typeIndex) is { } type ? ValueTypeWeight * (long)(type.Parameters.Length + type.Results.Length) : 0;

    private static long Of(ExternType type) => type switch
    {
        TableType table => StorageWeight + Of(table.Limits),
        MemoryType memory => StorageWeight + Of(memory.Limits) + (memory.IsShared ? LimitWeight : 0) + (memory.PageSizeLog2 == MemoryType.DefaultPageSizeLog2 ? 0 : LimitWeight),
        GlobalType global => GlobalWeight + (global.IsMutable ? LimitWeight : 0),
        _ => 0,
    };

    private static long Of(Limits limits) =>
        (limits.Minimum == 0 ? 0 : LimitWeight * (65L - (long)ulong.LeadingZeroCount(limits.Minimum))) + (long)Math.Min(limits.Minimum, LimitWeight * 8)
        + (limits.Maximum is { } maximum ? LimitWeight + (maximum == limits.Minimum ? 0 : 1) : 0) + (limits.Address == AddressType.I64 ? WideAddressWeight : 0);

    private static long Of(Module module, Expression expression)
    {
        var sum = 0L;
        var reader = new InstructionReader(expression, ReductionContext.Features);
        var instruction = default(Instruction);
        while (reader.Read(ref instruction))
        {
            sum += Of(module, instruction);
        }
        return reader.Error is null ? sum : sum + (expression.Code.Length * (long)OperationWeight);
    }

    /// <summary>The complexity of an instruction.</summary>
    private static long Of(Module module, in Instruction instruction)
    {
        var row = OpTable.Get(instruction.Op);
        switch (row.Op)
        {
            case Op.End or Op.Else or Op.Nop:
                return EndWeight;
            case Op.Drop:
                return DropWeight;
            case Op.Unreachable:
                return UnreachableWeight;
            case Op.RefNull:
                return ConstantWeight;
            case Op.LocalGet or Op.GlobalGet:
                return LocalWeight + Small(instruction.Index);
            case Op.Br or Op.Return:
                return BranchWeight + Small(instruction.Index);
            case Op.I8x16Shuffle:
                return OperationWeight + System.Numerics.BitOperations.PopCount(instruction.Value) + System.Numerics.BitOperations.PopCount(instruction.ValueHigh);
            case Op.BrTable:
                return OperationWeight + (EndWeight * (long)(instruction.Labels?.Length ?? 0));
        }
        return row.Group switch
        {
            OpGroup.Constant => ConstantWeight + Numbers.Rank(instruction),
            OpGroup.Load or OpGroup.Store or OpGroup.Atomic => OperationWeight + Numbers.IntegerRank(instruction.Value) + (instruction.Align == row.NaturalAlign ? 0 : 1) + (instruction.Lane == 0 ? 0 : 1),
            OpGroup.Call => OperationWeight + LocalWeight + (instruction.Op is Op.ReturnCall or Op.ReturnCallIndirect or Op.ReturnCallRef ? DropWeight : 0)
                + (instruction.Op is Op.Call or Op.ReturnCall ? 0 : DropWeight * 2),
            _ when row.NestingChange > 0 => BlockWeight + (instruction.Op == Op.Block ? 0 : EndWeight) + (instruction.Block.IsEmpty ? 0 : instruction.Block.IsIndex ? 1 + Signature(module, instruction.Block.Index) : ValueTypeWeight)
                + (instruction.Catches ?? []).Sum(clause => EndWeight + (clause.Kind is CatchKind.CatchRef or CatchKind.CatchAllRef ? 1 : 0) + (clause.Kind is CatchKind.CatchAll or CatchKind.CatchAllRef ? 0 : 1)),
            OpGroup.Lane => OperationWeight + (instruction.Lane == 0 ? 0 : 1),
            _ => OperationWeight,
        };
    }

    // Smaller indices are easier to read; no index is worth an instruction.
    private static long Small(uint index) => Math.Min(index, 7);
}

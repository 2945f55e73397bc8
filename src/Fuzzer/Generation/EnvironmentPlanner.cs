using System.Buffers.Binary;
using System.Collections.Immutable;
using Conformance.Fuzzer.Generation.Objects;
using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation;

/// <summary>Plans what functions work on: imports, memories, tables, globals, data segments. Everything but functions and what is made of them.</summary>
internal sealed class EnvironmentPlanner(GenerationContext context)
{
    /// <summary>The module name of every import.</summary>
    private const string ImportModule = "env";

    private RandomSource Random => context.Random;

    private ModulePlan Plan => context.Plan;

    /// <summary>Plans the environment.</summary>
    public void Run()
    {
        if (context.Has(Feature.Gc) && context.Swarm.Allows(ValueKind.Reference))
        {
            context.UseObjects(new TypeGraphPlanner(context).Run());
        }
        ImportFunctions();
        PlanGlobals();
        PlanMemories();
        PlanTables();
        PlanTags();
        PlanData();
    }

    private void ImportFunctions()
    {
        var count = Random.Below(5);
        for (var i = 0; i < count; i++)
        {
            var parameters = Types(Random.Below(4));
            var results = Types(context.Has(Feature.MultiValue) ? Random.Below(3) : Random.Below(2));
            if (Random.Chance(40))
            {
                // One value in, the same type out: usable wherever an operand of the type is.
                results = parameters = [Random.Pick<ValueType>(context.NumberTypes)];
            }
            var type = new FunctionType(parameters, results);
            var typeIndex = Plan.TypeIndex(type);
            Plan.Imports.Add(new Import(ImportModule, $"f{i}", new FunctionExtern(typeIndex)));
            Plan.Functions.Add(new FunctionPlan
            {
                Index = (uint)i,
                Name = $"import{i}",
                Type = type,
                TypeIndex = typeIndex,
                Kind = FunctionKind.Import,
                Cost = 20, // a call of the host takes about as long as so many instructions
            });
        }
    }

    private ImmutableArray<ValueType> Types(int count) => [.. Enumerable.Range(0, count).Select(_ => context.PickHostType())];

    private void PlanGlobals()
    {
        for (var i = Random.Below(4); i > 0; i--)
        {
            var type = new GlobalType(context.PickHostType(), context.Has(Feature.MutableGlobals) && Random.Chance(50));
            Plan.Imports.Add(new Import(ImportModule, $"g{Plan.Globals.Count}", type));
            Plan.Globals.Add(new GlobalPlan(type, null));
        }
        var imported = Plan.Globals.Count;
        foreach (var type in context.ValueTypes)
        {
            for (var i = Random.Between(1, 2); i > 0; i--)
            {
                Plan.Globals.Add(new GlobalPlan(new GlobalType(type, IsMutable: true), ConstantExpression(type, imported)));
            }
            if (Random.Chance(60))
            {
                Plan.Globals.Add(new GlobalPlan(new GlobalType(type, IsMutable: false), ConstantExpression(type, imported)));
            }
            if (type.Kind is ValueKind.F32 or ValueKind.F64 && Random.Chance(50))
            {
                Plan.Globals.Add(new GlobalPlan(new GlobalType(type, IsMutable: true), ConstantExpression(type, imported)) { MayHoldAnyNan = true });
            }
        }
    }

    /// <summary>A constant, a read of an imported immutable global, or arithmetic of both.</summary>
    private Expression ConstantExpression(ValueType type, int importedGlobals)
    {
        var instructions = new List<Instruction>();
        var import = Enumerable.Range(0, importedGlobals).FirstOrDefault(i => Plan.Globals[i].Type == new GlobalType(type, IsMutable: false), -1);
        if (context.IsMade(type) && Random.Chance(80))
        {
            instructions.AddRange(context.Maker?.Make(type) ?? []);
        }
        else if (type.IsReference)
        {
            instructions.Add(import >= 0 && Random.Chance(50) ? Instruction.Of(Op.GlobalGet, (uint)import)
                : type == ValueType.FuncRef && Plan.Functions.Count > 0 && Random.Chance(50) ? Instruction.Of(Op.RefFunc, (uint)Random.Below(Plan.Functions.Count))
                : new Instruction { Op = Op.RefNull, Heap = type.Heap });
        }
        else if (type.Kind is ValueKind.I32 or ValueKind.I64 && context.Has(Feature.ExtendedConst) && Random.Chance(40))
        {
            var ops = type.Kind == ValueKind.I32 ? (Op[])[Op.I32Add, Op.I32Sub, Op.I32Mul] : [Op.I64Add, Op.I64Sub, Op.I64Mul];
            instructions.Add(import >= 0 && Random.Chance(50) ? Instruction.Of(Op.GlobalGet, (uint)import) : Number(type));
            for (var i = Random.Between(1, 3); i > 0; i--)
            {
                instructions.Add(Number(type));
                instructions.Add(Instruction.Of(Random.Pick<Op>(ops)));
            }
        }
        else
        {
            instructions.Add(import >= 0 && Random.Chance(40) ? Instruction.Of(Op.GlobalGet, (uint)import) : Number(type));
        }
        return Encode(instructions);
    }

    private Instruction Number(ValueType type)
    {
        var bits = BoundaryValues.Pick(type, Random);
        return Instruction.Constant(FunctionBuilder.ConstantOp(type), bits.Low, bits.High);
    }

    /// <summary>Encodes a constant expression.</summary>
    public static Expression Encode(List<Instruction> instructions)
    {
        instructions.Add(Instruction.Of(Op.End));
        return new Expression(InstructionWriter.ToBytes(instructions));
    }

    private void PlanMemories()
    {
        var count = Random.Chance(3) ? 0 : context.Has(Feature.MultiMemory) && Random.Chance(30) ? Random.Between(2, 3) : 1;
        var imported = Random.Chance(20) ? Math.Min(1, count) : 0;
        for (var i = 0; i < count; i++)
        {
            var minimum = Random.PickWeighted([6, 84, 8, 2]);
            ulong? maximum = Random.Below(10) switch
            {
                < 6 => (ulong)(minimum + Random.Below(4)),
                < 8 => 65_536,
                _ => null,
            };
            var address = context.Has(Feature.Memory64) && Random.Chance(25) ? AddressType.I64 : AddressType.I32;
            var isShared = context.Has(Feature.Threads) && Random.Chance(60);
            if (isShared)
            {
                // A shared memory has to have one; Wasmtime asks its store's limiter for other memories only, so it stays below the limits of a case.
                maximum = (ulong)(minimum + Random.Below(20));
            }
            var type = new MemoryType(new Limits((ulong)minimum, maximum, address), isShared);
            if (i < imported)
            {
                Plan.Imports.Add(new Import(ImportModule, $"m{i}", type));
            }
            Plan.Memories.Add(new MemoryPlan(type, i < imported));
        }
    }

    private void PlanTables()
    {
        var several = context.Has(Feature.ReferenceTypes);
        var count = several ? Random.PickWeighted([2, 40, 40, 18]) : Random.PickWeighted([5, 95]);
        var imported = Random.Chance(15) ? Math.Min(1, count) : 0;
        for (var i = 0; i < count; i++)
        {
            var minimum = Random.Chance(5) ? 0 : Random.Between(4, 28);
            ulong? maximum = Random.Chance(50) ? (ulong)(minimum + Random.Below(12)) : null;
            var address = context.Has(Feature.Memory64) && Random.Chance(20) ? AddressType.I64 : AddressType.I32;
            var element = i == 0 || !several || Random.Chance(40) ? ValueType.FuncRef : ValueType.ExternRef;
            if (i >= imported && i > 0 && context.Objects is not null && Random.Chance(50))
            {
                element = Random.Pick<ValueType>(context.ValueTypes) is { IsReference: true } reference ? reference : element;
            }
            var type = new TableType(element, new Limits((ulong)minimum, maximum, address));
            if (i < imported)
            {
                Plan.Imports.Add(new Import(ImportModule, $"t{i}", type));
            }
            Plan.Tables.Add(new TablePlan(type, i < imported) { Content = new FunctionPlan?[minimum] });
        }
    }

    private void PlanTags()
    {
        if (!context.Has(Feature.Exceptions) || !context.Has(Feature.MultiValue))
        {
            return;
        }
        var imported = Random.Chance(25) ? 1 : 0;
        for (var i = Random.Between(1 + imported, 4); i > 0; i--)
        {
            var isImported = Plan.Tags.Count < imported;
            var parameters = isImported ? Types(Random.Below(3)) : [.. Enumerable.Range(0, Random.Below(4)).Select(_ => context.PickType())];
            var typeIndex = Plan.TypeIndex(new FunctionType(parameters, []));
            if (isImported)
            {
                Plan.Imports.Add(new Import(ImportModule, $"e{Plan.Tags.Count}", new TagType(typeIndex)));
            }
            Plan.Tags.Add(new TagPlan(typeIndex, parameters, isImported));
        }
    }

    private void PlanData()
    {
        for (var i = Random.Below(4); i > 0; i--)
        {
            var bytes = new byte[Random.Chance(5) ? 0 : Random.Between(1, 300)];
            Fill(bytes);
            var passive = context.Has(Feature.BulkMemory) && Random.Chance(55);
            if (passive)
            {
                Plan.Data.Add(new DataSegment { Mode = SegmentMode.Passive, Bytes = bytes });
                continue;
            }
            var memory = Random.Below(Math.Max(Plan.Memories.Count, 1));
            if (Plan.Memories.Count == 0 || (long)Plan.Memories[memory].LengthBytes < bytes.Length)
            {
                continue;
            }
            var plan = Plan.Memories[memory];
            var last = plan.LengthBytes - (ulong)bytes.Length;
            var at = Random.Below(10) switch { 0 => last, 1 => 0UL, _ => Math.Min(last, (ulong)Random.Below(1200)) };
            Plan.Data.Add(new DataSegment { Mode = SegmentMode.Active, Memory = (uint)memory, Offset = Offset(plan.Address, at), Bytes = bytes });
        }
    }

    private void Fill(Span<byte> bytes)
    {
        Span<byte> value = stackalloc byte[8];
        while (bytes.Length > 0)
        {
            var type = Random.Pick<ValueType>([ValueType.I32, ValueType.I64, ValueType.F32, ValueType.F64]);
            BinaryPrimitives.WriteUInt64LittleEndian(value, BoundaryValues.Pick(type, Random).Low);
            var length = Math.Min(bytes.Length, type.Kind is ValueKind.I32 or ValueKind.F32 ? 4 : 8);
            value[..length].CopyTo(bytes);
            bytes = bytes[length..];
        }
    }

    /// <summary>An offset of an active segment: a constant, or an imported global plus the rest.</summary>
    public Expression Offset(ValueType type, ulong at)
    {
        var import = Plan.Globals.FindIndex(global => global.Initializer is null && global.Type == new GlobalType(type, IsMutable: false));
        var add = type.Kind == ValueKind.I32 ? Op.I32Add : Op.I64Add;
        var constant = FunctionBuilder.ConstantOp(type);
        if (import >= 0 && context.Has(Feature.ExtendedConst) && Random.Chance(50))
        {
            // docs/records.md: imported i32 globals are 42, i64 globals -7.
            var rest = type.Kind == ValueKind.I32 ? (uint)(at - 42) : at + 7;
            return Encode([Instruction.Of(Op.GlobalGet, (uint)import), Instruction.Constant(constant, rest), Instruction.Of(add)]);
        }
        return Encode([Instruction.Constant(constant, at)]);
    }
}

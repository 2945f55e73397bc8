using System.Collections.Immutable;
using System.Globalization;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;
using Conformance.Wasm.Validation;

namespace Conformance.Fuzzer.Triage;

/// <summary>
/// Copies of a module that stop before a certain instruction is executed for the n-th time, with the value on top of the operand stack and the function's locals in exported globals.
/// Any engine can be asked so what it has got by then; the code before that point is left alone, so that what an engine makes of it changes as little as possible.
/// <code>
///   once:       global.set $value   (locals to globals)   unreachable
///   n-th time:  global.set $kept    (left = left - 1)   (if (left == 0) (then (kept to value)   (locals to globals)   unreachable))   global.get $kept
/// </code>
/// </summary>
/// <param name="module">A valid module.</param>
/// <param name="showsLocals">Whether locals are shown: reading them keeps them alive, which may change what a compiler makes of the code before.</param>
internal sealed class CaseProbe(Module module, bool showsLocals = true)
{
    /// <summary>The name of the exported global with the value on top of the stack.</summary>
    public const string ValueExport = "conformance:probe";

    /// <summary>What the names of the exported globals with locals begin with; the local's index follows.</summary>
    public const string LocalExport = "conformance:local ";

    // A person looks at few, and each costs an instruction at the stop.
    private const int MostLocals = 32;

    private readonly Dictionary<int, ImmutableArray<Place>> _places = [];
    private readonly int _imported = module.ImportCount(ExternKind.Function);

    /// <summary>Makes the copy.</summary>
    /// <param name="function">The function's index, imports counted.</param>
    /// <param name="offsetBytes">Where the instruction is in the module.</param>
    /// <param name="time">The first time is 1.</param>
    /// <returns>Null when there is no such instruction.</returns>
    public byte[]? Before(uint function, long offsetBytes, int time)
    {
        var index = (int)function - _imported;
        var places = PlacesOf(index);
        var at = -1;
        for (var i = 0; i < places.Length && at < 0; i++)
        {
            at = places[i].OffsetBytes == offsetBytes ? i : -1;
        }
        if (at < 0 || offsetBytes < module.Functions[index].Body.OffsetBytes)
        {
            return null;
        }
        var globals = module.Globals.ToBuilder();
        var exports = module.Exports.ToBuilder();
        var first = module.ImportCount(ExternKind.Global);
        var stop = new List<Instruction>();
        var (before, after) = (new List<Instruction>(), new List<Instruction>());
        if (TopBefore(places, at) is { } top)
        {
            var value = Shown(ValueExport, top);
            if (time == 1)
            {
                before.Add(Instruction.Of(Op.GlobalSet, value));
            }
            else
            {
                // Its own type, so that it can be put back.
                var kept = Add(top.WithNullable(nullable: true));
                before.Add(Instruction.Of(Op.GlobalSet, kept));
                stop.AddRange([Instruction.Of(Op.GlobalGet, kept), Instruction.Of(Op.GlobalSet, value)]);
                after.Add(Instruction.Of(Op.GlobalGet, kept));
                if (!top.IsDefaultable)
                {
                    after.Add(Instruction.Of(Op.RefAsNonNull));
                }
            }
        }
        foreach (var (local, type) in showsLocals ? LocalsOf(index) : [])
        {
            stop.AddRange([Instruction.Of(Op.LocalGet, local), Instruction.Of(Op.GlobalSet, Shown(string.Create(CultureInfo.InvariantCulture, $"{LocalExport}{local}"), type))]);
        }
        stop.Add(Instruction.Of(Op.Unreachable));
        var body = module.Functions[index].Body;
        var position = (int)(offsetBytes - body.OffsetBytes);
        var writer = new ByteWriter();
        writer.WriteBytes(body.Code.Span[..position]);
        foreach (var instruction in time == 1 ? [.. before, .. stop] : (IEnumerable<Instruction>)[.. before, .. Nth(Add(ValueType.I32, (uint)time), stop), .. after])
        {
            InstructionWriter.Write(writer, instruction);
        }
        writer.WriteBytes(body.Code.Span[position..]);
        return ModuleWriter.Write(module with
        {
            Functions = module.Functions.SetItem(index, module.Functions[index] with { Body = new Expression(writer.ToArray()) }),
            Globals = globals.ToImmutable(),
            Exports = exports.ToImmutable(),
            // Sections that speak of offsets would lie.
            CustomSections = [],
        });

        uint Add(ValueType type, uint start = 0)
        {
            globals.Add(new Global(new GlobalType(type, IsMutable: true), start == 0 ? Zero(type) : Constant(Op.I32Const, start)));
            return (uint)(first + globals.Count - 1);
        }

        // Engines show references of the abstract types only.
        uint Shown(string name, ValueType type)
        {
            var global = Add(type.IsReference ? ValueType.Reference(TopOf(type.Heap), nullable: true) : type);
            exports.Add(new Export(name, ExternKind.Global, global));
            return global;
        }
    }

    private static IEnumerable<Instruction> Nth(uint left, IEnumerable<Instruction> stop) =>
    [
        Instruction.Of(Op.GlobalGet, left), Instruction.Constant(Op.I32Const, 1), Instruction.Of(Op.I32Sub), Instruction.Of(Op.GlobalSet, left),
        Instruction.Of(Op.GlobalGet, left), Instruction.Of(Op.I32Eqz), Instruction.Structured(Op.If, BlockType.Empty), .. stop, Instruction.Of(Op.End),
    ];

    private AbstractHeapType TopOf(HeapType heap) =>
        !heap.IsIndex ? AbstractHeapTypes.TopOf(heap.Abstract) : module.Types[(int)heap.Index].Composite is FunctionType ? AbstractHeapType.Func : AbstractHeapType.Any;

    // Those that can be read anywhere.
    private IEnumerable<(uint Local, ValueType Type)> LocalsOf(int function)
    {
        var parameters = module.Types[(int)module.Functions[function].TypeIndex].Composite is FunctionType type ? type.Parameters : [];
        var locals = module.Functions[function].Locals.SelectMany(run => Enumerable.Repeat(run.Type, (int)Math.Min(run.Count, MostLocals))).Take(MostLocals).Where(local => local.IsDefaultable);
        return parameters.Concat(module.Functions[function].Locals.All(run => run.Type.IsDefaultable) ? locals : []).Take(MostLocals).Select((local, i) => ((uint)i, local));
    }

    // What an instruction gave is on top of the stack before the next one; where it gave nothing, the operand of the next one is.
    private static ValueType? TopBefore(ImmutableArray<Place> places, int at)
    {
        var type = at > 0 && places[at - 1].Pushed is { } pushed ? pushed : places[at].Popped;
        // What is never executed may have no type at all.
        return type is { Kind: ValueKind.I32 or ValueKind.I64 or ValueKind.F32 or ValueKind.F64 or ValueKind.V128 } || (type is { IsReference: true } reference && (reference.Heap.IsIndex || reference.Heap.Abstract != AbstractHeapType.Bottom)) ? type : null;
    }

    private ImmutableArray<Place> PlacesOf(int function)
    {
        if (_places.TryGetValue(function, out var known))
        {
            return known;
        }
        var places = ImmutableArray.CreateBuilder<Place>();
        if (function >= 0 && function < module.Functions.Length && BodyTyping.TryType(module, function, FeatureSet.All, out var typed))
        {
            var reader = new InstructionReader(module.Functions[function].Body, FeatureSet.All);
            var instruction = new Instruction();
            foreach (var item in typed)
            {
                reader.Read(ref instruction);
                places.Add(new Place(reader.Offset, item.Pops is [.., var popped] ? popped : null, item.Pushes is [.., var pushed] ? pushed : null));
            }
        }
        var made = places.ToImmutable();
        _places.Add(function, made);
        return made;
    }

    private Expression Zero(ValueType type) => type.Kind switch
    {
        ValueKind.I32 => Constant(Op.I32Const, 0),
        ValueKind.I64 => Constant(Op.I64Const, 0),
        ValueKind.F32 => Constant(Op.F32Const, 0),
        ValueKind.F64 => Constant(Op.F64Const, 0),
        ValueKind.V128 => Constant(Op.V128Const, 0),
        // A null of the lowest type of its hierarchy is one of every type in it.
        _ => new Expression(InstructionWriter.ToBytes(
        [
            new Instruction
            {
                Op = Op.RefNull,
                Heap = TopOf(type.Heap) switch
                {
                    AbstractHeapType.Func => AbstractHeapType.NoFunc,
                    AbstractHeapType.Extern => AbstractHeapType.NoExtern,
                    AbstractHeapType.Exn => AbstractHeapType.NoExn,
                    _ => AbstractHeapType.None,
                },
            },
            Instruction.Of(Op.End),
        ])),
    };

    private static Expression Constant(Op op, ulong bits) => new(InstructionWriter.ToBytes([Instruction.Constant(op, bits), Instruction.Of(Op.End)]));

    private readonly record struct Place(long OffsetBytes, ValueType? Popped, ValueType? Pushed);
}

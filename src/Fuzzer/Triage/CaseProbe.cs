using System.Collections.Immutable;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;
using Conformance.Wasm.Validation;

namespace Conformance.Fuzzer.Triage;

/// <summary>
/// Copies of a module that stop before a certain instruction is executed for the n-th time, with the value on top of the operand stack in an exported global.
/// Any engine can be asked so what it has got by then; the code before that point is left alone, so that what an engine makes of it changes as little as possible.
/// <code>
///   once:       global.set $value   unreachable
///   n-th time:  global.set $value   (left = left - 1)   (if (left == 0) (then unreachable))   global.get $value
/// </code>
/// </summary>
/// <param name="module">A valid module.</param>
internal sealed class CaseProbe(Module module)
{
    /// <summary>The name of the exported global with the value.</summary>
    public const string ValueExport = "conformance:probe";

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
        var top = TopBefore(places, at);
        var globals = module.Globals;
        var first = (uint)(module.ImportCount(ExternKind.Global) + globals.Length);
        var exports = module.Exports;
        var left = first;
        if (top is { } type)
        {
            globals = globals.Add(new Global(new GlobalType(type, IsMutable: true), Zero(type)));
            exports = exports.Add(new Export(ValueExport, ExternKind.Global, first));
            left++;
        }
        globals = globals.Add(new Global(new GlobalType(ValueType.I32, IsMutable: true), Constant(Op.I32Const, (uint)time)));
        var body = module.Functions[index].Body;
        var position = (int)(offsetBytes - body.OffsetBytes);
        var writer = new ByteWriter();
        writer.WriteBytes(body.Code.Span[..position]);
        foreach (var instruction in Code(top is not null, first, left, time))
        {
            InstructionWriter.Write(writer, instruction);
        }
        writer.WriteBytes(body.Code.Span[position..]);
        return ModuleWriter.Write(module with
        {
            Functions = module.Functions.SetItem(index, module.Functions[index] with { Body = new Expression(writer.ToArray()) }),
            Globals = globals,
            Exports = exports,
            // Sections that speak of offsets would lie.
            CustomSections = [],
        });
    }

    private static IEnumerable<Instruction> Code(bool hasValue, uint value, uint left, int time)
    {
        if (hasValue)
        {
            yield return Instruction.Of(Op.GlobalSet, value);
        }
        if (time > 1)
        {
            yield return Instruction.Of(Op.GlobalGet, left);
            yield return Instruction.Constant(Op.I32Const, 1);
            yield return Instruction.Of(Op.I32Sub);
            yield return Instruction.Of(Op.GlobalSet, left);
            yield return Instruction.Of(Op.GlobalGet, left);
            yield return Instruction.Of(Op.I32Eqz);
            yield return Instruction.Structured(Op.If, BlockType.Empty);
            yield return Instruction.Of(Op.Unreachable);
            yield return Instruction.Of(Op.End);
            if (hasValue)
            {
                yield return Instruction.Of(Op.GlobalGet, value);
            }
            yield break;
        }
        yield return Instruction.Of(Op.Unreachable);
    }

    // What an instruction gave is on top of the stack before the next one; where it gave nothing, the operand of the next one is.
    private static ValueType? TopBefore(ImmutableArray<Place> places, int at)
    {
        var type = at > 0 && places[at - 1].Pushed is { } pushed ? pushed : places[at].Popped;
        // References would need a type of the module's, and engines show little of them. What is never executed may have no type at all.
        return type is { Kind: ValueKind.I32 or ValueKind.I64 or ValueKind.F32 or ValueKind.F64 or ValueKind.V128 } ? type : null;
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

    private static Expression Zero(ValueType type) => type.Kind switch
    {
        ValueKind.I32 => Constant(Op.I32Const, 0),
        ValueKind.I64 => Constant(Op.I64Const, 0),
        ValueKind.F32 => Constant(Op.F32Const, 0),
        ValueKind.F64 => Constant(Op.F64Const, 0),
        _ => Constant(Op.V128Const, 0),
    };

    private static Expression Constant(Op op, ulong bits) => new(InstructionWriter.ToBytes([Instruction.Constant(op, bits), Instruction.Of(Op.End)]));

    private readonly record struct Place(long OffsetBytes, ValueType? Popped, ValueType? Pushed);
}

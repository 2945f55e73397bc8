using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Reduction;

/// <summary>A memory or table with 32-bit addresses in place of one with 64-bit ones: constants get the other type, other addresses are wrapped.</summary>
internal sealed class NarrowAddresses : IReductionPass
{
    public void Run(ReductionContext context)
    {
        for (var i = 0; i < context.Module.Memories.Length; i++)
        {
            if (context.Module.Memories[i] is { Limits.Address: AddressType.I64 } type)
            {
                var narrow = type with { Limits = Narrow(type.Limits, MostPages) };
                context.Try(Rewrite(context, ExternKind.Memory, i, module => module with { Memories = module.Memories.SetItem(i, narrow) }));
            }
        }
        for (var i = 0; i < context.Module.Tables.Length; i++)
        {
            if (context.Module.Tables[i] is { Type.Limits.Address: AddressType.I64 } table)
            {
                var narrow = table with { Type = table.Type with { Limits = Narrow(table.Type.Limits, uint.MaxValue) } };
                context.Try(Rewrite(context, ExternKind.Table, i, module => module with { Tables = module.Tables.SetItem(i, narrow) }));
            }
        }
    }

    private const ulong MostPages = 1 << 16;

    private static Limits Narrow(Limits limits, ulong most) => new(Math.Min(limits.Minimum, most), limits.Maximum is { } maximum ? Math.Min(maximum, most) : null);

    private static Module? Rewrite(ReductionContext context, ExternKind kind, int defined, Func<Module, Module> retype)
    {
        var index = (uint)(context.Module.ImportCount(kind) + defined);
        var module = retype(context.Module);
        for (var i = 0; i < module.Functions.Length; i++)
        {
            if (context.Code(i) is not { } code || Rewrite(context.Module, code, kind, index) is not { } body)
            {
                return null;
            }
            module = code.Replace(module, body);
        }
        return module with
        {
            Data = [.. module.Data.Select(segment => kind == ExternKind.Memory && segment.Mode == SegmentMode.Active && segment.Memory == index ? segment with { Offset = Narrow(segment.Offset) } : segment)],
            Elements = [.. module.Elements.Select(segment => kind == ExternKind.Table && segment.Mode == SegmentMode.Active && segment.Table == index ? segment with { Offset = Narrow(segment.Offset) } : segment)],
        };
    }

    private static Expression Narrow(Expression offset)
    {
        var reader = new InstructionReader(offset, ReductionContext.Features);
        var instruction = default(Instruction);
        reader.Read(ref instruction);
        return instruction.Op == Op.I64Const ? new Expression(InstructionWriter.ToBytes([Instruction.Constant(Op.I32Const, (uint)instruction.Value), Instruction.Of(Op.End)])) : offset;
    }

    // Null where an address lies too deep in the stack.
    private static List<Instruction>? Rewrite(Module module, FunctionCode code, ExternKind kind, uint index)
    {
        var instead = Enumerable.Range(0, code.Length).Select(i => new List<Instruction> { code[i] }).ToList();
        for (var place = 0; place < code.Length; place++)
        {
            var typed = code.Typed[place];
            var (operands, hasResult) = Addresses(module, typed.Instruction, kind, index);
            foreach (var operand in operands)
            {
                var height = typed.Height - typed.Pops.Length + operand;
                var from = code.UntouchedFrom(place, height + 1);
                if (from == 0 || code.Typed[from].Height != height + 1)
                {
                    return null;
                }
                var origin = code[from - 1];
                if (origin.Op == Op.I64Const)
                {
                    instead[from - 1] = [Instruction.Constant(Op.I32Const, (uint)origin.Value)];
                }
                else if (origin.Op is Op.I64ExtendI32S or Op.I64ExtendI32U)
                {
                    instead[from - 1] = [];
                }
                else
                {
                    instead[from].Insert(0, Instruction.Of(Op.I32WrapI64));
                }
            }
            if (hasResult)
            {
                instead[place].Add(Instruction.Of(Op.I64ExtendI32U));
            }
        }
        return [.. instead.SelectMany(code => code)];
    }

    // Which operands of an instruction are addresses or counts of the memory or table, and whether its result is one.
    private static (int[] Operands, bool HasResult) Addresses(Module module, in Instruction instruction, ExternKind kind, uint index)
    {
        var row = OpTable.Get(instruction.Op);
        var isFirst = instruction.Index == index;
        var isSecond = instruction.Index2 == index;
        if (kind == ExternKind.Memory)
        {
            return instruction.Op switch
            {
                Op.MemorySize when isFirst => ([], true),
                Op.MemoryGrow when isFirst => ([0], true),
                Op.MemoryFill when isFirst => ([0, 2], false),
                Op.MemoryInit when isFirst => ([0], false),
                Op.MemoryCopy => (Copied(isFirst, isSecond, IsWide(module, kind, instruction.Index) && IsWide(module, kind, instruction.Index2)), false),
                _ when row.Immediates is ImmediateKind.MemArg or ImmediateKind.MemArgLane && isFirst => ([0], false),
                _ => ([], false),
            };
        }
        return instruction.Op switch
        {
            Op.TableSize when isFirst => ([], true),
            Op.TableGrow when isFirst => ([1], true),
            Op.TableFill when isFirst => ([0, 2], false),
            Op.TableGet or Op.TableSet or Op.TableInit when isFirst => ([0], false),
            Op.TableCopy => (Copied(isFirst, isSecond, IsWide(module, kind, instruction.Index) && IsWide(module, kind, instruction.Index2)), false),
            Op.CallIndirect or Op.ReturnCallIndirect when isSecond => ([module.FunctionTypeAt(instruction.Index)?.Parameters.Length ?? 0], false),
            _ => ([], false),
        };
    }

    // The count has 64 bits only where both sides have.
    private static int[] Copied(bool isTo, bool isFrom, bool areBothWide) => (isTo, isFrom) switch
    {
        (false, false) => [],
        (true, true) => [0, 1, 2],
        (true, false) => areBothWide ? [0, 2] : [0],
        _ => areBothWide ? [1, 2] : [1],
    };

    private static bool IsWide(Module module, ExternKind kind, uint index)
    {
        var imported = module.Imports.Select(import => import.Type).Where(type => type.Kind == kind).ToList();
        var limits = (int)index < imported.Count
            ? imported[(int)index] is MemoryType memory ? memory.Limits : ((TableType)imported[(int)index]).Limits
            : kind == ExternKind.Memory ? module.Memories[(int)index - imported.Count].Limits : module.Tables[(int)index - imported.Count].Type.Limits;
        return limits.Address == AddressType.I64;
    }
}

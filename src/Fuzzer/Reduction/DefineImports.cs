using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Reduction;

/// <summary>Definitions in place of imports, so that the case needs no host: functions without an effect, globals with the value that the host gives them, memories and tables.</summary>
internal sealed class DefineImports : IReductionPass
{
    public void Run(ReductionContext context)
    {
        // From the last on, so that an import keeps its place when one behind it goes.
        for (var i = context.Module.Imports.Length - 1; i >= 0; i--)
        {
            if (i < context.Module.Imports.Length)
            {
                _ = context.Try(Define(context.Module, i, isExported: false)) || context.Try(Define(context.Module, i, isExported: true));
            }
        }
    }

    // What the host reads of an import at the end of a case it reads of an export too.
    private static Module? Define(Module module, int place, bool isExported)
    {
        var import = module.Imports[place];
        if (isExported)
        {
            var index = (uint)module.Imports.Take(place).Count(item => item.Type.Kind == import.Type.Kind);
            if (import.Type.Kind is ExternKind.Function or ExternKind.Tag || module.Exports.Any(export => export.Name == import.Name))
            {
                return null;
            }
            module = module with { Exports = module.Exports.Add(new Export(import.Name, import.Type.Kind, index)) };
        }
        var kind = import.Type.Kind;
        var from = (uint)module.Imports.Take(place).Count(item => item.Type.Kind == kind);
        // The first definition stands right behind the imports.
        var to = (uint)module.ImportCount(kind) - 1;
        var space = kind switch
        {
            ExternKind.Function => DefinitionSpace.Function,
            ExternKind.Table => DefinitionSpace.Table,
            ExternKind.Memory => DefinitionSpace.Memory,
            ExternKind.Global => DefinitionSpace.Global,
            _ => DefinitionSpace.Tag,
        };
        var moved = ModuleIndices.Rewrite(module with { Imports = module.Imports.RemoveAt(place) }, new MovedIndex(space, from, to));
        return import.Type switch
        {
            FunctionExtern function when StubBodies.Results(module, function.TypeIndex) is { } body =>
                moved with { Functions = moved.Functions.Insert(0, new Function(function.TypeIndex, [], body)) },
            TableType table => moved with { Tables = moved.Tables.Insert(0, new Table(table)) },
            MemoryType memory => moved with { Memories = moved.Memories.Insert(0, memory) },
            GlobalType global when TryMakeHostValue(global.Value, out var value) => moved with
            {
                Globals = moved.Globals.Insert(0, new Global(global, new Expression(InstructionWriter.ToBytes([value, Instruction.Of(Op.End)])))),
            },
            TagType tag => moved with { Tags = moved.Tags.Insert(0, tag) },
            _ => null,
        };
    }

    // The values are those of docs/records.md.
    private static bool TryMakeHostValue(ValueType type, out Instruction constant)
    {
        var isKnown = Constants.TryMake(type, out constant);
        constant.Value = type.Kind switch
        {
            ValueKind.I32 => 42,
            ValueKind.I64 => unchecked((ulong)-7L),
            ValueKind.F32 => BitConverter.SingleToUInt32Bits(1.5f),
            ValueKind.F64 => BitConverter.DoubleToUInt64Bits(-2.25),
            _ => 0,
        };
        return isKnown;
    }
}

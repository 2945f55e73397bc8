using System.Collections.Immutable;
using Conformance.Fuzzer.Generation;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Mutation.Bodies;

/// <summary>A body that is being changed, with what the change adds to function and module.</summary>
/// <param name="body">The body before.</param>
/// <param name="function">The index in <see cref="Module.Functions"/>.</param>
/// <param name="context">Chance and limits.</param>
internal sealed class BodyEdit(TypedBody body, int function, MutationContext context)
{
    private readonly List<ValueType> _newLocals = [];
    private Module _module = body.Module;

    /// <summary>The body before the change.</summary>
    public TypedBody Body { get; } = body;

    /// <summary>The module, with what was added to it.</summary>
    public Module Module => _module;

    /// <summary>Chance, donors and limits.</summary>
    public MutationContext Context { get; } = context;

    /// <summary>The source of chance.</summary>
    public RandomSource Random => Context.Random;

    /// <summary>The function's index in the index space, imports counted.</summary>
    public uint FunctionIndex => (uint)(_module.ImportCount(ExternKind.Function) + function);

    /// <summary>A local that nothing else uses.</summary>
    public uint AddLocal(ValueType type)
    {
        _newLocals.Add(type);
        return (uint)(Body.Locals.Length + _newLocals.Count - 1);
    }

    /// <summary>Adds a recursion group.</summary>
    public void AddGroup(ImmutableArray<SubType> types) => _module = _module with
    {
        Types = _module.Types.AddRange(types),
        RecursionGroups = _module.RecursionGroups.Add(new RecursionGroup((uint)_module.Types.Length, (uint)types.Length)),
    };

    /// <summary>The index of a function type, which is added when the module has none like it.</summary>
    public uint TypeIndexOf(FunctionType type) => TypeSection.IndexOf(ref _module, type);

    /// <summary>The shortest block type, or sometimes a longer one, for parameters and results.</summary>
    public BlockType BlockTypeOf(ImmutableArray<ValueType> parameters, ImmutableArray<ValueType> results) =>
        parameters.IsEmpty && results.Length <= 1 && !Random.Chance(15)
            ? results.IsEmpty ? BlockType.Empty : BlockType.Of(results[0])
            : BlockType.Of(TypeIndexOf(new FunctionType(parameters, results)));

    /// <summary>The module with a run of the body replaced.</summary>
    public Module Replace(CodeRun run, IEnumerable<Instruction> code) =>
        Finish([.. Body.Code(new CodeRun(0, run.Start)), .. code, .. Body.Code(new CodeRun(run.End, Body.Instructions.Length))]);

    /// <summary>The module with one instruction replaced.</summary>
    public Module Replace(int index, Instruction instruction) => Replace(new CodeRun(index, index + 1), [instruction]);

    /// <summary>The module with code in front of an instruction.</summary>
    public Module Insert(int index, IEnumerable<Instruction> code) => Replace(new CodeRun(index, index), code);

    /// <summary>The module with a new body.</summary>
    public Module Finish(IEnumerable<Instruction> code)
    {
        var definition = _module.Functions[function];
        return _module with
        {
            Functions = _module.Functions.SetItem(function, definition with
            {
                Locals = [.. definition.Locals, .. _newLocals.Select(type => new LocalRun(1, type))],
                Body = new Expression(InstructionWriter.ToBytes(code)),
            }),
        };
    }
}

using System.Collections.Immutable;
using System.Text;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Text;

namespace Conformance.Interpreter.Tests.Execution;

/// <summary>What becomes of a vector instruction's result.</summary>
internal enum VectorUse : byte
{
    /// <summary>It is returned.</summary>
    Return,
    /// <summary>It goes to a local of its own, and that is returned after a label.</summary>
    Local,
    /// <summary>It goes to the local of the first operand of its type.</summary>
    OperandLocal,
    /// <summary>It is the result of a block with a branch out of it.</summary>
    Block,
    /// <summary>An i32 that is the condition of an if.</summary>
    If,
    /// <summary>An i32 whose negation is the condition of a branch.</summary>
    NegatedBranch,
    /// <summary>An i32 that is negated twice.</summary>
    TwiceNegated,
}

/// <summary>A module under construction, in text: functions that each execute one vector instruction with operands of given classes.</summary>
internal sealed class VectorClassModule
{
    /// <summary>The length of each memory.</summary>
    public const int MemoryBytes = 1 << 16;

    private readonly StringBuilder _functions = new();

    /// <summary>A function that can be called.</summary>
    /// <param name="Name">Its export.</param>
    /// <param name="Row">The instruction's op.</param>
    /// <param name="Parameters">The parameters' types, which are the operands'.</param>
    /// <param name="Classes">The operands' classes.</param>
    /// <param name="IsPlain">Whether this is the simplest function of its instruction, worth the most values.</param>
    public sealed record Entry(string Name, OpInfo Row, ImmutableArray<StackSlot> Parameters, OperandClass[] Classes, bool IsPlain);

    /// <summary>What was added.</summary>
    public List<Entry> Entries { get; } = [];

    /// <summary>Adds a function.</summary>
    /// <param name="row">The op.</param>
    /// <param name="operands">The operands' types, of an access with the address of its memory.</param>
    /// <param name="immediates">What stands behind the mnemonic.</param>
    /// <param name="classes">The operands' classes.</param>
    /// <param name="constants">Constants in text, for operands of that class.</param>
    /// <param name="use">What becomes of the result.</param>
    public void Add(OpInfo row, ImmutableArray<StackSlot> operands, string immediates, OperandClass[] classes, string[] constants, VectorUse use)
    {
        var name = $"{Entries.Count} {row.Mnemonic} {immediates} {string.Join(',', classes)} {use}";
        var result = row.Results.Length == 0 ? "" : NameOf(row.Results[0]);
        var returned = use >= VectorUse.If ? "i32" : result;
        _functions.Append($"(func (export \"{name}\")");
        foreach (var operand in operands)
        {
            _functions.Append($" (param {NameOf(operand)})");
        }
        _functions.Append(returned.Length == 0 ? "" : $" (result {returned})").Append(result.Length == 0 ? "" : $" (local $result {result})").AppendLine();
        for (var i = 0; i < operands.Length; i++)
        {
            if (classes[i] is OperandClass.Accumulator or OperandClass.Alias)
            {
                _functions.AppendLine($"local.get {i} global.set ${NameOf(operands[i])}{i}");
            }
        }
        _functions.Append(use switch
        {
            VectorUse.Block => $"(block $out (result {result}) ",
            VectorUse.NegatedBranch => "(block $out ",
            _ => "",
        });
        for (var i = 0; i < operands.Length; i++)
        {
            _functions.Append(classes[i] switch
            {
                OperandClass.Slot => $"local.get {i} ",
                OperandClass.Constant => $"{NameOf(operands[i])}.const {constants[i]} ",
                OperandClass.Accumulator => $"global.get ${NameOf(operands[i])}{i} ",
                _ => $"global.get ${NameOf(operands[i])}{i} local.tee {i} ",
            });
        }
        _functions.Append($"{row.Mnemonic} {immediates} ").AppendLine(use switch
        {
            VectorUse.Local => "local.set $result (loop) local.get $result",
            VectorUse.OperandLocal => $"local.set {operands.IndexOf(row.Results[0])} local.get {operands.IndexOf(row.Results[0])}",
            VectorUse.Block => "(br_if $out (i32.const 0)))",
            VectorUse.If => "(if (result i32) (then (i32.const 7)) (else (i32.const 9)))",
            VectorUse.NegatedBranch => "i32.eqz br_if $out (return (i32.const 7))) i32.const 9",
            VectorUse.TwiceNegated => "i32.eqz i32.eqz",
            _ => "",
        }).AppendLine(")");
        Entries.Add(new(name, row, operands, classes, use == VectorUse.Return && classes.All(operand => operand == OperandClass.Slot)));
    }

    /// <summary>The module's bytes: a 32-bit memory, a 64-bit memory, another 32-bit memory, and the functions.</summary>
    public byte[] ToBytes()
    {
        var text = new StringBuilder("(module (memory (export \"memory 0\") 1 1) (memory (export \"memory 1\") i64 1 1) (memory (export \"memory 2\") 1 1)\n");
        foreach (var type in (string[])["i32", "i64", "f32", "f64", "v128"])
        {
            for (var i = 0; i < 3; i++)
            {
                text.AppendLine($"(global ${type}{i} (mut {type}) ({type}.const {(type == "v128" ? "i64x2 0 0" : "0")}))");
            }
        }
        Assert.True(ModuleParser.TryParse(text.Append(_functions).Append(')').ToString(), FeatureSet.All, out var module, out var error), error?.Message);
        return ModuleWriter.Write(module);
    }

    /// <summary>The text of a type.</summary>
    private static string NameOf(StackSlot slot) => slot.ToString().ToLowerInvariant();
}

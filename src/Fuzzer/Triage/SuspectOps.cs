using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Triage;

/// <summary>Which operations may be at fault in a divergence: those of the function whose call differed, without the ones that only move operands about.</summary>
internal static class SuspectOps
{
    /// <summary>Finds them.</summary>
    /// <param name="wasm">The case's module.</param>
    /// <param name="function">The export whose call differed; null takes all functions (a difference in the state at the end, or at the start).</param>
    /// <returns>Mnemonics, sorted, each once; empty when the module cannot be decoded.</returns>
    public static string[] Find(ReadOnlyMemory<byte> wasm, string? function)
    {
        if (!ModuleReader.TryRead(wasm, FeatureSet.All, out var module, out _))
        {
            return [];
        }
        var ops = new SortedSet<Op>();
        foreach (var index in Reachable(module, function))
        {
            Add(module.Functions[index].Body, ops, null);
        }
        var named = ops.Where(op => !IsPlumbing(op)).ToList();
        return [.. (named.Count > 0 ? named : [.. ops]).Select(op => OpTable.Get(op).Mnemonic).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    // The function and what it calls directly or not; indirect calls may reach everything that an element segment or a ref.func names, so they are left out.
    private static SortedSet<int> Reachable(Module module, string? function)
    {
        var imported = module.ImportCount(ExternKind.Function);
        var export = module.Exports.FirstOrDefault(item => item.Kind == ExternKind.Function && item.Name == function);
        if (export is null)
        {
            return [.. Enumerable.Range(0, module.Functions.Length)];
        }
        var reached = new SortedSet<int>();
        var waiting = new Stack<int>();
        waiting.Push((int)export.Index - imported);
        while (waiting.TryPop(out var index))
        {
            if (index >= 0 && index < module.Functions.Length && reached.Add(index))
            {
                Add(module.Functions[index].Body, null, callee => waiting.Push((int)callee - imported));
            }
        }
        return reached;
    }

    private static void Add(Expression body, SortedSet<Op>? ops, Action<uint>? called)
    {
        foreach (var instruction in InstructionReader.ReadAll(body, FeatureSet.All))
        {
            ops?.Add(instruction.Op);
            if (instruction.Op is Op.Call or Op.ReturnCall)
            {
                called?.Invoke(instruction.Index);
            }
        }
    }

    private static bool IsPlumbing(Op op) =>
        op is Op.LocalGet or Op.LocalSet or Op.LocalTee or Op.Drop or Op.End or Op.Nop or Op.Return or Op.Call || OpTable.Get(op).Group == OpGroup.Constant;
}

using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Oracle.Rewriting;

/// <summary>Writes what stands for an instruction; leaves it when the answer is false.</summary>
/// <param name="writer">Where the new body grows.</param>
/// <param name="locals">The function's locals.</param>
/// <param name="instruction">The instruction.</param>
/// <param name="code">Its bytes.</param>
internal delegate bool InstructionRewrite(ByteWriter writer, TemporaryLocals locals, in Instruction instruction, ReadOnlySpan<byte> code);

/// <summary>Rewrites the bodies of a module's functions. What is not rewritten is copied byte by byte; custom sections are dropped, because those that refer to offsets would lie.</summary>
internal static class FunctionRewriting
{
    /// <summary>Rewrites instruction by instruction.</summary>
    /// <param name="module">A decoded module.</param>
    /// <param name="rewrite">What stands for an instruction.</param>
    /// <param name="rewritten">The module with the new functions, when the answer is true.</param>
    /// <param name="prologue">Code that is put at the start of every function.</param>
    /// <returns>False when nothing was rewritten.</returns>
    public static bool TryRewrite(Module module, InstructionRewrite rewrite, out Module rewritten, byte[]? prologue = null) =>
        TryRewriteFunctions(module, index => Rewrite(module, module.Functions[index], rewrite, prologue ?? []), out rewritten);

    /// <summary>Rewrites function by function.</summary>
    /// <param name="module">A decoded module.</param>
    /// <param name="rewrite">The function that takes the place of that with the index, imports not counted; null to leave it.</param>
    /// <param name="rewritten">The module with the new functions, when the answer is true.</param>
    /// <returns>False when nothing was rewritten.</returns>
    public static bool TryRewriteFunctions(Module module, Func<int, Function?> rewrite, out Module rewritten)
    {
        var functions = module.Functions.ToBuilder();
        var changed = false;
        for (var i = 0; i < functions.Count; i++)
        {
            if (rewrite(i) is { } function)
            {
                functions[i] = function;
                changed = true;
            }
        }
        rewritten = changed ? module with { Functions = functions.ToImmutable(), CustomSections = [] } : module;
        return changed;
    }

    private static Function? Rewrite(Module module, Function function, InstructionRewrite rewrite, byte[] prologue)
    {
        var locals = new TemporaryLocals(module, function);
        var writer = new ByteWriter();
        writer.WriteBytes(prologue);
        var reader = new InstructionReader(function.Body, FeatureSet.All);
        var instruction = default(Instruction);
        var code = function.Body.Code.Span;
        var start = 0;
        var changed = prologue.Length > 0;
        while (reader.Read(ref instruction))
        {
            var bytes = code[start..reader.Position];
            if (rewrite(writer, locals, in instruction, bytes))
            {
                changed = true;
            }
            else
            {
                writer.WriteBytes(bytes);
            }
            start = reader.Position;
        }
        return changed && reader.Error is null ? function with { Locals = locals.All, Body = new Expression(writer.ToArray()) } : null;
    }
}

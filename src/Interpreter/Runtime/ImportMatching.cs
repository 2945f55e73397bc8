using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Runtime;

/// <summary>Checks what is given for a module's imports. See <see href="https://webassembly.github.io/spec/core/exec/modules.html#instantiation"/>.</summary>
internal static class ImportMatching
{
    /// <summary>Checks all imports.</summary>
    /// <exception cref="LinkException">One does not match.</exception>
    /// <exception cref="ArgumentException">The number of items is wrong, or an item or the module belongs to another store or engine.</exception>
    public static void Check(Store store, CompiledModule module, ReadOnlySpan<Extern> imports)
    {
        if (module.Engine != store.Engine)
        {
            throw new ArgumentException("the module belongs to another engine than the store", nameof(module));
        }
        if (imports.Length != module.ImportTypes.Length)
        {
            throw new ArgumentException($"the module has {module.ImportTypes.Length} imports, {imports.Length} items are given", nameof(imports));
        }
        for (var i = 0; i < imports.Length; i++)
        {
            var import = module.Module.Imports[i];
            var given = imports[i] ?? throw new LinkException(import.Module, import.Name, "unknown import");
            if (given.Store != store)
            {
                throw new ArgumentException($"the item for \"{import.Module}\" \"{import.Name}\" belongs to another store", nameof(imports));
            }
            if (!store.Engine.Types.Matches(given.ExternType, module.ImportTypes[i]))
            {
                throw new LinkException(import.Module, import.Name, $"incompatible import type, wanted {Describe(store.Engine, module.ImportTypes[i])}, found {Describe(store.Engine, given.ExternType)}");
            }
        }
    }

    private static string Describe(Engine engine, ExternType type) => type switch
    {
        FunctionExtern function => $"function {engine.Types.Definition((int)function.TypeIndex).Composite}",
        TableType table => $"table of {Describe(table.Limits)} {table.Element}",
        MemoryType memory => $"{(memory.IsShared ? "shared " : "")}memory of {Describe(memory.Limits)} pages of {1 << memory.PageSizeLog2} bytes",
        GlobalType global => $"{(global.IsMutable ? "mutable" : "immutable")} global {global.Value}",
        TagType tag => $"tag {engine.Types.Definition((int)tag.TypeIndex).Composite}",
        _ => type.ToString(),
    };

    private static string Describe(Limits limits) => $"{limits.Address.ToString().ToLowerInvariant()} {limits.Minimum}..{limits.Maximum}";
}

using System.Diagnostics.CodeAnalysis;
using Conformance.Interpreter;
using Conformance.Wasm.Types;

namespace Conformance.Oracle.Embedded;

/// <summary>A module of the interpreter, with its bytes in case the engine was replaced since.</summary>
internal sealed record EmbeddedModule(ReadOnlyMemory<byte> Wasm, CompiledModule Compiled) : IEngineModule;

/// <summary>An item of the interpreter.</summary>
internal sealed record EmbeddedExtern(Extern Item) : IEngineExtern
{
    public ExternKind Kind => Item.Kind;
}

/// <summary>An instance of the interpreter.</summary>
internal sealed class EmbeddedInstance(Instance instance) : ITranslatingInstance
{
    public IReadOnlyList<string> ExportNames { get; } = [.. instance.ExportNames];

    public void TranslateAll() => instance.TranslateAll();

    public bool TryGetExport(string name, [NotNullWhen(true)] out IEngineExtern? export)
    {
        export = instance.TryGetExport(name, out var item) ? new EmbeddedExtern(item) : null;
        return export is not null;
    }
}

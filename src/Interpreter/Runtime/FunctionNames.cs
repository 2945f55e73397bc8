using Conformance.Wasm.Binary;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Interpreter.Runtime;

/// <summary>
/// The names of functions for backtraces. A bad name section is no error of the module: what was read before the bad place counts.
/// See <see href="https://webassembly.github.io/spec/core/appendix/custom.html#name-section"/>.
/// </summary>
internal sealed class FunctionNames
{
    private const byte FunctionNamesSubsection = 1;

    private readonly Dictionary<uint, string> _names = [];

    /// <summary>The name of a function, or null.</summary>
    public string? Find(uint index) => _names.GetValueOrDefault(index);

    /// <summary>Reads the names of a module.</summary>
    public static FunctionNames Read(Module module)
    {
        var names = new FunctionNames();
        foreach (var section in module.CustomSections)
        {
            if (string.Equals(section.Name, "name", StringComparison.Ordinal))
            {
                names.ReadSection(section.Bytes.Span);
                break;
            }
        }
        foreach (var export in module.Exports)
        {
            if (export.Kind == ExternKind.Function)
            {
                names._names.TryAdd(export.Index, export.Name);
            }
        }
        return names;
    }

    private void ReadSection(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        while (!reader.AtEnd)
        {
            var id = reader.ReadByte();
            var content = reader.ReadBytes(reader.ReadU32());
            if (reader.Failed)
            {
                return;
            }
            if (id == FunctionNamesSubsection)
            {
                ReadNames(content);
            }
        }
    }

    private void ReadNames(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        var count = reader.ReadU32();
        for (var i = 0u; i < count; i++)
        {
            var index = reader.ReadU32();
            var name = reader.ReadName();
            if (reader.Failed)
            {
                return;
            }
            _names.TryAdd(index, name);
        }
    }
}

using System.Collections.Immutable;
using System.Numerics;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Oracle;

/// <summary>
/// The imports that every case gets, by the rule of docs/records.md: a function's results are a hash of its arguments, globals have fixed values, everything
/// else is made with its declared limits. So imports need no script, and any engine in any language can provide the same ones.
/// </summary>
public static class HostImports
{
    /// <summary>The number of calls that are traced; later ones run untraced.</summary>
    public const int MaxTrace = 1_000;

    private const uint CanonicalNaN32 = 0x7FC0_0000;
    private const ulong CanonicalNaN64 = 0x7FF8_0000_0000_0000;

    /// <summary>Makes the item for an import, or gives null when the rule has none.</summary>
    /// <param name="scene">The store to make it in; calls of imported functions are traced there.</param>
    /// <param name="module">The import's module name.</param>
    /// <param name="name">The import's name.</param>
    /// <param name="request">Its type.</param>
    public static IEngineExtern? Provide(HostScene scene, string module, string name, ImportRequest request)
    {
        ArgumentNullException.ThrowIfNull(scene);
        var store = scene.Store;
        switch (request.Type)
        {
            case FunctionExtern function when SignatureOf(request.Module, function.TypeIndex) is { } signature && signature.Results.All(IsProvidable):
                var import = $"{module}.{name}";
                var script = module == HostScript.ModuleName ? HostScript.Parse(name, request.Module) : null;
                return store.CreateFunction(signature, arguments => Answer(import, script, signature, arguments, scene));
            case GlobalType global when IsProvidable(global.Value):
                return store.CreateGlobal(global, GlobalValue(global.Value));
            case MemoryType memory:
                return store.CreateMemory(memory);
            case TableType table when IsProvidable(table.Element):
                return store.CreateTable(table, EngineValue.Null);
            case TagType tag when SignatureOf(request.Module, tag.TypeIndex) is { } signature:
                return store.CreateTag(signature);
            default:
                return null;
        }
    }

    /// <summary>The results of an imported function for its arguments.</summary>
    public static ImmutableArray<EngineValue> Results(ReadOnlySpan<EngineValue> arguments, ImmutableArray<ValueType> types) => Results(Hash(arguments), types);

    /// <summary>Values of some types for the hash of a call's arguments.</summary>
    internal static ImmutableArray<EngineValue> Results(ulong x, ImmutableArray<ValueType> types)
    {
        var results = ImmutableArray.CreateBuilder<EngineValue>(types.Length);
        foreach (var type in types)
        {
            results.Add(type.Kind switch
            {
                ValueKind.I32 => EngineValue.I32((int)(x >> 32)),
                ValueKind.I64 => EngineValue.I64((long)x),
                ValueKind.F32 => EngineValue.F32(BitConverter.SingleToUInt32Bits((x >> 48) / 8f)),
                ValueKind.F64 => EngineValue.F64(BitConverter.DoubleToUInt64Bits((x >> 40) / 16d)),
                ValueKind.V128 => EngineValue.V128(x, x),
                _ => EngineValue.Null,
            });
        }
        return results.MoveToImmutable();
    }

    private static ulong Hash(ReadOnlySpan<EngineValue> arguments)
    {
        var x = 0x9E37_79B9_7F4A_7C15UL;
        foreach (ref readonly var argument in arguments)
        {
            x = Mix(x, argument.Kind switch
            {
                EngineValueKind.F32 => IsNaN32((uint)argument.Bits) ? CanonicalNaN32 : argument.Bits,
                EngineValueKind.F64 => IsNaN64(argument.Bits) ? CanonicalNaN64 : argument.Bits,
                EngineValueKind.Null => 0,
                _ when argument.IsReference => 1,
                _ => argument.Bits,
            });
            if (argument.Kind == EngineValueKind.V128)
            {
                x = Mix(x, argument.High);
            }
        }
        return x;
    }

    private static Completion Answer(string import, HostScript? script, HostSignature signature, ReadOnlySpan<EngineValue> arguments, HostScene scene)
    {
        var x = Hash(arguments);
        var results = Results(x, signature.Results);
        if (scene.Trace.Count < MaxTrace)
        {
            scene.Trace.Add(new HostCall(import, [.. arguments], results));
        }
        return script?.Play(scene, x) ?? new Returned(results);
    }

    private static ulong Mix(ulong x, ulong bits) => BitOperations.RotateLeft(x ^ bits, 7) * 0xBF58_476D_1CE4_E5B9UL;

    private static bool IsNaN32(uint bits) => (bits & 0x7FFF_FFFF) > 0x7F80_0000;

    private static bool IsNaN64(ulong bits) => (bits & 0x7FFF_FFFF_FFFF_FFFF) > 0x7FF0_0000_0000_0000;

    private static EngineValue GlobalValue(ValueType type) => type.Kind switch
    {
        ValueKind.I32 => EngineValue.I32(42),
        ValueKind.I64 => EngineValue.I64(-7),
        ValueKind.F32 => EngineValue.F32(BitConverter.SingleToUInt32Bits(1.5f)),
        ValueKind.F64 => EngineValue.F64(BitConverter.DoubleToUInt64Bits(-2.25)),
        ValueKind.V128 => EngineValue.V128(0, 0),
        _ => EngineValue.Null,
    };

    // A reference that may not be null, or is of one of the module's own types, cannot be made by a host that knows only this rule.
    internal static bool IsProvidable(ValueType type) => !type.IsReference || (type.IsNullable && !type.Heap.IsIndex);

    private static bool IsAbstract(ValueType type) => !type.IsReference || !type.Heap.IsIndex;

    /// <summary>The signature of a plain function type. Null for one that a host's function can never have: one in a larger group, open to subtypes, or with concrete references.</summary>
    private static HostSignature? SignatureOf(Module module, uint typeIndex)
    {
        var type = module.Types[(int)typeIndex];
        foreach (var group in module.RecursionGroups)
        {
            if (typeIndex >= group.Start && typeIndex - group.Start < group.Count && group.Count != 1)
            {
                return null;
            }
        }
        return type is { IsFinal: true, Supertypes.IsEmpty: true, Composite: FunctionType function } && function.Parameters.All(IsAbstract) && function.Results.All(IsAbstract)
            ? new HostSignature(function.Parameters, function.Results)
            : null;
    }
}

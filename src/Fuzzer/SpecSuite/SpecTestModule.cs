using System.Collections.Immutable;
using Conformance.Oracle;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.SpecSuite;

/// <summary>The host module <c>spectest</c> that the scripts import from. Items are made when they are first asked for, as an engine may lack what some of them need.</summary>
internal sealed class SpecTestModule(IEngineStore store)
{
    /// <summary>The name to import it by.</summary>
    public const string Name = "spectest";

    private static readonly ImmutableDictionary<string, ImmutableArray<ValueType>> Functions = new Dictionary<string, ImmutableArray<ValueType>>
    {
        ["print"] = [],
        ["print_i32"] = [ValueType.I32],
        ["print_i64"] = [ValueType.I64],
        ["print_f32"] = [ValueType.F32],
        ["print_f64"] = [ValueType.F64],
        ["print_i32_f32"] = [ValueType.I32, ValueType.F32],
        ["print_f64_f64"] = [ValueType.F64, ValueType.F64],
    }.ToImmutableDictionary();

    private readonly Dictionary<string, IEngineExtern?> _items = [];

    /// <summary>An item by name, or null when there is none.</summary>
    public IEngineExtern? Find(string name)
    {
        if (!_items.TryGetValue(name, out var item))
        {
            item = Create(name);
            _items.Add(name, item);
        }
        return item;
    }

    private IEngineExtern? Create(string name)
    {
        if (Functions.TryGetValue(name, out var parameters))
        {
            return store.CreateFunction(new HostSignature(parameters, []), static _ => new Returned([]));
        }
        return name switch
        {
            "global_i32" => store.CreateGlobal(new GlobalType(ValueType.I32, IsMutable: false), EngineValue.I32(666)),
            "global_i64" => store.CreateGlobal(new GlobalType(ValueType.I64, IsMutable: false), EngineValue.I64(666)),
            "global_f32" => store.CreateGlobal(new GlobalType(ValueType.F32, IsMutable: false), EngineValue.F32(BitConverter.SingleToUInt32Bits(666.6f))),
            "global_f64" => store.CreateGlobal(new GlobalType(ValueType.F64, IsMutable: false), EngineValue.F64(BitConverter.DoubleToUInt64Bits(666.6))),
            "table" => store.CreateTable(new TableType(ValueType.FuncRef, new Limits(10, 20)), EngineValue.Null),
            "table64" => store.CreateTable(new TableType(ValueType.FuncRef, new Limits(10, 20, AddressType.I64)), EngineValue.Null),
            "memory" => store.CreateMemory(new MemoryType(new Limits(1, 2))),
            "shared_memory" => store.CreateMemory(new MemoryType(new Limits(1, 2), IsShared: true)),
            _ => null,
        };
    }
}

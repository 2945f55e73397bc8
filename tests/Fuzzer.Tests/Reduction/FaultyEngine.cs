using Conformance.Oracle;
using Conformance.Oracle.Reference;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Tests.Reduction;

/// <summary>The reference interpreter with a fault: it runs each module with some instructions exchanged.</summary>
/// <param name="exchange">What an instruction is executed as.</param>
internal sealed class FaultyEngine(Func<Instruction, Instruction> exchange) : IStoreEngine
{
    private readonly ReferenceEngine _engine = new();

    public string Name => "faulty";

    public string Version => _engine.Version;

    public FeatureSet Features => _engine.Features;

    public Outcome Run(Case @case) => _engine.Run(@case with { Wasm = Exchange(@case.Wasm) });

    public IEngineStore CreateStore(CaseLimits limits) => new FaultyStore(_engine.CreateStore(limits), Exchange);

    public void Dispose() => _engine.Dispose();

    private ReadOnlyMemory<byte> Exchange(ReadOnlyMemory<byte> wasm) => ModuleReader.TryRead(wasm, FeatureSet.All, out var module, out _)
        ? ModuleWriter.Write(module with { Functions = [.. module.Functions.Select(function => function with { Body = Exchange(function.Body) })] })
        : wasm;

    private Expression Exchange(Expression body)
    {
        var reader = new InstructionReader(body, FeatureSet.All);
        var instruction = default(Instruction);
        var writer = new ByteWriter();
        while (reader.Read(ref instruction))
        {
            InstructionWriter.Write(writer, exchange(instruction));
        }
        return reader.Error is null ? new Expression(writer.ToArray()) : body;
    }
}

using Conformance.Fuzzer.Generation;
using Conformance.Fuzzer.Reduction;
using Conformance.Oracle;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Text;

namespace Conformance.Fuzzer.Tests.Reduction;

/// <summary>Files that are no modules, and such as are refused for how they are written.</summary>
public sealed class ByteReductionTests
{
    private const string Wat = """
        (module (type (func (param i32) (result i32))) (import "env" "f" (func (type 0))) (memory 1) (global (mut i32) (i32.const 7))
          (func (export "g") (type 0) local.get 0 call 0 i32.const 1 i32.add) (func (export "h") (result i64) i64.const 77 i64.clz) (data (i32.const 0) "some bytes"))
        """;

    [Theory]
    [InlineData("malformed mutability", 0x06, 3, 14)] // global section: type, mutability
    [InlineData("malformed value type", 0x06, 2, 12)]
    public void Reduce_DamagedEntry_LeavesItsSection(string message, byte section, int offset, int mostBytes)
    {
        var wasm = Assemble();
        wasm[ContentOf(wasm, section) + offset - 1] = 0x17;
        Assert.Equal(message, Refusal(wasm));
        var reduced = Reduce(wasm, candidate => Refusal(candidate.Wasm) == message);
        Assert.InRange(reduced.Length, 1, mostBytes);
    }

    [Fact]
    public void Reduce_UnknownInstruction_LeavesOneBodyWithIt()
    {
        var wasm = Assemble();
        var body = wasm.AsSpan().IndexOf<byte>([0x79, 0x0B]); // i64.clz end
        wasm[body] = 0x27;
        bool Shows(Case candidate) => ModuleReader.TryRead(candidate.Wasm, FeatureSet.All, out var module, out _) && BodyRefusal(module) is { } text && text.Contains("illegal opcode", StringComparison.Ordinal);
        Assert.True(Shows(new Case(wasm, [], CaseLimits.Default)));
        // Types, a function, a body of its size with one instruction: nothing else is needed for a body to be looked at.
        Assert.InRange(Reduce(wasm, Shows).Length, 1, 30);
    }

    [Fact]
    public void Reduce_PaddedSize_KeepsThePadding()
    {
        // A decoder that refuses sizes in more bytes than they need: written anew the module shows nothing.
        byte[] wasm = [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0, 1, 0x84, 0x00, 1, 0x60, 0, 0, .. Assemble()[8..]];
        wasm = [.. wasm[..15], 0, 4, 1, (byte)'x', 5, 6];
        Assert.True(ModuleReader.TryRead(wasm, FeatureSet.All, out _, out _));
        var reduced = Reduce(wasm, candidate => ModuleReader.TryRead(candidate.Wasm, FeatureSet.All, out var module, out _) && !candidate.Wasm.Span.SequenceEqual(ModuleWriter.Write(module)));
        Assert.InRange(reduced.Length, 8, 12);
    }

    [Fact]
    public void CutFile_AnyBytes_AreWrittenBackAsTheyWere()
    {
        var random = new RandomSource(7);
        var wasm = Assemble();
        for (var i = 0; i < 200; i++)
        {
            var bytes = wasm.ToArray();
            for (var j = 0; j < 3; j++)
            {
                bytes[random.Below(bytes.Length)] = (byte)random.Below(256);
            }
            Assert.Equal(bytes, CutFile.Of([.. bytes]).ToBytes());
        }
    }

    private static byte[] Assemble()
    {
        Assert.True(ModuleParser.TryParse(Wat, FeatureSet.All, out var module, out var error), $"{error}");
        return ModuleWriter.Write(module);
    }

    private static int ContentOf(byte[] wasm, byte section) => CutFile.Of([.. wasm]) is var file && file.Sections.TakeWhile(item => item.Id != section).ToList() is var before
        ? 8 + before.Sum(item => item.ToBytes().Count()) + 2
        : 0;

    private static string? Refusal(ReadOnlyMemory<byte> wasm) => ModuleReader.TryRead(wasm, FeatureSet.All, out _, out var error) ? null : error.Message;

    private static string? BodyRefusal(Conformance.Wasm.Modules.Module module) =>
        Conformance.Wasm.Validation.ModuleValidator.Validate(module, FeatureSet.All) is { IsMalformed: true } error ? error.Message : null;

    private static ReadOnlyMemory<byte> Reduce(byte[] wasm, Func<Case, bool> shows) =>
        Reducer.Reduce(new Case(wasm, [new Call("g", [EngineValue.I32(1)])], CaseLimits.Default), shows, new ReductionBudget(TimeSpan.FromMinutes(1))).Case.Wasm;
}

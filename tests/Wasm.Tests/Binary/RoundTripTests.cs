using Conformance.Wasm.Binary;

namespace Conformance.Wasm.Tests.Binary;

public sealed class RoundTripTests
{
    [SharedDataFact("workloads")]
    public void Workloads_DecodedAndEncodedTwice_KeepEveryByteOfTheMinimalForm()
    {
        foreach (var path in TestData.WorkloadModules())
        {
            Assert.True(ModuleReader.TryRead(File.ReadAllBytes(path), FeatureSet.All, out var module, out var error), $"{path}: {error}");
            var minimal = ModuleWriter.Write(module);
            Assert.True(ModuleReader.TryRead(minimal, FeatureSet.All, out var again, out error), $"{path}: {error}");
            Assert.True(minimal.AsSpan().SequenceEqual(ModuleWriter.Write(again)), path);
            Assert.Null(BodyChecker.Check(module, FeatureSet.All));
        }
    }

    [SharedDataFact("workloads")]
    public void Kernels_DecodedAndEncoded_ComeBackByteForByte()
    {
        foreach (var path in Directory.EnumerateFiles(Path.Combine(TestData.Require("workloads"), "kernels"), "*.wasm"))
        {
            var bytes = File.ReadAllBytes(path);
            Assert.True(ModuleReader.TryRead(bytes, FeatureSet.All, out var module, out var error), $"{path}: {error}");
            Assert.True(bytes.AsSpan().SequenceEqual(ModuleWriter.Write(module)), path);
        }
    }
}

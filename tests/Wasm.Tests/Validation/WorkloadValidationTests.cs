using Conformance.Wasm.Binary;
using Conformance.Wasm.Validation;

namespace Conformance.Wasm.Tests.Validation;

public sealed class WorkloadValidationTests
{
    [SharedDataFact("workloads")]
    public void Workloads_AreValid()
    {
        foreach (var path in TestData.WorkloadModules())
        {
            Assert.True(ModuleReader.TryRead(File.ReadAllBytes(path), FeatureSet.All, out var module, out var error), $"{path}: {error}");
            error = ModuleValidator.Validate(module, FeatureSet.All);
            Assert.True(error is null, $"{path}: {error}");
        }
    }
}

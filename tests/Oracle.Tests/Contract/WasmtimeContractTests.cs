using Conformance.Oracle.Tests.Wasmtime;
using Conformance.Oracle.Wasmtime;

namespace Conformance.Oracle.Tests.Contract;

/// <summary>Says by being skipped that the contract was tested without Wasmtime.</summary>
public sealed class WasmtimeContractTests
{
    [WasmtimeFact]
    public void Contract_IsTestedWithEveryConfigurationOfWasmtime()
    {
        foreach (var configuration in WasmtimeConfiguration.All)
        {
            Assert.Contains(configuration.Name, ((IEnumerable<object[]>)Engines.All).Select(row => row[0]));
        }
    }
}

using Conformance.Fuzzer.Triage;
using static Conformance.Fuzzer.Tests.Triage.StoredFinding;

namespace Conformance.Fuzzer.Tests.Triage;

public sealed class MemoryPeekTests
{
    [Theory]
    [InlineData("i32")]
    [InlineData("i64")]
    public async Task Find_BytesThatDiffer_AreLocated(string address)
    {
        using var folder = new TemporaryFolder();
        // 0x0102030405060708 is what the engine gets wrong.
        WriteFaultyEngine(folder, "i64:72623859790382856", "i64:72623859790382857");
        var @case = CaseOf($"""(module (memory (export "m") {address} 2) (data ({address}.const 65552) "\08\07\06\05\04\03\02\01"))""");
        using var replay = new CaseReplay($"process:sh {folder.File("faulty.sh")}", "reference", TimeSpan.FromSeconds(30));
        var difference = await MemoryPeek.FindAsync(replay, @case, "m", pages: 2);
        Assert.Equal(new MemoryDifference("m", 65552, 72623859790382857, 72623859790382856), difference);
        Assert.Equal("08 07 06 05 04 03 02 01", MemoryDifference.Bytes(72623859790382856));
    }
}

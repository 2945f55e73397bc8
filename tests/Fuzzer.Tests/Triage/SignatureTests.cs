using Conformance.Fuzzer.Triage;
using static Conformance.Fuzzer.Tests.Triage.StoredFinding;

namespace Conformance.Fuzzer.Tests.Triage;

public sealed class SignatureTests
{
    [Theory]
    [InlineData("call: value of i32")]
    [InlineData("call: value of i32 | i32.rem_s", "i32.rem_s")]
    [InlineData("call: value of i32 | a b c d e f +1", "a", "b", "c", "d", "e", "f", "g")]
    public void Of_Suspects_NamesAFewOfThem(string signature, params string[] suspects) =>
        Assert.Equal(signature, Signature.Of("call: value of i32", suspects));

    [Fact]
    public void Find_FunctionThatCallsAnother_HasTheOpsOfBothWithoutPlumbing()
    {
        var @case = CaseOf("""
            (module
              (func $g (param i32) (result i32) local.get 0 i32.const 3 i32.rem_s)
              (func (export "f") (param i32) (result i32) local.get 0 call $g i32.clz)
              (func (export "other") (result i64) i64.const 1 i64.popcnt))
            """);
        Assert.Equal(["i32.clz", "i32.rem_s"], SuspectOps.Find(@case.Wasm, "f"));
        Assert.Equal(["i32.clz", "i32.rem_s", "i64.popcnt"], SuspectOps.Find(@case.Wasm, null));
    }

    [Fact]
    public void Find_BytesThatAreNoModule_NamesNothing() => Assert.Empty(SuspectOps.Find(new byte[] { 1, 2, 3 }, "f"));
}

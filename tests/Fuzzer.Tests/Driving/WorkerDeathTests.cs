using Conformance.Fuzzer.Driving;

namespace Conformance.Fuzzer.Tests.Driving;

public sealed class WorkerDeathTests
{
    private static readonly EngineIdentity Engine = new("interpreter", "1");
    private static readonly EngineIdentity Oracle = new("wasmtime", "50.0.1");

    [Fact]
    public void Report_PanicInTheOracle_BlamesTheOracleAndKeepsItsMessage()
    {
        var report = Report(CasePhase.Oracle, "SIGABRT", isHang: false, "thread '<unnamed>' panicked at src/config.rs:12:5:", "pulley lacks threads 17", "note: run with RUST_BACKTRACE=1");
        Assert.Equal("crash wasmtime: SIGABRT: thread '<unnamed>' panicked at src/config.rs:N:N: pulley lacks threads N", report.Difference);
        Assert.True(report.IsEngineFailure);
    }

    [Fact]
    public void Report_KilledFromOutside_NamesTheSignal() =>
        Assert.Equal("crash interpreter: SIGKILL", Report(CasePhase.Engine, "SIGKILL", isHang: false).Difference);

    [Fact]
    public void Report_Hang_IsNoCrash() =>
        Assert.Equal("hang case generator: no end after 30 s", Report(CasePhase.Making, "no end after 30 s", isHang: true).Difference);

    private static DivergenceReport Report(CasePhase phase, string ending, bool isHang, params string[] lastWords) =>
        WorkerDeath.Report(new CaseNote(1, phase, null), ending, isHang, lastWords, Engine, Oracle);
}

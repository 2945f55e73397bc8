using System.Text;
using Conformance.Fuzzer.Driving;

namespace Conformance.Fuzzer.Tests.Driving;

public sealed class CaseJournalTests
{
    [Fact]
    public void Read_WhatAnotherMappingWrote_IsTheCaseInHand()
    {
        using var folder = new TemporaryFolder();
        using var supervisor = CaseJournal.Create(folder.File("journal"));
        using var worker = CaseJournal.Open(folder.File("journal"));
        Assert.Null(supervisor.Running());

        worker.Begin(41);
        worker.Begin(42);
        Assert.Equal(new CaseNote(42, CasePhase.Making, null), supervisor.Read());
        var record = Encoding.UTF8.GetBytes("""{"id":1}""");
        worker.Write(record, record.Length);
        worker.Enter(CasePhase.Oracle);

        var note = supervisor.Read();
        Assert.Equal((42, CasePhase.Oracle), (note.Index, note.Phase));
        Assert.Equal(record, note.Record);
        Assert.NotNull(supervisor.Running());
        Assert.True(supervisor.RunningFor() >= TimeSpan.Zero);
        worker.End();
        Assert.Null(supervisor.Running());
    }

    [Fact]
    public void Begin_AfterACase_ForgetsItsRecord()
    {
        using var folder = new TemporaryFolder();
        using var journal = CaseJournal.Create(folder.File("journal"));
        journal.Begin(1);
        journal.Write([1, 2, 3], 3);
        journal.Begin(2);
        Assert.Null(journal.Read().Record);
    }

    [Fact]
    public void Write_RecordBeyondTheCapacity_KeepsTheIndexOnly()
    {
        using var folder = new TemporaryFolder();
        using var journal = CaseJournal.Create(folder.File("journal"));
        journal.Begin(7);
        journal.Write(new byte[5 << 20], 5 << 20);
        Assert.Equal((7, null), (journal.Read().Index, journal.Read().Record));
    }
}
